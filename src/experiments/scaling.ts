/**
 * Scaling: throughput against the number of users, from one user past the knee.
 *
 * Climb by doubling until two doublings bring less than 5 %, or errors or a cliff are met; one far level looks
 * for a cliff behind the knee; then levels around the knee sharpen the law.
 *
 * 1. A cliff is only reported when a second trial at the same load shows it as well.
 * 2. A fall of throughput must be larger than chance: its interval lies below that of the best.
 * 3. No level is asked for that could not answer: users / throughput stays below `longestResponseMs`.
 */
import { kneeOf } from '../maths/knee.ts';
import { fitScaling, type Range, type Scaling as Law, type ScalingPoint } from '../maths/usl.ts';
import { random } from '../random.ts';
import type { Estimate } from '../model/estimate.ts';
import type { Trial } from '../model/load.ts';
import { responseLimitMs } from '../model/objectives.ts';
import type { Level, Objective } from '../model/report.ts';
import type { BaselineResult } from './baseline.ts';
import type { Budget } from './budget.ts';
import { goodput, measured, stopped, type Experiment } from './experiment.ts';

export interface ScalingPlan {
  readonly budget: Budget['scaling'];
  readonly objectives: readonly Objective[];
  readonly maxUsers: number;
  readonly seed: number;
}

export interface ScalingResult {
  /** Valid levels with distinct numbers of users, ascending. */
  readonly points: readonly Level[];
  readonly law: Law | null;
  /** Pooled over the levels of the plateau. */
  readonly maxThroughput: Estimate | null;
  /** Two doublings brought nothing: the target, not the climb, ended the growth. */
  readonly plateau: boolean;
  readonly knee: Knee | null;
  readonly cliff: Cliff | null;
  /** The climb ended because the generator could not go further. */
  readonly generatorLimited: boolean;
  /** The climb ended at --max-users. */
  readonly usersLimited: boolean;
  /** Load time that it took. */
  readonly spentMs: number;
  readonly stopped: boolean;
}

export interface Knee {
  readonly users: number;
  readonly throughput: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly method: string;
}

export interface Cliff {
  readonly users: number;
  /** The most users at which nothing was wrong. */
  readonly below: number;
  readonly kind: 'throughput' | 'errors';
  /** Throughput there over the best. */
  readonly ratio: number;
  /** The commonest failure there, for kind `errors`. */
  readonly failure: string | null;
}

const plateauGain = 0.05;
const cliffRatio = 0.9;
/** How far behind the knee the far level looks, in multiples of the users at the end of the climb. */
const farMultiple = 4;
/** ... and never further than so many times the knee. */
const furthest = 16;

