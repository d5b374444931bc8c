import { describe, expect, it } from 'vitest';
import { normal, random } from '../random.ts';
import { steadiness, steadyStart } from './steady.ts';

function noisy(length: number, level: (i: number) => number, scatter: number, seed: number): number[] {
  const draw = random(seed, 3);
  return Array.from({ length }, (_, i) => level(i) + scatter * normal(draw));
}

describe('the start of the steady part', () => {
  it('is where MSER-5 puts it', () => {
    // y_i = 100 − 60e^(−i/8) + 3 sin(2.399963 i), i < 200; analysis.md §4, computed independently
    const series = Array.from(
      { length: 200 },
      (_, i) => 100 - 60 * Math.exp(-i / 8) + 3 * Math.sin(i * 2.399963),
    );
    const found = steadyStart(series);
    expect(found).toMatchObject({ steady: true, discardBatches: 9, discard: 45 });
    expect(found.statistic).toBeCloseTo(0.0005006679265549107, 12);
    expect(found.mean).toBeCloseTo(99.99542952887471, 9);
    expect(series.reduce((a, b) => a + b) / 200).toBeCloseTo(97.44741178171262, 9);
  });

  it('is the very beginning of a constant series', () => {
    expect(steadyStart(Array<number>(60).fill(8))).toMatchObject({ steady: true, discard: 0, mean: 8 });
  });

  it('is not found where the series settles in its second half only', () => {
    const late = noisy(150, (i) => (i < 105 ? 20 + i : 125), 1.5, 2);
    expect(steadyStart(late)).toMatchObject({ steady: false, discard: 0 });
  });

  it('is found in nearly every series that is steady', () => {
    for (const length of [60, 100, 300]) {
      let rejected = 0;
      for (let seed = 0; seed < 200; seed++) {
        if (!steadyStart(noisy(length, () => 20, 4.5, seed)).steady) rejected++;
      }
      expect(rejected).toBeLessThanOrEqual(6);
    }
  });

  it('is not told from fewer than 4 batches', () => {
    expect(steadyStart([3, 4, 5, 4, 3, 4])).toEqual({
      steady: false,
      discard: 0,
      discardBatches: 0,
      statistic: null,
      mean: 23 / 6,
    });
    expect(steadyStart([]).mean).toBeNull();
  });
});

describe('steadiness', () => {
  it.each([
    ['steady', (): number => 200],
    ['slow-down', (i: number): number => 200 - 0.5 * i],
    ['speed-up', (i: number): number => 160 + 0.5 * i],
    ['unsteady', (i: number): number => (i > 30 && i < 90 ? 170 : 215)],
  ] as const)('calls a series %s', (verdict, level) => {
    expect(steadiness(noisy(120, level, 6, 11), 0.05).verdict).toBe(verdict);
  });

  it('lets a drift within the tolerance pass, however certain', () => {
    const found = steadiness(
      Array.from({ length: 80 }, (_, i) => (i < 40 ? 100 : 104)),
      0.05,
    );
    expect(found).toMatchObject({ verdict: 'steady', driftError: 0 });
    expect(found.drift).toBeCloseTo(4 / 102, 12);
  });

  it('does not take noise for drift', () => {
    let steady = 0;
    for (let seed = 0; seed < 200; seed++) {
      if (
        steadiness(
          noisy(40, () => 10, 4, seed),
          0.02,
        ).verdict === 'steady'
      )
        steady++;
    }
    expect(steady).toBeGreaterThanOrEqual(192);
  });

  it('does not claim what it cannot tell, and takes standing still for steady', () => {
    expect(steadiness([5, 5, 5, 5, 5], 0.1)).toEqual({ verdict: 'unsteady', drift: null, driftError: null });
    expect(steadiness([0, 0, 0, 0, 0, 0], 0.1)).toEqual({ verdict: 'steady', drift: 0, driftError: 0 });
  });
});
