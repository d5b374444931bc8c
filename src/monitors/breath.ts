/**
 * Lets the event loop breathe during long synchronous work, and says how long the work itself took.
 *
 *     for (const pid of pids) {
 *       if (breath.isDue()) await breath.take()
 *       ...
 *     }
 */
import type { Clock } from '../clock.ts';

/** Work between two breaths. A stall of the main thread is this and one step of the work at most. */
const workMs = 1;

export class Breath {
  readonly #clock: Clock;
  #sinceMs: number;
  #workedMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.nowMs();
  }

  isDue(): boolean {
    return this.#clock.nowMs() - this.#sinceMs >= workMs;
  }

  /** Resolves after the event loop has turned once. */
  async take(): Promise<void> {
    this.#workedMs += this.#clock.nowMs() - this.#sinceMs;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#sinceMs = this.#clock.nowMs();
  }

  /** Milliseconds of work so far, without the pauses. */
  workedMs(): number {
    return this.#workedMs + this.#clock.nowMs() - this.#sinceMs;
  }
}
