/**
 * The three nested laws, fitted to measured loads: linear, Amdahl's and the universal scalability law, with their band.
 *
 * 1. Intervals are two-sided, by t with n − k degrees of freedom, and are not cut off at the bounds of a parameter.
 *    (The R package's confint() takes n − 1 and one side, its predict() a constant band: neither is followed.)
 * 2. The richer law never comes out worse than the simpler one.
 */
import { tQuantile } from '../distributions.ts';
import type { Bounded } from '../intervals.ts';
import { leastSquares, type Fit } from '../leastSquares.ts';
import { throughputAt, type Coefficients } from './law.ts';

/** One measured load. */
export interface ScalingPoint {
  /** N, above 0. For an open load take the mean number in flight (Little: X·R), not the configured users. */
  readonly users: number;
  /** X, per second, 0 or more. */
  readonly throughput: number;
  /** Relative precision, proportional to 1/variance of throughput, above 0. 1 where left out. */
  readonly weight?: number | undefined;
}

export type Law = 'linear' | 'amdahl' | 'usl';

export type CoefficientName = keyof Coefficients;
export type Range = readonly [low: number, high: number];

export interface LawFit extends Coefficients {
  readonly law: Law;
  /** Null for a coefficient that is not in the law, rests on a bound, or has no degree of freedom. */
  readonly standardErrors: Readonly<Record<CoefficientName, number | null>>;
  /** Two-sided 95 % intervals (or of the given confidence); null as standardErrors. */
  readonly intervals: Readonly<Record<CoefficientName, Range | null>>;
  /** Weighted, in (1/s)². */
  readonly residualSumOfSquares: number;
  readonly degreesOfFreedom: number;
  readonly residualStandardError: number | null;
  /** Measured less fitted throughput, per point. */
  readonly residuals: readonly number[];
  /** A coefficient that the data push against a bound. */
  readonly onBound: readonly CoefficientName[];
  /** Of the coefficients in the order alpha, beta, gamma; rows of absent ones are 0. Null as standardErrors. */
  readonly covariance: readonly (readonly number[])[] | null;
}

const coefficientNames = ['alpha', 'beta', 'gamma'] as const;
const namesOf: Readonly<Record<Law, readonly CoefficientName[]>> = {
  linear: ['gamma'],
  amdahl: ['alpha', 'gamma'],
  usl: ['alpha', 'beta', 'gamma'],
};

/** X = γN. Null without points. */
export function fitLinear(points: readonly ScalingPoint[], confidence = 0.95): LawFit | null {
  const usable = usablePoints(points);
  return usable.length === 0 ? null : describe('linear', bestFit('linear', usable, []), confidence);
}

/** Amdahl's law. Null with fewer than 2 different numbers of users. */
export function fitAmdahl(points: readonly ScalingPoint[], confidence = 0.95): LawFit | null {
  const usable = usablePoints(points);
  if (differentUsers(usable) < 2) return null;
  return describe('amdahl', bestFit('amdahl', usable, []), confidence);
}

/** The universal scalability law. Null with fewer than 3 different numbers of users. */
export function fitUsl(points: readonly ScalingPoint[], confidence = 0.95): LawFit | null {
  const usable = usablePoints(points);
  if (differentUsers(usable) < 3) return null;
  // from Amdahl's fit too: the richer law must never come out worse
  const amdahl = bestFit('amdahl', usable, []).parameters;
  const start = [[amdahl[0] ?? 0.01, 1e-6, amdahl[1] ?? 1]];
  return describe('usl', bestFit('usl', usable, start), confidence);
}

export function usablePoints(points: readonly ScalingPoint[]): ScalingPoint[] {
  return points.filter(
    ({ users, throughput, weight = 1 }) =>
      users > 0 && throughput >= 0 && weight > 0 && Number.isFinite(users + throughput + weight),
  );
}

function differentUsers(points: readonly ScalingPoint[]): number {
  return new Set(points.map((point) => point.users)).size;
}

