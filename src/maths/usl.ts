/**
 * How throughput scales with the number of users: three nested laws, fitted, chosen between, and inverted.
 *
 *     X(N) = γN / (1 + α(N−1) + βN(N−1))
 *
 * N users, X throughput per second, γ throughput of one user, α contention (the share that is serial), β coherency
 * (the price of keeping N users consistent with each other). β = 0 is Amdahl's law, α = β = 0 is linear scaling.
 * Source: N. J. Gunther, Guerrilla Capacity Planning (2007), ch. 4-6; three-parameter form as in the R package usl.
 *
 * 1. α, β in [0, 1] and γ ≥ 0, always. A law whose β rests on 0 is refitted as Amdahl's.
 * 2. The richer law must be shown by an F test at 5 %; AICc is too severe for the few points of a load test.
 * 3. No peak is told beyond 1.3 times the largest measured N, nor one whose standard error is above a quarter of it.
 * 4. Intervals are two-sided, by t with n − k degrees of freedom, and are not cut off at the bounds of a parameter.
 *    (The R package's confint() takes n − 1 and one side, its predict() a constant band: neither is followed.)
 * 5. No NaN in a result: what the data do not tell is null.
 *
 * Absent on purpose: the older two-parameter form normalised by X(1), which gives other numbers.
 */
import { random } from '../random.ts';
import type { Random } from '../random.ts';
import { fUpperTail, tQuantile } from './distributions.ts';
import { leastSquares, roughly } from './leastSquares.ts';
import type { Fit } from './leastSquares.ts';
import type { Bounded } from './intervals.ts';
import { percentileOf } from './order.ts';

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

export interface Coefficients {
  /** Contention, 0 to 1. */
  readonly alpha: number;
  /** Coherency, 0 to 1. */
  readonly beta: number;
  /** Throughput of one user, per second, 0 or more. */
  readonly gamma: number;
}

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

export interface FTest {
  readonly f: number;
  readonly p: number;
}

export interface Peak {
  readonly users: Bounded;
  /** Per second. */
  readonly throughput: Bounded;
  /** √((1−α)/β) by the delta method, in users. */
  readonly standardErrorUsers: number;
}

export type NoPeak =
  /** The law that was chosen has no peak. */
  | 'law'
  /** The fitted peak lies beyond 1.3 times the largest measured number of users. */
  | 'beyond'
  /** Its standard error is above a quarter of it, or cannot be told. */
  | 'uncertain';

/** The law that the data support, and what can be told of it. */
export interface Scaling extends LawFit {
  /** Does Amdahl's law fit better than linear scaling? Null where the data cannot tell. */
  readonly amdahlOverLinear: FTest | null;
  /** Does the universal law fit better than Amdahl's? Null where the data cannot tell. */
  readonly uslOverAmdahl: FTest | null;
  readonly peak: Peak | null;
  readonly noPeak: NoPeak | null;
  /** retrograde: the fitted law falls within the measured range, also where its peak is too uncertain to be told. */
  readonly shape: 'linear' | 'sublinear' | 'superlinear' | 'retrograde';
  /** How far the points lie from the law: root mean square of (measured − fitted) / fitted, 0 or more. */
  readonly misfit: number;
  /** superlinear: efficiency above 1.02, truly so or because the first point was cold. */
  readonly warnings: readonly 'superlinear'[];
  /** The fitted law with its 95 % band at the users asked for. */
  readonly band: readonly (Bounded & { readonly users: number })[];
}

export interface ScalingOptions {
  /** Chance for the bootstrap; from a fixed seed where left out. */
  readonly random?: Random | undefined;
  /** Of intervals and band; .95 where left out. */
  readonly confidence?: number | undefined;
  /** Bootstrap replicates; 1000 where left out. */
  readonly replicates?: number | undefined;
  /** Where to give the band; at every measured number of users where left out. */
  readonly bandUsers?: readonly number[] | undefined;
}

const coefficientNames = ['alpha', 'beta', 'gamma'] as const;
const namesOf: Readonly<Record<Law, readonly CoefficientName[]>> = {
  linear: ['gamma'],
  amdahl: ['alpha', 'gamma'],
  usl: ['alpha', 'beta', 'gamma'],
};
const significance = 0.05;
const furthestPeak = 1.3;
const mostPeakError = 0.25;

// ---- the law and its inverses --------------------------------------------------------------------------------------

/** X at N users, per second. @param users above 0 */
export function throughputAt({ alpha, beta, gamma }: Coefficients, users: number): number {
  return (gamma * users) / (1 + alpha * (users - 1) + beta * users * (users - 1));
}

