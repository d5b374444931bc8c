/**
 * Drives an agenda by the wall clock, with one Node timer.
 *
 * 1. Before an arrival from outside is timed, every event due by then has run: the arrival meets the state it
 *    would have met had the timers been exact.
 * 2. `halt` stops the whole process, event loop included, and the service's time with it: nothing is caught up
 *    afterwards.
 */
import type { Clock } from '../clock.ts';
import { EventQueue, type Agenda } from './agenda.ts';

export class WallTime implements Agenda {
  readonly #clock: Clock;
  readonly #queue = new EventQueue();
  #haltedMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #armedForMs = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  at(dueMs: number, run: (dueMs: number) => void): void {
    this.#queue.at(dueMs, run);
    this.#arm();
  }

  /** Runs what is due and returns the instant of the service's time, in milliseconds: the time of an arrival. */
  arrivalMs(): number {
    const nowMs = this.#clock.nowMs() - this.#haltedMs;
    this.#queue.runUntil(nowMs);
    return nowMs;
  }

  /** Stops the process for this long, without using the processor. */
  halt(durationMs: number): void {
    const fromMs = this.#clock.nowMs();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
    this.#haltedMs += this.#clock.nowMs() - fromMs;
  }

  /** Ends the timer; the events that are still entered never run. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#armedForMs = -Infinity;
  }

  #arm(): void {
    const dueMs = this.#queue.nextDueMs;
    if (dueMs >= this.#armedForMs) return;
    clearTimeout(this.#timer);
    this.#armedForMs = dueMs;
    const waitMs = dueMs - (this.#clock.nowMs() - this.#haltedMs);
    this.#timer = setTimeout(
      () => {
        this.#armedForMs = Infinity;
        this.arrivalMs();
        this.#arm();
      },
      Math.max(1, Math.ceil(waitMs)),
    );
  }
}
