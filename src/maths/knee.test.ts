import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normal, random } from '../random.ts';
import { breakpoint, kneedle, kneeOf, powerKnee, saturationUsers } from './knee.ts';
import type { KneePoint } from './knee.ts';
import { cisco, exact6, raytracer, specsdm91 } from '../../test/published/scaling.ts';

const rising = { curve: 'concave', direction: 'increasing' } as const;
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** min(N/0.1, 400): a server of 40 workers that take 100 ms, users that do not think. The knee is at 40. */
function hockeyStick(users: readonly number[]): KneePoint[] {
  return users.map((n) => ({ users: n, throughput: Math.min(n / 0.1, 400) }));
}

function columns(points: readonly KneePoint[]): [x: number[], y: number[]] {
  return [points.map((point) => point.users), points.map((point) => point.throughput)];
}

describe('Kneedle', () => {
  // Cases of the Python package kneed (tests/test_sample.py and data_generator.py).
  const bends = [
    ['concave', 'increasing', [0, 60, 80, 85, 90, 95, 96, 97, 98, 99], 2, 0.2],
    ['concave', 'decreasing', [99, 98, 97, 96, 95, 90, 85, 80, 60, 0], 7, 0.4],
    ['convex', 'increasing', [1, 2, 3, 4, 5, 10, 15, 20, 40, 100], 7, 0.4],
    ['convex', 'decreasing', [100, 40, 20, 15, 10, 5, 4, 3, 2, 1], 2, 0.2],
  ] as const;

  it.each(bends)('finds the bend of a %s %s curve', (curve, direction, y, knee) => {
    expect(kneedle(upTo(10), y, { curve, direction })).toBe(knee);
  });

  it.each(bends)(
    'finds the bend of a %s %s curve of which only the first 7 points are known',
    (curve, direction, y, _, knee) => {
      const tenths = upTo(7).map((value) => value / 10);
      expect(kneedle(tenths, y.slice(0, 7), { curve, direction })).toBe(knee);
    },
  );

  it('finds the knee of figure 2 of the paper, y = 5 − 1/(x + 0.1)', () => {
    const x = upTo(10).map((i) => i / 9);
    const y = x.map((value) => 5 - 1 / (value + 0.1));
    expect(kneedle(x, y, rising)).toBeCloseTo(0.2222, 4); // published .22, within 5 %
  });

  it('goes past the bumps of a noisy curve', () => {
    expect(kneedle(upTo(90), bumpy, { curve: 'convex', direction: 'decreasing' })).toBe(26);
  });

  it('passes over flat maxima by its sensitivity', () => {
    const elbow = { curve: 'convex', direction: 'decreasing' } as const;
    expect(kneedle(upTo(18), flatMaxima, { ...elbow, sensitivity: 0 })).toBe(1);
    expect(kneedle(upTo(18), flatMaxima, { ...elbow, sensitivity: 1 })).toBe(8);
  });

  it('finds nothing on a straight, a constant or an empty curve', () => {
    const elbow = { curve: 'convex', direction: 'decreasing' } as const;
    expect(kneedle([1, 2, 3], [0.90483742, 0.81873075, 0.74081822], elbow)).toBeNull();
    expect(kneedle(upTo(10), Array<number>(10).fill(1), elbow)).toBeNull();
    expect(kneedle([], [], rising)).toBeNull();
    expect(kneedle([4], [9], rising)).toBeNull();
  });

  it('finds the elbow of the example of the C# package (counterclockwise)', () => {
    const y = [1, 1, 0.894, 0.864, 0.859, 0.856, 0.852, 0.851, 0.849, 0.848, 0.847, 0.845];
    expect(
      kneedle(
        upTo(12).map((i) => i + 1),
        y,
        { curve: 'convex', direction: 'decreasing' },
      ),
    ).toBe(4);
  });

  it('gives the mirrored answer for a mirrored curve, also where the points are not evenly spaced', () => {
    const x = [0, 1, 2, 4, 8, 16, 32, 64];
    const y = [0, 30, 55, 90, 120, 128, 131, 133];
    const knee = kneedle(x, y, rising);
    expect(knee).toBe(8);
    const left = [...x].reverse().map((value) => 64 - value);
    expect(kneedle(left, [...y].reverse(), { curve: 'concave', direction: 'decreasing' })).toBe(64 - 8);
    expect(
      kneedle(
        x,
        y.map((value) => -value),
        { curve: 'convex', direction: 'decreasing' },
      ),
    ).toBe(8);
  });

  it('on measured throughput depends on its sensitivity, and so is a cross-check only', () => {
    // by kneed itself, analysis.md §2
    const at = (points: readonly KneePoint[], sensitivity: number): number | null =>
      kneedle(...columns(points), { ...rising, sensitivity });
    expect([at(specsdm91, 1), at(specsdm91, 5)]).toEqual([36, null]);
    expect([at(cisco, 1), at(cisco, 5)]).toEqual([14, 22]);
    expect([at(raytracer, 0), at(raytracer, 1)]).toEqual([16, 32]);
    expect([at(cisco.slice(0, 10), 0), at(cisco.slice(0, 10), 1)]).toEqual([4, null]);
  });
});

