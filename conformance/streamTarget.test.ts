import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { launchStreams } from './launch.ts';
import { tokenEveryMs, tokenFirstMs } from './streamTruth.ts';

async function withTarget(cap: number, test: (url: string, count: Count) => Promise<void>): Promise<void> {
  const target = await launchStreams(null, cap);
  try {
    await test(target.url, target.count);
  } finally {
    await target.stop();
  }
}

type Count = Awaited<ReturnType<typeof launchStreams>>['count'];

/** Everything that came until the last number was told. */
async function heardFrom(url: string): Promise<{ numbers: number[]; last: number }> {
  const channel = new WebSocket(`${url.replace('http', 'ws')}sequence`);
  const numbers: number[] = [];
  return new Promise((resolve, reject) => {
    channel.on('error', reject);
    channel.on('message', (data: Buffer) => {
      const { seq, last } = JSON.parse(data.toString()) as { seq?: number; last?: number };
      if (seq !== undefined) numbers.push(seq);
      if (last === undefined) return;
      channel.close();
      resolve({ numbers, last });
    });
  });
}

/** Whether the target takes the connection. */
const isTaken = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const channel = new WebSocket(`${url.replace('http', 'ws')}cap`);
    channel.on('open', () => resolve(true));
    channel.on('error', () => resolve(false));
  });

describe('the target of streams', () => {
  it('counts what it lost, copied and swapped as anybody can who has all of its messages', async () => {
    await withTarget(1, async (url, count) => {
      const all = await Promise.all(Array.from({ length: 7 }, () => heardFrom(url)));
      const truth = await count();
      const distinct = all.map(({ numbers }) => new Set(numbers).size);
      const sum = (values: readonly number[]): number => values.reduce((so, value) => so + value, 0);
      const came = sum(all.map(({ numbers }) => numbers.length));
      expect(truth.numbered).toBe(came);
      expect(truth.duplicated).toBe(came - sum(distinct));
      expect(truth.lost).toBe(sum(all.map(({ last }) => last)) - sum(distinct));
      // A copy follows at once, so that only a swap goes back by one.
      const back = all.map(
        ({ numbers }) => numbers.filter((number, at) => number < (numbers[at - 1] ?? 0)).length,
      );
      expect(truth.reordered).toBe(sum(back));
      expect(Math.min(truth.lost, truth.duplicated, truth.reordered)).toBeGreaterThan(20);
    });
  });

  it('takes as many connections at once as it was told to', async () => {
    await withTarget(5, async (url, count) => {
      const taken = await Promise.all(Array.from({ length: 8 }, () => isTaken(url)));
      expect(taken.filter((each) => each)).toHaveLength(5);
      expect(await count()).toMatchObject({ opened: 5, mostOpen: 5, refused: 3 });
    });
  });

  it('sends no token before its instant, and as many as it was asked for', async () => {
    await withTarget(1, async (url, count) => {
      const fromMs = performance.now();
      const response = await fetch(`${url}v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ max_tokens: 9, messages: [{ role: 'user', content: 'press no cargo' }] }),
      });
      const text = await response.text();
      expect(performance.now() - fromMs).toBeGreaterThanOrEqual(tokenFirstMs + 8 * tokenEveryMs);
      expect(text.match(/"content"/g)).toHaveLength(9);
      expect(text).toContain('"completion_tokens":9');
      expect(await count()).toMatchObject({ chats: 1, inputTokens: 3, outputTokens: 9 });
    });
  });
});
