/**
 * Which of the three laws the data support, and what can be told of it.
 *
 * 1. The richer law must be shown by an F test at 5 %; AICc is too severe for the few points of a load test.
 * 2. A law whose β rests on 0 is Amdahl's.
 * 3. No NaN in a result: what the data do not tell is null.
 */
import { random, type Random } from '../../random.ts';
import { fUpperTail } from '../distributions.ts';
import type { Bounded } from '../intervals.ts';
import { bandAt, fitAmdahl, fitLinear, fitUsl, usablePoints, type LawFit, type ScalingPoint } from './fit.ts';
import { peakUsers, throughputAt } from './law.ts';
import { peakOf, type NoPeak, type Peak } from './peak.ts';

export interface FTest {
  readonly f: number;
  readonly p: number;
}

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

const significance = 0.05;

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
