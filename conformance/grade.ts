/**
 * Grades what Plimsoll said of a case against the truth. Pure.
 *
 * 1. A number that is not there is a miss, not a pass.
 * 2. `judged` goals decide over the suite; the rest is written down only.
 */
import type { Report } from '../src/model/report.ts';
import type { Case, Truth } from './cases.ts';
import type { Counted } from './launch.ts';

export type BudgetName = 'quick' | 'standard';

export const goals = {
  quickTolerance: 0.07,
  quickSeconds: 90,
  standardSeconds: 9 * 60,
  coverage: 0.9,
  /** A cliff is placed at most this factor above the last good number of users. */
  cliffWithin: 1.35,
  /** Coefficients of the scaling law: this share off, unless their interval covers the truth. */
  lawTolerance: 0.25,
} as const;

export type Goal = 'capacity' | 'interval' | 'time' | 'knee' | 'cliff' | 'count' | 'exit' | 'law' | 'report';

export interface Miss {
  readonly goal: Goal;
  readonly statement: string;
}

/** What one run of one case gave. */
export interface Row {
  readonly name: string;
  readonly repeat: number;
  readonly truth: Truth;
  readonly found: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly atLeast: boolean;
  readonly limitedBy: string | null;
  /** Relative error of the capacity, signed; null where it is not judged. */
  readonly error: number | null;
  readonly covered: boolean | null;
  readonly mostFound: number | null;
  readonly kneeFound: number | null;
  readonly cliffFound: number | null;
  readonly counted: Counted | null;
  readonly done: number | null;
  readonly loadSeconds: number | null;
  readonly wallSeconds: number;
  readonly exit: number;
  readonly misses: readonly Miss[];
}

/** Levels double: no further apart than that, and at most one number of users that was measured between them. */
function withinOneLevel(found: number | null, truth: number, { experiments }: Report): boolean {
  if (found === null) return false;
  const [low, high] = found < truth ? [found, truth] : [truth, found];
  const users = experiments.flatMap(({ levels }) =>
    levels.flatMap(({ load, valid }) => (load.kind === 'closed' && valid ? [load.users] : [])),
  );
  const between = new Set(users.filter((each) => each > low && each < high));
  return high <= 2 * low && between.size <= 1;
}

export interface Evidence {
  readonly report: Report | null;
  readonly counted: Counted | null;
  readonly exit: number;
  readonly wallSeconds: number;
}

export function toleranceOf(each: Case, budget: BudgetName): number {
  return budget === 'quick' ? Math.max(goals.quickTolerance, quickAllowance(each)) : each.standardTolerance;
}

/** Where the standard budget is allowed 12 %, quick cannot be held to less. */
function quickAllowance(each: Case): number {
  return each.standardTolerance > goals.quickTolerance ? each.standardTolerance : 0;
}

