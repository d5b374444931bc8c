/**
 * Where a series begins to be steady, and whether what is left of it is.
 *
 * 1. The cut is MSER's: nothing about the series is assumed but even spacing in time.
 * 2. Where the best cut lies in the second half, and what it would leave differs from what is before by more than chance,
 *    there is no steady part: `steady` is false, and nothing is cut.
 * 3. Noise alone does not make a series unsteady: a drift must be above the tolerance and above its statistical error.
 *
 * Absent on purpose: a changepoint search; short trials do not feed one.
 */
import { fUpperTail, tQuantile } from './distributions.ts';
import { dependence, meanOf, sampleVariance } from './intervals.ts';

export interface SteadyStart {
  /** False where the best cut lies in the second half, or fewer than 4 batches were given. */
  readonly steady: boolean;
  /** How many values to cut off the start; 0 where not steady. */
  readonly discard: number;
  readonly discardBatches: number;
  /** Σ(Z_j − Z̄)²/(k−d)² at the best cut; null where there was nothing to choose. */
  readonly statistic: number | null;
  /** Of the values after the cut; null for an empty series. */
  readonly mean: number | null;
}

/** The last batches are no place for a cut: a few values agree by chance. */
const fewestLeft = 5;

/** Fewer values are not worth a verdict. */
const fewestValues = 6;

/** Two-sided confidence above which a difference is called more than chance. */
const certainty = 0.99;

/**
 * MSER-5: means Z_1..Z_k of batches of 5, cut after the d batches for which Σ_{j>d}(Z_j − Z̄_d)²/(k−d)² is least.
 * (White, Cobb and Spratt 2000, Proc. Winter Simulation Conf.: MSER-5; best of its kind in Hoad et al. 2008.)
 *
 * A d in the second half is rejected. In a short steady series chance alone puts it there in one of eight cases; so the
 * means before and after it are compared first, and where they agree the best d of the first half is taken.
 * @param values evenly spaced in time; a rest too short for a batch, at the end, decides nothing
 * @param batchSize values per batch, whole, 1 or more
 */
export function steadyStart(values: readonly number[], batchSize = 5): SteadyStart {
  const count = Math.floor(values.length / batchSize);
  const means = Array.from(
    { length: count },
    (_, k) => meanOf(values.slice(k * batchSize, (k + 1) * batchSize)) ?? 0,
  );
  const statistic = (batches: number): number => {
    const left = means.slice(batches);
    return (sampleVariance(left) * (left.length - 1)) / left.length ** 2;
  };
  const bestUpTo = (last: number): number => {
    let best = 0;
    for (let batches = 1; batches <= last; batches++)
      if (statistic(batches) < statistic(best)) best = batches;
    return best;
  };
  const half = Math.floor(count / 2);
  const anywhere = bestUpTo(Math.max(count - fewestLeft, half));
  const inFirstHalf = bestUpTo(half);
  const late = anywhere > half && differ(means.slice(inFirstHalf, anywhere), means.slice(anywhere));
  const steady = count >= 4 && !late;
  const discardBatches = steady ? inFirstHalf : 0;
  const discard = discardBatches * batchSize;
  return {
    steady,
    discard,
    discardBatches,
    statistic: count < 4 ? null : statistic(steady ? inFirstHalf : anywhere),
    mean: meanOf(values.slice(discard)),
  };
}

/** Do two stretches of a series differ by more than chance (99 %)? */
export function differ(first: readonly number[], second: readonly number[]): boolean {
  return Math.abs((meanOf(second) ?? 0) - (meanOf(first) ?? 0)) > differenceError(first, second);
}

export type SteadyVerdict =
  | 'steady'
  /** The second half is lower than the first. */
  | 'slow-down'
  /** The second half is higher than the first. */
  | 'speed-up'
  /** The halves agree, and parts of them do not; or too few values to tell. */
  | 'unsteady';

export interface Steadiness {
  readonly verdict: SteadyVerdict;
  /** Second half less first half, relative to the mean of all; null where it cannot be told. */
  readonly drift: number | null;
  /** Half the width of the 99 % interval of drift; null where it cannot be told. */
  readonly driftError: number | null;
}

