/**
 * Capacity: the highest open load at which the objectives hold.
 *
 * The search is MLRsearch's (draft-ietf-bmwg-mlrsearch-15) with the objectives in the place of loss: phases of
 * growing trials and shrinking width; a load is a lower bound when its good trials outweigh its bad ones, and
 * the capacity lies between the highest lower bound and the lowest upper bound. The number itself comes from a
 * local regression of the share of bad requests on the load, over all trials near the bracket.
 *
 * 1. Nothing sustainable lies above the most the target ever gave: the plateau of the scaling bounds the answer.
 * 2. Every trial's verdict enters; none is thrown away but those that the generator falsified.
 * 3. It ends: by width, by budget, by the highest allowed rate, or because the generator is the limit.
 * 4. What was promised is held once more at the end (`confirmed`).
 */
import { rateAtMeanWait, rateAtWaitQuantile } from '../maths/heavyTraffic.ts';
import { clopperPearsonInterval } from '../maths/intervals.ts';
import { crossing } from '../maths/localfit.ts';
import { classifyLoad, relevantBounds, type SearchGoal } from '../maths/mlrsearch.ts';
import { highestRateForQuantile } from '../maths/queues.ts';
import type { Estimate } from '../model/estimate.ts';
import type { Trial } from '../model/load.ts';
import { quantileOf } from '../model/objectives.ts';
import type { Level, Objective } from '../model/report.ts';
import type { BaselineResult } from './baseline.ts';
import type { Budget, Phase } from './budget.ts';
import { goodput, measured, stopped, type Experiment } from './experiment.ts';
import type { ScalingResult } from './scaling.ts';

export interface CapacityPlan {
  readonly budget: Budget['capacity'];
  readonly objectives: readonly Objective[];
  readonly maxRatePerSecond: number;
  readonly maxUsers: number;
  /** Share of the lower bound that is kept in reserve, 0 to below 1. */
  readonly margin: number;
  readonly arrivals: 'even' | 'poisson';
}

export type LimitedBy = 'target' | 'objective' | 'errors' | 'rate-limit' | 'connections' | 'generator';

export interface CapacityResult {
  readonly limitedBy: LimitedBy | null;
  /** The generator, or the highest rate allowed, ended the search: the numbers are lower bounds. */
  readonly atLeast: boolean;
  readonly sustainable: Estimate | null;
  readonly safeLoad: Estimate | null;
  readonly highestGood: number | null;
  readonly lowestBad: number | null;
  readonly confirmed: { ratePerSecond: number; durationMs: number; held: boolean } | null;
  /** The objective that breaks first, at the lowest bad load. */
  readonly breaks: Objective | null;
  /** The commonest failure at the lowest bad load. */
  readonly failure: string | null;
  readonly stopped: boolean;
}

/** A valid open trial, as the search remembers it. */
interface Held {
  readonly rate: number;
  readonly seconds: number;
  readonly good: boolean;
  /** Bad by so much that a longer trial could not change it. */
  readonly gross: boolean;
  readonly level: Level;
}

