import { describe, expect, it } from 'vitest';
import { aSlice, timesOf } from '../../test/kit/slices.ts';
import type { PartSlice } from './slice.ts';
import { streamOf } from './stream.ts';

const part = (...valuesMs: number[]): PartSlice => ({
  done: valuesMs.length,
  failed: 0,
  response: timesOf(valuesMs),
});

describe('the token streams of a level', () => {
  it('are null where nothing was chatted, whatever a step is called', () => {
    expect(streamOf([aSlice({ steps: { ttft: part(3) } })], [], 1)).toBeNull();
  });

  it('join the times of all scenarios, without the warm-up, and count the tokens of all', () => {
    const cold = aSlice({
      steps: { ttft: part(900) },
      counts: { chats: 2, 'input tokens': 70, 'output tokens': 11, 'wasted tokens': 40 },
    });
    const warm = aSlice({
      steps: { 'talker / ttft': part(10, 30), 'tester / ttft': part(20), 'tester / turn': part(500) },
      counts: { chats: 3, 'input tokens': 105, 'output tokens': 29 },
    });
    const stream = streamOf([cold, warm], [warm], 4);
    expect(stream).toMatchObject({
      chats: 5,
      tokens: {
        input: 175,
        output: 40,
        wasted: 40,
        inputPerSecond: 43.75,
        outputPerSecond: 10,
        source: 'usage',
      },
    });
    expect(stream?.ttft.p50).toBeCloseTo(20, 1);
    expect(stream?.ttft.max).toBe(30);
    expect(stream?.tpot.p50).toBeNull();
  });

  it.each([
    [0, 'usage'],
    [2, 'both'],
    [7, 'chunks'],
  ])('say who counted: of 7 chats %d without usage is %s', (uncounted, source) => {
    const counts = {
      chats: 7,
      'output tokens': 5,
      ...(uncounted > 0 ? { 'chats without usage': uncounted } : {}),
    };
    const tokens = streamOf([aSlice({ counts })], [], 1)?.tokens;
    expect([tokens?.source, tokens?.input, tokens?.inputPerSecond]).toEqual([source, null, null]);
  });
});