/** Response at N users that do not think, seconds: N / X(N) (Little's law). Null where γ is 0. */
export function responseAt(law: Coefficients, users: number): number | null {
  return law.gamma > 0 ? users / throughputAt(law, users) : null;
}

/** Where the law peaks, in users, at least 1; null where it never does (β = 0). √((1−α)/β) */
export function peakUsers({ alpha, beta }: Coefficients): number | null {
  return beta > 0 ? Math.max(1, Math.sqrt((1 - alpha) / beta)) : null;
}

/** The whole number of users with the highest throughput: the floor of peakUsers or its ceiling, whichever is better. */
export function bestWholeUsers(law: Coefficients): number | null {
  const peak = peakUsers(law);
  if (peak === null) return null;
  const below = Math.floor(peak);
  return throughputAt(law, below) >= throughputAt(law, below + 1) ? below : below + 1;
}

/** γ/α, the throughput that contention alone would allow, per second; null where α is 0. */
export function amdahlLimit({ alpha, gamma }: Coefficients): number | null {
  return alpha > 0 ? gamma / alpha : null;
}

/** 1/α, where linear scaling reaches the limit of contention, in users; null where α is 0. The R package's "optimal" load. */
export function optimalUsers({ alpha }: Coefficients): number | null {
  return alpha > 0 ? 1 / alpha : null;
}

/**
 * The power knee: where X/R = X²/N is greatest, in users, at least 1; null for linear scaling, which has none.
 * N = (−(α−β) + √((α−β)² + 12β(1−α))) / 6β, for β = 0 (1−α)/α (Kleinrock's power, set in the law).
 */
export function powerKneeUsers({ alpha, beta }: Coefficients): number | null {
  if (beta === 0) return alpha > 0 ? Math.max(1, (1 - alpha) / alpha) : null;
  const excess = alpha - beta;
  // 2c/(b+√…) in place of (−b+√…)/2a: no cancellation as β goes to 0
  const root = Math.sqrt(excess * excess + 12 * beta * (1 - alpha));
  const users = excess >= 0 ? (2 * (1 - alpha)) / (excess + root) : (root - excess) / (6 * beta);
  return Math.max(1, users);
}

/**
 * The number of users at which the law answers in the given time: N of R(N) = (1 + α(N−1) + βN(N−1)) / γ.
 * @param responseSeconds above 0
 * @returns null where even one user waits longer, or where no number of users makes anybody wait that long
 */
export function usersAtResponse(
  { alpha, beta, gamma }: Coefficients,
  responseSeconds: number,
): number | null {
  if (!(gamma * responseSeconds >= 1)) return null;
  if (alpha === 0 && beta === 0) return null;
  // βN² + (α−β)N − (γR + α − 1) = 0, its positive root, written so that β = 0 is no special case
  const linear = alpha - beta;
  const root = Math.sqrt(linear * linear + 4 * beta * (gamma * responseSeconds + alpha - 1));
  return linear >= 0
    ? (2 * (gamma * responseSeconds + alpha - 1)) / (linear + root)
    : (root - linear) / (2 * beta);
}

/**
 * The throughput at which the law answers in the given time, per second:
 * X(R) = (β − α + √(α² + β² + 2β(2γR + α − 2))) / 2βR. Null as usersAtResponse.
 * (B. Schwartz's published form has α and β exchanged in its first term; his test, with α = β, does not see it.)
 */
export function throughputAtResponse(law: Coefficients, responseSeconds: number): number | null {
  const users = usersAtResponse(law, responseSeconds);
  return users === null ? null : users / responseSeconds;
}

/**
 * The fewest users that reach a throughput. @param throughput per second, above 0
 * @returns null where the law never reaches it: above the peak, or at or above the limit of Amdahl's law
 */
export function usersAtThroughput({ alpha, beta, gamma }: Coefficients, throughput: number): number | null {
  if (!(throughput > 0) || !(gamma > 0)) return null;
  // βN² − (γ/X − α + β)N + (1−α) = 0, the smaller root
  const linear = gamma / throughput - alpha + beta;
  const square = linear * linear - 4 * beta * (1 - alpha);
  if (!(linear > 0) || square < 0) return null;
  return (2 * (1 - alpha)) / (linear + Math.sqrt(square));
}

/**
 * Response at a throughput below the peak, seconds. Null where the law never reaches it.
 * (The published form (α−1)/(αX−γ) is that of Amdahl's law and forgets β.)
 */
export function responseAtThroughput(law: Coefficients, throughput: number): number | null {
  const users = usersAtThroughput(law, throughput);
  return users === null ? null : users / throughput;
}

