import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../random.ts';
import { crossing } from './localfit.ts';
import type { CountedPoint } from './localfit.ts';
import { highestRateForQuantile, shareSlowerThan } from './queues.ts';

/** Points that lie exactly on a logistic line, with counts that need not be whole. */
function onLine(height: number, slope: number, xs: readonly number[], total = 2000): CountedPoint[] {
  return xs.map((x) => ({ x, bad: total / (1 + Math.exp(-height - slope * x)), total }));
}

describe('the crossing of a limit', () => {
  it('is exact for points on a logistic line', () => {
    // ln(.05/.95) = −2.944439; (−2.944439 + 20)/.15 = 113.7037
    const found = crossing(onLine(-20, 0.15, [100, 106, 113, 118, 125]), 0.05);
    expect(found?.value).toBeCloseTo(113.7037, 3);
    expect(found).toMatchObject({ extrapolated: false, overdispersion: 1 });
    expect(found?.low).toBeGreaterThan(110);
    expect(found?.low).toBeLessThan(113.7);
    expect(found?.high).toBeGreaterThan(113.71);
    expect(found?.high).toBeLessThan(117);
  });

  it('has an interval that is as good as its counts', () => {
    const width = (total: number): number => {
      const found = crossing(onLine(-20, 0.15, [100, 118, 125], total), 0.05);
      return (found?.high ?? 0) - (found?.low ?? 0);
    };
    expect(width(400) / width(6400)).toBeGreaterThan(3);
    expect(width(400) / width(6400)).toBeLessThan(5.5);
  });

  it('takes dependent outcomes for as many independent ones as they are worth', () => {
    const points = onLine(-20, 0.15, [100, 118, 125], 6400);
    const fewer = crossing(
      points.map((point) => ({ ...point, effective: 400 })),
      0.05,
    );
    const small = crossing(onLine(-20, 0.15, [100, 118, 125], 400), 0.05);
    expect(fewer?.low).toBeCloseTo(small?.low ?? 0, 6);
    expect(fewer?.high).toBeCloseTo(small?.high ?? 0, 6);
  });

  it('lies between the last good and the first bad load where the data part cleanly', () => {
    const found = crossing(
      [
        { x: 100, bad: 0, total: 1000 },
        { x: 120, bad: 700, total: 700 },
      ],
      0.05,
    );
    for (const x of [found?.value, found?.low, found?.high]) {
      expect(x).toBeGreaterThan(100);
      expect(x).toBeLessThan(120);
    }
  });

  it('has no bounds where a rise is not shown, and no value where there is none', () => {
    const barely = crossing(
      [
        { x: 90, bad: 31, total: 1000 },
        { x: 100, bad: 34, total: 1000 },
      ],
      0.05,
    );
    expect(barely?.extrapolated).toBe(true);
    expect(barely?.high).toBeNull();
    const none = { value: null, low: null, high: null, extrapolated: false, overdispersion: 1 };
    const falling = [
      { x: 90, bad: 31, total: 1000 },
      { x: 100, bad: 28, total: 1000 },
    ];
    expect(crossing(falling, 0.05)).toEqual(none);
    expect(
      crossing(
        falling.map((point) => ({ ...point, bad: 0 })),
        0.05,
      )?.value,
    ).toBeNull();
  });

  it('is null with fewer than two loads', () => {
    expect(crossing([], 0.05)).toBeNull();
    expect(
      crossing(
        [
          { x: 8, bad: 3, total: 90 },
          { x: 8, bad: 5, total: 90 },
        ],
        0.05,
      ),
    ).toBeNull();
    expect(
      crossing(
        [
          { x: 8, bad: 3, total: 90 },
          { x: 9, bad: 0, total: 0 },
        ],
        0.05,
      ),
    ).toBeNull();
  });

  it('widens where points scatter more than their counts explain', () => {
    const xs = [100, 104, 108, 113, 118, 125];
    const calm = crossing(onLine(-20, 0.15, xs), 0.05);
    const rough = crossing(
      onLine(-20, 0.15, xs).map((point, i) => ({ ...point, bad: point.bad * (i % 2 === 0 ? 1.3 : 0.75) })),
      0.05,
    );
    expect(rough?.overdispersion).toBeGreaterThan(3);
    expect((rough?.high ?? 0) - (rough?.low ?? 0)).toBeGreaterThan(
      2 * ((calm?.high ?? 0) - (calm?.low ?? 0)),
    );
  });

  it('holds the true capacity of an M/M/4 about as often as it says', () => {
    const server = { servers: 4, serviceSeconds: 0.02 };
    const truth = highestRateForQuantile(server, 0.95, 0.1) ?? 0; // 163.0362, GT5
    let held = 0;
    let error = 0;
    for (let seed = 0; seed < 60; seed++) {
      const draw = random(seed, 6);
      const points = [0.88, 0.93, 0.97, 1.02, 1.06].map((share) => {
        const bad = shareSlowerThan({ ...server, ratePerSecond: share * truth }, 0.1);
        const total = 1500;
        const seen = Array.from({ length: total }, () => draw()).filter((value) => value < bad).length;
        return { x: share * truth, bad: seen, total };
      });
      const found = crossing(points, 0.05, { random: random(seed, 7), replicates: 200 });
      error += (found?.value ?? 0) / truth - 1;
      if ((found?.low ?? 0) <= truth && truth <= (found?.high ?? Number.POSITIVE_INFINITY)) held++;
    }
    expect(held).toBeGreaterThanOrEqual(54);
    expect(Math.abs(error / 60)).toBeLessThan(0.01);
  });

  it.each([
    ['all bad', [5, 4, 2], [5, 4, 2]],
    ['all good', [0, 0, 0], [5, 4, 2]],
    ['the same share everywhere', [5, 10, 15], [50, 100, 150]],
  ])('has no value where nothing rises: %s', (_name, bad, total) => {
    const points = [100, 50, 53].map((x, i) => ({ x, bad: bad[i] ?? 0, total: total[i] ?? 0 }));
    expect(crossing(points, 0.05)).toMatchObject({ value: null, low: null, high: null });
  });

  it('does not depend on the unit of x, nor on the order of points, and has no NaN', () => {
    const point = fc.record({
      x: fc.integer({ min: 50, max: 150 }),
      bad: fc.integer({ min: 0, max: 40 }),
      total: fc.integer({ min: 1, max: 400 }),
    });
    fc.assert(
      fc.property(fc.array(point, { minLength: 2, maxLength: 7 }), (drawn) => {
        const points = drawn.map((entry) => ({ ...entry, bad: Math.min(entry.bad, entry.total) }));
        const found = crossing(points, 0.05, { replicates: 0 });
        for (const value of Object.values(found ?? {})) expect(value).not.toBeNaN();
        if (found === null || found.value === null) return;
        if (found.low !== null) expect(found.low).toBeLessThanOrEqual(found.value);
        if (found.high !== null) expect(found.high).toBeGreaterThanOrEqual(found.value);
        const scaled = crossing(
          [...points].reverse().map((entry) => ({ ...entry, x: entry.x * 60 })),
          0.05,
          { replicates: 0 },
        );
        expect((scaled?.value ?? 0) / 60 / found.value).toBeCloseTo(1, 5);
      }),
    );
  });
});
