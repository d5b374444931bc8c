/**
 * Judging an open trial: did the objectives hold, and how sure is that? Shares of requests with their exact intervals
 * (Clopper and Pearson 1934), of as many independent requests as the trial was worth.
 */
import { clopperPearsonInterval } from '../maths/intervals.ts';
import { isShare, quantileOf } from '../model/objectives.ts';
import type { Level, Objective } from '../model/report.ts';

/** A valid open trial, as the search remembers it. */
export interface Held {
  readonly rate: number;
  readonly seconds: number;
  readonly good: boolean;
  /** Bad by so much that a longer trial could not change it. */
  readonly gross: boolean;
  readonly level: Level;
}

export function isGood(level: Level): boolean {
  if (level.stoppedEarly === 'backlog' || level.growing) return false;
  if (level.requests.done === 0) return false;
  return level.objectives.every((each) => each.met === true);
}

/** More than three times what is allowed was bad, beyond chance. */
export function isGross(level: Level, objectives: readonly Objective[]): boolean {
  return objectives.some((objective, i) => {
    const judged = level.objectives[i];
    const allowed = allowedShare(objective);
    const share = judged === undefined || allowed === null ? null : shareInterval(judged);
    return share !== null && allowed !== null && share.low > 3 * allowed;
  });
}

/** Whether a trial's verdict would stand if it were repeated: every share with its exact interval. */
export function certainty(entry: Held, objectives: readonly Objective[]): 'good' | 'bad' | 'unclear' {
  if (entry.level.stoppedEarly === 'backlog' || entry.level.growing) return 'bad';
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

/** The share of requests that an objective lets be bad; null for one that does not count requests. */
export function allowedShare(objective: Objective): number | null {
  const quantile = quantileOf(objective.metric);
  if (quantile !== null) return 1 - quantile;
  return isShare(objective.metric) ? objective.limit : null;
}

/** How many times more requests were bad than the errors objective allows; 1 or less where it holds. */
export function worstExcess(level: Level): number {
  const errors = level.objectives.find((each) => each.metric === 'errors');
  return errors === undefined || errors.value === null ? 1 : errors.value / errors.limit;
}

export function lowestBad(held: readonly Held[]): Held | null {
  return held
    .filter((entry) => !entry.good)
    .reduce<Held | null>((least, each) => (least === null || each.rate < least.rate ? each : least), null);
}

export function commonestFailure(level: Level): string | null {
  return Object.entries(level.errors.byKind).sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}
