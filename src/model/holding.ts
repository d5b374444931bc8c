/**
 * How long a trial is held: the one rule that the engine and virtual time share.
 * Fed with every whole slice; answers whether to go on. Pure state, no clock.
 */
import type { Trial } from './load.ts';
import type { Slice } from './slice.ts';

export type Holding = 'hold' | 'enough' | 'backlog';

/** As many slices in a row with all users in flight are a backlog; one alone may be a stall that passes. */
const fullSlices = 2;

/** @returns a function to call once for each slice, in order */
export function holding(trial: Trial): (slice: Slice) => Holding {
  let heldMs = 0;
  let done = 0;
  let full = 0;
  return (slice) => {
    heldMs += slice.durationMs;
    done += slice.done;
    full = trial.load.kind === 'open' && slice.inFlightEnd >= 0.98 * trial.maxInFlight ? full + 1 : 0;
    if (full >= fullSlices) return 'backlog';
    if (heldMs >= trial.maxDurationMs - 1) return 'enough';
    return heldMs >= trial.durationMs - 1 && done >= trial.minDone ? 'enough' : 'hold';
  };
}
