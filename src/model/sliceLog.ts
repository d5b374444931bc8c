/**
 * Slices of a trial in constant memory: at most twice `most`, however long it lasts.
 * Neighbours are joined exactly, so only resolution in time is lost, in steps of two.
 */
import { along, type Slice } from './slice.ts';

export class SliceLog {
  readonly #most: number;
  #slices: Slice[] = [];
  #pending: Slice[] = [];
  #unit = 1;

  constructor(most: number) {
    this.#most = most;
  }

  /** All that was pushed, in order; the last ones may be shorter than the rest. */
  get slices(): readonly Slice[] {
    return [...this.#slices, ...this.#pending];
  }

  push(slice: Slice): void {
    this.#pending.push(slice);
    if (this.#pending.length < this.#unit) return;
    const joined = halved(this.#pending);
    this.#pending = [];
    this.#slices.push(joined);
    if (this.#slices.length < 2 * this.#most) return;
    this.#slices = Array.from({ length: this.#most }, (_, i) => halved(this.#slices.slice(2 * i, 2 * i + 2)));
    this.#unit *= 2;
  }
}

/** Joins a power of two of neighbours, in pairs. */
function halved(slices: readonly Slice[]): Slice {
  const [first, second, ...rest] = slices;
  if (first === undefined) throw new RangeError('nothing to join');
  if (second === undefined) return first;
  if (rest.length === 0) return along(first, second);
  const middle = slices.length / 2;
  return along(halved(slices.slice(0, middle)), halved(slices.slice(middle)));
}
