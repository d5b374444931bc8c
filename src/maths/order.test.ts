import { describe, expect, it } from 'vitest';
import { percentileOf } from './order.ts';

describe('a percentile of a plain list', () => {
  it('is always one of its values, the smallest that a share lies at or below', () => {
    const values = [40, 7, 31, 3, 18];
    expect([0, 0.2, 0.21, 0.5, 0.8, 1].map((share) => percentileOf(values, share))).toEqual([
      3, 3, 7, 18, 31, 40,
    ]);
  });

  it('is not thrown off by rounding: 7 % of 100 values is the 7th', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(percentileOf(hundred, 0.07)).toBe(7);
  });

  it('may be infinite, and is null of nothing', () => {
    expect(percentileOf([2, Number.POSITIVE_INFINITY, 9], 0.9)).toBe(Number.POSITIVE_INFINITY);
    expect(percentileOf([], 0.5)).toBeNull();
  });
});
