/**
 * Where functions wait for their thread: one begins in each turn of its loop, in the order in which they came.
 *
 * Between two of them the loop takes messages, timers and what is due, however many wait.
 */
export class Turnstile {
  /** Those that came, and those that came before them with the next one last: taking the first of a long list is slow. */
  #came: (() => void)[] = [];
  #next: (() => void)[] = [];
  #turning = false;

  enter(begin: () => void): void {
    this.#came.push(begin);
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    if (this.#next.length === 0) [this.#next, this.#came] = [this.#came.reverse(), []];
    const begin = this.#next.pop();
    this.#turning = this.#next.length + this.#came.length > 0;
    if (this.#turning) setImmediate(this.#turn);
    begin?.();
  };
}
