import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normal, random } from '../random.ts';
import { binomialCdf } from './distributions.ts';
import {
  autocorrelation,
  batchMeans,
  clopperPearsonInterval,
  dependence,
  goodNeeded,
  meanInterval,
  quantileInterval,
  quantileRanks,
  rateInterval,
  requestsForMargin,
  wilsonInterval,
} from './intervals.ts';

describe('the interval of a mean', () => {
  it('is that of the t distribution', () => {
    // mean 23, s² = 68/3, t(.975, 3) = 3.1824463
    const found = meanInterval([20, 22, 20, 30]);
    expect(found?.value).toBe(23);
    expect(found?.standardError).toBeCloseTo(Math.sqrt(68 / 3 / 4), 12);
    expect(found?.high).toBeCloseTo(23 + 3.182446305284263 * Math.sqrt(68 / 3 / 4), 9);
  });

  it('has no bounds for one value, and is null for none', () => {
    expect(meanInterval([7.5])).toEqual({ value: 7.5, low: null, high: null, standardError: null });
    expect(meanInterval([])).toBeNull();
  });
});

describe('dependence between neighbours', () => {
  /** x_t = φ x_{t−1} + e_t: ρ_k = φ^k, so one independent value is worth (1+φ)/(1−φ). */
  function autoregressive(phi: number, length: number): number[] {
    const draw = random(31, 4);
    let state = 0;
    return Array.from({ length }, () => (state = phi * state + normal(draw)));
  }

  it('of an autoregressive series is (1+φ)/(1−φ)', () => {
    const series = autoregressive(0.6, 60_000);
    expect(autocorrelation(series, 3)).toBeCloseTo(0.216, 1.5);
    expect(dependence(series) / 4).toBeGreaterThan(0.9);
    expect(dependence(series) / 4).toBeLessThan(1.1);
  });

  it('is 1 for constant, alternating and empty series', () => {
    expect([dependence([5, 5, 5, 5, 5]), dependence([1, 9, 1, 9, 1, 9, 1, 9]), dependence([])]).toEqual([
      1, 1, 1,
    ]);
  });

  it('is 1 for a constant series whose mean is rounded', () => {
    expect(dependence(new Array<number>(10).fill(0.1))).toBe(1);
    expect(dependence(new Array<number>(63).fill(7.3e-7))).toBe(1);
  });

  it('makes batches longer until they are independent', () => {
    const found = batchMeans(autoregressive(0.9, 3000).map((value) => value + 40));
    expect(found?.batchSize).toBeGreaterThanOrEqual(100);
    expect(found?.batches).toBeGreaterThanOrEqual(10);
    expect(found?.low).toBeLessThan(40);
    expect(found?.high).toBeGreaterThan(40);
  });

  it('widens the interval where batches run out', () => {
    const drift = Array.from({ length: 60 }, (_, i) => 100 + i);
    const found = batchMeans(drift);
    expect(found?.batches).toBeGreaterThanOrEqual(10);
    expect(found?.widened).toBeCloseTo(
      Math.sqrt((1 + (found?.autocorrelation ?? 0)) / (1 - (found?.autocorrelation ?? 0))),
      12,
    );
    expect(found?.widened).toBeGreaterThan(1.5);
  });

  it('95 % intervals by batch means hold the truth about that often', () => {
    const draw = random(7, 7);
    let held = 0;
    for (let run = 0; run < 400; run++) {
      let state = 0;
      const found = batchMeans(Array.from({ length: 300 }, () => 12 + (state = 0.5 * state + normal(draw))));
      if (found !== null && found.low <= 12 && 12 <= found.high) held++;
    }
    expect(held / 400).toBeGreaterThan(0.9);
  });
});

describe('the interval of a rate', () => {
  it('is per second, whatever the length of a tick', () => {
    const counts = [31, 28, 35, 30, 26, 33, 29, 32, 30, 31, 27, 34];
    const tenths = rateInterval(counts, 0.1);
    const fifths = rateInterval(counts, 0.2);
    expect(tenths?.value).toBeCloseTo(305, 9);
    expect(fifths?.high).toBeCloseTo((tenths?.high ?? 0) / 2, 9);
    expect((tenths?.low ?? 0) + (tenths?.high ?? 0)).toBeCloseTo(610, 9);
  });

  it('takes 30 batches of long series and every tick of short ones', () => {
    const steps = Array.from({ length: 240 }, (_, i) => 10 + ((i * 7) % 5));
    expect([rateInterval(steps, 1)?.batches, rateInterval(steps, 1)?.batchSize]).toEqual([30, 8]);
    expect(rateInterval(steps.slice(0, 9), 1)?.batches).toBe(9);
  });

  it('is never below 0, and unknown for fewer than 2 ticks', () => {
    expect(rateInterval([0, 0, 40, 0], 0.5)?.low).toBe(0);
    expect(rateInterval([12], 1)).toBeNull();
  });
});

