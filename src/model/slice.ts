/**
 * The slice: what happened in a stretch of one trial. The one unit that travels between threads.
 *
 * 1. A slice starts as one second of one worker. `across` joins workers, `along` joins neighbours in time:
 *    both are exact, so constant memory costs only resolution in time, never counts.
 * 2. Every request is counted once in each of the slices of its instants: due, sent (or dropped), done.
 * 3. Histograms hold milliseconds to 0.1 %: `response` holds answers that succeeded and time-outs (a
 *    stalled target cannot hide behind its failures); `service` and `firstByte` only answers that succeeded;
 *    `lag` every request that was sent.
 * 4. Failures by kind: their sum is `failed`, and of a scenario more by its `check` and `script` failures.
 */
import { emptySparse, mergeAll, mergeSparse, type SparseHistogram } from '../maths/histogram.ts';
import type { SequenceCounts } from './sequence.ts';

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
  /** Failures by kind. */
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
  /** Of connections that were opened for a request: until TCP was ready. */
  readonly connect: SparseHistogram;
  /** Of the same connections, where they are of TLS: the handshake that follows. */
  readonly handshake: SparseHistogram;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /**
   * Busy share of the worker thread, 0 to 1; of the busiest one after `across`. Null when not measured. Where the target runs
   * in the thread, the share of its time that the target lost to the generator and to others.
   */
  readonly busy: number | null;
  /** How late the worker's own timer was at most, of the latest worker after `across`. */
  readonly loopLagMs: number | null;
  /** WebSockets that stood at the end of the slice, over all workers after `across`. Null where there was none yet. */
  readonly openChannels: number | null;
  /** Of a scenario: its sessions, which are then the unit of load. Null for a URL. */
  readonly sessions: SessionSlice | null;
  /** Named steps of a scenario. */
  readonly steps: Readonly<Record<string, PartSlice>>;
  /** Of several scenarios: the sessions of each by name. Empty where there is but one. */
  readonly scenarios: Readonly<Record<string, PartSlice>>;
  /** What sessions counted by themselves: tokens, items. */
  readonly counts: Readonly<Record<string, number>>;
  /** Of the WebSockets of a scenario; null where nothing of one happened. */
  readonly messages: MessageSlice | null;
  /** Of the queues that a scenario puts work into, by name. */
  readonly queues: Readonly<Record<string, QueueSlice>>;
}

/** Work that the target takes at once and does later. */
export interface QueueSlice {
  readonly enqueued: number;
  readonly completed: number;
  /** Part of completed, in each tenth of the slice. */
  readonly completedTicks: readonly number[];
}

/** Messages of WebSockets, counted as they come (sequence.ts): `lost` is a change, and below 0 where more came late than went missing. */
export interface MessageSlice extends SequenceCounts {
  readonly sent: number;
  readonly received: number;
  /** Channels that the target closed, by close code; 1006 for those that ended without one. */
  readonly closedByTarget: Readonly<Record<string, number>>;
  /** Channels whose reading was paused, from their first pause on: how many, and for how long they did not read. */
  readonly slowChannels: number;
  readonly slowPausedMs: number;
  /** Part of lost and of closedByTarget. */
  readonly slowLost: number;
  readonly slowClosedByTarget: Readonly<Record<string, number>>;
}

/** Sessions of a scenario: counted as requests are. */
export interface SessionSlice {
  readonly due: number;
  readonly started: number;
  readonly done: number;
  /** Part of done: a request of it failed, an expectation did not hold, or the script threw. */
  readonly failed: number;
  /** Part of done: none failed, and nothing in it took longer than the objectives allow one to take. */
  readonly good: number;
  readonly dropped: number;
  /** From start to end, of the sessions that succeeded. */
  readonly duration: SparseHistogram;
}

/** What is told of sessions beside their counts. */
export type SessionParts = Pick<Slice, 'steps' | 'scenarios' | 'counts' | 'messages' | 'queues'> &
  Pick<SessionSlice, 'good'>;