export function* scaling(base: BaselineResult, plan: ScalingPlan): Experiment<ScalingResult> {
  const { budget } = plan;
  const levels = new Map<number, Level>([[1, base.level]]);
  const errorLimit = plan.objectives.find((each) => each.metric === 'errors')?.limit ?? 0.01;
  const limitMs = responseLimitMs(plan.objectives) ?? 1000;

  /** So many sessions of one user alone; 0 where the load is single requests. */
  const sessionMs = (times: number): number =>
    base.level.sessions === null ? 0 : Math.ceil((times * (base.cycleMs ?? 0)) / 1000) * 1000;
  const longestResponseMs = Math.max(budget.trialMs, Math.min(4000, 4 * limitMs), sessionMs(4));
  let spentMs = 0;
  let generatorLimited = false;
  let usersLimited = false;
  let unsettled = false;
  let ended = base.stopped;

  function* at(users: number, purpose: string, longMs: number | null = null): Experiment<Level> {
    const perUserMs = goodput(best()) > 0 ? (1000 * users) / goodput(best()) : 0;
    const wantedMs = Math.max(budget.trialMs, Math.ceil((3 * perUserMs) / 1000) * 1000);
    const durationMs = longMs ?? Math.min(Math.max(budget.maxTrialMs, sessionMs(3)), wantedMs);
    const trial: Trial = {
      experiment: 'scaling',
      purpose,
      load: { kind: 'closed', users },
      durationMs,
      minDone: budget.minDone,
      maxDurationMs: longMs ?? Math.max(durationMs, budget.maxTrialMs),
      maxInFlight: users,
    };
    const level = yield* measured(trial, budget.totalMs - spentMs);
    spentMs += level.spentMs;
    if (stopped(level)) ended = true;
    const known = levels.get(users);
    if (known !== undefined && level.valid && disagree(known, level)) unsettled = true;
    if (level.valid && (known === undefined || level.durationMs >= known.durationMs))
      levels.set(users, level);
    return level;
  }

  const best = (): Level =>
    [...levels.values()].reduce((most, each) => (goodput(each) > goodput(most) ? each : most));
  const timeLeft = (reserveMs = 0): boolean =>
    !ended && spentMs + budget.trialMs + reserveMs <= budget.totalMs;
  /** The plateau, held longer at the end, matters more than another level. */
  const holdMs = (): number =>
    Math.min(budget.totalMs / 3, Math.ceil(budget.plateauDone / Math.max(goodput(best()), 0.1)) * 1000);
  const answerable = (users: number): boolean => {
    const fastest = goodput(best());
    return fastest > 0 && (1000 * users) / fastest <= longestResponseMs;
  };
  const broken = (level: Level): Cliff['kind'] | null => {
    if ((level.errors.ratio ?? 0) >= errorLimit && hasMany(level)) return 'errors';
    return fallen(level, plateauOf([...levels.values()])) ? 'throughput' : null;
  };

  const kneeUsers = (): number => (goodput(best()) * (base.cycleMs ?? 0)) / 1000;

  // 1. The climb.
  let users = 1;
  let flat = 0;
  let suspect: { users: number; kind: Cliff['kind'] } | null =
    broken(base.level) === 'errors' ? { users: 1, kind: 'errors' } : null;
  while (suspect === null && flat < 2 && timeLeft()) {
    if (users * 2 > plan.maxUsers) {
      usersLimited = users >= plan.maxUsers;
      if (usersLimited) break;
    }
    const next = Math.min(users * 2, plan.maxUsers);
    if (!answerable(next)) break;
    const before = goodput(best());
    const level = yield* at(next, `climbing: ${next} users`);
    if (ended) break;
    if (!level.valid) {
      generatorLimited = true;
      break;
    }
    const kind = broken(level);
    if (kind !== null) suspect = { users: next, kind };
    flat = goodput(level) < before * (1 + plateauGain) ? flat + 1 : 0;
    users = next;
  }
  const plateau = flat >= 2 || suspect !== null;

  // 2. A far look behind the knee.
  if (flat >= 2 && suspect === null) {
    const wished = Math.min(users * farMultiple, Math.round(furthest * kneeUsers()), plan.maxUsers);
    const far = [wished, Math.round(wished / 2)].find((each) => each > 1.5 * users && answerable(each));
    if (far !== undefined && timeLeft(holdMs())) {
      const level = yield* at(far, `looking for a cliff: ${far} users`);
      const kind = level.valid && !ended ? broken(level) : null;
      if (kind !== null) suspect = { users: far, kind };
    }
  }

  // 3. The suspected cliff: once more, then where it begins.
  let cliff: Cliff | null = null;
  if (suspect !== null && !ended) {
    const again =
      suspect.users === 1 ? base.level : yield* at(suspect.users, `once more: ${suspect.users} users`);
    const kind = again.valid || suspect.users === 1 ? broken(again) : null;
    if (kind !== null && !ended) {
      let bad = again;
      let high = suspect.users;
      let low = [...levels.keys()]
        .filter((each) => each < high)
        .reduce((most, each) => Math.max(most, each), 0);
      while (low > 0 && high - low > 1 && high / low > 1.25 && timeLeft(holdMs() / 2)) {
        const middle = Math.round(Math.sqrt(low * high));
        if (middle === low || middle === high) break;
        const level = yield* at(middle, `where the cliff begins: ${middle} users`);
        if (ended || !level.valid) break;
        if (broken(level) === null) low = middle;
        else {
          high = middle;
          bad = level;
        }
      }
      cliff = {
        users: high,
        below: low,
        kind,
        ratio: goodput(bad) / Math.max(goodput(best()), Number.MIN_VALUE),
        failure: commonest(bad.errors.byKind),
      };
    }
  }

  // 4. Levels around the knee, and where a falling law has its peak.
  const measuredNear = (wanted: number): boolean =>
    [...levels.keys()].some((each) => Math.abs(each / wanted - 1) < 0.12);
  const peak =
    plateau && cliff?.kind !== 'errors'
      ? (fitScaling(lawfulPoints(sorted(levels), cliff, errorLimit), { replicates: 0 })?.peak?.users.value ??
        null)
      : null;
  const wishes = [
    ...(peak === null ? [] : [peak]),
    ...[1, 0.7, 1.4, 0.5, 2, 3].map((factor) => factor * kneeUsers()),
  ];
  for (const wish of wishes.slice(0, budget.refinements)) {
    const wanted = Math.round(wish);
    if (!timeLeft(holdMs()) || !plateau || wanted < 2 || wanted > plan.maxUsers || measuredNear(wanted))
      continue;
    if (cliff !== null && wanted >= cliff.users) continue;
    yield* at(wanted, `sharpening the knee: ${wanted} users`);
  }

  // 5. The plateau, held longer: the greatest throughput is what all else is measured against.
  if (plateau && timeLeft() && goodput(best()) > 0) {
    // One user alone may by chance seem the best: between its requests the target rests.
    const busy = plateauOf([...levels.values()]).filter((level) => usersOf(level) > 1);
    const users = Math.max(
      0,
      ...busy.filter((level) => goodput(level) >= Math.max(...busy.map(goodput))).map(usersOf),
    );
    const leftMs = Math.floor((budget.totalMs - spentMs) / 1000) * 1000;
    const longMs = Math.min(
      leftMs,
      Math.max(budget.maxTrialMs, Math.ceil(budget.plateauDone / goodput(best())) * 1000),
    );
    if (users > 1 && longMs > (levels.get(users)?.durationMs ?? 0))
      yield* at(users, `holding the plateau: ${users} users`, longMs);
  }

  const points = sorted(levels);
  const law = noSurerThanCounts(
    fitScaling(lawfulPoints(points, cliff, errorLimit), {
      random: random(plan.seed, 77),
      bandUsers: bandUsers(points),
    }),
  );
  const maxThroughput = withPeak(pooled(plateauOf(points)), law);
  // Levels that contradict themselves when they are repeated prove no fall.
  if (unsettled && cliff?.kind === 'throughput') cliff = null;
  return {
    points,
    law,
    maxThroughput,
    plateau,
    knee: plateau ? kneeFrom(points, maxThroughput, base) : null,
    cliff,
    generatorLimited,
    usersLimited,
    spentMs,
    stopped: ended,
  };
}

