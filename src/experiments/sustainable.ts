/**
 * What load can be sustained, from the trials of a search: the estimate with its interval.
 *
 * 1. Where the share of bad requests crosses what the objective allows, by logistic regression over the longer trials
 *    near the bracket; the middle of the bracket where the data do not give a crossing.
 * 2. No more than the heavy-traffic law leaves of the plateau: trials of seconds that begin empty cannot see queues
 *    that take minutes to build.
 * 3. A bound is a load at which the verdict is beyond chance, never just the last one tried.
 */
import { tQuantile } from '../maths/distributions.ts';
import { rateAtMeanWait, rateAtWaitQuantile } from '../maths/heavyTraffic.ts';
import { crossing } from '../maths/localfit.ts';
import type { Estimate } from '../model/estimate.ts';
import { quantileOf } from '../model/objectives.ts';
import type { Objective } from '../model/report.ts';
import type { BaselineResult } from './baseline.ts';
import type { Bounds } from './bracket.ts';
import { allowedShare, certainty, lowestBad, type Held } from './judging.ts';
import type { ScalingResult } from './scaling.ts';

export interface Question {
  readonly objectives: readonly Objective[];
  readonly arrivals: 'even' | 'poisson';
}

/** The estimate: where the share of bad requests crosses what the objective allows, inside what was seen. */
export function sustainable(
  held: readonly Held[],
  bounds: Bounds,
  base: BaselineResult,
  scaled: ScalingResult,
  plan: Question,
): Estimate | null {
  const { lower, upper } = bounds;
  if (lower === null && upper === null) return null;
  const plateau = scaled.plateau ? scaled.maxThroughput : null;
  const unit = '1/s';
  if (lower === null) {
    // Nothing held. Far below the first guess and beyond chance that is an answer; else the time was too short for one.
    const least = lowestBad(held);
    const proven =
      least !== null &&
      certainty(least, plan.objectives) === 'bad' &&
      least.rate <= 0.3 * (held[0]?.rate ?? 0);
    if (!proven) return null;
    return { value: 0, low: 0, high: least.rate, unit, method: 'no load that was tried held the objectives' };
  }
  const settled = plateau === null ? null : settledRate(plateau, base, plan);
  if (upper === null) {
    if (plateau === null || settled === null) {
      return { value: lower, low: lower, high: null, unit, method: 'highest load that held' };
    }
    // Held up to the plateau, or the time was over before anything failed: then it lies somewhere between.
    return {
      value: settled.value,
      low: Math.min(lower, settled.low),
      high: plateau.high === null ? null : plateau.high * offered(plan.objectives),
      unit,
      method: 'what the heavy-traffic law leaves of the greatest throughput; no load that was tried failed',
    };
  }
  const crossed = crossingWithin(held, lower, upper, plan.objectives);
  const found = crossed ?? {
    value: Math.sqrt(lower * upper),
    ...beyondChance(held, lower, upper, plan.objectives),
  };
  const top = settled === null || settled.value < 0.9 * lower ? null : settled;
  const capped = top !== null && top.value < found.value;
  const most = plateau?.high == null ? Number.POSITIVE_INFINITY : plateau.high * offered(plan.objectives);
  const value = capped ? top.value : Math.max(lower, Math.min(found.value, most));
  return {
    value,
    low: Math.max(0, Math.min(found.low, value, capped ? top.low : found.low)),
    high: bounded(Math.max(value, Math.min(found.high, most))),
    unit,
    method: [
      crossed === null ? 'middle of the bracket' : 'logistic regression of the bad share on the load',
      ...(capped ? ['no more than the heavy-traffic law leaves of the greatest throughput'] : []),
    ].join(', '),
  };
}

/** Infinity bounds nothing: null. */
function bounded(high: number): number | null {
  return Number.isFinite(high) ? high : null;
}

