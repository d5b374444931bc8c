/**
 * How long a trial is held: the one rule that the engine and virtual time share.
 * Fed with every whole slice; answers whether to go on. Pure state, no clock.
 */
import type { Trial } from './load.ts';
import type { Slice } from './slice.ts';

export type Holding = 'hold' | 'enough' | 'backlog';

/** @returns a function to call once for each slice, in order */
export function holding(trial: Trial): (slice: Slice) => Holding {
  let heldMs = 0;
  let done = 0;
  return (slice) => {
    heldMs += slice.durationMs;
    done += slice.done;
    if (trial.load.kind === 'open' && slice.inFlightEnd >= trial.maxInFlight) return 'backlog';
    if (heldMs >= trial.maxDurationMs - 1) return 'enough';
    return heldMs >= trial.durationMs - 1 && done >= trial.minDone ? 'enough' : 'hold';
  };
}
