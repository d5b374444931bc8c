/** Time that passes when a test says so: callbacks run in order of their instants, as fast as the processor can. */
import type { DriverClock } from '../../src/engine/driver.ts';

interface Event {
  readonly atMs: number;
  readonly number: number;
  readonly callback: () => void;
}

/** What "as soon as other work is done" costs; 0 would let a loop that waits for an instant never reach it. */
const turnMs = 0.01;

export class VirtualTime implements DriverClock {
  #nowMs: number;
  #numbers = 0;
  #wakes = 0;
  /** A binary heap by instant, then by order of entry. */
  readonly #events: Event[] = [];

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): void {
    this.at(this.#nowMs + Math.max(turnMs, delayMs), callback);
  }

  at(atMs: number, callback: () => void): void {
    const events = this.#events;
    const event: Event = { atMs, number: this.#numbers++, callback };
    let place = events.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (before(events[parent] as Event, event)) break;
      events[place] = events[parent] as Event;
      place = parent;
    }
    events[place] = event;
  }

  wake(atMs: number, callback: () => void): void {
    const wake = ++this.#wakes;
    this.at(Math.max(this.#nowMs + turnMs, atMs), () => {
      if (wake === this.#wakes) callback();
    });
  }

  runFor(durationMs: number): void {
    this.runUntil(this.#nowMs + durationMs);
  }

  runUntil(untilMs: number): void {
    for (;;) {
      const next = this.#events[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#take();
      this.#nowMs = next.atMs;
      next.callback();
    }
    this.#nowMs = untilMs;
  }

  #take(): void {
    const events = this.#events;
    const last = events.pop() as Event;
    if (events.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= events.length) break;
      if (child + 1 < events.length && before(events[child + 1] as Event, events[child] as Event)) child++;
      if (before(last, events[child] as Event)) break;
      events[place] = events[child] as Event;
      place = child;
    }
    events[place] = last;
  }
}

function before(left: Event, right: Event): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.number < right.number);
}
