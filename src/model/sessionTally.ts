/**
 * The tally of what happens within sessions: their requests and named steps, and of several scenarios the sessions of each,
 * in the same slices as the sessions.
 *
 * 1. It is begun, rolled and ended with the tally of the sessions, at the same instants, so that slices pair up.
 * 2. A step and a session of a scenario are counted in the slice in which they ended.
 * 3. So many names are kept apart; what a script names beyond that is counted together.
 */
import { Histogram } from '../maths/histogram.ts';
import {
  emptySlice,
  noMessages,
  sumMessages,
  ticksPerSlice,
  withSessions,
  type MessageSlice,
  type PartSlice,
  type QueueSlice,
  type SessionParts,
  type Slice,
} from './slice.ts';
import { sliceMs, Tally } from './tally.ts';

interface QueueCounts {
  enqueued: number;
  completed: number;
  readonly completedTicks: number[];
}

export class SessionTally {
  readonly requests: Tally;
  readonly #steps = new NamedParts('(other steps)');
  readonly #scenarios = new NamedParts('(other scenarios)');
  readonly #counts = new Map<string, number>();
  #messages: MessageSlice | null = null;
  readonly #queues = new Map<string, QueueCounts>();
  readonly #waiting: (SessionParts & { requests: Slice })[] = [];
  #good = 0;
  #originMs = 0;

  constructor() {
    this.requests = new Tally((requests) =>
      this.#waiting.push({
        requests,
        steps: this.#steps.flush(),
        scenarios: this.#scenarios.flush(),
        counts: this.#counted(),
        good: this.#goodOnes(),
        messages: this.#messagesCounted(),
        queues: this.#queuesCounted(),
      }),
    );
  }

  begin(nowMs: number): void {
    this.#originMs = nowMs;
    this.#waiting.length = 0;
    this.requests.begin(nowMs);
  }

  roll(nowMs: number): void {
    this.requests.roll(nowMs);
  }

  end(nowMs: number): void {
    this.requests.end(nowMs);
  }

  abandon(nowMs: number): void {
    this.requests.abandon(nowMs);
  }

  /** The end of a step. @param durationMs from its beginning */
  step(name: string, durationMs: number, failed: boolean, nowMs: number): void {
    this.requests.roll(nowMs);
    this.#steps.add(name, durationMs, failed);
  }

  /** A time that a session measured by itself: it stands beside the steps. */
  time(name: string, ms: number, nowMs: number): void {
    this.step(name, ms, false, nowMs);
  }

  /** Something that sessions count: tokens, items. */
  count(name: string, amount: number, nowMs: number): void {
    this.requests.roll(nowMs);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + amount);
  }

  /** The end of a session in which nothing failed or took longer than it may. */
  good(nowMs: number): void {
    this.requests.roll(nowMs);
    this.#good++;
  }

  /** What happened to messages of WebSockets. */
  messages(change: Partial<MessageSlice>, nowMs: number): void {
    this.requests.roll(nowMs);
    this.#messages = sumMessages(this.#messages, { ...noMessages, ...change });
  }

  /** A job was taken by the target. */
  enqueued(name: string, nowMs: number): void {
    this.requests.roll(nowMs);
    this.#queue(name).enqueued++;
  }

  /** A job is done. @returns whether it counts: one that was enqueued under an earlier load would hide the backlog of this one */
  completed(name: string, enqueuedMs: number, nowMs: number): boolean {
    if (enqueuedMs < this.#originMs) return false;
    this.requests.roll(nowMs);
    const queue = this.#queue(name);
    queue.completed++;
    const tick = Math.floor((((nowMs - this.#originMs) % sliceMs) * ticksPerSlice) / sliceMs);
    queue.completedTicks[tick] = (queue.completedTicks[tick] ?? 0) + 1;
    return true;
  }

  #queue(name: string): QueueCounts {
    const kept = this.#queues.has(name) || this.#queues.size < mostNames ? name : '(other queues)';
    const queue = this.#queues.get(kept) ?? {
      enqueued: 0,
      completed: 0,
      completedTicks: new Array<number>(ticksPerSlice).fill(0),
    };
    this.#queues.set(kept, queue);
    return queue;
  }

  /** The end of a session, where there are several scenarios. @param durationMs from its beginning */
  session(scenario: string, durationMs: number, failed: boolean, nowMs: number): void {
    this.requests.roll(nowMs);
    this.#scenarios.add(scenario, durationMs, failed);
  }

  /** A slice of sessions, with what happened within it. */
  within(sessions: Slice): Slice {
    this.requests.roll(this.#originMs + sessions.startMs + sessions.durationMs);
    const { requests, ...parts } = this.#waiting.shift() ?? {
      requests: emptySlice(sessions.startMs, sessions.durationMs),
      steps: {},
      scenarios: {},
      counts: {},
      good: 0,
      messages: null,
      queues: {},
    };
    return withSessions(requests, sessions, parts);
  }

  #goodOnes(): number {
    const good = this.#good;
    this.#good = 0;
    return good;
  }

  #counted(): Record<string, number> {
    const counted = Object.fromEntries(this.#counts);
    this.#counts.clear();
    return counted;
  }

  #queuesCounted(): Record<string, QueueSlice> {
    const counted = Object.fromEntries(this.#queues);
    this.#queues.clear();
    return counted;
  }

  #messagesCounted(): MessageSlice | null {
    const counted = this.#messages;
    this.#messages = null;
    return counted;
  }
}

const mostNames = 200;

/** Counts and times by name. */
class NamedParts {
  readonly #others: string;
  readonly #parts = new Map<string, { done: number; failed: number; readonly response: Histogram }>();

  /** @param others the name for all that come when there are too many */
  constructor(others: string) {
    this.#others = others;
  }

  add(name: string, durationMs: number, failed: boolean): void {
    const part = this.#part(name);
    part.done++;
    if (failed) part.failed++;
    else part.response.record(durationMs);
  }

  flush(): Record<string, PartSlice> {
    const flushed: Record<string, PartSlice> = {};
    for (const [name, part] of this.#parts) {
      if (part.done === 0) continue;
      flushed[name] = { done: part.done, failed: part.failed, response: part.response.toSparse() };
      part.done = 0;
      part.failed = 0;
      part.response.clear();
    }
    return flushed;
  }

  #part(name: string): { done: number; failed: number; readonly response: Histogram } {
    const known = this.#parts.get(name);
    if (known !== undefined) return known;
    const kept = this.#parts.size < mostNames ? name : this.#others;
    const part = this.#parts.get(kept) ?? { done: 0, failed: 0, response: new Histogram() };
    this.#parts.set(kept, part);
    return part;
  }
}