/** A named part of what is done: a step, or the sessions of one scenario of several. */
export interface PartSlice {
  readonly done: number;
  /** Part of done. */
  readonly failed: number;
  /** Of those that succeeded. */
  readonly response: SparseHistogram;
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
    connect: emptySparse,
    handshake: emptySparse,
    bytesSent: 0,
    bytesReceived: 0,
    busy: null,
    loopLagMs: null,
    openChannels: null,
    sessions: null,
    steps: {},
    scenarios: {},
    counts: {},
    messages: null,
    queues: {},
  };
}

/** Counts by name, failures as well. */
function sumCounts(left: Slice['errors'], right: Slice['errors']): Record<string, number> {
  const sum: Record<string, number> = { ...left };
  for (const [kind, count] of Object.entries(right)) sum[kind] = (sum[kind] ?? 0) + count;
  return sum;
}

function sumSessions(left: SessionSlice | null, right: SessionSlice | null): SessionSlice | null {
  if (left === null || right === null) return left ?? right;
  return {
    due: left.due + right.due,
    started: left.started + right.started,
    done: left.done + right.done,
    failed: left.failed + right.failed,
    good: left.good + right.good,
    dropped: left.dropped + right.dropped,
    duration: mergeSparse(left.duration, right.duration),
  };
}

function sumParts(left: Slice['steps'], right: Slice['steps']): Slice['steps'] {
  const sum: Record<string, PartSlice> = { ...left };
  for (const [name, part] of Object.entries(right)) {
    const known = sum[name];
    sum[name] =
      known === undefined
        ? part
        : {
            done: known.done + part.done,
            failed: known.failed + part.failed,
            response: mergeSparse(known.response, part.response),
          };
  }
  return sum;
}

/** Messages before anything happened. */
export const noMessages: MessageSlice = {
  sent: 0,
  received: 0,
  numbered: 0,
  lost: 0,
  duplicated: 0,
  reordered: 0,
  closedByTarget: {},
  slowChannels: 0,
  slowPausedMs: 0,
  slowLost: 0,
  slowClosedByTarget: {},
};

export function sumMessages(left: MessageSlice | null, right: MessageSlice | null): MessageSlice | null {
  if (left === null || right === null) return left ?? right;
  return {
    sent: left.sent + right.sent,
    received: left.received + right.received,
    numbered: left.numbered + right.numbered,
    lost: left.lost + right.lost,
    duplicated: left.duplicated + right.duplicated,
    reordered: left.reordered + right.reordered,
    closedByTarget: sumCounts(left.closedByTarget, right.closedByTarget),
    slowChannels: left.slowChannels + right.slowChannels,
    slowPausedMs: left.slowPausedMs + right.slowPausedMs,
    slowLost: left.slowLost + right.slowLost,
    slowClosedByTarget: sumCounts(left.slowClosedByTarget, right.slowClosedByTarget),
  };
}

/** @param join of the completions in each tenth */
function sumQueues(
  left: Slice['queues'],
  right: Slice['queues'],
  join: (left: readonly number[], right: readonly number[]) => number[],
): Slice['queues'] {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const [one, other] = [left[name] ?? emptyQueue, right[name] ?? emptyQueue];
      const sum: QueueSlice = {
        enqueued: one.enqueued + other.enqueued,
        completed: one.completed + other.completed,
        completedTicks: join(one.completedTicks, other.completedTicks),
      };
      return [name, sum];
    }),
  );
}

const emptyQueue: QueueSlice = {
  enqueued: 0,
  completed: 0,
  completedTicks: new Array<number>(ticksPerSlice).fill(0),
};

const ticksAcross = (left: readonly number[], right: readonly number[]): number[] =>
  left.map((count, tick) => count + (right[tick] ?? 0));