export function* capacity(
  base: BaselineResult,
  scaled: ScalingResult,
  plan: CapacityPlan,
): Experiment<CapacityResult> {
  const { budget } = plan;
  const held: Held[] = [];
  const ceiling = scaled.plateau ? (scaled.maxThroughput?.value ?? null) : null;
  let spentMs = 0;
  let generatorLimit: number | null = null;
  let ended = false;

  if (base.stopped || scaled.stopped) return nothing(true);
  const broken = brokenAtOneUser(base, plan.objectives);
  if (broken !== null) return zero(base, broken);

  const trialAt = (ratePerSecond: number, phase: Phase, purpose: string): Trial => {
    const wantedMs = Math.min(
      budget.maxTrialMs,
      Math.max(phase.trialMs, (1000 * phase.minDone) / ratePerSecond),
    );
    const durationMs = Math.ceil(wantedMs / 1000) * 1000;
    return {
      experiment: 'capacity',
      purpose,
      load: { kind: 'open', ratePerSecond, arrivals: plan.arrivals },
      durationMs,
      minDone: 0,
      maxDurationMs: durationMs,
      maxInFlight: Math.min(
        plan.maxUsers,
        Math.max(64, Math.ceil(ratePerSecond * longestWaitSeconds(plan.objectives))),
      ),
    };
  };

  function* hold(trial: Trial): Experiment<Held | null> {
    // After a load that was too much: queues are empty by now, but caches, buckets and breakers need a moment.
    const restMs = held.at(-1)?.good === true ? 0 : restAfterBadMs;
    const level = yield* measured({ ...trial, restMs });
    spentMs += level.spentMs;
    if (stopped(level)) ended = true;
    const rate = trial.load.kind === 'open' ? trial.load.ratePerSecond : 0;
    if (!level.valid) {
      generatorLimit = Math.min(generatorLimit ?? rate, rate);
      return null;
    }
    if (ended && level.durationMs < 2000) return null;
    const entry = {
      rate,
      seconds: level.durationMs / 1000,
      good: isGood(level),
      gross: isGross(level, plan.objectives),
      level,
    };
    held.push(entry);
    return entry;
  }

  // The search.
  const first = firstRate(base, scaled, plan);
  let growth = budget.phases[0]?.width ?? 0.08;
  search: for (const phase of budget.phases) {
    for (;;) {
      const bounds = boundsOf(held, phase);
      const maxRate = Math.min(
        plan.maxRatePerSecond,
        (generatorLimit ?? Number.POSITIVE_INFINITY) * belowGeneratorLimit,
      );
      const next = nextRate(held, bounds, phase, { first, ceiling, growth, maxRate });
      if (next === null) break;
      const trial = trialAt(next.rate, phase, next.purpose);
      if (ended || spentMs + trial.durationMs + reserveMs(budget) > budget.totalMs) break search;
      const entry = yield* hold(trial);
      if (ended) break search;
      if (entry === null && next.rate < first / 8) break search;
      if (bounds.lower === null || bounds.upper === null) growth = Math.min(1, growth * 2);
    }
  }

  // What time is left sharpens the estimate, on both sides of it.
  const finest = budget.phases.at(-1) ?? lenient;
  for (let turn = 0; turn < mostPolishes && !ended; turn++) {
    const soFar = conclude(held, boundsOf(held, lenient), base, scaled, plan);
    const sides = boundsOf(held, lenient);
    if (
      soFar === null ||
      soFar.high === null ||
      soFar.low === null ||
      sides.lower === null ||
      sides.upper === null
    )
      break;
    if (soFar.high - soFar.low < 2 * finest.width * soFar.value) break;
    const trial = trialAt(soFar.value * (turn % 2 === 0 ? 0.98 : 1.02), finest, 'sharpening the estimate');
    if (spentMs + trial.durationMs + reserveMs(budget) > budget.totalMs) break;
    yield* hold(trial);
  }

  const bounds = boundsOf(held, lenient);
  const estimate = conclude(held, bounds, base, scaled, plan);
  const upperUnknown = bounds.upper === null;
  const generatorLimited =
    upperUnknown && ceiling === null && (generatorLimit !== null || scaled.generatorLimited);
  const rateLimited = upperUnknown && bounds.lower !== null && bounds.lower >= 0.99 * plan.maxRatePerSecond;
  const atLeast =
    (generatorLimited || rateLimited || (upperUnknown && ceiling === null)) && bounds.lower !== null;

  // The hold at the load line. Where the interval reaches down to nothing, what is held now is the line.
  let sustainable = estimate;
  let safe = estimate?.low ?? null;
  if (safe === 0 && estimate !== null && estimate.value > 0) safe = 0.9 * (bounds.lower ?? estimate.value);
  let confirmed: CapacityResult['confirmed'] = null;
  if (safe !== null && safe > 0 && !ended) {
    const rate = safe * (1 - plan.margin);
    const trial = trialAt(rate, { ...lenient, trialMs: budget.confirmMs }, 'holding the load line');
    const seconds = Math.ceil(budget.confirmMs / 1000);
    const entry = yield* hold({ ...trial, durationMs: seconds * 1000, maxDurationMs: seconds * 1000 });
    if (entry !== null)
      confirmed = { ratePerSecond: rate, durationMs: entry.level.durationMs, held: entry.good };
  }
  if (confirmed?.held === false) safe = null;
  if (estimate !== null && estimate.low === 0 && estimate.value > 0) {
    safe = confirmed?.held === true ? safe : null;
    sustainable = { ...estimate, low: confirmed?.held === true ? confirmed.ratePerSecond : 0 };
  }

  const worst = lowestBad(held);
  return {
    limitedBy: generatorLimited
      ? 'generator'
      : worst === null
        ? ceiling === null
          ? null
          : 'target'
        : limitOf(worst, ceiling),
    atLeast,
    sustainable,
    safeLoad:
      safe === null
        ? null
        : {
            value: safe * (1 - plan.margin),
            low: safe * (1 - plan.margin),
            high: estimate === null || estimate.high === null ? null : estimate.high * (1 - plan.margin),
            unit: '1/s',
            method: `lower bound of sustainable, less ${Math.round(plan.margin * 100)} %`,
          },
    highestGood: bounds.lower,
    lowestBad: bounds.upper,
    confirmed,
    breaks:
      worst === null
        ? null
        : (plan.objectives.find((_, i) => worst.level.objectives[i]?.met === false) ?? null),
    failure: worst === null ? null : commonestFailure(worst.level),
    stopped: ended,
  };
}

