/** Lanes in the loop of this very thread. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Lanes } from './lanes.ts';

interface Told {
  readonly dueMs: number;
  readonly sentMs: number;
  readonly doneMs: number;
  readonly failure: string;
}

async function held(run: () => unknown, count: number, forMs: number) {
  const done: Told[] = [];
  const seen = { sent: 0, most: 0, underWay: 0 };
  const tally = {
    sent: () => {
      seen.sent++;
      seen.most = Math.max(seen.most, ++seen.underWay);
    },
    done: (dueMs: number, sentMs: number, _firstMs: number, doneMs: number, failure: string) => {
      seen.underWay--;
      done.push({ dueMs, sentMs, doneMs, failure });
    },
  };
  const lanes = new Lanes(run, tally, count);
  await sleep(forMs);
  await lanes.rest();
  return { ...seen, done, lanes };
}

const burn = (ms: number): void => {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
};

describe('operations that wait', () => {
  it('are under way so many at a time, and no more', async () => {
    const { sent, most, done, lanes } = await held(() => sleep(4), 7, 120);
    expect([most, done.length]).toEqual([7, sent]);
    expect(sent).toBeGreaterThan(7);
    expect([lanes.awaited, lanes.underWay]).toEqual([true, 0]);
    for (const { dueMs, sentMs, doneMs } of done) {
      expect(dueMs).toBeLessThanOrEqual(sentMs);
      expect(doneMs - sentMs).toBeGreaterThan(3);
    }
  });

  it('and have ended at once are told before the next begins', async () => {
    const { done } = await held(
      () => {
        burn(0.5);
        return Promise.resolve();
      },
      5,
      40,
    );
    const services = done.map(({ doneMs, sentMs }) => doneMs - sentMs).sort((a, b) => a - b);
    expect(services[Math.floor(services.length / 2)]).toBeLessThan(0.9);
  });

  it('that are rejected have failed, and go on', async () => {
    const { done, lanes } = await held(() => Promise.reject(new Error('no stock')), 2, 20);
    expect(done.length).toBeGreaterThan(2);
    expect(done.every(({ failure }) => failure === 'script')).toBe(true);
    expect(lanes.lastError).toMatchObject({ message: 'no stock' });
  });
});

describe('operations that keep the thread', () => {
  it('are served one after the other: those that wait are answered later', async () => {
    const { most, done, lanes } = await held(() => burn(2), 6, 120);
    expect([most, lanes.awaited]).toEqual([1, false]);
    // Each lane waits for the five others.
    const responses = done.slice(6).map(({ doneMs, dueMs }) => doneMs - dueMs);
    expect(Math.min(...responses)).toBeGreaterThanOrEqual(6 * 2 - 0.01);
  });

  it('let the loop turn', async () => {
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    await held(() => undefined, 3, 60);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(5);
  });

  it('that throw have failed, and go on', async () => {
    const { done } = await held(
      () => {
        throw new Error('no stock');
      },
      1,
      10,
    );
    expect(done.length).toBeGreaterThan(1);
    expect(done[0]?.failure).toBe('script');
  });
});
