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
import { crossing } from '../maths/localfit.ts';
import type { Estimate } from '../model/estimate.ts';
import type { Objective } from '../model/report.ts';
import type { BaselineResult } from './baseline.ts';
import type { Bounds } from './bracket.ts';
import { allowedShare, certainty, lowestBad, type Held } from './judging.ts';
import { predicted, type Question } from './queueLaw.ts';
import type { ScalingResult } from './scaling.ts';

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
  const unit = base.level.throughput?.unit ?? '1/s';
  if (lower === null) {
    // No load held more often than not; where one did at times, the trials around it can tell.
    const atTimes = Math.max(0, ...held.filter((entry) => entry.good).map((entry) => entry.rate));
    const near =
      upper === null || atTimes === 0
        ? null
        : crossingWithin(held, Math.min(atTimes, upper), upper, plan.objectives);
    if (near !== null) return { ...near, high: bounded(near.high), unit, method: byRegression };
    // Nothing held. Far below the first guess and beyond chance that is an answer; else the time was too short for one.
    const least = lowestBad(held);
    const proven =
      least !== null &&
      certainty(least, plan.objectives) === 'bad' &&
      least.rate <= 0.3 * (held[0]?.rate ?? 0);
    const law = ceilingOf(base, scaled, plan);
    if (!proven && upper !== null && law !== null && law.deviation !== null) {
      const half = 1.96 * law.deviation;
      if (law.value - half < upper) {
        return {
          value: Math.min(law.value, upper),
          low: Math.max(0, law.value - half),
          high: bounded(law.high),
          unit,
          method: `${law.method}; no load that was tried held`,
        };
      }
    }
    if (!proven) return null;
    return { value: 0, low: 0, high: least.rate, unit, method: 'no load that was tried held the objectives' };
  }
  const top = ceilingOf(base, scaled, plan);
  if (upper === null) {
    if (top === null) return { value: lower, low: lower, high: null, unit, method: 'highest load that held' };
    // Held up to the plateau, or the time was over before anything failed: then it lies somewhere between.
    return {
      value: top.value,
      low: Math.min(lower, top.low),
      high: bounded(top.high),
      unit,
      method: `${top.method}; no load that was tried failed`,
    };
  }
  const crossed = crossingWithin(held, lower, upper, plan.objectives);
  const sure = beyondChance(held, lower, upper, plan.objectives);
  const found = crossed ?? { value: Math.sqrt(lower * upper), ...sure };
  const both = top === null ? null : agreed(found, top, sure.low, crossed === null ? 0.12 : 0.04);
  if (both !== null)
    return {
      ...both,
      unit,
      method: `${crossed === null ? 'middle of the bracket' : byRegression}, weighed with ${top?.method ?? ''}`,
    };
  const capped = top !== null && top.value >= 0.9 * lower && top.value < found.value;
  const value = capped ? top.value : found.value;
  return {
    value,
    // Where the trials were too kind, only what held beyond chance is sure.
    low: Math.max(0, Math.min(found.low, value, capped ? Math.min(top.low, sure.low) : found.low)),
    high: bounded(Math.max(value, Math.min(found.high, top?.high ?? Number.POSITIVE_INFINITY))),
    unit,
    method: [
      crossed === null ? 'middle of the bracket' : byRegression,
      ...(capped ? [`no more than ${top.method}`] : []),
    ].join(', '),
  };
}

/**
 * What the greatest throughput lets be sustained at most; null where none was seen. A target that refuses what is too
 * much has no long queue: of it the plateau itself, and trials that begin with a full bucket cannot show more.
 */
function ceilingOf(base: BaselineResult, scaled: ScalingResult, plan: Question): Ceiling | null {
  const plateau = scaled.plateau ? scaled.maxThroughput : null;
  if (plateau === null) return null;
  const share = offered(plan.objectives);
  const high = plateau.high === null ? Number.POSITIVE_INFINITY : plateau.high * share;
  if (scaled.cliff?.kind === 'errors') {
    const low = plateau.low ?? plateau.value;
    return {
      value: plateau.value * share,
      low,
      high,
      method: 'what the target lets through',
      deviation: null,
    };
  }
  if (base.level.sessions !== null) {
    const low = plateau.low ?? plateau.value;
    return { value: plateau.value, low, high, method: 'the greatest throughput', deviation: null };
  }
  const method = 'what the heavy-traffic law leaves of the greatest throughput';
  const servers =
    scaled.knee === null ? null : Math.min(mostServers, Math.max(1, Math.round(scaled.knee.users)));
  return { ...predicted(plateau, servers, base, plan), high, method };
}