export function grade(each: Case, budget: BudgetName, repeat: number, evidence: Evidence): Row {
  const truth = each.truth();
  const { report, counted, exit, wallSeconds } = evidence;
  const capacity = report?.capacity ?? null;
  const sustainable = capacity?.sustainable ?? null;
  const misses: Miss[] = [];
  const miss = (goal: Goal, statement: string): void => void misses.push({ goal, statement });

  if (!each.exit.includes(exit)) miss('exit', `exit code ${exit}, not ${each.exit.join(' or ')}`);
  const secondsAllowed = budget === 'quick' ? goals.quickSeconds : goals.standardSeconds;
  if (wallSeconds > secondsAllowed) {
    miss('time', `${wallSeconds.toFixed(0)} s, more than ${secondsAllowed} s`);
  }
  const answers = !each.exit.includes(3);
  if (report === null && answers) miss('report', 'no report');

  // The capacity and its interval.
  let error: number | null = null;
  let covered: boolean | null = null;
  const wanted = truth.capacityPerSecond;
  if (wanted !== null && report !== null) {
    if (sustainable === null) miss('capacity', 'no capacity reported');
    else if (wanted === 0) {
      error = sustainable.value === 0 ? 0 : 1;
      covered = (sustainable.low ?? 0) <= 0;
      if (error > 0) miss('capacity', `${sustainable.value.toFixed(1)}/s where nothing is safe`);
    } else {
      error = sustainable.value / wanted - 1;
      covered =
        (sustainable.low ?? Number.NEGATIVE_INFINITY) <= wanted &&
        wanted <= (sustainable.high ?? Number.POSITIVE_INFINITY);
      const tolerance = toleranceOf(each, budget);
      if (Math.abs(error) > tolerance) {
        miss('capacity', `${percent(error)} off, more than ${percent(tolerance)}`);
      }
      if (capacity?.atLeast === true) miss('capacity', 'only "at least" was said');
    }
    if (covered === false) {
      miss(
        'interval',
        `${format(wanted)} is not in ${format(sustainable?.low ?? null)} to ${format(sustainable?.high ?? null)}`,
      );
    }
  }

  // Knee and cliff.
  const knee = capacity?.knee?.users ?? null;
  if (truth.kneeUsers !== null && wanted !== 0 && report !== null) {
    if (!withinOneLevel(knee, truth.kneeUsers, report)) {
      miss('knee', `${format(knee)} users, not ${format(truth.kneeUsers)}`);
    }
  }
  const cliff = capacity?.cliff?.users ?? null;
  if (report !== null) {
    if (truth.cliffAbove === null) {
      if (cliff !== null) miss('cliff', `a false cliff at ${cliff} users`);
    } else if (cliff === null) miss('cliff', `no cliff found, it is above ${truth.cliffAbove} users`);
    else if (
      cliff < Math.floor(truth.cliffAbove) ||
      cliff > Math.max(truth.cliffAbove + 2, goals.cliffWithin * truth.cliffAbove)
    ) {
      miss('cliff', `at ${cliff} users, it begins above ${format(truth.cliffAbove)}`);
    }
  }

  // The law.
  if (truth.alpha !== undefined && truth.beta !== undefined && report !== null) {
    for (const name of ['alpha', 'beta'] as const) {
      const coefficient = truth[name] ?? 0;
      const seen = report.scaling?.[name] ?? null;
      const interval = report.scaling?.intervals[name] ?? null;
      const inside = interval !== null && interval[0] <= coefficient && coefficient <= interval[1];
      if (seen === null || (!inside && Math.abs(seen / coefficient - 1) > goals.lawTolerance)) {
        miss('law', `${name} ${format(seen)}, not ${coefficient}`);
      }
    }
  }

  // The count.
  const requests = report?.requests ?? null;
  if (requests !== null && counted !== null) {
    const kinds = report?.experiments.flatMap(({ levels }) =>
      levels.flatMap((level) => Object.keys(level.errors.byKind)),
    );
    // Kinds of failures leave out warm-up and last answers: a target that never answered is known by its own count.
    const unanswered = counted.answered === 0 || (kinds?.some((kind) => !kind.startsWith('http.')) ?? false);
    const wrong = wrongCount(requests, counted, unanswered);
    if (wrong !== null) miss('count', wrong);
  }

  const levels = report?.experiments.flatMap((experiment) => experiment.levels) ?? null;
  return {
    name: each.name,
    repeat,
    truth,
    found: sustainable?.value ?? null,
    low: sustainable?.low ?? null,
    high: sustainable?.high ?? null,
    atLeast: capacity?.atLeast ?? false,
    limitedBy: capacity?.limitedBy ?? null,
    error,
    covered,
    mostFound: capacity?.maxThroughput?.value ?? null,
    kneeFound: knee,
    cliffFound: cliff,
    counted,
    done: requests?.done ?? null,
    loadSeconds: levels === null ? null : levels.reduce((sum, level) => sum + level.durationMs, 0) / 1000,
    wallSeconds,
    exit,
    misses,
  };
}

/**
 * Where the two counts disagree, in words; null where they agree to the request. What Plimsoll gave up waiting for
 * (unfinished) may have been answered or not. Where some failed without an answer (resets, time-outs), good answers are
 * still compared to the request, and refusals by their bound.
 * @param unanswered whether there were failures without an answer
 */