/**
 * Few points can agree with a law by luck. The weights are what counts of independent answers would scatter by; where the
 * residuals are smaller than that, the intervals are those of the counts.
 */
function noSurerThanCounts(law: Law | null): Law | null {
  const scatter = law?.residualStandardError ?? null;
  if (law === null || scatter === null || scatter >= 1) return law;
  const factor = 1 / Math.max(scatter, 1e-3);
  const wider = (value: number, range: Range | null): Range | null =>
    range === null ? null : [value - (value - range[0]) * factor, value + (range[1] - value) * factor];
  return {
    ...law,
    intervals: {
      gamma: wider(law.gamma, law.intervals.gamma),
      alpha: wider(law.alpha, law.intervals.alpha),
      beta: wider(law.beta, law.intervals.beta),
    },
    band: law.band.map((each) => ({
      ...each,
      low: each.low === null ? null : Math.max(0, each.value - (each.value - each.low) * factor),
      high: each.high === null ? null : each.value + (each.high - each.value) * factor,
    })),
  };
}

/** Two measurements of the same users that cannot both be true. */
function disagree(one: Level, other: Level): boolean {
  const [slow, fast] = goodput(one) < goodput(other) ? [one, other] : [other, one];
  return goodput(slow) < 0.75 * goodput(fast) && (slow.throughput?.high ?? 0) < (fast.throughput?.low ?? 0);
}

