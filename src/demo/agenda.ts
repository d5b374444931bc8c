/**
 * Events in the order in which they are due: the service's own time line.
 *
 * 1. An event is told the instant at which it was due, not the one at which it happened to run. Whatever it
 *    starts then begins at that instant, so a coarse or late timer delays an answer once and never adds up.
 * 2. Events of the same instant run in the order in which they were entered.
 * 3. Nothing here reads a clock. Tests run the queue as fast as it goes; WallTime runs it by the wall clock.
 */

export interface Agenda {
  /** Enters an event. A due time that has passed is kept: the event runs at the next opportunity. */
  at(dueMs: number, run: (dueMs: number) => void): void;
}

interface Entry {
  readonly dueMs: number;
  readonly order: number;
  readonly run: (dueMs: number) => void;
}

const isBefore = (a: Entry, b: Entry): boolean =>
  a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);

/** A binary heap of events. */
export class EventQueue implements Agenda {
  readonly #heap: Entry[] = [];
  #entered = 0;

  /** When the next event is due; Infinity when there is none. */
  get nextDueMs(): number {
    return this.#heap[0]?.dueMs ?? Infinity;
  }

  at(dueMs: number, run: (dueMs: number) => void): void {
    const entry = { dueMs, order: this.#entered++, run };
    let hole = this.#heap.length;
    while (hole > 0) {
      const above = (hole - 1) >> 1;
      const parent = this.#heap[above] as Entry;
      if (!isBefore(entry, parent)) break;
      this.#heap[hole] = parent;
      hole = above;
    }
    this.#heap[hole] = entry;
  }

  /** Runs every event that is due at `nowMs` or before, those included that such events enter. */
  runUntil(nowMs: number): void {
    while (this.nextDueMs <= nowMs) {
      const { dueMs, run } = this.#takeFirst();
      run(dueMs);
    }
  }

  #takeFirst(): Entry {
    const first = this.#heap[0] as Entry;
    const last = this.#heap.pop() as Entry;
    const length = this.#heap.length;
    if (length === 0) return first;
    let hole = 0;
    for (;;) {
      let below = 2 * hole + 1;
      if (below >= length) break;
      if (below + 1 < length && isBefore(this.#heap[below + 1] as Entry, this.#heap[below] as Entry)) below++;
      const child = this.#heap[below] as Entry;
      if (!isBefore(child, last)) break;
      this.#heap[hole] = child;
      hole = below;
    }
    this.#heap[hole] = last;
    return first;
  }
}
