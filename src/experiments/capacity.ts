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
import { highestRateForQuantile } from '../maths/queues.ts';
import type { Estimate } from '../model/estimate.ts';
import type { Trial } from '../model/load.ts';
import { quantileOf } from '../model/objectives.ts';
import type { Level, Objective } from '../model/report.ts';
import type { BaselineResult } from './baseline.ts';
import { boundsOf, lenient, nextRate } from './bracket.ts';
import type { Budget, Phase } from './budget.ts';
import { measured, onlyAway, stopped, type Experiment } from './experiment.ts';
import { commonestFailure, isGood, isGross, lowestBad, type Held } from './judging.ts';
import { brokenAtOneUser } from './oneUser.ts';
import type { ScalingResult } from './scaling.ts';
import { sustainable } from './sustainable.ts';

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

export function* capacity(
  base: BaselineResult,
  scaled: ScalingResult,
  plan: CapacityPlan,
): Experiment<CapacityResult> {
  const { budget } = plan;
  const held: Held[] = [];
  const ceiling = scaled.plateau ? (scaled.maxThroughput?.value ?? null) : null;
  // What refuses instead of queueing is seen at once beyond its limit: there the search may go higher.
  const highestWorthTrying = scaled.cliff?.kind === 'errors' ? null : ceiling;
  const sessionSeconds = (base.level.sessions?.duration.mean ?? 0) / 1000;
  let spentMs = 0;
  let generatorLimit: number | null = null;
  let ended = false;

  if (base.stopped || scaled.stopped) return nothing(true);
  const broken = brokenAtOneUser(base, scaled, plan.objectives);
  if (broken !== null) return zero(base, broken);

  const leftMs = (): number => budget.totalMs - spentMs - reserveMs(budget);
  /** Longer for a slow target, within the time that is left; null where that is too short for a trial of the phase. */
  const searchAt = (ratePerSecond: number, phase: Phase, purpose: string): Trial | null => {
    const wantedMs = Math.max(phase.trialMs, (1000 * phase.minDone) / ratePerSecond);
    const mostMs = Math.min(budget.maxTrialMs, Math.floor(leftMs() / 1000) * 1000);
    if (mostMs < Math.min(phase.trialMs, budget.maxTrialMs)) return null;
    return trialAt(ratePerSecond, Math.min(wantedMs, mostMs), purpose);
  };
  const trialAt = (ratePerSecond: number, wantedMs: number, purpose: string): Trial => {
    // Sessions are long: whether more begin than end shows only after several of them.
    const leastMs = base.level.sessions === null ? 0 : Math.max(sessionTrialMs, 8000 * sessionSeconds);
    const durationMs = Math.ceil(Math.max(wantedMs, leastMs) / 1000) * 1000;
    return {
      experiment: 'capacity',
      purpose,
      load: { kind: 'open', ratePerSecond, arrivals: plan.arrivals },
      durationMs,
      minDone: 0,
      maxDurationMs: durationMs,
      maxInFlight: Math.min(
        plan.maxUsers,
        Math.max(64, Math.ceil(ratePerSecond * (longestWaitSeconds(plan.objectives) + sessionSeconds))),
      ),
    };
  };

  function* hold(trial: Trial): Experiment<Held | null> {
    // After a load that was too much: queues are empty by now, but caches, buckets and breakers need a moment.
    const restMs = held.at(-1)?.good === true ? 0 : restAfterBadMs;
    const level = yield* measured({ ...trial, restMs }, leftMs(), counts);
    const fatal = onlyAway(level);
    spentMs += level.spentMs;
    if (stopped(level)) ended = true;
    const rate = trial.load.kind === 'open' ? trial.load.ratePerSecond : 0;
    if (!counts(level) && !fatal) {
      generatorLimit = Math.min(generatorLimit ?? rate, rate);
      return null;
    }
    if (ended && level.durationMs < 2000) return null;
    const entry = {
      rate,
      seconds: level.durationMs / 1000,
      good: isGood(level) && !fatal,
      gross: fatal || isGross(level, plan.objectives),
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
      const next = nextRate(held, bounds, phase, { first, ceiling: highestWorthTrying, growth, maxRate });
      if (next === null) break;
      const trial = searchAt(next.rate, phase, next.purpose);
      if (ended || trial === null) break search;
      const entry = yield* hold(trial);
      if (ended) break search;
      if (entry === null && next.rate < first / 8) break search;
      if (bounds.lower === null || bounds.upper === null) growth = Math.min(0.5, growth * 2);
    }
  }

  // What time is left sharpens the estimate, on both sides of it.
  const finest = budget.phases.at(-1) ?? lenient;
  for (let turn = 0; turn < mostPolishes && !ended; turn++) {
    const soFar = sustainable(held, boundsOf(held, lenient), base, scaled, plan);
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
    const trial = searchAt(soFar.value * (turn % 2 === 0 ? 0.98 : 1.02), finest, 'sharpening the estimate');
    if (trial === null) break;
    yield* hold(trial);
  }

  const bounds = boundsOf(held, lenient);
  const estimate = sustainable(held, bounds, base, scaled, plan);
  const upperUnknown = bounds.upper === null;
  const farBelowCeiling = ceiling === null || (bounds.lower ?? 0) < 0.8 * ceiling;
  const generatorLimited =
    upperUnknown &&
    ((generatorLimit !== null && farBelowCeiling) || (ceiling === null && scaled.generatorLimited));
  const rateLimited = upperUnknown && bounds.lower !== null && bounds.lower >= 0.99 * plan.maxRatePerSecond;
  const atLeast =
    generatorLimited || ((rateLimited || (upperUnknown && ceiling === null)) && bounds.lower !== null);

  // The hold at the load line. Where the interval reaches down to nothing, what is held now is the line.
  let answer = generatorLimited && estimate !== null ? atLeastHeld(estimate, bounds.lower) : estimate;
  let safe = answer?.low ?? null;
  if (safe === 0 && estimate !== null && estimate.value > 0) safe = 0.9 * (bounds.lower ?? estimate.value);
  let confirmed: CapacityResult['confirmed'] = null;
  let proves = false;
  if (safe !== null && safe > 0 && !ended) {
    const rate = safe * (1 - plan.margin);
    const entry = yield* hold(trialAt(rate, budget.confirmMs, 'holding the load line'));
    if (entry !== null) {
      confirmed = { ratePerSecond: rate, durationMs: entry.level.durationMs, held: entry.good };
      proves = entry.good && entry.level.requests.done >= fewestToProve;
    }
  }
  if (confirmed?.held === false) safe = null;
  if (estimate !== null && estimate.low === 0 && estimate.value > 0) {
    safe = proves && confirmed !== null ? confirmed.ratePerSecond : null;
    answer = { ...estimate, low: safe ?? 0 };
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
    sustainable: answer,
    safeLoad:
      safe === null
        ? null
        : {
            value: safe * (1 - plan.margin),
            low: safe * (1 - plan.margin),
            high: estimate === null || estimate.high === null ? null : estimate.high * (1 - plan.margin),
            unit: base.level.throughput?.unit ?? '1/s',
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

const sessionTrialMs = 8000;
const mostPolishes = 6;
const restAfterBadMs = 1000;
/** With fewer requests a hold proves nothing. */
const fewestToProve = 50;

/** Only what held is known, where the generator could send no more. */
function atLeastHeld(estimate: Estimate, lower: number | null): Estimate {
  if (lower === null) return estimate;
  return {
    ...estimate,
    value: lower,
    low: lower,
    high: null,
    method: 'highest load that held before the generator was the limit',
  };
}

/** A late generator only makes responses look longer: where the objectives held all the same, they hold. */
function counts(level: Level): boolean {
  return level.valid || (isGood(level) && level.invalidReasons.every(({ code }) => code === 'generator.lag'));
}

/** Kept for the hold at the end, and for answers that are waited for after a load that was too much. */
const reserveMs = (budget: Budget['capacity']): number => budget.confirmMs + 4000;

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

/** At a backlog of so many seconds a load is certainly too high. */
function longestWaitSeconds(objectives: readonly Objective[]): number {
  const limits = objectives.filter((each) => each.unit === 'ms').map((each) => each.limit / 1000);
  return Math.max(0.5, 2 * Math.max(0, ...limits));
}

/** Which limit the lowest bad load ran into. */
function limitOf(worst: Held, ceiling: number | null): LimitedBy {
  const errors = worst.level.objectives.find((each) => each.metric === 'errors');
  const ratio = worst.level.errors.ratio ?? 0;
  if (errors?.met === false || ratio >= 0.01) {
    const failure = commonestFailure(worst.level) ?? '';
    if (failure === 'http.429' || failure === 'grpc.RESOURCE_EXHAUSTED') return 'rate-limit';
    if (failure.startsWith('connect.') || failure === 'reset' || failure === 'closed') return 'connections';
    if (failure !== 'timeout') return 'errors';
  }
  return ceiling !== null && worst.rate > 0.93 * ceiling ? 'target' : 'objective';
}

function zero(base: BaselineResult, broken: Objective): CapacityResult {
  const none: Estimate = {
    value: 0,
    low: 0,
    high: 0,
    unit: base.level.throughput?.unit ?? '1/s',
    method:
      broken.metric === 'errors'
        ? 'errors from one user on, whatever the load'
        : 'an objective fails at one user',
  };
  return {
    limitedBy: broken.metric === 'errors' ? 'errors' : 'objective',
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
