/**
 * Due times of open load: the n-th arrival does not depend on when the one before was sent, so nothing drifts.
 * Pure: chance is an argument.
 */
import type { OpenLoad } from '../model/load.ts';
import { exponential, random, type Random } from '../random.ts';

export interface ArrivalPlan {
  readonly ratePerSecond: number;
  readonly arrivals: OpenLoad['arrivals'];
  /** Of arrivals that are replayed, of all workers. */
  readonly dueMs?: Float64Array;
  readonly seed: number;
  /** Which of `shares` workers this is, from 0: even and replayed arrivals interleave, Poisson ones add up. */
  readonly share: number;
  readonly shares: number;
}

/** The due times of one worker, endless, ascending, in milliseconds from the start; Infinity after the last one replayed. */
export function* arrivals(plan: ArrivalPlan): Generator<number, never, void> {
  const gapMs = (1000 * plan.shares) / plan.ratePerSecond;
  if (plan.arrivals === 'even') {
    for (let n = 0; ; n++) yield (n + (plan.share + 1) / plan.shares) * gapMs;
  }
  if (plan.arrivals === 'replay') {
    const { dueMs = new Float64Array() } = plan;
    for (let n = plan.share; n < dueMs.length; n += plan.shares) yield dueMs[n]!;
    for (;;) yield Number.POSITIVE_INFINITY;
  }
  const draw: Random = random(plan.seed, 1000 + plan.share);
  let dueMs = 0;
  for (;;) {
    dueMs += exponential(draw, gapMs);
    yield dueMs;
  }
}
