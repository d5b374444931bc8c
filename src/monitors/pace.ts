/**
 * Keeps a piece of work whose cost depends on the target (threads, descriptors) to a share of one core: the more it
 * costs, the rarer it is done. Work of 12 ms at a share of 0.002 is done every 6 s.
 */
export class Pace {
  readonly #share: number;
  #nextMs = Number.NEGATIVE_INFINITY;

  /** @param share of one core that the work may take, above 0 */
  constructor(share: number) {
    this.#share = share;
  }

  isDue(nowMs: number): boolean {
    return nowMs >= this.#nextMs;
  }

  /** @param costMs what doing it just took */
  done(nowMs: number, costMs: number): void {
    this.#nextMs = nowMs + costMs / this.#share;
  }
}