// ---- fits ----------------------------------------------------------------------------------------------------------

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

function usablePoints(points: readonly ScalingPoint[]): ScalingPoint[] {
  return points.filter(
    ({ users, throughput, weight = 1 }) =>
      users > 0 && throughput >= 0 && weight > 0 && Number.isFinite(users + throughput + weight),
  );
}

function differentUsers(points: readonly ScalingPoint[]): number {
  return new Set(points.map((point) => point.users)).size;
}

function toCoefficients(law: Law, [first = 0, second = 0, third = 0]: readonly number[]): Coefficients {
  switch (law) {
    case 'linear':
      return { alpha: 0, beta: 0, gamma: first };
    case 'amdahl':
      return { alpha: first, beta: 0, gamma: second };
    case 'usl':
      return { alpha: first, beta: second, gamma: third };
  }
}

function problemOf(law: Law, points: readonly ScalingPoint[], start: readonly number[]) {
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

// ---- the choice ----------------------------------------------------------------------------------------------------

/**
 * The law that the data support, with its peak, its band and what is odd about the data.
 *
 * With fewer than 4 points the simpler law is kept unless the F test rejects it all the same, and no interval is given.
 * @returns null without a usable point
 */
export function fitScaling(points: readonly ScalingPoint[], options: ScalingOptions = {}): Scaling | null {
  const { random: draw = random(1), confidence = 0.95, replicates = 1000 } = options;
  const usable = usablePoints(points);
  const linear = fitLinear(usable, confidence);
  if (linear === null) return null;
  const amdahl = fitAmdahl(usable, confidence);
  const usl = fitUsl(usable, confidence);
  const size = usable.reduce((sum, point) => sum + (point.weight ?? 1) * point.throughput ** 2, 0);
  const amdahlOverLinear = amdahl === null ? null : nestedTest(linear, amdahl, size);
  const uslOverAmdahl = amdahl === null || usl === null ? null : nestedTest(amdahl, usl, size);
  const uslOverLinear = usl === null ? null : nestedTest(linear, usl, size);

  let chosen = linear;
  if (usl !== null && usl.beta > 0 && shown(uslOverAmdahl) && shown(uslOverLinear)) chosen = usl;
  else if (amdahl !== null && shown(amdahlOverLinear)) chosen = amdahl;
  const fit = usable.length < 4 ? withoutIntervals(chosen) : chosen;

  const largest = Math.max(...usable.map((point) => point.users));
  const told = peakOf(fit, usable, largest, { draw, confidence, replicates });
  const superlinear = isSuperlinear(usable);
  return {
    ...fit,
    amdahlOverLinear,
    uslOverAmdahl,
    peak: told.peak,
    noPeak: told.noPeak,
    shape:
      fit.beta > 0 && (peakUsers(fit) ?? largest) < largest
        ? 'retrograde'
        : superlinear
          ? 'superlinear'
          : fit.law === 'linear'
            ? 'linear'
            : 'sublinear',
    misfit: misfitOf(fit, usable),
    warnings: superlinear ? ['superlinear'] : [],
    band: (options.bandUsers ?? [...new Set(usable.map((point) => point.users))].sort((a, b) => a - b)).map(
      (users) => ({ users, ...bandAt(fit, users, confidence) }),
    ),
  };
}

function misfitOf(fit: LawFit, points: readonly ScalingPoint[]): number {
  const shares = points.map(({ users, throughput }) => throughput / throughputAt(fit, users) - 1);
  const finite = shares.filter(Number.isFinite);
  return Math.sqrt(finite.reduce((sum, share) => sum + share * share, 0) / Math.max(1, finite.length));
}

function shown(test: FTest | null): boolean {
  return test !== null && test.p < significance;
}

/** F test of a law against a simpler one within it; null without a degree of freedom. @param size Σ weight·X² */
function nestedTest(simple: LawFit, rich: LawFit, size: number): FTest | null {
  const added = simple.degreesOfFreedom - rich.degreesOfFreedom;
  if (rich.degreesOfFreedom < 1 || added < 1) return null;
  const grain = 1e-20 * size; // below this a sum of squares is rounding
  const gained = simple.residualSumOfSquares - rich.residualSumOfSquares;
  if (gained <= grain) return { f: 0, p: 1 };
  const f = gained / added / (Math.max(rich.residualSumOfSquares, grain) / rich.degreesOfFreedom);
  return { f, p: fUpperTail(f, added, rich.degreesOfFreedom) };
}

function withoutIntervals(fit: LawFit): LawFit {
  const none = { alpha: null, beta: null, gamma: null };
  return { ...fit, standardErrors: none, intervals: none, covariance: null };
}

/** Throughput per user above 1.02 times that of the fewest users, at any larger number of users. */
function isSuperlinear(points: readonly ScalingPoint[]): boolean {
  const perUser = new Map<number, number[]>();
  for (const { users, throughput } of points) {
    perUser.set(users, [...(perUser.get(users) ?? []), throughput / users]);
  }
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const fewest = Math.min(...perUser.keys());
  const base = mean(perUser.get(fewest) ?? [0]);
  return [...perUser].some(([users, values]) => users > 1 && users > fewest && mean(values) > 1.02 * base);
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

function quadraticForm(matrix: readonly (readonly number[])[], vector: readonly number[]): number {
  return matrix.reduce(
    (sum, row, i) =>
      sum + row.reduce((part, value, j) => part + value * (vector[j] ?? 0), 0) * (vector[i] ?? 0),
    0,
  );
}

// ---- the peak ------------------------------------------------------------------------------------------------------

interface PeakOptions {
  readonly draw: Random;
  readonly confidence: number;
  readonly replicates: number;
}

function peakOf(
  fit: LawFit,
  points: readonly ScalingPoint[],
  largest: number,
  options: PeakOptions,
): { peak: Peak | null; noPeak: NoPeak | null } {
  const users = peakUsers(fit);
  if (fit.law !== 'usl' || users === null) return { peak: null, noPeak: 'law' };
  if (users > furthestPeak * largest) return { peak: null, noPeak: 'beyond' };
  const slopes = [-users / (2 * (1 - fit.alpha)), -users / (2 * fit.beta), 0];
  const error =
    fit.covariance === null || fit.alpha >= 1 ? null : Math.sqrt(quadraticForm(fit.covariance, slopes));
  if (error === null || !(error / users <= mostPeakError)) return { peak: null, noPeak: 'uncertain' };

  const throughput = throughputAt(fit, users);
  const t = tQuantile((1 + options.confidence) / 2, fit.degreesOfFreedom);
  // at the peak ∂X/∂N = 0, so the error of N does not enter that of X
  const band = bandAt(fit, users, options.confidence);
  const again = bootstrapPeaks(fit, points, options);
  const tail = (1 - options.confidence) / 2;
  return {
    noPeak: null,
    peak: {
      standardErrorUsers: error,
      users: {
        value: users,
        low: Math.max(1, wider(Math.min, users - t * error, percentileOf(again.users, tail))),
        high: finite(wider(Math.max, users + t * error, percentileOf(again.users, 1 - tail))),
      },
      throughput: {
        value: throughput,
        low: wider(Math.min, band.low ?? throughput, percentileOf(again.throughput, tail)),
        high: finite(wider(Math.max, band.high ?? throughput, percentileOf(again.throughput, 1 - tail))),
      },
    },
  };
}

function wider(pick: (a: number, b: number) => number, delta: number, bootstrap: number | null): number {
  return bootstrap === null ? delta : pick(delta, bootstrap);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Peaks of the law refitted to its own values with residuals drawn anew; infinite where a refit has no peak. */
function bootstrapPeaks(
  fit: LawFit,
  points: readonly ScalingPoint[],
  { draw, replicates }: PeakOptions,
): { users: number[]; throughput: number[] } {
  // residuals are smaller than errors, by √(n/(n−k)); weighted ones are put on one scale before they are exchanged
  const inflate = Math.sqrt(points.length / fit.degreesOfFreedom);
  const roots = points.map((point) => Math.sqrt(point.weight ?? 1));
  const pool = fit.residuals.map((residual, i) => residual * (roots[i] ?? 1) * inflate);
  const centre = pool.reduce((a, b) => a + b, 0) / pool.length;
  const fitted = points.map((point) => throughputAt(fit, point.users));
  const problem = problemOf('usl', points, [fit.alpha, fit.beta, fit.gamma]);
  const found = { users: [] as number[], throughput: [] as number[] };
  for (let replicate = 0; replicate < replicates; replicate++) {
    const y = fitted.map(
      (value, i) => value + ((pool[Math.floor(draw() * pool.length)] ?? 0) - centre) / (roots[i] ?? 1),
    );
    const again = toCoefficients('usl', roughly({ ...problem, y }));
    const users = peakUsers(again);
    found.users.push(users ?? Number.POSITIVE_INFINITY);
    found.throughput.push(
      users === null ? (amdahlLimit(again) ?? Number.POSITIVE_INFINITY) : throughputAt(again, users),
    );
  }
  return found;
}