export function wrongCount(
  requests: { readonly done: number; readonly failed: number; readonly unfinished: number },
  counted: Counted,
  unanswered: boolean,
): string | null {
  const { done, failed, unfinished } = requests;
  const open = unfinished + counted.lost;
  if (counted.ok !== null) {
    const succeeded = done - failed;
    if (counted.ok < succeeded || counted.ok > succeeded + open) {
      return `target answered ${counted.ok} with 200, Plimsoll counted ${succeeded} (${unfinished} unfinished)`;
    }
    if (counted.answered - counted.ok > failed) {
      return `target refused ${counted.answered - counted.ok}, Plimsoll counted ${failed} failed`;
    }
  }
  if (unanswered || counted.lost > 0) return null;
  return counted.answered >= done && counted.answered <= done + unfinished
    ? null
    : `target answered ${counted.answered}, Plimsoll counted ${done} (${unfinished} unfinished)`;
}

export interface Verdict {
  readonly passed: boolean;
  readonly lines: readonly string[];
}

/** The goals over all rows. Cases that were repeated are judged by the median of their errors. */
export function verdictOf(cases: readonly Case[], budget: BudgetName, rows: readonly Row[]): Verdict {
  const lines: string[] = [];
  let passed = true;
  const say = (good: boolean, text: string): void => {
    passed &&= good;
    lines.push(`${good ? 'met' : 'MISSED'}: ${text}`);
  };
  const names = [...new Set(rows.map((row) => row.name))];
  const judged = names.flatMap((name) => {
    const each = cases.find((known) => known.name === name);
    const own = rows.filter((row) => row.name === name);
    const errors = own.map((row) => row.error);
    if (each === undefined || each.truth().capacityPerSecond === null) return [];
    const error = errors.some((value) => value === null)
      ? Number.POSITIVE_INFINITY
      : median(errors.map((value) => value ?? 0));
    return [{ name, error, tolerance: toleranceOf(each, budget) }];
  });
  const off = judged.filter(({ error, tolerance }) => !(Math.abs(error) <= tolerance));
  say(
    off.length === 0,
    `capacity within tolerance in ${judged.length - off.length} of ${judged.length} cases` +
      (off.length === 0 ? '' : ` (not: ${off.map(({ name }) => name).join(', ')})`),
  );
  const sizes = judged.map(({ error }) => Math.abs(error)).filter(Number.isFinite);
  if (sizes.length > 0)
    lines.push(`median error ${percent(median(sizes))}, largest ${percent(Math.max(...sizes))}`);
  const intervals = rows.filter((row) => row.covered !== null);
  const covering = intervals.filter((row) => row.covered === true).length;
  say(
    covering >= goals.coverage * intervals.length,
    `interval covers the truth in ${covering} of ${intervals.length} runs (9 of 10 wanted)`,
  );
  const judgedGoals: readonly (readonly [Goal, string])[] = [
    ['time', 'within the time of the budget'],
    ['knee', 'knee within one level'],
    ['cliff', 'every planted cliff found, none invented'],
    ['law', 'scaling law right'],
    ['count', 'counts equal to the request'],
    ['exit', 'exit code right'],
    ['report', 'a report written'],
  ];
  for (const [goal, text] of judgedGoals) {
    const bad = rows.filter((row) => row.misses.some((each) => each.goal === goal));
    say(
      bad.length === 0,
      `${text}: ${rows.length - bad.length} of ${rows.length}` +
        (bad.length === 0 ? '' : ` (not: ${[...new Set(bad.map((row) => row.name))].join(', ')})`),
    );
  }
  return { passed, lines };
}

export function median(values: readonly number[]): number {
  const ascending = values.toSorted((a, b) => a - b);
  const middle = ascending.length / 2;
  const upper = ascending[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((ascending[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}

/** `+1.2 %` */
export function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(1)} %`;
}

/** Three or four digits that matter; `-` for null. */
export function format(value: number | null): string {
  if (value === null) return '-';
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(4)));
}
