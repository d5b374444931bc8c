/**
 * Slices of a trial in constant memory: at most twice `most`, however long it lasts.
 * Neighbours are joined exactly, so only resolution in time is lost, in steps of two.
 *
 * What is not yet worth a slice of the present unit stands in a tail, joined like the digits of a binary counter:
 * with a unit of 8, thirteen slices are  8 | 4 1.
 */
import { along, type Slice } from './slice.ts';

interface Joined {
  readonly slice: Slice;
  /** How many pushed slices it holds: a power of two. */
  readonly size: number;
}

export class SliceLog {
  readonly #most: number;
  /** Of `#unit` slices each. */
  #whole: Slice[] = [];
  /** Smaller ones, sizes falling. */
  #tail: Joined[] = [];
  #unit = 1;

  /** @param most 16 or more: the tail needs room, one place for each doubling */
  constructor(most: number) {
    this.#most = most;
  }

  /** All that was pushed, in order; the last ones may be shorter than the rest. */
  get slices(): readonly Slice[] {
    return [...this.#whole, ...this.#tail.map((each) => each.slice)];
  }

  push(slice: Slice): void {
    let joined: Joined = { slice, size: 1 };
    for (;;) {
      const last = this.#tail.at(-1);
      if (last === undefined || last.size !== joined.size) break;
      this.#tail.pop();
      joined = { slice: along(last.slice, joined.slice), size: 2 * joined.size };
    }
    if (joined.size < this.#unit) this.#tail.push(joined);
    else this.#whole.push(joined.slice);
    if (this.#whole.length + this.#tail.length > 2 * this.#most) this.#double();
  }

  #double(): void {
    const pairs: Slice[] = [];
    let first: Slice | null = null;
    for (const slice of this.#whole) {
      if (first === null) first = slice;
      else {
        pairs.push(along(first, slice));
        first = null;
      }
    }
    if (first !== null) this.#tail.unshift({ slice: first, size: this.#unit });
    this.#whole = pairs;
    this.#unit *= 2;
  }
}
