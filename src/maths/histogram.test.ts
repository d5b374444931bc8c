import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byDecade, Histogram, mergeSparse } from './histogram.ts';

/** The obvious way: sort and take the rank. */
function quantileBySorting(valuesMs: readonly number[], q: number): number {
  const sorted = [...valuesMs].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(q * sorted.length - 1e-9)) - 1] ?? Number.NaN;
}

function filled(valuesMs: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of valuesMs) histogram.record(value);
  return histogram;
}

const timesMs = fc.array(fc.double({ min: 0, max: 3.6e6, noNaN: true }), { minLength: 1, maxLength: 200 });

describe('a histogram of times', () => {
  it('knows nothing when it is empty', () => {
    const empty = new Histogram();
    expect([empty.quantileMs(0.5), empty.meanMs(), empty.maxMs(), empty.count]).toEqual([
      null,
      null,
      null,
      0,
    ]);
  });

  it('keeps every quantile within 0.1 % or one microsecond of the sorted values', () => {
    fc.assert(
      fc.property(timesMs, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const truth = quantileBySorting(values, q);
        const found = filled(values).quantileMs(q) ?? Number.NaN;
        expect(Math.abs(found - truth)).toBeLessThanOrEqual(Math.max(0.001, truth * 0.001));
      }),
    );
  });

  it('adds up to the same whichever way it is added', () => {
    fc.assert(
      fc.property(timesMs, timesMs, (left, right) => {
        const whole = filled([...left, ...right]);
        const added = filled(right);
        added.add(filled(left));
        const sent = filled(left);
        sent.addSparse(filled(right).toSparse());
        const merged = mergeSparse(filled(left).toSparse(), filled(right).toSparse());
        const { squares, ...exact } = whole.toSparse();
        expect(merged).toMatchObject(exact);
        expect(Math.abs(merged.squares - squares)).toBeLessThanOrEqual(1e-9 * squares);
        for (const q of [0, 0.37, 0.5, 0.95, 1]) {
          expect(added.quantileMs(q)).toBe(whole.quantileMs(q));
          expect(sent.quantileMs(q)).toBe(whole.quantileMs(q));
        }
        expect(sent.count).toBe(whole.count);
        expect(sent.meanMs()).toBeCloseTo(whole.meanMs() ?? 0, 6);
      }),
    );
  });

  it('takes the rank of {1, 2} as HdrHistogram does', () => {
    // HdrHistogram, HistogramDataAccessTest.java: p50 is 1; the next representable percentile up is 2.
    expect(filled([1, 2]).quantileMs(0.5)).toBe(1);
    expect(filled([1, 2]).quantileMs(0.501)).toBe(2);
    expect(filled([1, 2, 2, 2, 2]).quantileMs(0.25)).toBe(2);
  });

  it('shows the raw side of the coordinated omission example of HdrHistogram', () => {
    const raw = new Histogram();
    raw.record(1, 10_000);
    raw.record(100_000);
    expect(raw.count).toBe(10_001);
    expect(raw.meanMs()).toBeCloseTo(10.9989, 3);
    expect(raw.quantileMs(0.99)).toBe(1);
    expect(Math.abs((raw.quantileMs(0.99999) ?? 0) / 100_000 - 1)).toBeLessThan(0.001);
  });

  it('knows the scatter of its values', () => {
    expect(filled([2, 4, 4, 4, 5, 5, 7, 9]).deviationMs()).toBeCloseTo(2, 9);
    expect(filled([3]).deviationMs()).toBeNull();
  });

  it('counts what lies above a limit', () => {
    expect(filled([3, 499.9, 500, 501.5, 730]).countAbove(500)).toBe(2);
  });

  it('is cut into eight cells a decade, each value in the cell whose lower edge it reaches', () => {
    // 10^(k/8): 0.1 is k = -8, 1 is 0, 1.334 is 1, 10 is 8
    const cells = byDecade(filled([0.1, 1, 1.3, 1.4, 10, 10.1, 9_900]).toSparse());
    expect(cells).toEqual([
      [-8, 1],
      [0, 2],
      [1, 1],
      [8, 2],
      [31, 1],
    ]);
  });

  it('loses nothing in its cells', () => {
    fc.assert(
      fc.property(timesMs, (values) => {
        const cells = byDecade(filled(values).toSparse());
        expect(cells.reduce((sum, [, count]) => sum + count, 0)).toBe(values.length);
        expect(cells.map(([cell]) => cell)).toEqual(
          [...new Set(cells.map(([cell]) => cell))].sort((a, b) => a - b),
        );
      }),
    );
  });

  it('is empty again after clear', () => {
    const used = filled([5, 70_000_000]);
    used.clear();
    used.record(2.5);
    expect([used.count, used.quantileMs(0.5), used.maxMs()]).toEqual([1, 2.5, 2.5]);
  });
});
