/**
 * The tally of what happens within sessions: their requests and named steps, in the same slices as the sessions.
 *
 * 1. It is begun, rolled and ended with the tally of the sessions, at the same instants, so that slices pair up.
 * 2. A step is counted in the slice in which it ended.
 * 3. So many names are kept apart; what a script names beyond that is counted together.
 */
import { Histogram } from '../maths/histogram.ts';
import { emptySlice, withSessions, type Slice, type StepSlice } from './slice.ts';
import { Tally } from './tally.ts';

const mostNames = 200;
const others = '(other steps)';

interface Step {
  done: number;
  failed: number;
  readonly response: Histogram;
}

export class SessionTally {
  readonly requests: Tally;
  readonly #steps = new Map<string, Step>();
  readonly #waiting: { requests: Slice; steps: Slice['steps'] }[] = [];
  #originMs = 0;

  constructor() {
    this.requests = new Tally((requests) => this.#waiting.push({ requests, steps: this.#flush() }));
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
    const step = this.#step(name);
    step.done++;
    if (failed) step.failed++;
    else step.response.record(durationMs);
  }

  /** A slice of sessions, with what happened within it. */
  within(sessions: Slice): Slice {
    this.requests.roll(this.#originMs + sessions.startMs + sessions.durationMs);
    const { requests, steps } = this.#waiting.shift() ?? {
      requests: emptySlice(sessions.startMs, sessions.durationMs),
      steps: {},
    };
    return withSessions(requests, sessions, steps);
  }

  #step(name: string): Step {
    const known = this.#steps.get(name);
    if (known !== undefined) return known;
    const kept = this.#steps.size < mostNames ? name : others;
    const step = this.#steps.get(kept) ?? { done: 0, failed: 0, response: new Histogram() };
    this.#steps.set(kept, step);
    return step;
  }

  #flush(): Slice['steps'] {
    const flushed: Record<string, StepSlice> = {};
    for (const [name, step] of this.#steps) {
      if (step.done === 0) continue;
      flushed[name] = { done: step.done, failed: step.failed, response: step.response.toSparse() };
      step.done = 0;
      step.failed = 0;
      step.response.clear();
    }
    return flushed;
  }
}