/** Beyond so many, their number no longer matters. */
const mostServers = 512;

interface Ceiling extends Interval {
  readonly method: string;
  /** Of the value, where it is a prediction and not only a bound. */
  readonly deviation: number | null;
}

/**
 * What the trials found and what the law predicts, each weighted by how sure it is; null where they contradict each
 * other: then the target is no such queue.
 *
 * Near saturation a trial of seconds holds only a few independent stretches, and cannot know that of itself: however
 * narrow its own interval, the deviation of what was found is at least `floor` times the value.
 */
function agreed(found: Interval, law: Ceiling, surelyGood: number, floor: number): Interval | null {
  // Open on one side, the other tells how sure it is.
  const halfWidth =
    found.high === Number.POSITIVE_INFINITY ? found.value - found.low : (found.high - found.low) / 2;
  const ofFound = Math.max(halfWidth / 1.96, floor * found.value);
  if (law.deviation === null || law.value + 2 * law.deviation < 0.8 * surelyGood) return null;
  const apart = Math.abs(found.value - law.value) / Math.hypot(ofFound, law.deviation);
  if (apart > 2) return null;
  const weight = law.deviation ** 2 / (ofFound ** 2 + law.deviation ** 2);
  const value = weight * found.value + (1 - weight) * law.value;
  // Birge's ratio: where they lie further apart than their deviations say, both are less sure than that.
  const half = (1.96 * Math.max(1, apart)) / Math.hypot(1 / ofFound, 1 / law.deviation);
  return { value, low: Math.max(0, value - half), high: value + half };
}

const byRegression = 'logistic regression of the bad share on the load';

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
  const sure = beyondChance(held, lower, upper, objectives);
  let first: Interval | null = null;
  for (const [i, objective] of objectives.entries()) {
    const allowed = allowedShare(objective);
    if (allowed === null) continue;
    const points = near.flatMap((entry) => {
      const judged = entry.level.objectives[i];
      if (judged === undefined || judged.bad === null || judged.of === null || judged.of === 0) return [];
      return [{ x: entry.rate, bad: judged.bad, total: judged.of, effective: judged.effective ?? judged.of }];
    });
    const found = points.length < 4 ? null : crossing(equallyDependent(points), allowed);
    if (found === null || found.value === null) continue;
    if (found.value < lower * 0.93 || found.value > upper * 1.07) continue;
    if (first !== null && found.value >= first.value) continue;
    // The scatter between so few trials is itself uncertain: Student's t in the place of the normal.
    const few = tQuantile(0.975, Math.max(1, points.length - 2)) / 1.96;
    const widened = (value: number, bound: number): number => value + (bound - value) * few;
    first = {
      value: found.value,
      low: Math.min(found.low === null ? sure.low : widened(found.value, found.low), 0.99 * found.value),
      high: Math.max(found.high === null ? sure.high : widened(found.value, found.high), 1.01 * found.value),
    };
  }
  return first;
}

interface Shares {
  readonly x: number;
  readonly bad: number;
  readonly total: number;
  readonly effective: number;
}

/**
 * One dispersion for all trials (quasi-likelihood, McCullagh and Nelder 1989 section 4.5): bad requests come in clumps,
 * and a trial that by luck saw none shows nothing of that; by its own count it would weigh too much.
 */
function equallyDependent(points: readonly Shares[]): Shares[] {
  const factors = points
    .filter(({ bad, total }) => bad > 0 && bad < total)
    .map(({ total, effective }) => total / effective)
    .sort((one, other) => one - other);
  const middle = factors[Math.floor(factors.length / 2)] ?? 1;
  return points.map((point) => ({ ...point, effective: point.total / middle }));
}