/** Where a load was too much for the generator, this share of it is tried next. */
const belowGeneratorLimit = 0.8;

const mostPolishes = 6;
const restAfterBadMs = 1000;

/** Any trial length decides, as much time as there is. */
const lenient: Phase = { trialMs: 1000, minDone: 0, sumMs: 1000, width: 0 };

const reserveMs = (budget: Budget['capacity']): number => budget.confirmMs + 2000;

function goalOf(phase: Phase): SearchGoal {
  return {
    lossRatio: 0.5,
    exceedRatio: 0.5,
    finalTrialSeconds: phase.trialMs / 1000 - 0.001,
    durationSumSeconds: phase.sumMs / 1000,
  };
}

interface Bounds {
  readonly lower: number | null;
  readonly upper: number | null;
  /** Loads that were tried and need more time before they bound anything. */
  readonly undecided: readonly number[];
}

function boundsOf(held: readonly Held[], phase: Phase): Bounds {
  const goal = goalOf(phase);
  const rates = [...new Set(held.map((entry) => entry.rate))];
  const loads = rates.map((rate) => ({
    load: rate,
    class: classifyLoad(
      held
        .filter((entry) => entry.rate === rate)
        .map((entry) => ({
          // What is far beyond every limit needs no longer look.
          durationSeconds: entry.gross ? Math.max(entry.seconds, phase.sumMs / 1000) : entry.seconds,
          lossRatio: entry.good ? 0 : 1,
        })),
      goal,
    ),
  }));
  const { lower, upper } = relevantBounds(loads);
  return {
    lower,
    upper,
    undecided: loads.filter((each) => each.class === 'undecided').map((each) => each.load),
  };
}

interface Aims {
  readonly first: number;
  readonly ceiling: number | null;
  readonly growth: number;
  readonly maxRate: number;
}

/** What to try next in a phase; null when the phase has reached its width, or can go no further. */
function nextRate(
  held: readonly Held[],
  bounds: Bounds,
  phase: Phase,
  aims: Aims,
): { rate: number; purpose: string } | null {
  const { lower, upper } = bounds;
  const aim = (rate: number, purpose: string) => ({ rate: Math.min(rate, aims.maxRate), purpose });
  if (held.length === 0) return aim(aims.first, 'the first guess');
  if (lower !== null && upper !== null) {
    if (upper / lower - 1 <= phase.width * 1.0001) return null;
    const inside = bounds.undecided.find((rate) => rate > lower && rate < upper);
    if (inside !== undefined) return aim(inside, 'longer at the same load');
    return aim(Math.sqrt(lower * upper), 'halving the bracket');
  }
  // A coarser phase has left loads that this phase wants to see for longer: the likely bounds first.
  const likely = boundsOf(held, lenient);
  for (const rate of [likely.lower, likely.upper]) {
    if (rate !== null && bounds.undecided.includes(rate)) return aim(rate, 'longer at the same load');
  }
  if (lower !== null) {
    if (lower >= 0.999 * aims.maxRate) return null;
    if (aims.ceiling !== null && lower >= 0.995 * aims.ceiling) return null;
    const step = lower * (1 + aims.growth);
    return aim(
      aims.ceiling !== null && step > aims.ceiling ? Math.max(aims.ceiling, lower * 1.01) : step,
      'looking higher',
    );
  }
  if (upper !== null) {
    if (upper < aims.first / 100) return null;
    const bad = held.filter((entry) => entry.rate === upper);
    return aim(lowerFrom(upper, upper / (1 + aims.growth), bad, held), 'looking lower');
  }
  const only = held[held.length - 1];
  return only === undefined ? null : aim(only.rate, 'longer at the same load');
}

/**
 * The next load below one that failed. What got through is a good guess where a limit cuts the rest off; where failures
 * thin out slowly, the share of them tells how far to go: about with the square of the load.
 */
