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
      counts: { chats: 2, 'chats by usage': 2, 'input tokens': 70, 'output tokens': 11, 'wasted tokens': 40 },
    });
    const warm = aSlice({
      steps: { 'talker / ttft': part(10, 30), 'tester / ttft': part(20), 'tester / turn': part(500) },
      counts: { chats: 3, 'chats by usage': 3, 'input tokens': 105, 'output tokens': 29 },
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
    [7, 0, 0, 'usage'],
    [5, 0, 2, 'both'],
    [5, 2, 0, 'both'],
    [0, 6, 0, 'tokenizer'],
    [0, 0, 7, 'chunks'],
    [0, 0, 0, null],
  ])(
    'say who counted: %d by usage, %d by a tokenizer and %d by chunks is %s',
    (usage, tokenizer, chunks, source) => {
      const counts = {
        chats: 7,
        'output tokens': 5,
        'chats by usage': usage,
        'chats by tokenizer': tokenizer,
        'chats without usage': chunks,
      };
      const tokens = streamOf([aSlice({ counts })], [], 1)?.tokens;
      expect([tokens?.source, tokens?.input, tokens?.inputPerSecond]).toEqual([source, null, null]);
    },
  );

  it('tell chats that were cancelled apart', () => {
    const counts = {
      chats: 9,
      'cancelled chats': 4,
      'chats cancelled before a token': 1,
      'output tokens of cancelled chats': 13,
      'wasted chats without input tokens': 4,
    };
    const stream = streamOf([aSlice({ counts })], [], 1);
    expect(stream?.cancelled).toEqual({ chats: 4, beforeToken: 1, input: null, output: 13 });
    expect(stream?.tokens.wastedChatsWithoutInput).toBe(4);
    expect(stream?.cost).toBeNull();
  });
});

describe('the cost of token streams', () => {
  const pricing = { currency: 'EUR', source: 'prices.json', dated: '2026-11-01' };
  const sessions = { due: 8, started: 8, done: 8, failed: 3, good: 5, dropped: 0, duration: timesOf([1]) };
  const slice = (more: Record<string, number>): ReturnType<typeof aSlice> =>
    aSlice({ counts: { chats: 16, cost: 0.4, 'wasted cost': 0.1, ...more }, sessions });

  it('is over chats, sessions and good sessions, all with what was wasted', () => {
    expect(streamOf([slice({})], [], 1, pricing)?.cost).toEqual({
      ...pricing,
      total: 0.4,
      atLeast: 0.4,
      perChat: 0.025,
      perSession: 0.05,
      perGoodSession: 0.08,
      waste: 0.1,
      wasteAtLeast: 0.1,
      unpricedChats: 0,
    });
  });

  it('is not known where a chat has no price, but for what it is at least', () => {
    const cost = streamOf([slice({ 'chats without a price': 2 })], [], 1, pricing)?.cost;
    expect(cost).toMatchObject({ total: null, perChat: null, perSession: null, perGoodSession: null });
    expect(cost).toMatchObject({ atLeast: 0.4, waste: 0.1, unpricedChats: 2 });
    const wasted = slice({ 'chats without a price': 2, 'wasted chats without a price': 1 });
    expect(streamOf([wasted], [], 1, pricing)?.cost).toMatchObject({ waste: null, wasteAtLeast: 0.1 });
  });

  it('over sessions is not known where none ended', () => {
    const none = aSlice({ counts: { chats: 2, cost: 0.4 } });
    expect(streamOf([none], [], 1, pricing)?.cost).toMatchObject({ total: 0.4, perSession: null });
  });
});
