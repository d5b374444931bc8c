import { describe, expect, it } from 'vitest';
import { arrivals, type ArrivalPlan } from './arrivals.ts';

const plan = (change: Partial<ArrivalPlan>): ArrivalPlan => ({
  ratePerSecond: 37,
  arrivals: 'poisson',
  seed: 5,
  share: 0,
  shares: 1,
  ...change,
});

function take(count: number, change: Partial<ArrivalPlan>): number[] {
  const due = arrivals(plan(change));
  return Array.from({ length: count }, () => due.next().value);
}

function gapsOf(due: readonly number[]): number[] {
  return due.map((each, i) => each - (due[i - 1] ?? 0));
}

describe('replayed arrivals', () => {
  it('are due when they were, shared among the workers in turn, and then no more', () => {
    const dueMs = Float64Array.of(3, 5, 5, 90, 91);
    const of = (share: number, shares: number): number[] =>
      take(4, { arrivals: 'replay', dueMs, share, shares });
    expect([of(0, 1), of(0, 2), of(1, 2)]).toEqual([
      [3, 5, 5, 90],
      [3, 5, 91, Infinity],
      [5, 90, Infinity, Infinity],
    ]);
  });
});

describe('even arrivals', () => {
  it('are due one gap apart, to the last of a hundred thousand', () => {
    const due = take(100_000, { arrivals: 'even' });
    for (const n of [1, 2, 999, 100_000]) expect(due[n - 1]).toBeCloseTo((1000 * n) / 37, 6);
  });

  it('of three workers interleave into the arrivals of one', () => {
    const one = take(90, { arrivals: 'even', ratePerSecond: 70 });
    const three = [0, 1, 2].flatMap((share) =>
      take(30, { arrivals: 'even', ratePerSecond: 70, share, shares: 3 }),
    );
    for (const [i, due] of three.sort((a, b) => a - b).entries()) expect(due).toBeCloseTo(one[i] ?? 0, 9);
  });
});

/** Largest distance between the gaps' distribution and the exponential one (Kolmogorov and Smirnov). */
function distance(gapsMs: readonly number[], meanMs: number): number {
  const sorted = [...gapsMs].sort((a, b) => a - b);
  return sorted.reduce((most, gap, i) => {
    const expected = 1 - Math.exp(-gap / meanMs);
    return Math.max(most, expected - i / sorted.length, (i + 1) / sorted.length - expected);
  }, 0);
}

/** Exceeded by chance once in a thousand. */
const critical = (count: number): number => 1.949 / Math.sqrt(count);

describe('Poisson arrivals', () => {
  const count = 20_000;

  it.each([1, 2, 3, 7919])('have exponential gaps (seed %d)', (seed) => {
    expect(distance(gapsOf(take(count, { seed })), 1000 / 37)).toBeLessThan(critical(count));
  });

  it('of two workers add up to Poisson arrivals of the whole rate', () => {
    const both = [0, 1].flatMap((share) => take(count, { share, shares: 2 })).sort((a, b) => a - b);
    // Beyond the end of the shorter one only half of the arrivals are there.
    const whole = both.slice(0, Math.floor(1.9 * count));
    expect(distance(gapsOf(whole), 1000 / 37)).toBeLessThan(critical(whole.length));
  });

  it('come at the rate that was asked for, as near as chance allows', () => {
    const lastMs = take(count, {}).at(-1) ?? 0;
    const rate = (1000 * count) / lastMs;
    expect(Math.abs(rate / 37 - 1)).toBeLessThan(3.3 / Math.sqrt(count));
  });

  it('repeat with the same seed, and differ with another seed or another worker', () => {
    expect(take(50, { seed: 9 })).toEqual(take(50, { seed: 9 }));
    expect(take(50, { seed: 9 })).not.toEqual(take(50, { seed: 10 }));
    expect(take(50, { share: 0, shares: 2 })).not.toEqual(take(50, { share: 1, shares: 2 }));
  });

  it('scale with the rate: the same chance, stretched in time', () => {
    const slow = take(40, { ratePerSecond: 10 });
    const fast = take(40, { ratePerSecond: 30 });
    for (const [i, due] of slow.entries()) expect(due).toBeCloseTo(3 * (fast[i] ?? 0), 6);
  });
});