function ticksAlong(first: readonly number[], second: readonly number[]): number[] {
  const ticks = [...first, ...second];
  return Array.from({ length: ticksPerSlice }, (_, i) => (ticks[2 * i] ?? 0) + (ticks[2 * i + 1] ?? 0));
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
    errors: sumCounts(left.errors, right.errors),
    inFlightMs: left.inFlightMs + right.inFlightMs,
    response: mergeSparse(left.response, right.response),
    service: mergeSparse(left.service, right.service),
    firstByte: mergeSparse(left.firstByte, right.firstByte),
    lag: mergeSparse(left.lag, right.lag),
    connect: mergeSparse(left.connect, right.connect),
    handshake: mergeSparse(left.handshake, right.handshake),
    bytesSent: left.bytesSent + right.bytesSent,
    bytesReceived: left.bytesReceived + right.bytesReceived,
    loopLagMs: larger(left.loopLagMs, right.loopLagMs),
    sessions: sumSessions(left.sessions, right.sessions),
    steps: sumParts(left.steps, right.steps),
    scenarios: sumParts(left.scenarios, right.scenarios),
    counts: sumCounts(left.counts, right.counts),
    messages: sumMessages(left.messages, right.messages),
  };
}

/** Two workers in the same stretch of time. */
export function across(left: Slice, right: Slice): Slice {
  return {
    ...counts(left, right),
    startMs: left.startMs,
    durationMs: Math.max(left.durationMs, right.durationMs),
    goodTicks: ticksAcross(left.goodTicks, right.goodTicks),
    queues: sumQueues(left.queues, right.queues, ticksAcross),
    openChannels:
      left.openChannels === null && right.openChannels === null
        ? null
        : (left.openChannels ?? 0) + (right.openChannels ?? 0),
    inFlightEnd: left.inFlightEnd + right.inFlightEnd,
    busy: larger(left.busy, right.busy),
  };
}

const times = ['response', 'service', 'firstByte', 'lag', 'connect', 'handshake'] as const;
const noTimes = Object.fromEntries(times.map((name) => [name, emptySparse])) as Pick<
  Slice,
  (typeof times)[number]
>;

/** All workers in the same stretch of time, as `across` of one after the other. @throws TypeError without a slice */
export function acrossAll(slices: readonly Slice[]): Slice {
  const joined = slices.map((slice) => ({ ...slice, ...noTimes })).reduce(across);
  const merged = times.map((name) => [name, mergeAll(slices.map((slice) => slice[name]))]);
  return { ...joined, ...(Object.fromEntries(merged) as typeof noTimes) };
}

/** Two stretches of the same length, one after the other. */
export function along(first: Slice, second: Slice): Slice {
  const durationMs = first.durationMs + second.durationMs;
  const busy =
    first.busy === null || second.busy === null
      ? larger(first.busy, second.busy)
      : (first.busy * first.durationMs + second.busy * second.durationMs) / durationMs;
  return {
    ...counts(first, second),
    startMs: first.startMs,
    durationMs,
    goodTicks: ticksAlong(first.goodTicks, second.goodTicks),
    queues: sumQueues(first.queues, second.queues, ticksAlong),
    openChannels: second.openChannels,
    inFlightEnd: second.inFlightEnd,
    busy,
  };
}

/**
 * One stretch of a scenario: its requests, and the sessions that they belong to. Load is in sessions, so that what is in
 * flight, what succeeded in each tenth, and how late the generator was, are of them. A session that was dropped counts
 * as its first request.
 */
export function withSessions(requests: Slice, sessions: Slice, { good, ...parts }: SessionParts): Slice {
  const faults = Object.entries(sessions.errors).filter(([kind]) => isFault(kind));
  return {
    ...requests,
    due: requests.due + sessions.dropped,
    dropped: sessions.dropped,
    // A session that was its own request has told its fault there as well.
    errors: { ...requests.errors, ...Object.fromEntries(faults) },
    goodTicks: sessions.goodTicks,
    inFlightMs: sessions.inFlightMs,
    inFlightEnd: sessions.inFlightEnd,
    lag: sessions.lag,
    sessions: {
      due: sessions.due,
      started: sessions.sent,
      done: sessions.done,
      failed: sessions.failed,
      good,
      dropped: sessions.dropped,
      duration: sessions.service,
    },
    ...parts,
  };
}

/** Failures of a session that no request of it shows. */
export const sessionFaults: ReadonlySet<string> = new Set(['check', 'limit', 'script', 'data', 'missed']);

/** Whether it is one of them. */
const isFault = (kind: string): boolean => sessionFaults.has(kind);