/**
 * Does a series hold its level? Compares its halves; where they agree, its quarters by a one-way test at 1 %.
 * @param values of a rate (more is faster), evenly spaced in time, warm-up already cut off
 * @param tolerance largest relative drift that is still called steady, above 0
 */
export function steadiness(values: readonly number[], tolerance: number): Steadiness {
  const mean = meanOf(values);
  if (mean === null || values.length < fewestValues)
    return { verdict: 'unsteady', drift: null, driftError: null };
  if (mean === 0) return { verdict: 'steady', drift: 0, driftError: 0 };
  const [first = [], second = []] = parts(values, 2);
  const drift = ((meanOf(second) ?? 0) - (meanOf(first) ?? 0)) / mean;
  const driftError = Math.abs(differenceError(first, second) / mean);
  if (Math.abs(drift) > tolerance && Math.abs(drift) > driftError) {
    return { verdict: drift < 0 ? 'slow-down' : 'speed-up', drift, driftError };
  }
  return { verdict: quartersDiffer(values, mean, tolerance) ? 'unsteady' : 'steady', drift, driftError };
}

/** Consecutive parts of a list, as even as can be. */
function parts(values: readonly number[], count: number): number[][] {
  return Array.from({ length: count }, (_, k) =>
    values.slice(Math.round((k * values.length) / count), Math.round(((k + 1) * values.length) / count)),
  );
}

/** Each value less the straight line through all: a drift must not pass for dependence between neighbours. */
function deviations(values: readonly number[]): number[] {
  const mean = meanOf(values) ?? 0;
  const middle = (values.length - 1) / 2;
  let product = 0;
  let square = 0;
  values.forEach((value, i) => {
    product += (i - middle) * (value - mean);
    square += (i - middle) ** 2;
  });
  const slope = square > 0 ? product / square : 0;
  return values.map((value, i) => value - mean - slope * (i - middle));
}

/**
 * Half the width of the 99 % interval of the difference of two means, for parts that may drift within themselves: scatter
 * and dependence are measured about a straight line through each. Infinite for parts of fewer than 3 values.
 */
function differenceError(first: readonly number[], second: readonly number[]): number {
  const halves = [first, second].map(deviations);
  if (halves.some((half) => half.length < 3)) return Number.POSITIVE_INFINITY;
  const tied = dependence(halves.flat());
  const spreads = halves.map((half) => {
    const worth = Math.max(3, half.length / tied);
    const scatter = half.reduce((sum, value) => sum + value * value, 0) / (half.length - 2);
    return { variance: scatter / worth, freedom: worth - 2 };
  });
  const variance = spreads.reduce((sum, part) => sum + part.variance, 0);
  if (variance === 0) return 0;
  // Welch's degrees of freedom
  const freedom = variance ** 2 / spreads.reduce((sum, part) => sum + part.variance ** 2 / part.freedom, 0);
  return tQuantile((1 + certainty) / 2, freedom) * Math.sqrt(variance);
}

/** Do quarter means differ by more than twice the tolerance, and by more than chance (one-way F test, 1 %)? */
function quartersDiffer(values: readonly number[], mean: number, tolerance: number): boolean {
  if (values.length < 12) return false;
  const quarters = parts(values, 4);
  const means = quarters.map((quarter) => meanOf(quarter) ?? 0);
  if (Math.max(...means) - Math.min(...means) <= 2 * tolerance * Math.abs(mean)) return false;
  const within = quarters.reduce((sum, quarter) => sum + sampleVariance(quarter) * (quarter.length - 1), 0);
  const between = quarters.reduce(
    (sum, quarter, k) => sum + quarter.length * ((means[k] ?? 0) - mean) ** 2,
    0,
  );
  if (within === 0) return between > 0;
  const tied = dependence(parts(values, 2).flatMap(deviations));
  const freedom = values.length / tied - 4;
  if (freedom < 1) return false;
  return fUpperTail(between / tied / 3 / (within / (values.length - 4)), 3, freedom) < 1 - certainty;
}
