import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastSquares } from './leastSquares.ts';
import type { Model } from './leastSquares.ts';

/** NIST StRD, nonlinear regression, Misra1a (monomolecular adsorption; Misra 1978), lower difficulty. */
const misra1a = {
  x: [77.6, 114.9, 141.1, 190.8, 239.9, 289, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760],
  y: [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47, 81.78],
  model: (([b1 = 0, b2 = 0]) =>
    (x) =>
      b1 * (1 - Math.exp(-b2 * x))) as Model,
};
/** NIST StRD, nonlinear regression, MGH09 (Kowalik and Osborne 1978), higher difficulty. */
const mgh09 = {
  x: [4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625],
  y: [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246],
  model: (([b1 = 0, b2 = 0, b3 = 0, b4 = 0]) =>
    (x) =>
      (b1 * (x * x + x * b2)) / (x * x + x * b3 + b4)) as Model,
};

function digits(got: number | null | undefined, certified: number): number {
  return -Math.log10(Math.abs((got ?? Number.NaN) - certified) / Math.abs(certified));
}

describe('least squares', () => {
  it.each([[[500, 0.0001]], [[250, 0.0005]]])('reaches the certified values of Misra1a from %j', (start) => {
    const fit = leastSquares({ ...misra1a, start });
    expect(digits(fit.parameters[0], 238.94212918)).toBeGreaterThan(8);
    expect(digits(fit.parameters[1], 5.5015643181e-4)).toBeGreaterThan(8);
    expect(digits(fit.standardErrors[0], 2.7070075241)).toBeGreaterThan(7);
    expect(digits(fit.standardErrors[1], 7.2668688436e-6)).toBeGreaterThan(7);
    expect(digits(fit.residualSumOfSquares, 0.12455138894)).toBeGreaterThan(8);
    expect(digits(fit.residualStandardError, 0.1018787633)).toBeGreaterThan(8);
    expect(fit.degreesOfFreedom).toBe(12);
  });

  it.each([[[25, 39, 41.5, 39]], [[0.25, 0.39, 0.415, 0.39]]])(
    'reaches the certified values of MGH09 from %j',
    (start) => {
      const fit = leastSquares({ ...mgh09, start });
      const certified = [0.19280693458, 0.19128232873, 0.12305650693, 0.13606233068];
      const deviations = [0.011435312227, 0.19633220911, 0.080842031232, 0.090025542308];
      certified.forEach((value, k) => expect(digits(fit.parameters[k], value)).toBeGreaterThan(7));
      deviations.forEach((value, k) => expect(digits(fit.standardErrors[k], value)).toBeGreaterThan(6));
      expect(digits(fit.residualSumOfSquares, 3.0750560385e-4)).toBeGreaterThan(8);
    },
  );

  it('keeps a parameter within its bounds, marks it, and gives it no standard error', () => {
    const fit = leastSquares({
      x: [1, 2, 3, 5],
      y: [3.1, 2.2, 0.9, -1.2], // falls, but the slope may not be negative
      model:
        ([height = 0, slope = 0]) =>
        (x) =>
          height + slope * x,
      start: [1, 1],
      lower: [-10, 0],
      upper: [10, 4],
    });
    expect(fit.parameters[0]).toBeCloseTo(1.25, 9); // the mean
    expect(fit.parameters[1]).toBe(0);
    expect(fit.onBound).toEqual([false, true]);
    expect(fit.standardErrors[1]).toBeNull();
    expect(fit.covariance?.[1]).toEqual([0, 0]);
  });

  it('agrees with the closed form of a weighted straight line', () => {
    const point = fc.record({
      y: fc.double({ min: -50, max: 90, noNaN: true }),
      weight: fc.double({ min: 0.2, max: 7, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(point, { minLength: 4, maxLength: 12 }), (points) => {
        const x = points.map((_, i) => 1.5 * i - 2);
        const total = points.reduce((sum, p) => sum + p.weight, 0);
        const meanX = points.reduce((sum, p, i) => sum + p.weight * (x[i] ?? 0), 0) / total;
        const meanY = points.reduce((sum, p) => sum + p.weight * p.y, 0) / total;
        const sxx = points.reduce((sum, p, i) => sum + p.weight * ((x[i] ?? 0) - meanX) ** 2, 0);
        const sxy = points.reduce((sum, p, i) => sum + p.weight * ((x[i] ?? 0) - meanX) * (p.y - meanY), 0);
        const fit = leastSquares({
          x,
          y: points.map((p) => p.y),
          weights: points.map((p) => p.weight),
          model:
            ([height = 0, slope = 0]) =>
            (value) =>
              height + slope * value,
          start: [3, 0.7],
        });
        expect(fit.parameters[1]).toBeCloseTo(sxy / sxx, 6);
        expect(fit.parameters[0]).toBeCloseTo(meanY - (sxy / sxx) * meanX, 6);
        const variance = fit.residualSumOfSquares / (points.length - 2);
        expect(fit.standardErrors[1]).toBeCloseTo(Math.sqrt(variance / sxx), 6);
      }),
      { numRuns: 50 },
    );
  });

  it('gives null errors where no degree of freedom is left, or the data cannot tell parameters apart', () => {
    const line: Model =
      ([height = 0, slope = 0]) =>
      (x) =>
        height + slope * x;
    const through = leastSquares({ x: [1, 4], y: [3, 9], model: line, start: [0, 1] });
    expect(through.parameters[1]).toBeCloseTo(2, 9);
    expect(through.standardErrors).toEqual([null, null]);
    expect(through.residualStandardError).toBeNull();
    const oneX = leastSquares({ x: [2, 2, 2, 2], y: [3, 4, 3, 5], model: line, start: [1, 1] });
    expect(oneX.covariance).toBeNull();
  });
});
