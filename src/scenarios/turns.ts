/**
 * Whose turn it is: a sequence in which each of several takes part by its weight, as evenly as it can be spread.
 *
 * 1. Among the first n, each comes within one of n times its share, for every n: ten users or two in flight are mixed as
 *    a thousand are, and two levels of the same load have the same mix.
 * 2. No chance: the nth turn is always the same one's.
 *
 * The one whose next turn would be due first takes it, of those that may already (Tijdeman 1980, "The chairman assignment
 * problem", Discrete Mathematics 32).
 */
export class Turns {
  readonly #shares: readonly number[];
  readonly #taken: number[];
  readonly #turns: number[] = [];

  /** @param weights each above 0 */
  constructor(weights: readonly number[]) {
    const sum = weights.reduce((so, weight) => so + weight, 0);
    this.#shares = weights.map((weight) => weight / sum);
    this.#taken = weights.map(() => 0);
  }

  /** Index of the one whose turn is the nth, from 0. */
  at(nth: number): number {
    while (this.#turns.length <= nth) this.#turns.push(this.#next());
    return this.#turns[nth]!;
  }

  #next(): number {
    const now = this.#turns.length + 1;
    let [next, earliest] = [0, Number.POSITIVE_INFINITY];
    for (const [index, share] of this.#shares.entries()) {
      const taken = this.#taken[index]!;
      // Its next turn may not come before its share of the turns so far reaches it, and not after it passes the whole.
      if (share * now <= taken) continue;
      const dueBy = (taken + 1) / share;
      if (dueBy < earliest) [next, earliest] = [index, dueBy];
    }
    this.#taken[next]!++;
    return next;
  }
}
