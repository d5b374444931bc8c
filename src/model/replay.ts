/**
 * Arrivals as they once came, to be replayed: faster, slower, more of them, fewer.
 *
 * 1. The shape is kept: `speed` divides the times, so that a day fits into an hour; `rate` multiplies the arrivals, and
 *    leaves the times.
 * 2. Instants of whole seconds are no bursts: the clock of the log had no more to say. Those of a second are spread over it.
 * 3. Chance is an argument, so that a replay can be repeated.
 */
import type { Random } from '../random.ts';

export interface Replay {
  /** When each is due, from the start, ascending. */
  readonly dueMs: Float64Array;
  /** Until the last is due. */
  readonly durationMs: number;
}

export interface Rescaled {
  readonly speed: number;
  readonly rate: number;
  /** Of the recording, before it is scaled, only so long. */
  readonly mostMs?: number;
}

/** @param instantsMs at least one, in any order */
export function replayOf(
  instantsMs: readonly number[],
  { speed, rate, mostMs = Number.POSITIVE_INFINITY }: Rescaled,
  draw: Random,
): Replay {
  const seconds = instantsMs.every((instant) => instant % 1000 === 0);
  const spread = instantsMs.map((instant) => (seconds ? instant + 1000 * draw() : instant)).sort(ascending);
  const first = seconds ? Math.min(...ends(instantsMs)) : (spread[0] ?? 0);
  const kept = spread.map((instant) => instant - first).filter((offset) => offset <= mostMs);
  const due = kept.flatMap((offset, at) => {
    const copies = Math.floor(rate) + (draw() < rate % 1 ? 1 : 0);
    const gap = (kept[at + 1] ?? offset) - offset;
    return Array.from({ length: copies }, (_, copy) => offset + (copy === 0 ? 0 : gap * draw()));
  });
  const dueMs = Float64Array.from(due.sort(ascending), (offset) => offset / speed);
  return { dueMs, durationMs: dueMs.at(-1) ?? 0 };
}

/** How many are due in each of so many equal parts of the time. */
export function arrivalsIn({ dueMs, durationMs }: Replay, parts: number): number[] {
  const counts = new Array<number>(parts).fill(0);
  for (const at of dueMs) {
    const part = Math.min(parts - 1, Math.floor((at / Math.max(1, durationMs)) * parts));
    counts[part] = (counts[part] ?? 0) + 1;
  }
  return counts;
}

const ascending = (one: number, other: number): number => one - other;

/** The least and the greatest; a spread of a million arguments would not fit. */
function ends(values: readonly number[]): [number, number] {
  return values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}