describe('the power knee', () => {
  it('is the measured load with the greatest X²/N', () => {
    expect([specsdm91, cisco, raytracer, exact6].map(powerKnee)).toEqual([36, 14, 12, 4]); // analysis.md §2
    expect(powerKnee([])).toBeNull();
  });
});

describe('the breakpoint', () => {
  it.each([48, 96, 512])('of a hockey stick measured to %i users is its knee', (largest) => {
    const found = breakpoint(...columns(hockeyStick(upTo(48).map((i) => ((i + 1) * largest) / 48))));
    expect(found?.value).toBeCloseTo(40, 9);
    expect(found?.slopeBefore).toBeCloseTo(10, 9);
    expect(found?.slopeAfter).toBeCloseTo(0, 9);
  });

  it('lies within its interval, and the interval mostly holds the truth', () => {
    let held = 0;
    for (let seed = 0; seed < 40; seed++) {
      const draw = random(seed, 8);
      const [x, y] = columns(hockeyStick([5, 10, 20, 30, 40, 55, 70, 90, 120, 160]));
      const found = breakpoint(
        x,
        y.map((value) => value + 9 * normal(draw)),
        random(seed, 9),
        200,
      );
      expect(found?.low).toBeLessThanOrEqual(found?.value ?? 0);
      expect(found?.high).toBeGreaterThanOrEqual(found?.value ?? 0);
      if ((found?.low ?? 0) <= 40 && (found?.high ?? 0) >= 40) held++;
    }
    expect(held).toBeGreaterThanOrEqual(34);
  });

  it('fits no worse than any breakpoint of a fine grid', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 6, maxLength: 9 }),
        (y) => {
          const x = y.map((_, i) => i + (i % 3) / 4);
          const best = breakpoint(x, y, random(1), 0);
          if (best === null) return;
          for (let at = 1; at < y.length - 2; at += 0.37) {
            expect(best.residualSumOfSquares).toBeLessThanOrEqual(sumByGrid(x, y, at) * (1 + 1e-9) + 1e-9);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is not found on a straight line, or from fewer than 5 loads', () => {
    expect(breakpoint([1, 2, 3, 4, 5, 8], [7, 9, 11, 13, 15, 21])).toBeNull();
    expect(breakpoint([1, 2, 3, 4], [1, 2, 2, 2])).toBeNull();
  });

  /** Slow and obvious: the two slopes and the height at the given breakpoint by repeated one-at-a-time minimising. */
  function sumByGrid(x: readonly number[], y: readonly number[], at: number): number {
    const features = x.map((value) => [1, Math.min(value - at, 0), Math.max(value - at, 0)] as const);
    const weights: [number, number, number] = [0, 0, 0];
    const miss = (i: number): number =>
      (y[i] ?? 0) - weights.reduce((sum, weight, k) => sum + weight * (features[i]?.[k] ?? 0), 0);
    for (let round = 0; round < 3000; round++) {
      const k = round % 3;
      const square = features.reduce((sum, feature) => sum + (feature[k] ?? 0) ** 2, 0);
      const product = features.reduce((sum, feature, i) => sum + (feature[k] ?? 0) * miss(i), 0);
      if (square > 0) weights[k] = (weights[k] ?? 0) + product / square;
    }
    return y.reduce((sum, _, i) => sum + miss(i) ** 2, 0);
  }
});

