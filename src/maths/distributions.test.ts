import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  betaQuantile,
  betaRegularized,
  binomialCdf,
  binomialQuantile,
  chiSquareQuantile,
  fUpperTail,
  normalQuantile,
  tQuantile,
} from './distributions.ts';

/** Expected values: scipy 1.17 (betainc, betaincinv, t.ppf, f.sf, norm.ppf, chi2.ppf). */
function expectClose(got: number, expected: number): void {
  expect(Math.abs(got - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected));
}

describe('distributions', () => {
  it('the incomplete beta function holds for counts of a hundred thousand', () => {
    expectClose(betaRegularized(0.3, 2, 5), 0.5798250000000003);
    expectClose(betaRegularized(0.999, 117_971, 101), 0.049992883526670216);
    expectClose(betaRegularized(0.999, 117_970, 101), 0.05000213873261902);
  });

  it('the incomplete beta function is symmetric, and a binomial sum', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 40 }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        (n, successes, p) => {
          const k = Math.min(successes, n - 1);
          let term = (1 - p) ** n;
          let sum = term;
          for (let i = 1; i <= k; i++) sum += term *= (((n - i + 1) / i) * p) / (1 - p);
          expect(binomialCdf(k, n, p)).toBeCloseTo(sum, 10);
          expect(betaRegularized(p, k + 1, n - k)).toBeCloseTo(1 - betaRegularized(1 - p, n - k, k + 1), 12);
        },
      ),
    );
  });

  it('the beta quantile turns the function round, also far out', () => {
    expectClose(betaQuantile(0.025, 3, 98), 0.006229971538306395);
    expectClose(betaQuantile(0.975, 3, 98), 0.07038393247107011);
    expectClose(betaQuantile(0.025, 1, 1000), 2.531748749129404e-5);
    expectClose(betaQuantile(0.025, 30_000, 7), 0.9995648224411651);
    expect([betaQuantile(0, 2, 3), betaQuantile(1, 2, 3)]).toEqual([0, 1]);
  });

  it('the t quantile agrees with the tables', () => {
    expectClose(tQuantile(0.975, 1), 12.706204736432095);
    expectClose(tQuantile(0.975, 4), 2.7764451051977987);
    expectClose(tQuantile(0.95, 29), 1.6991270265334972);
    expectClose(tQuantile(0.975, 357), 1.9666312043657346);
    expectClose(tQuantile(0.025, 4), -2.7764451051977987);
    expect(tQuantile(0.5, 3)).toBe(0);
  });

  it('the F tail keeps its digits far out', () => {
    expectClose(fUpperTail(15.125333983890014, 1, 4), 0.01770365436620626);
    expectClose(fUpperTail(883.0378132883673, 1, 358), 1.1367229235026632e-98);
    expect([fUpperTail(0, 2, 9), fUpperTail(Number.POSITIVE_INFINITY, 2, 9)]).toEqual([1, 0]);
  });

  it('normal and chi-square quantiles agree with the tables', () => {
    expectClose(normalQuantile(0.975), 1.959963984540054);
    expectClose(normalQuantile(1e-6), -4.753424308822899);
    expectClose(chiSquareQuantile(0.95, 3), 7.814727903251179);
    expectClose(chiSquareQuantile(0.5, 200), 199.33372983863098);
  });

  it('the binomial quantile is the first count that reaches the probability', () => {
    expect(binomialQuantile(0.025, 100, 0.5)).toBe(40);
    expect(binomialQuantile(0.975, 1000, 0.99)).toBe(996);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (n, p, probability) => {
          const k = binomialQuantile(probability, n, p);
          expect(binomialCdf(k, n, p)).toBeGreaterThanOrEqual(probability);
          if (k > 0) expect(binomialCdf(k - 1, n, p)).toBeLessThan(probability);
        },
      ),
    );
  });
});