function lowerFrom(upper: number, step: number, bad: readonly Held[], held: readonly Held[]): number {
  const share = Math.max(...bad.map((entry) => worstExcess(entry.level)));
  const through = Math.max(...bad.map((entry) => goodput(entry.level)));
  if (share <= 1) return step;
  const thinned = upper * Math.max(0.3, Math.sqrt(1 / share));
  const firstFailure = held.length === bad.length;
  if (firstFailure && through > 0) return Math.min(step, Math.max(0.97 * through, upper / 20));
  return Math.min(step, thinned);
}

/** How many times more requests were bad than the errors objective allows; 1 or less where it holds. */
function worstExcess(level: Level): number {
  const errors = level.objectives.find((each) => each.metric === 'errors');
  return errors === undefined || errors.value === null ? 1 : errors.value / errors.limit;
}

/** A start near the answer: what an M/M/c of this plateau and this knee would sustain. */
function firstRate(base: BaselineResult, scaled: ScalingResult, plan: CapacityPlan): number {
  const { maxThroughput } = scaled;
  const most = Math.max(
    maxThroughput?.low ?? 0,
    0.8 * (maxThroughput?.value ?? 0),
    base.throughputPerSecond,
    0.1,
  );
  if (scaled.cliff?.kind === 'errors' && maxThroughput !== null) return 0.95 * most;
  if (!scaled.plateau) return scaled.generatorLimited ? 0.8 * most : most;
  const servers = Math.min(512, Math.max(1, Math.round(scaled.knee?.users ?? 1)));
  const guesses = plan.objectives.flatMap((objective) => {
    const quantile = quantileOf(objective.metric);
    if (quantile === null || !objective.metric.startsWith('response')) return [];
    const rate = highestRateForQuantile(
      { servers, serviceSeconds: servers / most },
      quantile,
      objective.limit / 1000,
    );
    return rate === null ? [0.3 * most] : [rate];
  });
  return Math.max(0.2 * most, Math.min(0.96 * most, ...guesses));
}

function isGood(level: Level): boolean {
  if (level.stoppedEarly === 'backlog') return false;
  if (level.requests.done === 0) return false;
  return level.objectives.every(
    (each) => each.met === true || (each.metric === 'throughput' && each.met === null),
  );
}

/** More than three times what is allowed was bad, beyond chance. */
function isGross(level: Level, objectives: readonly Objective[]): boolean {
  return objectives.some((objective, i) => {
    const judged = level.objectives[i];
    const allowed = allowedShare(objective);
    const share = judged === undefined || allowed === null ? null : shareInterval(judged);
    return share !== null && allowed !== null && share.low > 3 * allowed;
  });
}

/** At a backlog of so many seconds a load is certainly too high. */
function longestWaitSeconds(objectives: readonly Objective[]): number {
  const limits = objectives.filter((each) => each.unit === 'ms').map((each) => each.limit / 1000);
  return Math.max(0.5, 2 * Math.max(0, ...limits));
}

function lowestBad(held: readonly Held[]): Held | null {
  return held
    .filter((entry) => !entry.good)
    .reduce<Held | null>((least, each) => (least === null || each.rate < least.rate ? each : least), null);
}