export function toCoefficients(
  law: Law,
  [first = 0, second = 0, third = 0]: readonly number[],
): Coefficients {
  switch (law) {
    case 'linear':
      return { alpha: 0, beta: 0, gamma: first };
    case 'amdahl':
      return { alpha: first, beta: 0, gamma: second };
    case 'usl':
      return { alpha: first, beta: second, gamma: third };
  }
}

export function problemOf(law: Law, points: readonly ScalingPoint[], start: readonly number[]) {
  const names = namesOf[law];
  return {
    x: points.map((point) => point.users),
    y: points.map((point) => point.throughput),
    weights: points.map((point) => point.weight ?? 1),
    model: (parameters: readonly number[]) => {
      const coefficients = toCoefficients(law, parameters);
      return (users: number) => throughputAt(coefficients, users);
    },
    start,
    lower: names.map(() => 0),
    upper: names.map((name) => (name === 'gamma' ? Number.POSITIVE_INFINITY : 1)),
  };
}

function bestFit(law: Law, points: readonly ScalingPoint[], moreStarts: readonly (readonly number[])[]): Fit {
  const gamma = Math.max(...points.map((point) => point.throughput / point.users));
  // the starts of the R package usl and of codahale/usl
  const starts = [
    { alpha: 0.01, beta: 0.0001, gamma },
    { alpha: 0.1, beta: 0.01, gamma },
  ].map((start) => namesOf[law].map((name) => start[name]));
  const fits = [...starts, ...moreStarts].map((start) => leastSquares(problemOf(law, points, start)));
  return fits.reduce((best, fit) => (fit.residualSumOfSquares < best.residualSumOfSquares ? fit : best));
}

function describe(law: Law, fit: Fit, confidence: number): LawFit {
  const names = namesOf[law];
  const standardErrors = { alpha: null, beta: null, gamma: null } as Record<CoefficientName, number | null>;
  const intervals = { alpha: null, beta: null, gamma: null } as Record<CoefficientName, Range | null>;
  names.forEach((name, k) => {
    const error = fit.standardErrors[k] ?? null;
    const value = fit.parameters[k] ?? 0;
    standardErrors[name] = error;
    if (error === null) return;
    const reach = tQuantile((1 + confidence) / 2, fit.degreesOfFreedom) * error;
    intervals[name] = [value - reach, value + reach];
  });
  const { covariance } = fit;
  return {
    law,
    ...toCoefficients(law, fit.parameters),
    standardErrors,
    intervals,
    residualSumOfSquares: fit.residualSumOfSquares,
    degreesOfFreedom: fit.degreesOfFreedom,
    residualStandardError: fit.residualStandardError,
    residuals: fit.residuals,
    onBound: names.filter((name, k) => name !== 'gamma' && fit.onBound[k] === true),
    covariance:
      covariance === null
        ? null
        : coefficientNames.map((row) =>
            coefficientNames.map((column) => covariance[names.indexOf(row)]?.[names.indexOf(column)] ?? 0),
          ),
  };
}

/** The fitted law at N with its band by the delta method, per second. Null bounds where the fit has no covariance. */
export function bandAt(fit: LawFit, users: number, confidence = 0.95): Bounded {
  const value = throughputAt(fit, users);
  if (fit.covariance === null) return { value, low: null, high: null };
  const reach =
    tQuantile((1 + confidence) / 2, fit.degreesOfFreedom) *
    Math.sqrt(Math.max(quadraticForm(fit.covariance, slopesAt(fit, users)), 0));
  return { value, low: Math.max(0, value - reach), high: value + reach };
}

/** ∂X/∂(α, β, γ) at N. */
function slopesAt({ alpha, beta, gamma }: Coefficients, users: number): number[] {
  const divisor = 1 + alpha * (users - 1) + beta * users * (users - 1);
  const common = (-gamma * users) / (divisor * divisor);
  return [common * (users - 1), common * users * (users - 1), users / divisor];
}

export function quadraticForm(matrix: readonly (readonly number[])[], vector: readonly number[]): number {
  return matrix.reduce(
    (sum, row, i) =>
      sum + row.reduce((part, value, j) => part + value * (vector[j] ?? 0), 0) * (vector[i] ?? 0),
    0,
  );
}