describe('the knee', () => {
  it('is where the operational asymptotes cross', () => {
    expect(saturationUsers(200, 0.04, 0.96)).toBeCloseTo(200, 12); // GT3
    expect(saturationUsers(250, 0.016)).toBeCloseTo(4, 12); // GT11
  });

  it('of a hockey stick is found by all ways alike', () => {
    const found = kneeOf(hockeyStick([4, 8, 16, 32, 48, 64, 128]), 0.1);
    expect(found?.users).toBeCloseTo(40, 9);
    expect(found?.breakpoint?.value).toBeCloseTo(40, 9);
    expect(found).toMatchObject({ maxThroughput: 400, powerKnee: 48, kneedle: 48, agree: true });
  });

  it('is not seen while throughput is still within a tenth of linear', () => {
    expect(kneeOf(hockeyStick([4, 8, 16, 32, 44]), 0.1)).toBeNull();
    expect(kneeOf([{ users: 8, throughput: 80 }], 0.1)).toBeNull();
    expect(kneeOf([], 0.1)).toBeNull();
    expect(
      kneeOf(
        [1, 2, 4].map((users) => ({ users, throughput: 0 })),
        0.1,
      ),
    ).toBeNull();
  });

  it('takes thinking into account, and its interval from those of throughput and response', () => {
    const points = [10, 60, 150, 320, 700].map((users) => ({
      users,
      throughput: Math.min(users, 200),
      low: Math.min(users, 200) * 0.97,
      high: Math.min(users, 200) * 1.04,
    }));
    const found = kneeOf(points, 0.04, { thinkSeconds: 0.96, baseResponseLow: 0.03, baseResponseHigh: 0.07 });
    expect(found?.users).toBeCloseTo(200, 9);
    expect(found?.low).toBeCloseTo(200 * (1 - Math.hypot(0.03, 0.01)), 9);
    expect(found?.high).toBeCloseTo(200 * (1 + Math.hypot(0.04, 0.03)), 9);
    expect(
      kneeOf(
        points.map(({ users, throughput }) => ({ users, throughput })),
        0.04,
        { thinkSeconds: 0.96 },
      ),
    ).toMatchObject({ low: null, high: null });
  });

  it('does not agree with itself where the curve bends twice', () => {
    // steep to 8 users, gentle ever after: the asymptotes cross far beyond the bend
    const points = [1, 2, 4, 8, 16, 32, 64, 128, 256].map((users) => ({
      users,
      throughput: users <= 8 ? 50 * users : 400 + 4 * (users - 8),
    }));
    expect(kneeOf(points, 0.02)).toMatchObject({ agree: false, powerKnee: 8 });
  });
});

// kneed, tests/test_sample.py
// prettier-ignore
const bumpy = [7305.0, 6979.0, 6666.6, 6463.2, 6326.5, 6048.8, 6032.8, 5762.0, 5742.8, 5398.2, 5256.8, 5227.0, 5001.7, 4942.0, 4854.2, 4734.6, 4558.7, 4491.1, 4411.6, 4333.0, 4234.6, 4139.1, 4056.8, 4022.5, 3868.0, 3808.3, 3745.3, 3692.3, 3645.6, 3618.3, 3574.3, 3504.3, 3452.4, 3401.2, 3382.4, 3340.7, 3301.1, 3247.6, 3190.3, 3180.0, 3154.2, 3089.5, 3045.6, 2989.0, 2993.6, 2941.3, 2875.6, 2866.3, 2834.1, 2785.1, 2759.7, 2763.2, 2720.1, 2660.1, 2690.2, 2635.7, 2632.9, 2574.6, 2556.0, 2545.7, 2513.4, 2491.6, 2496.0, 2466.5, 2442.7, 2420.5, 2381.5, 2388.1, 2340.6, 2335.0, 2318.9, 2319.0, 2308.2, 2262.2, 2235.8, 2259.3, 2221.0, 2202.7, 2184.3, 2170.1, 2160.0, 2127.7, 2134.7, 2102.0, 2101.4, 2066.4, 2074.3, 2063.7, 2048.1, 2031.9];
// prettier-ignore
const flatMaxima = [1, 0.787701317715959, 0.7437774524158126, 0.6559297218155198, 0.5065885797950219, 0.36749633967789164, 0.2547584187408492, 0.16251830161054173, 0.10395314787701318, 0.06734992679355783, 0.043923865300146414, 0.027818448023426062, 0.01903367496339678, 0.013177159590043924, 0.010248901903367497, 0.007320644216691069, 0.005856515373352855, 0.004392386530014641];