function commonestFailure(level: Level): string | null {
  return Object.entries(level.errors.byKind).sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

/** Which limit the lowest bad load ran into. */
function limitOf(worst: Held, ceiling: number | null): LimitedBy {
  const errors = worst.level.objectives.find((each) => each.metric === 'errors');
  const ratio = worst.level.errors.ratio ?? 0;
  if (errors?.met === false || ratio >= 0.01) {
    const failure = commonestFailure(worst.level) ?? '';
    if (failure === 'http.429') return 'rate-limit';
    if (failure.startsWith('connect.') || failure === 'reset' || failure === 'closed') return 'connections';
    if (failure !== 'timeout') return 'errors';
  }
  return ceiling !== null && worst.rate > 0.93 * ceiling ? 'target' : 'objective';
}

/** The estimate: where the share of bad requests crosses what the objective allows, inside what was seen. */
function conclude(
  held: readonly Held[],
  bounds: Bounds,
  base: BaselineResult,
  scaled: ScalingResult,
  plan: CapacityPlan,
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
    return {
      value: Math.min(lower, settled.value),
      low: Math.min(lower, settled.low),
      high: plateau.high === null ? null : plateau.high * offered(plan.objectives),
      unit,
      method: 'highest load that held, no more than the heavy-traffic law leaves of the greatest throughput',
    };
  }
  const crossed = crossingWithin(held, lower, upper, plan.objectives);
  const found = crossed ?? {
    value: Math.sqrt(lower * upper),
    ...beyondChance(held, lower, upper, plan.objectives),
  };
  const top = settled === null || settled.value < 0.9 * lower ? null : settled;
  const capped = top !== null && top.value < found.value;
  const value = capped ? top.value : found.value;
  const most = plateau?.high == null ? Number.POSITIVE_INFINITY : plateau.high * offered(plan.objectives);
  return {
    value,
    low: Math.max(0, Math.min(found.low, value, capped ? top.low : found.low)),
    high: Math.max(value, Math.min(found.high, most)),
    unit,
    method: [
      crossed === null ? 'middle of the bracket' : 'logistic regression of the bad share on the load',
      ...(capped ? ['no more than the heavy-traffic law leaves of the greatest throughput'] : []),
    ].join(', '),
  };
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

/** Whether a trial's verdict would stand if it were repeated: every share with its exact interval. */
function certainty(entry: Held, objectives: readonly Objective[]): 'good' | 'bad' | 'unclear' {
  if (entry.level.stoppedEarly === 'backlog') return 'bad';
  let verdict: 'good' | 'unclear' = 'good';
  for (const [i, objective] of objectives.entries()) {
    const judged = entry.level.objectives[i];
    const allowed = allowedShare(objective);
    if (judged === undefined || allowed === null) continue;
    const share = shareInterval(judged);
    if (share === null) return 'unclear';
    if (share.low > allowed) return 'bad';
    if (share.high > allowed) verdict = 'unclear';
  }
  return verdict;
}

function shareInterval(judged: Level['objectives'][number]): { low: number; high: number } | null {
  if (judged.bad === null || judged.of === null || judged.of === 0) return null;
  const effective = judged.effective ?? judged.of;
  const interval = clopperPearsonInterval((judged.bad / judged.of) * effective, effective, 0.9);
  return interval === null ? null : { low: interval.low ?? 0, high: interval.high ?? 1 };
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
    (entry) => entry.rate > 0.75 * middle && entry.rate < 1.3 * middle && entry.seconds >= 0.45 * longest,
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
    first = {
      value: found.value,
      low: Math.min(found.low, 0.99 * found.value),
      high: Math.max(found.high, 1.01 * found.value),
    };
  }
  return first;
}

/** The share of requests that an objective lets be bad; null for one that does not count requests. */
function allowedShare(objective: Objective): number | null {
  const quantile = quantileOf(objective.metric);
  if (quantile !== null) return 1 - quantile;
  return objective.metric === 'errors' ? objective.limit : null;
}

/**
 * What of the plateau can be sustained when the queue has had time to settle: trials of seconds that begin empty
 * are too kind near saturation. The lower bound assumes service times as scattered as exponential ones.
 */
function settledRate(plateau: Estimate, base: BaselineResult, plan: CapacityPlan): Interval {
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

/** The objective that fails at one user by more than chance, if any: then no open load can hold it. */
function brokenAtOneUser(base: BaselineResult, objectives: readonly Objective[]): Objective | null {
  const broken = objectives.find((objective, i) => {
    const judged = base.level.objectives[i];
    // Errors at one user are no proof: a rate limit refuses even one user that never pauses.
    if (judged?.met !== false || objective.unit !== 'ms') return false;
    if (judged.bad === null || judged.of === null) return true;
    const allowed = allowedShare(objective) ?? 0;
    return (clopperPearsonInterval(judged.bad, judged.of)?.low ?? 0) > allowed;
  });
  return broken ?? null;
}

function zero(base: BaselineResult, broken: Objective): CapacityResult {
  const none: Estimate = { value: 0, low: 0, high: 0, unit: '1/s', method: 'an objective fails at one user' };
  return {
    limitedBy: 'objective',
    atLeast: false,
    sustainable: none,
    safeLoad: none,
    highestGood: null,
    lowestBad: base.throughputPerSecond,
    confirmed: null,
    breaks: broken,
    failure: commonestFailure(base.level),
    stopped: false,
  };
}

function nothing(wasStopped: boolean): CapacityResult {
  return {
    limitedBy: null,
    atLeast: false,
    sustainable: null,
    safeLoad: null,
    highestGood: null,
    lowestBad: null,
    confirmed: null,
    breaks: null,
    failure: null,
    stopped: wasStopped,
  };
}
