/**
 * What load can be sustained, from the trials of a search: the estimate with its interval.
 *
 * 1. Where the share of bad requests crosses what the objective allows, by logistic regression over the longer trials
 *    near the bracket; the middle of the bracket where the data do not give a crossing.
 * 2. Weighed with what the law of queues predicts, where both agree; else no more than the law, or what the target lets
 *    through, leaves of the plateau: trials of seconds that begin empty cannot see queues that take minutes to build.
 * 3. A bound is a load at which the verdict is beyond chance, never just the last one tried.
 */
import { tQuantile } from '../maths/distributions.ts';
import { clopperPearsonInterval } from '../maths/intervals.ts';
import { crossing } from '../maths/localfit.ts';
import type { Estimate } from '../model/estimate.ts';
import type { Objective } from '../model/report.ts';
import type { BaselineResult } from './baseline.ts';
import type { Bounds } from './bracket.ts';
import { allowedShare, certainty, lowestBad, type Held } from './judging.ts';
import { predicted, type Question } from './queueLaw.ts';
import type { ScalingResult } from './scaling.ts';

const unheld = 'no load that was tried held the objectives';

/** The estimate; null where the time was too short for one. */
export function sustainable(
  held: readonly Held[],
  bounds: Bounds,
  base: BaselineResult,
  scaled: ScalingResult,
  plan: Question,
): Estimate | null {
  const { lower, upper } = bounds;
  const ceiling = ceilingOf(base, scaled, plan);
  const found =
    lower !== null
      ? upper === null
        ? whereNothingFailed(lower, ceiling)
        : withinBracket(held, lower, upper, ceiling, plan)
      : upper === null
        ? null
        : whereNothingHeld(held, upper, ceiling, plan);
  if (found === null) return null;
  const { value, low, high, method } = noMoreThanFailed(found, held, bounds, plan.objectives);
  return {
    value,
    low,
    high: high !== null && Number.isFinite(high) ? high : null,
    unit: base.level.throughput?.unit ?? '1/s',
    method,
  };
}

/**
 * Laws and regressions may say more than was seen. The value does not lie above the nearest load that failed every time it
 * was tried, more than once or by far; the upper end not above one whose trials together failed beyond chance. One trial
 * alone near the limit fails as often as not.
 */
function noMoreThanFailed(
  found: Found,
  held: readonly Held[],
  { lower, upper }: Bounds,
  objectives: readonly Objective[],
): Found {
  if (upper === null) return found;
  const rates = [...new Set(held.map(({ rate }) => rate))]
    .filter((rate) => rate >= upper)
    .toSorted((a, b) => a - b);
  const at = (rate: number): Held[] => held.filter((entry) => entry.rate === rate);
  const failing = rates.find((rate) => {
    const all = at(rate);
    return all.every(({ good }) => !good) && (all.length > 1 || all.some(({ gross }) => gross));
  });
  const surelyBad = rates.find((rate) => allBad(at(rate), objectives)) ?? Number.POSITIVE_INFINITY;
  const most = Math.min(failing ?? Number.POSITIVE_INFINITY, surelyBad);
  const high =
    found.high === null ? null : Math.max(Math.min(found.high, surelyBad), Math.min(found.value, most));
  if (found.value <= most) return { ...found, high };
  // Where the trials contradict what was concluded from them, only what held is sure.
  const low = Math.min(found.low ?? 0, lower ?? 0, most);
  return { value: most, low, high, method: `${found.method}; no more than failed` };
}

type Found = Omit<Estimate, 'unit'>;

/** Held up to the plateau, or the time was over before anything failed: then it lies somewhere between. */
function whereNothingFailed(lower: number, ceiling: Ceiling | null): Found {
  if (ceiling === null) return { value: lower, low: lower, high: null, method: 'highest load that held' };
  return {
    value: ceiling.value,
    low: Math.min(lower, ceiling.low),
    high: ceiling.high,
    method: `${ceiling.method}; no load that was tried failed`,
  };
}

/** No load held more often than not. */
function whereNothingHeld(
  held: readonly Held[],
  upper: number,
  ceiling: Ceiling | null,
  { objectives }: Question,
): Found | null {
  // Where one held at times, the trials around it can tell.
  const atTimes = Math.max(0, ...held.filter((entry) => entry.good).map((entry) => entry.rate));
  const near = atTimes === 0 ? null : crossingWithin(held, Math.min(atTimes, upper), upper, objectives);
  if (near !== null) return { ...near, method: byRegression };
  // Far below the first guess and beyond chance, that is an answer.
  const least = lowestBad(held);
  const far = held.filter(({ rate }) => rate <= 0.3 * (held[0]?.rate ?? 0));
  const proven =
    least !== null &&
    far.includes(least) &&
    (certainty(least, objectives) === 'bad' || allBad(far, objectives));
  if (proven) return { value: 0, low: 0, high: least.rate, method: unheld };
  // Else the law's prediction, where it lies below what failed.
  if (ceiling === null || ceiling.deviation === null) return null;
  const low = ceiling.value - 1.96 * ceiling.deviation;
  if (low >= upper) return null;
  return {
    value: Math.min(ceiling.value, upper),
    low: Math.max(0, low),
    high: ceiling.high,
    method: `${ceiling.method}; no load that was tried held`,
  };
}

/** Together they broke an objective beyond chance, by as many independent requests as they were worth. */
function allBad(entries: readonly Held[], objectives: readonly Objective[]): boolean {
  return objectives.some((objective, i) => {
    const judged = entries.map(({ level }) => level.objectives[i]);
    const bad = judged.reduce((sum, each) => sum + (each?.bad ?? 0), 0);
    const of = judged.reduce((sum, each) => sum + (each?.of ?? 0), 0);
    const effective = judged.reduce((sum, each) => sum + (each?.effective ?? each?.of ?? 0), 0);
    if (of === 0 || effective === 0) return false;
    const low = clopperPearsonInterval((bad / of) * effective, effective)?.low ?? 0;
    return low > (allowedShare(objective) ?? 1);
  });
}

function withinBracket(
  held: readonly Held[],
  lower: number,
  upper: number,
  ceiling: Ceiling | null,
  { objectives }: Question,
): Found {
  const crossed = crossingWithin(held, lower, upper, objectives);
  const sure = beyondChance(held, lower, upper, objectives);
  const found = crossed ?? { value: Math.sqrt(lower * upper), ...sure };
  const how = crossed === null ? 'middle of the bracket' : byRegression;
  if (ceiling === null) return { ...found, low: Math.max(0, found.low), method: how };
  const both = agreed(found, ceiling, sure.low, crossed === null ? 0.12 : 0.04);
  if (both !== null) return { ...both, method: `${how}, weighed with ${ceiling.method}` };
  const high = Math.min(found.high, ceiling.high);
  if (ceiling.value < 0.9 * lower || ceiling.value >= found.value) {
    return {
      value: found.value,
      low: Math.max(0, found.low),
      high: Math.max(found.value, high),
      method: how,
    };
  }
  return {
    value: ceiling.value,
    // Where the trials were too kind, only what held beyond chance is sure.
    low: Math.max(0, Math.min(found.low, ceiling.low, sure.low)),
    high: Math.max(ceiling.value, high),
    method: `${how}, no more than ${ceiling.method}`,
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
