/**
 * A bounded number of turns handled at once, the rest in line before them.
 *
 * 1. First come, first served; a worker that is set free takes the next turn in the same instant.
 * 2. The line is bounded: who asks `hasRoom` first never overfills it.
 */
export class Workers {
  readonly #limit: number;
  readonly #lineLimit: number;
  readonly #line: ((atMs: number) => void)[] = [];
  #busy = 0;

  constructor(limit: number, lineLimit: number) {
    this.#limit = limit;
    this.#lineLimit = lineLimit;
  }

  get hasRoom(): boolean {
    return this.#busy < this.#limit || this.#line.length < this.#lineLimit;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /** Runs the work with a worker of its own, now or once one is free. The work must end with `leave`. */
  enter(atMs: number, work: (atMs: number) => void): void {
    if (this.#busy < this.#limit) {
      this.#busy++;
      work(atMs);
    } else {
      this.#line.push(work);
    }
  }

  /** Gives the worker back at `atMs`. */
  leave(atMs: number): void {
    const next = this.#line.shift();
    if (next) next(atMs);
    else this.#busy--;
  }
}
