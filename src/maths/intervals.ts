/**
 * Intervals: how far off a mean, a rate, a ratio or a quantile of a finite sample may be.
 *
 * 1. low ≤ value ≤ high; a bound is null where the sample does not bound it. Never NaN.
 * 2. Confidence is two-sided, .95 where left out.
 * 3. Values that lean on each other are worth fewer: every function says what it assumes, and `dependence` counts.
 *
 * Absent on purpose: bootstrap intervals of arbitrary statistics, which invite doing without thinking.
 */
import {
  betaQuantile,
  betaRegularized,
  binomialCdf,
  binomialQuantile,
  normalQuantile,
  tQuantile,
} from './distributions.ts';

/** A value with its interval; a bound is null where the data do not bound it. */
export interface Bounded {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

export interface MeanInterval extends Bounded {
  /** Of the mean; null for a single value. */
  readonly standardError: number | null;
}

/** Mean of independent values with its t interval. Bounds are null for one value. @returns null for none */
export function meanInterval(values: readonly number[], confidence = 0.95): MeanInterval | null {
  const value = meanOf(values);
  if (value === null) return null;
  if (values.length < 2) return { value, low: null, high: null, standardError: null };
  const standardError = Math.sqrt(sampleVariance(values) / values.length);
  const reach = tQuantile((1 + confidence) / 2, values.length - 1) * standardError;
  return { value, low: value - reach, high: value + reach, standardError };
}

/** Arithmetic mean; null for an empty list. */
export function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Σ(v − mean)²/(n−1); 0 for fewer than 2 values. */
export function sampleVariance(values: readonly number[]): number {
  const mean = meanOf(values);
  if (mean === null || values.length < 2) return 0;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

/**
 * Autocorrelation ρ_k of a series; 0 for a constant one or one shorter than lag + 2.
 * @param lag whole, 1 or more
 */
export function autocorrelation(values: readonly number[], lag: number): number {
  const mean = meanOf(values);
  if (mean === null || values.length < lag + 2) return 0;
  let square = 0;
  let product = 0;
  values.forEach((value, i) => {
    square += (value - mean) ** 2;
    const later = values[i + lag];
    if (later !== undefined) product += (value - mean) * (later - mean);
  });
  // Ten times 0.1 do not add up to 1: what rounding leaves of a constant series is no scatter.
  const rounding = (1e-12 * mean) ** 2 * values.length;
  return square > rounding ? product / square : 0;
}

/**
 * How many neighbouring values of a series are worth one independent value: 1 + 2Σρ_k, at least 1. The sum ends at the
 * first ρ that is not above 0, or after a quarter of the series. Divide a sample size by it.
 * @param values evenly spaced, for example the bad fraction of each second
 */
export function dependence(values: readonly number[]): number {
  let sum = 1;
  for (let lag = 1; lag <= values.length / 4; lag++) {
    const rho = autocorrelation(values, lag);
    if (!(rho > 0)) break;
    sum += 2 * rho;
  }
  return sum;
}

export interface BatchMeans {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly standardError: number;
  readonly batches: number;
  /** How many of the given values went into one batch. */
  readonly batchSize: number;
  /** Lag-1 autocorrelation of the batch means that were used. */
  readonly autocorrelation: number;
  /** The interval was widened by this factor because batches long enough to be independent were too few; 1 if not. */
  readonly widened: number;
}

const firstBatches = 30;
const fewestBatches = 10;
const mostAutocorrelation = 0.2;

/**
 * Mean of a series whose neighbours may depend on each other, by batch means: 20 to 30 batches; while the lag-1
 * autocorrelation of batch means is above .2 a batch is doubled, as long as 10 batches are left; where they run out the
 * interval is widened by √((1+ρ)/(1−ρ)). Short series are taken value by value.
 * (Law, Simulation Modeling and Analysis, 5th ed., §9.5.3; thresholds: analysis.md §4.)
 * @param values evenly spaced in time, warm-up already cut off @returns null for fewer than 2
 */
export function batchMeans(values: readonly number[], confidence = 0.95): BatchMeans | null {
  const value = meanOf(values);
  if (value === null || values.length < 2) return null;
  let batchSize = Math.max(1, Math.ceil(values.length / firstBatches));
  let means = batched(values, batchSize);
  let rho = autocorrelation(means, 1);
  while (rho > mostAutocorrelation && values.length / (2 * batchSize) >= fewestBatches) {
    batchSize *= 2;
    means = batched(values, batchSize);
    rho = autocorrelation(means, 1);
  }
  const widened = rho > mostAutocorrelation ? Math.sqrt((1 + rho) / (1 - rho)) : 1;
  const standardError = Math.sqrt(sampleVariance(means) / means.length) * widened;
  const reach = tQuantile((1 + confidence) / 2, means.length - 1) * standardError;
  return {
    value,
    low: value - reach,
    high: value + reach,
    standardError,
    batches: means.length,
    batchSize,
    autocorrelation: rho,
    widened,
  };
}

/** Means of consecutive batches of the given size; a rest at the start, too short for a batch, is left out. */
function batched(values: readonly number[], size: number): number[] {
  const count = Math.floor(values.length / size);
  const offset = values.length - count * size;
  return Array.from(
    { length: count },
    (_, k) => meanOf(values.slice(offset + k * size, offset + (k + 1) * size)) ?? 0,
  );
}

/**
 * A rate per second with its interval by batch means. The lower bound is never below 0.
 * @param counts events in each tick @param tickSeconds length of every tick, above 0
 */
export function rateInterval(
  counts: readonly number[],
  tickSeconds: number,
  confidence = 0.95,
): BatchMeans | null {
  const found = batchMeans(counts, confidence);
  if (found === null) return null;
  return {
    ...found,
    value: found.value / tickSeconds,
    low: Math.max(0, found.low / tickSeconds),
    high: found.high / tickSeconds,
    standardError: found.standardError / tickSeconds,
  };
}

// ---- ratios --------------------------------------------------------------------------------------------------------

/**
 * Wilson's score interval for a ratio of counts. Near the stated confidence on average; may fall below it for some.
 * @param hits 0 to total @param total above 0; need not be whole (an effective number) @returns null for total 0
 * (E. B. Wilson 1927, JASA 22:209)
 */
export function wilsonInterval(hits: number, total: number, confidence = 0.95): Bounded | null {
  if (!(total > 0)) return null;
  const z = normalQuantile((1 + confidence) / 2);
  const value = hits / total;
  const centre = (value + (z * z) / (2 * total)) / (1 + (z * z) / total);
  const reach =
    (z / (1 + (z * z) / total)) * Math.sqrt((value * (1 - value)) / total + (z * z) / (4 * total * total));
  return {
    value,
    low: hits <= 0 ? 0 : Math.max(0, centre - reach),
    high: hits >= total ? 1 : Math.min(1, centre + reach),
  };
}

/**
 * Clopper and Pearson's interval for a ratio of counts: never below the stated confidence, hence wide.
 * Parameters and result as wilsonInterval. (Biometrika 26:404, 1934)
 */
export function clopperPearsonInterval(hits: number, total: number, confidence = 0.95): Bounded | null {
  if (!(total > 0)) return null;
  const tail = (1 - confidence) / 2;
  return {
    value: hits / total,
    low: hits <= 0 ? 0 : betaQuantile(tail, hits, total - hits + 1),
    high: hits >= total ? 1 : betaQuantile(1 - tail, hits + 1, total - hits),
  };
}

// ---- quantiles -----------------------------------------------------------------------------------------------------

export interface QuantileRanks {
  /** 1-based rank in the sorted sample; null where the sample is too small to bound the quantile on that side. */
  readonly low: number | null;
  readonly high: number | null;
  /** Probability that the quantile lies between the two, for independent values; null with an open side. */
  readonly coverage: number | null;
}

/**
 * Which two order statistics enclose a quantile: ranks l and u with P(l ≤ B < u) ≥ confidence, B ~ Binomial(n, q).
 * (David and Nagaraja, Order Statistics, 3rd ed., §7.1)
 * @param count of values, 1 or more @param quantile above 0, below 1
 * @param divisor how many values are worth one independent value (`dependence`), 1 or more: the ranks are those of a
 *   sample smaller by this factor, spread over the whole sample
 */
export function quantileRanks(
  count: number,
  quantile: number,
  confidence = 0.95,
  divisor = 1,
): QuantileRanks {
  const effective = Math.floor(count / Math.max(divisor, 1));
  if (!(effective >= 1)) return { low: null, high: null, coverage: null };
  const tail = (1 - confidence) / 2;
  const low = binomialQuantile(tail, effective, quantile);
  const high = binomialQuantile(1 - tail, effective, quantile) + 1;
  const open = low < 1 || high > effective;
  const spread = count / effective;
  return {
    low: low < 1 ? null : Math.max(1, Math.floor(low * spread)),
    high: high > effective ? null : Math.min(count, Math.ceil(high * spread)),
    coverage: open
      ? null
      : binomialCdf(high - 1, effective, quantile) - binomialCdf(low - 1, effective, quantile),
  };
}

/**
 * A quantile with its interval by order statistics. The value is the ⌈quantile·n⌉-th smallest.
 * @param sorted ascending @param divisor as in quantileRanks @returns null for an empty sample
 */
export function quantileInterval(
  sorted: readonly number[],
  quantile: number,
  confidence = 0.95,
  divisor = 1,
): Bounded | null {
  const value = sorted[Math.max(1, Math.ceil(quantile * sorted.length - 1e-9)) - 1];
  if (value === undefined) return null;
  const ranks = quantileRanks(sorted.length, quantile, confidence, divisor);
  return {
    value,
    low: ranks.low === null ? null : (sorted[ranks.low - 1] ?? null),
    high: ranks.high === null ? null : (sorted[ranks.high - 1] ?? null),
  };
}

// ---- how many requests ---------------------------------------------------------------------------------------------

/**
 * How many good requests show, with the given one-sided confidence, that at least the share `percentile` of all is
 * good, when this many bad ones were seen: the smallest h with I_percentile(h, bad + 1) ≤ 1 − confidence.
 * (MLPerf LoadGen, early_stopping.cc.) Assumes independent requests.
 * @param percentile above 0, below 1 @param bad whole, 0 or more
 */
export function goodNeeded(percentile: number, bad: number, confidence = 0.95): number {
  const enough = (good: number): boolean => betaRegularized(percentile, good, bad + 1) <= 1 - confidence;
  let high = 1;
  while (!enough(high)) high *= 2;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * How many requests fix a percentile to within a margin: z²·p(1−p)/margin², rounded as published.
 * (Reddi et al., MLPerf Inference Benchmark, eq. 1 and Table IV; its margin is a twentieth of 1 − p.)
 * @param percentile above 0, below 1 @param margin of the share itself, above 0
 */
export function requestsForMargin(
  percentile: number,
  confidence = 0.99,
  margin = (1 - percentile) / 20,
): number {
  const z = normalQuantile((1 + confidence) / 2);
  return Math.round((z * z * percentile * (1 - percentile)) / (margin * margin));
}
