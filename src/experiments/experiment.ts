/**
 * The heart: an experiment is a pure coroutine.
 *
 * 1. It yields the trial it wants next, is resumed with the level that was measured, and returns its result.
 * 2. It does no I/O and reads no clock: time spent comes back with each level.
 * 3. A level that was stopped from outside (`stopped`) is its last: it then returns what it has learnt so far.
 * 4. A level that the generator falsified, or in which the target was away, is asked for once more and then left out; it
 *    is never in a fit.
 */
import type { Trial } from '../model/load.ts';
import type { Level } from '../model/report.ts';
import { awayReason, targetAway } from '../model/validity.ts';

export type Experiment<Result> = Generator<Trial, Result, Level>;

/** Runs an experiment to its end. @param perform holds one trial and measures it */
export async function conduct<Result>(
  experiment: Experiment<Result>,
  perform: (trial: Trial) => Promise<Level>,
): Promise<Result> {
  let step = experiment.next();
  while (step.done !== true) step = experiment.next(await perform(step.value));
  return step.value;
}

/** The same in virtual time. */
export function conductNow<Result>(experiment: Experiment<Result>, perform: (trial: Trial) => Level): Result {
  let step = experiment.next();
  while (step.done !== true) step = experiment.next(perform(step.value));
  return step.value;
}

/** Was the run ended from outside (Ctrl-C, --time-limit, the target's death) during this level? */
export function stopped(level: Level): boolean {
  return level.stoppedEarly !== null && level.stoppedEarly !== 'backlog';
}

/**
 * One trial, and once more where it does not count and there is time: its `spentMs` is then that of both.
 * @param leftMs of the budget: what both may take together, with the wait for the last answers
 * @param counts whether a level can be used; as a rule, where the generator was healthy
 */
export function* measured(
  trial: Trial,
  leftMs = Number.POSITIVE_INFINITY,
  counts: (level: Level) => boolean = ({ valid }) => valid,
): Experiment<Level> {
  const first = yield trial;
  if (counts(first) || stopped(first) || first.spentMs + trial.durationMs > leftMs) return first;
  const why = awayReason(first) === null ? 'the generator was not healthy' : 'the target was away';
  const again = yield { ...trial, purpose: `${trial.purpose} (again: ${why})` };
  return { ...again, spentMs: first.spentMs + again.spentMs };
}

/** Twice at the same load, and for no other reason: then it is the load that the target cannot bear. */
export function onlyAway({ valid, invalidReasons }: Level): boolean {
  return !valid && invalidReasons.every(({ code }) => code === targetAway);
}

/** Whether it was the highest rate allowed that held the users back, and not the target. */
export function heldBack({ load, requests, sessions, durationMs }: Level, maxRatePerSecond: number): boolean {
  const begun = sessions?.started ?? requests.sent;
  return load.kind === 'closed' && (1000 * begun) / durationMs > 0.9 * maxRatePerSecond;
}

/** Successful answers per second; 0 when none came. */
export function goodput(level: Level): number {
  return level.throughput?.value ?? 0;
}