describe('the interval of a ratio', () => {
  it("is Wilson's", () => {
    // scipy.stats.binomtest(8, 20).proportion_ci(method='wilson')
    const found = wilsonInterval(8, 20);
    expect(found?.low).toBeCloseTo(0.21880653237281705, 9);
    expect(found?.high).toBeCloseTo(0.6134184992377467, 9);
  });

  it('is that of Clopper and Pearson', () => {
    // 3 of 100; scipy.stats.binomtest(3, 100).proportion_ci('exact')
    const found = clopperPearsonInterval(3, 100);
    expect(found?.low).toBeCloseTo(0.006229971538306395, 9);
    expect(found?.high).toBeCloseTo(0.08517605, 7);
  });

  it('bounds nothing seen by the rule of three', () => {
    expect(clopperPearsonInterval(0, 750)?.low).toBe(0);
    expect(clopperPearsonInterval(0, 750, 0.9)?.high).toBeCloseTo(3 / 750, 4);
    expect(clopperPearsonInterval(41, 41)?.high).toBe(1);
    expect(wilsonInterval(0, 0)).toBeNull();
  });

  it("Clopper and Pearson's bounds are those at which the tails are 2.5 % each", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 300 }), (total, wanted) => {
        const hits = Math.min(wanted, total);
        const found = clopperPearsonInterval(hits, total);
        if (hits > 0) expect(1 - binomialCdf(hits - 1, total, found?.low ?? 0)).toBeCloseTo(0.025, 8);
        if (hits < total) expect(binomialCdf(hits, total, found?.high ?? 0)).toBeCloseTo(0.025, 8);
        const wilson = wilsonInterval(hits, total);
        expect(wilson?.low).toBeLessThanOrEqual(hits / total);
        expect(wilson?.high).toBeGreaterThanOrEqual(hits / total);
      }),
    );
  });
});

describe('the interval of a quantile', () => {
  // Ranks and coverage by scipy (binom.ppf, binom.cdf).
  it.each([
    [100, 0.5, 40, 61, 0.9647997997822952],
    [1000, 0.95, 936, 964, 0.9580952682226541],
    [1000, 0.99, 983, 997, 0.976094763497977],
    [10_000, 0.99, 9880, 9920, 0.9557546828065552],
    [10_000, 0.999, 9983, 9997, 0.9754574618536163],
    [100_000, 0.999, 99_880, 99_920, 0.954789056801905],
  ])('of %i values at %f lies between two of them', (count, quantile, low, high, coverage) => {
    const ranks = quantileRanks(count, quantile);
    expect([ranks.low, ranks.high]).toEqual([low, high]);
    expect(ranks.coverage).toBeCloseTo(coverage, 9);
  });

  it('is open where the sample is too small', () => {
    expect(quantileRanks(100, 0.99)).toMatchObject({ high: null, coverage: null });
    expect(quantileRanks(3, 0.5)).toEqual({ low: null, high: null, coverage: null });
  });

  it('of values worth a tenth of their number is that of a tenth of them, spread out', () => {
    expect(quantileRanks(10_000, 0.99, 0.95, 10)).toMatchObject({ low: 9830, high: 9970 });
    expect(quantileRanks(5, 0.5, 0.95, 8)).toEqual({ low: null, high: null, coverage: null });
  });

  it('gives the values at those ranks', () => {
    const sorted = Array.from({ length: 1000 }, (_, i) => 3 * (i + 1));
    expect(quantileInterval(sorted, 0.95)).toEqual({ value: 2850, low: 2808, high: 2892 });
    expect(quantileInterval([], 0.95)).toBeNull();
  });

  it('never covers less than asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4000 }),
        fc.double({ min: 0.02, max: 0.98, noNaN: true }),
        (count, quantile) => {
          const { low, high, coverage } = quantileRanks(count, quantile);
          if (coverage !== null) expect(coverage).toBeGreaterThanOrEqual(0.95 - 1e-12);
          if (low !== null && high !== null) expect(low).toBeLessThan(high);
        },
      ),
    );
  });
});

describe('how many requests', () => {
  // MLPerf LoadGen, early_stopping.cc: BetaRegularized(p, h, t+1) ≤ 1−c; bad requests t → good ones needed h.
  it.each([
    [0.95, 0.95, { 0: 59, 1: 92, 2: 122, 5: 203, 10: 326, 20: 557, 50: 1210, 100: 2253 }],
    [0.95, 0.99, { 0: 90, 1: 129, 2: 163, 5: 254, 10: 388, 20: 636, 50: 1322, 100: 2404 }],
    [0.99, 0.95, { 0: 299, 1: 472, 2: 626, 5: 1044, 10: 1683, 20: 2882, 50: 6273, 100: 11_699 }],
    [0.99, 0.99, { 0: 459, 1: 661, 2: 836, 5: 1302, 10: 2000, 20: 3284, 50: 6848, 100: 12_471 }],
    [0.999, 0.95, { 0: 2995, 1: 4741, 2: 6292, 5: 10_506, 10: 16_949, 20: 29_038, 50: 63_231, 100: 117_971 }],
    [0.999, 0.99, { 0: 4603, 1: 6635, 2: 8401, 5: 13_100, 10: 20_130, 20: 33_077, 50: 69_008, 100: 125_726 }],
  ])(
    'show that the share %f is good, at confidence %f, in spite of some bad ones',
    (percentile, confidence, table) => {
      const found = Object.keys(table).map((bad) => [bad, goodNeeded(percentile, Number(bad), confidence)]);
      expect(Object.fromEntries(found)).toEqual(table);
    },
  );

  it('fix a percentile to a twentieth of its tail', () => {
    // Reddi et al., MLPerf Inference Benchmark, Table IV
    expect([0.9, 0.95, 0.99].map((percentile) => requestsForMargin(percentile))).toEqual([
      23_886, 50_425, 262_742,
    ]);
  });
});
