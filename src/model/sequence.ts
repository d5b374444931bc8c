/**
 * Numbered messages, counted exactly: what was lost, what came twice, what came out of order. Pure.
 *
 * 1. The sequence reaches from its first number to its last. The first is the one that was given, else the lowest seen;
 *    the last is the highest seen, or the sender's last number where that is told and higher.
 * 2. Lost: numbers of the sequence that were never seen. A number that comes late is no longer lost, so that the count is
 *    right at every instant. What is lost at the end shows only where the sender's last number is told.
 * 3. Duplicated: every message whose number was seen before (RFC 5560). It is nothing else besides.
 * 4. Reordered: a message that is no duplicate, whose number is lower than the highest seen before it (RFC 4737, section
 *    3, where of several copies only the first is judged).
 *
 * Hence numbered - duplicated + lost is the length of the sequence. Kept in the ranges that are missing, never more than
 * messages came: a number out of all reason costs one range.
 */

/** How counts have changed with one message, or are by now. */
export interface SequenceCounts {
  /** Messages that carried a number, duplicates included. */
  readonly numbered: number;
  /** Falls when a message comes late. */
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
}

export class Sequence {
  numbered = 0;
  lost = 0;
  duplicated = 0;
  reordered = 0;
  /** Ascending, without overlap, both ends included. */
  readonly #missing: { from: number; to: number }[] = [];
  #first: number;
  #last: number;
  #highestSeen = Number.NEGATIVE_INFINITY;

  /** @param first the number that the sender begins with; null where it is not known */
  constructor(first: number | null = null) {
    this.#first = first ?? Number.POSITIVE_INFINITY;
    this.#last = first === null ? Number.NEGATIVE_INFINITY : first - 1;
  }

  /** A message came. @param number whole */
  take(number: number): void {
    this.numbered++;
    if (!this.#isNew(number)) {
      this.duplicated++;
      return;
    }
    if (number < this.#highestSeen) this.reordered++;
    else this.#highestSeen = number;
  }

  /** The sender says which number was its last. Where neither a first number nor a message is known, it tells nothing. */
  end(last: number): void {
    if (this.#last === Number.NEGATIVE_INFINITY || last <= this.#last) return;
    this.#miss(this.#last + 1, last, this.#missing.length);
    this.#last = last;
  }

  #isNew(number: number): boolean {
    if (this.#last === Number.NEGATIVE_INFINITY) {
      this.#first = this.#last = number;
      return true;
    }
    if (number > this.#last) {
      this.#miss(this.#last + 1, number - 1, this.#missing.length);
      this.#last = number;
      return true;
    }
    if (number < this.#first) {
      this.#miss(number + 1, this.#first - 1, 0);
      this.#first = number;
      return true;
    }
    return this.#found(number);
  }

  #miss(from: number, to: number, at: number): void {
    if (to < from) return;
    this.#missing.splice(at, 0, { from, to });
    this.lost += to - from + 1;
  }

  /** @returns whether it was missing */
  #found(number: number): boolean {
    let low = 0;
    let high = this.#missing.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#missing[middle]?.to ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    const range = this.#missing[low];
    if (range === undefined || number < range.from) return false;
    const halves = [
      { from: range.from, to: number - 1 },
      { from: number + 1, to: range.to },
    ];
    this.#missing.splice(low, 1, ...halves.filter(({ from, to }) => from <= to));
    this.lost--;
    return true;
  }
}

/** How the counts changed since. */
export function sequenceChange(now: SequenceCounts, before: SequenceCounts): SequenceCounts {
  return {
    numbered: now.numbered - before.numbered,
    lost: now.lost - before.lost,
    duplicated: now.duplicated - before.duplicated,
    reordered: now.reordered - before.reordered,
  };
}
