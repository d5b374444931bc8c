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
import type { Scaling as Law } from '../maths/usl/choice.ts';
import type { Estimate } from '../model/estimate.ts';
import type { Trial } from '../model/load.ts';
import { responseLimitMs } from '../model/objectives.ts';
import type { Level, Objective } from '../model/report.ts';
import type { BaselineResult } from './baseline.ts';
import type { Budget } from './budget.ts';
import { brokenAt, commonest, type Cliff } from './cliff.ts';
import { goodput, heldBack, measured, onlyAway, stopped, type Experiment } from './experiment.ts';
import { lawOf, peakOf } from './lawful.ts';
import { plateauOf, pooled, usersOf, withPeak } from './plateau.ts';
import { kneeFrom, type Knee } from './saturation.ts';

export interface ScalingPlan {
  readonly budget: Budget['scaling'];
  readonly objectives: readonly Objective[];
  readonly maxUsers: number;
  readonly maxRatePerSecond: number;
  readonly seed: number;
}

export interface ScalingResult {
  /** Valid levels with distinct numbers of users, ascending. */
  readonly points: readonly Level[];
  readonly law: Law | null;
  /** Pooled over the levels of the plateau. */
  readonly maxThroughput: Estimate | null;
  /** Two doublings brought nothing, or more than one user saw errors: the target, not the climb, ended the growth. */
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

const plateauGain = 0.05;
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
      maxRatePerSecond: plan.maxRatePerSecond,
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
  // What fails for one user alone does not come from the load: only more of it does.
  const errorsAlone = base.level.errors.ratio ?? 0;
  const mostErrors = errorsAlone < errorLimit ? errorLimit : Math.min(1, 2 * errorsAlone);
  const broken = (level: Level): Cliff['kind'] | null => brokenAt(level, [...levels.values()], mostErrors);

  const kneeUsers = (): number => (goodput(best()) * (base.cycleMs ?? 0)) / 1000;

  // 1. The climb.
  let users = 1;
  let flat = 0;
  let suspect: { users: number; kind: Cliff['kind'] } | null = null;
  let cliff: Cliff | null = null;
  let isHeldBack = heldBack(base.level, plan.maxRatePerSecond);
  while (suspect === null && flat < 2 && timeLeft() && !isHeldBack) {
    if (users * 2 > plan.maxUsers) {
      usersLimited = users >= plan.maxUsers;
      if (usersLimited) break;
    }
    const next = Math.min(users * 2, plan.maxUsers);
    if (!answerable(next)) break;
    const before = goodput(best());
    const level = yield* at(next, `climbing: ${next} users`);
    if (ended) break;
    if (onlyAway(level)) {
      cliff = cliffAt(next, users, 'errors', level, best());
      break;
    }
    if (!level.valid) {
      generatorLimited = true;
      break;
    }
    if (heldBack(level, plan.maxRatePerSecond)) {
      levels.delete(next);
      isHeldBack = true;
      break;
    }
    const kind = broken(level);
    if (kind !== null) suspect = { users: next, kind };
    flat = goodput(level) < before * (1 + plateauGain) ? flat + 1 : 0;
    users = next;
  }
  // One that refuses what is too much, and refuses one user already, gives no more to several.
  if (flat >= 2 && errorsAlone >= errorLimit && goodput(best()) < 1.1 * goodput(base.level))
    cliff = cliffAt(1, 0, 'errors', base.level, best());
  const plateau = flat >= 2 || suspect !== null;

  // 2. A far look behind the knee.
  if (flat >= 2 && suspect === null && cliff === null) {
    const wished = Math.min(users * farMultiple, Math.round(furthest * kneeUsers()), plan.maxUsers);
    const far = [wished, Math.round(wished / 2)].find((each) => each > 1.5 * users && answerable(each));
    if (far !== undefined && timeLeft(holdMs())) {
      const level = yield* at(far, `looking for a cliff: ${far} users`);
      const kind = level.valid && !ended ? broken(level) : null;
      if (kind !== null) suspect = { users: far, kind };
    }
  }

  // 3. The suspected cliff: once more, then where it begins.
  if (suspect !== null && !ended) {
    const again = yield* at(suspect.users, `once more: ${suspect.users} users`);
    const kind = again.valid ? broken(again) : null;
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
      cliff = cliffAt(high, low, kind, bad, best());
    }
  }

  // 4. Levels around the knee, and where a falling law has its peak.
  const measuredNear = (wanted: number): boolean =>
    [...levels.keys()].some((each) => Math.abs(each / wanted - 1) < 0.12);
  const peak = plateau && cliff?.kind !== 'errors' ? peakOf(sorted(levels), cliff, mostErrors) : null;
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
    // Twice the knee keeps the target busy without a pause, and lies before most falls; the level that seems best may by
    // chance be one that does not.
    const aim = 2 * kneeUsers();
    const far = (level: Level): number => Math.abs(Math.log(usersOf(level) / aim));
    const saturated = plateauOf([...levels.values()])
      .filter((level) => usersOf(level) > 1)
      .reduce<Level | null>(
        (nearest, level) => (nearest === null || far(level) < far(nearest) ? level : nearest),
        null,
      );
    const heldUsers = saturated === null ? 0 : usersOf(saturated);
    const leftMs = Math.floor((budget.totalMs - spentMs) / 1000) * 1000;
    const longMs = Math.min(
      leftMs,
      Math.max(budget.maxTrialMs, Math.ceil(budget.plateauDone / goodput(best())) * 1000),
    );
    if (heldUsers > 1 && longMs > (levels.get(heldUsers)?.durationMs ?? 0))
      yield* at(heldUsers, `holding the plateau: ${heldUsers} users`, longMs);
  }

  const points = sorted(levels);
  // What is refused from one user on says nothing of how users share the target.
  const law = cliff?.users === 1 ? null : lawOf(points, cliff, mostErrors, plan.seed);
  const maxThroughput = withPeak(pooled(plateauOf(points)), law);
  // Levels that contradict themselves when they are repeated prove no fall.
  if (unsettled && cliff?.kind === 'throughput') cliff = null;
  return {
    points,
    law,
    maxThroughput,
    plateau,
    // One that refuses one user already makes nobody wait.
    knee: plateau && cliff?.users !== 1 ? kneeFrom(points, maxThroughput, base) : null,
    cliff,
    generatorLimited,
    usersLimited,
    spentMs,
    stopped: ended,
  };
}

function cliffAt(users: number, below: number, kind: Cliff['kind'], bad: Level, best: Level): Cliff {
  return {
    users,
    below,
    kind,
    ratio: goodput(bad) / Math.max(goodput(best), Number.MIN_VALUE),
    failure: commonest(bad.errors.byKind),
  };
}

/** Two measurements of the same users that cannot both be true. */
function disagree(one: Level, other: Level): boolean {
  const [slow, fast] = goodput(one) < goodput(other) ? [one, other] : [other, one];
  return goodput(slow) < 0.75 * goodput(fast) && (slow.throughput?.high ?? 0) < (fast.throughput?.low ?? 0);
}

/** The levels with an answer, by users. */
function sorted(levels: ReadonlyMap<number, Level>): Level[] {
  return [...levels.values()].filter((level) => goodput(level) > 0).sort((a, b) => usersOf(a) - usersOf(b));
}
