/**
 * The slice: what happened in a stretch of one trial. The one unit that travels between threads.
 *
 * 1. A slice starts as one second of one worker. `across` joins workers, `along` joins neighbours in time:
 *    both are exact, so constant memory costs only resolution in time, never counts.
 * 2. Every request is counted once in each of the slices of its instants: due, sent (or dropped), done.
 * 3. Histograms hold milliseconds to 0.1 %: `response` holds answers that succeeded and time-outs (a
 *    stalled target cannot hide behind its failures); `service` and `firstByte` only answers that succeeded;
 *    `lag` every request that was sent.
 */
import { emptySparse, mergeSparse, type SparseHistogram } from '../maths/histogram.ts';

/** Good answers are also counted by tenths of a slice, for steady state and batch means. */
export const ticksPerSlice = 10;

export interface Slice {
  /** From the start of the trial. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly due: number;
  readonly sent: number;
  readonly done: number;
  /** Part of done. */
  readonly failed: number;
  readonly dropped: number;
  /** Failures by kind; their sum is `failed`. */
  readonly errors: Readonly<Record<string, number>>;
  /** Good answers in each tenth of the slice. */
  readonly goodTicks: readonly number[];
  /** Requests in flight, integrated over the slice: request-milliseconds. */
  readonly inFlightMs: number;
  readonly inFlightEnd: number;
  readonly response: SparseHistogram;
  readonly service: SparseHistogram;
  readonly firstByte: SparseHistogram;
  readonly lag: SparseHistogram;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Busy share of the worker thread, 0 to 1; of the busiest one after `across`. Null when not measured. */
  readonly busy: number | null;
  /** How late the worker's own timer was at most, of the latest worker after `across`. */
  readonly loopLagMs: number | null;
}

/** A slice in which nothing happened: what workers join onto. */
export function emptySlice(startMs: number, durationMs: number): Slice {
  return {
    startMs,
    durationMs,
    due: 0,
    sent: 0,
    done: 0,
    failed: 0,
    dropped: 0,
    errors: {},
    goodTicks: new Array<number>(ticksPerSlice).fill(0),
    inFlightMs: 0,
    inFlightEnd: 0,
    response: emptySparse,
    service: emptySparse,
    firstByte: emptySparse,
    lag: emptySparse,
    bytesSent: 0,
    bytesReceived: 0,
    busy: null,
    loopLagMs: null,
  };
}

function sumErrors(left: Slice['errors'], right: Slice['errors']): Record<string, number> {
  const sum: Record<string, number> = { ...left };
  for (const [kind, count] of Object.entries(right)) sum[kind] = (sum[kind] ?? 0) + count;
  return sum;
}

function larger(left: number | null, right: number | null): number | null {
  if (left === null) return right;
  return right === null ? left : Math.max(left, right);
}

function counts(left: Slice, right: Slice) {
  return {
    due: left.due + right.due,
    sent: left.sent + right.sent,
    done: left.done + right.done,
    failed: left.failed + right.failed,
    dropped: left.dropped + right.dropped,
    errors: sumErrors(left.errors, right.errors),
    inFlightMs: left.inFlightMs + right.inFlightMs,
    response: mergeSparse(left.response, right.response),
    service: mergeSparse(left.service, right.service),
    firstByte: mergeSparse(left.firstByte, right.firstByte),
    lag: mergeSparse(left.lag, right.lag),
    bytesSent: left.bytesSent + right.bytesSent,
    bytesReceived: left.bytesReceived + right.bytesReceived,
    loopLagMs: larger(left.loopLagMs, right.loopLagMs),
  };
}

/** Two workers in the same stretch of time. */
export function across(left: Slice, right: Slice): Slice {
  return {
    ...counts(left, right),
    startMs: left.startMs,
    durationMs: Math.max(left.durationMs, right.durationMs),
    goodTicks: left.goodTicks.map((good, tick) => good + (right.goodTicks[tick] ?? 0)),
    inFlightEnd: left.inFlightEnd + right.inFlightEnd,
    busy: larger(left.busy, right.busy),
  };
}

/** Two stretches of the same length, one after the other. */
export function along(first: Slice, second: Slice): Slice {
  const ticks = [...first.goodTicks, ...second.goodTicks];
  const durationMs = first.durationMs + second.durationMs;
  const busy =
    first.busy === null || second.busy === null
      ? larger(first.busy, second.busy)
      : (first.busy * first.durationMs + second.busy * second.durationMs) / durationMs;
  return {
    ...counts(first, second),
    startMs: first.startMs,
    durationMs,
    goodTicks: Array.from({ length: ticksPerSlice }, (_, i) => (ticks[2 * i] ?? 0) + (ticks[2 * i + 1] ?? 0)),
    inFlightEnd: second.inFlightEnd,
    busy,
  };
}