/** The bracket as far as it is more than chance: the nearest loads whose shares of bad requests leave no doubt. */
function beyondChance(
  held: readonly Held[],
  lower: number,
  upper: number,
  objectives: readonly Objective[],
): { low: number; high: number } {
  const sure = held.map((entry) => ({ rate: entry.rate, verdict: certainty(entry, objectives) }));
  const good = sure.filter((each) => each.verdict === 'good' && each.rate <= lower).map((each) => each.rate);
  const bad = sure.filter((each) => each.verdict === 'bad' && each.rate >= upper).map((each) => each.rate);
  return {
    low: good.length === 0 ? 0 : Math.max(...good),
    high: bad.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...bad),
  };
}

/** Offered load over what gets through, at most, while the errors objective holds. */
function offered(objectives: readonly Objective[]): number {
  const limit = objectives.find((each) => each.metric === 'errors')?.limit ?? 0;
  return 1 / Math.max(0.5, 1 - limit);
}

interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Where the regression crosses the limit of the objective that breaks first; null where the data cannot tell. */
function crossingWithin(
  held: readonly Held[],
  lower: number,
  upper: number,
  objectives: readonly Objective[],
): Interval | null {
  const middle = Math.sqrt(lower * upper);
  const longest = Math.max(...held.map((entry) => entry.seconds));
  // Short trials begin empty and are too kind; far ones say little about the slope here.
  const near = held.filter(
    (entry) =>
      entry.level.valid &&
      entry.rate > 0.75 * middle &&
      entry.rate < 1.3 * middle &&
      entry.seconds >= 0.45 * longest,
  );
  let first: Interval | null = null;
  for (const [i, objective] of objectives.entries()) {
    const allowed = allowedShare(objective);
    if (allowed === null) continue;
    const points = near.flatMap((entry) => {
      const judged = entry.level.objectives[i];
      if (judged === undefined || judged.bad === null || judged.of === null || judged.of === 0) return [];
      return [{ x: entry.rate, bad: judged.bad, total: judged.of, effective: judged.effective ?? judged.of }];
    });
    const found = points.length < 4 ? null : crossing(points, allowed);
    if (found === null || found.value === null || found.low === null || found.high === null) continue;
    if (found.value < lower * 0.93 || found.value > upper * 1.07) continue;
    if (first !== null && found.value >= first.value) continue;
    // The scatter between so few trials is itself uncertain: Student's t in the place of the normal.
    const few = tQuantile(0.975, Math.max(1, points.length - 2)) / 1.96;
    first = {
      value: found.value,
      low: Math.min(found.value - (found.value - found.low) * few, 0.99 * found.value),
      high: Math.max(found.value + (found.high - found.value) * few, 1.01 * found.value),
    };
  }
  return first;
}

/**
 * What of the plateau can be sustained when the queue has had time to settle: trials of seconds that begin empty
 * are too kind near saturation. The lower bound assumes service times as scattered as exponential ones.
 */
function settledRate(plateau: Estimate, base: BaselineResult, plan: Question): Interval {
  const { mean, deviation } = base.level.service;
  const variation = mean === null || deviation === null || mean === 0 ? 1 : (deviation / mean) ** 2;
  const queue = {
    mostPerSecond: plateau.value,
    arrivalVariation: plan.arrivals === 'poisson' ? 1 : 0,
    serviceVariation: variation,
  };
  const low = {
    ...queue,
    mostPerSecond: plateau.low ?? plateau.value,
    serviceVariation: Math.max(1, variation),
  };
  const serviceSeconds = ((mean ?? 0) / 1000) * Math.max(0, 1 - variation);
  let interval: Interval = {
    value: plateau.value,
    low: low.mostPerSecond,
    high: plateau.high ?? plateau.value,
  };
  for (const objective of plan.objectives) {
    if (objective.unit !== 'ms' || !objective.metric.startsWith('response')) continue;
    const quantile = quantileOf(objective.metric);
    const waitSeconds = objective.limit / 1000 - serviceSeconds;
    const rateOf = (each: typeof queue): number =>
      quantile === null ? rateAtMeanWait(each, waitSeconds) : rateAtWaitQuantile(each, quantile, waitSeconds);
    if (objective.metric.endsWith('.max')) continue;
    interval = {
      ...interval,
      value: Math.min(interval.value, rateOf(queue)),
      low: Math.min(interval.low, rateOf(low)),
    };
  }
  return interval;
}