const usersOf = (level: Level): number => (level.load.kind === 'closed' ? level.load.users : 0);

/** Enough failures that they are not one accident. */
function hasMany({ errors }: Level): boolean {
  return Object.values(errors.byKind).reduce((sum, each) => sum + each, 0) >= 3;
}

function commonest(byKind: Readonly<Record<string, number>>): string | null {
  const kinds = Object.entries(byKind).sort((a, b) => b[1] - a[1]);
  return kinds[0]?.[0] ?? null;
}

/** Throughput that falls little by little over several levels is a law of its own (retrograde), not one step. */
function retrograde(points: readonly Level[]): boolean {
  const best = Math.max(...points.map(goodput));
  const peak = points.findIndex((level) => goodput(level) === best);
  return (
    points.slice(peak + 1).filter((level) => goodput(level) < 0.97 * best && goodput(level) > 0.6 * best)
      .length >= 2
  );
}

/** The levels with an answer, by users. */
function sorted(levels: ReadonlyMap<number, Level>): Level[] {
  return [...levels.values()].filter((level) => goodput(level) > 0).sort((a, b) => usersOf(a) - usersOf(b));
}

/** The levels that one smooth law can describe: without those that fail, and without those behind a step. */
function lawfulPoints(points: readonly Level[], cliff: Cliff | null, errorLimit: number): ScalingPoint[] {
  const answered = points
    .filter((level) => (level.errors.ratio ?? 0) < errorLimit)
    .map((level) => ({
      users: usersOf(level),
      throughput: goodput(level),
      // A count of n answers scatters by about its root: longer levels, and slower ones, are known better.
      weight: (level.durationMs - level.warmupMs) / 1000 / goodput(level),
    }));
  if (cliff === null || cliff.kind !== 'throughput') return answered;
  const scatter = fitScaling(answered, { replicates: 0 })?.residualStandardError ?? null;
  const smooth = retrograde(points) || (scatter !== null && scatter < mostScatter);
  return smooth ? answered : answered.filter(({ users }) => users < cliff.users);
}

/** Residuals of a law that holds, in the scatter that counts have; more, and there is a step in the data. */
const mostScatter = 2;

/** Where the fitted law is drawn: 40 numbers of users, evenly spaced on a logarithmic axis. */
function bandUsers(points: readonly Level[]): number[] {
  const most = Math.max(1, ...points.map(usersOf));
  return Array.from({ length: 41 }, (_, i) => most ** (i / 40));
}

/**
 * The levels that carry the most. Of those that may be the best as far as their intervals can tell, the one that was
 * measured longest is the measure: of many short ones one is high by chance. With it go all that carried more, and
 * those of more users that may have.
 */
function plateauOf(levels: readonly Level[]): Level[] {
  const surely = Math.max(...levels.map(({ throughput }) => throughput?.low ?? 0));
  const best = Math.max(...levels.map(goodput));
  const highest = (level: Level): number => Math.max(goodput(level), level.throughput?.high ?? 0);
  const longest = levels
    .filter((level) => goodput(level) >= 0.75 * best && highest(level) >= surely)
    .reduce<Level | null>((most, level) => {
      const longer = most === null ? 1 : measuredMs(level) - measuredMs(most);
      return longer > 0 || (longer === 0 && goodput(level) > goodput(most as Level)) ? level : most;
    }, null);
  if (longest === null) return [];
  return levels.filter(
    (level) =>
      goodput(level) >= goodput(longest) ||
      (usersOf(level) > usersOf(longest) &&
        goodput(level) >= 0.75 * best &&
        highest(level) >= goodput(longest)),
  );
}

const measuredMs = ({ durationMs, warmupMs }: Level): number => durationMs - warmupMs;

