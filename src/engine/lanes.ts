/**
 * Keeps so many operations of a function under way at a time: the closed load of a benchmark, with next to nothing around it.
 *
 * 1. An operation is due when the one before it on its lane has ended. Lanes wait in a row for the thread, and that wait is part
 *    of the response: operations that keep the thread are served one after the other, however many are under way.
 * 2. Its end is noted before the next one begins, also that of a promise.
 * 3. The loop turns every millisecond, so that timers and answers come through.
 */
import { performance } from 'node:perf_hooks';
import type { Tally } from '../model/tally.ts';
import type { Operation } from '../scenarios/benchmark.ts';

interface Lane {
  dueMs: number;
}

const turnMs = 1;

export class Lanes {
  readonly #run: Operation;
  readonly #tally: Pick<Tally, 'sent' | 'done'>;
  /** Lanes that wait for the thread, in a ring. */
  readonly #ring: Lane[];
  #first = 0;
  #waiting: number;
  #underWay = 0;
  #turnEndMs = 0;
  /** Somebody will call on the lanes that wait. */
  #called = true;
  #rested: (() => void) | null = null;
  /** Whether an operation gave a promise. */
  awaited = false;
  /** The last that was thrown; null while nothing was. */
  lastError: unknown = null;

  /** Begins in the next turn of the loop. @param count lanes, 1 or more */
  constructor(run: Operation, tally: Pick<Tally, 'sent' | 'done'>, count: number) {
    this.#run = run;
    this.#tally = tally;
    const dueMs = performance.now();
    this.#ring = Array.from({ length: count }, () => ({ dueMs }));
    this.#waiting = count;
    setImmediate(this.#turn);
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** Begins no more. Resolves when nothing is under way. */
  rest(): Promise<void> {
    return new Promise((resolve) => {
      this.#rested = resolve;
      if (this.#underWay === 0) resolve();
    });
  }

  readonly #turn = (): void => {
    this.#turnEndMs = performance.now() + turnMs;
    this.#serve();
  };

  readonly #serve = (): void => {
    let nowMs = performance.now();
    while (this.#waiting > 0 && this.#rested === null) {
      if (nowMs >= this.#turnEndMs) return void setImmediate(this.#turn);
      const lane = this.#ring[this.#first]!;
      this.#first = this.#first + 1 === this.#ring.length ? 0 : this.#first + 1;
      this.#waiting--;
      const sentMs = nowMs;
      this.#tally.sent(lane.dueMs, sentMs);
      this.#underWay++;
      let failure = '';
      try {
        const result = this.#run() as PromiseLike<unknown> | undefined | null;
        if (typeof result?.then === 'function') {
          this.#await(result, lane, sentMs);
          // What has ended already is noted first.
          return queueMicrotask(this.#serve);
        }
      } catch (error) {
        failure = this.#failed(error);
      }
      nowMs = performance.now();
      this.#done(lane, sentMs, nowMs, failure);
    }
    this.#called = false;
  };

  #await(result: PromiseLike<unknown>, lane: Lane, sentMs: number): void {
    this.awaited = true;
    const ended = (failure: string): void => {
      const nowMs = performance.now();
      this.#done(lane, sentMs, nowMs, failure);
      if (this.#called) return;
      this.#called = true;
      if (nowMs < this.#turnEndMs) queueMicrotask(this.#serve);
      else setImmediate(this.#turn);
    };
    result.then(
      () => ended(''),
      (error: unknown) => ended(this.#failed(error)),
    );
  }

  #done(lane: Lane, sentMs: number, doneMs: number, failure: string): void {
    this.#tally.done(lane.dueMs, sentMs, doneMs, doneMs, failure, 0, 0);
    this.#underWay--;
    lane.dueMs = doneMs;
    const last = this.#first + this.#waiting;
    this.#ring[last < this.#ring.length ? last : last - this.#ring.length] = lane;
    this.#waiting++;
    if (this.#underWay === 0) this.#rested?.();
  }

  #failed(error: unknown): string {
    this.lastError = error;
    return 'script';
  }
}
