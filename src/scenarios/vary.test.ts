import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../random.ts';
import { thinkMs } from './think.ts';
import { varyBy } from './vary.ts';

describe('variety', () => {
  it('stays within its bounds and reaches both ends', () => {
    const { whole } = varyBy(random(4));
    const seen = new Set(Array.from({ length: 300 }, () => whole(-2, 3)));
    expect([...seen].toSorted((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
  });

  it('is the same for the same seed, and not for another', () => {
    const lines = (seed: number): string[] => Array.from({ length: 5 }, () => varyBy(random(seed)).line());
    expect(lines(8)).toEqual(lines(8));
    expect(lines(8)).not.toEqual(lines(9));
  });

  it('makes lines of as many words as are wanted', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 400 }), (seed, count) => {
        const line = varyBy(random(seed)).line(count);
        expect(line.split(' ').length).toBe(count);
        expect(line).toMatch(/^[A-Z].*\.$/);
      }),
    );
  });

  it('has nothing to pick from nothing', () => {
    const { pick } = varyBy(random(1));
    expect(pick(['only'])).toBe('only');
    expect(() => pick([])).toThrow('nothing to pick from');
  });
});

describe('thinking', () => {
  const times = (think: Parameters<typeof thinkMs>[0]): number[] => {
    const draw = random(6);
    return Array.from({ length: 4001 }, () => thinkMs(think, draw)).toSorted((a, b) => a - b);
  };

  it('takes as long as it is told', () => {
    expect(thinkMs(1.5, random(1))).toBe(1500);
    const even = times([1, 3]);
    expect([(even[0] ?? 0) >= 1000, (even.at(-1) ?? 0) < 3000]).toEqual([true, true]);
    expect(even[2000] ?? 0).toBeGreaterThan(1900);
    expect(even[2000] ?? 0).toBeLessThan(2100);
  });

  it('has its median, and its spread, where it is log-normal', () => {
    const sorted = times({ median: 2, sigma: 0.5 });
    expect(Math.log((sorted[2000] ?? 0) / 2000)).toBeCloseTo(0, 1);
    // One deviation up: e^0.5 times the median, at 84.1 %.
    expect(Math.log((sorted[Math.round(0.8413 * 4000)] ?? 0) / 2000)).toBeCloseTo(0.5, 1);
  });
});