/** Is this level's throughput below the plateau by more than chance? */
function fallen(level: Level, plateau: readonly Level[]): boolean {
  const best = pooled(plateau.filter((each) => each !== level));
  if (best === null || level.throughput === null) return false;
  const users = Math.min(...plateau.map(usersOf));
  if (usersOf(level) <= users || goodput(level) > cliffRatio * (best.low ?? 0)) return false;
  return (level.throughput.high ?? Number.POSITIVE_INFINITY) < (best.low ?? 0);
}

/** Where a falling law peaks between two levels, more than was seen is possible: the interval says so. */
function withPeak(seen: Estimate | null, law: Law | null): Estimate | null {
  const peak = law?.peak?.throughput.high ?? null;
  if (seen === null || seen.high === null || peak === null || peak < seen.high || peak > 1.1 * seen.value)
    return seen;
  return { ...seen, high: peak };
}

/** Throughput pooled over levels, weighted by the time each was measured. */
function pooled(levels: readonly Level[]): Estimate | null {
  let weightSum = 0;
  let sum = 0;
  let variance = 0;
  for (const level of levels) {
    const { throughput } = level;
    if (throughput === null) continue;
    const weight = level.durationMs - level.warmupMs;
    const halfWidth =
      throughput.low === null || throughput.high === null
        ? throughput.value
        : (throughput.high - throughput.low) / 2;
    weightSum += weight;
    sum += weight * throughput.value;
    variance += (weight * halfWidth) ** 2;
  }
  if (weightSum === 0) return null;
  const value = sum / weightSum;
  const halfWidth = Math.sqrt(variance) / weightSum;
  return {
    value,
    low: Math.max(0, value - halfWidth),
    high: value + halfWidth,
    unit: levels.find(({ throughput }) => throughput !== null)?.throughput?.unit ?? '1/s',
    method: levels.length > 1 ? 'mean of the plateau levels, batch means' : 'batch means of the best level',
  };
}

/** The saturation point N* = Xmax R0 (operational law; Denning and Buzen 1978), where a plateau was seen. */
function kneeFrom(
  points: readonly Level[],
  maxThroughput: Estimate | null,
  base: BaselineResult,
): Knee | null {
  if (maxThroughput === null || base.cycleMs === null) return null;
  const seconds = base.cycleMs / 1000;
  const seen = kneeOf(
    points.map((level) => ({ users: usersOf(level), throughput: goodput(level) })),
    seconds,
  );
  const users = Math.max(1, maxThroughput.value * seconds);
  // One worker is busy with one user: nothing to see in the curve, and still the knee.
  if (seen === null && users > 1.5) return null;
  const others = [
    ...(seen === null || seen.agree ? [] : [`power knee ${seen.powerKnee ?? 'unknown'}`]),
    ...(seen === null || seen.agree || seen.breakpoint === null
      ? []
      : [`two lines meet at ${seen.breakpoint.value.toFixed(1)}`]),
  ];
  return {
    users,
    throughput: Math.min(maxThroughput.value, base.throughputPerSecond * users),
    ...kneeInterval(users, maxThroughput, base),
    method: ['operational law N* = Xmax R0', ...others].join('; '),
  };
}

/** The interval of a product: relative errors of Xmax and of R0, added in quadrature. */
function kneeInterval(
  users: number,
  maxThroughput: Estimate,
  base: BaselineResult,
): { low: number | null; high: number | null } {
  const { mean, deviation } = base.level.service;
  const { value, low, high } = maxThroughput;
  const answers = base.level.requests.done - base.level.requests.failed;
  if (mean === null || deviation === null || answers < 2) return { low: null, high: null };
  const ofResponse = (1.96 * deviation) / Math.sqrt(answers) / mean;
  const reach = (bound: number | null): number | null =>
    bound === null ? null : users * Math.hypot((bound - value) / value, ofResponse);
  const [down, up] = [reach(low), reach(high)];
  return {
    low: down === null ? null : Math.max(1, users - down),
    high: up === null ? null : users + up,
  };
}
