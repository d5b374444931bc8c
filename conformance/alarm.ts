/**
 * Brings a service back when something of it is due.
 *
 * While few answers are due the last two milliseconds are spun away, so that one is late by microseconds; while many are due, by a
 * millisecond at most.
 */
import type { Service } from './service.ts';

/** Events closer together than this are not worth spinning for: it would burn the core all the time. */
const spinAboveGapMs = 2.5;
const spinMs = 2;

export class Alarm {
  readonly #service: Service;
  #armedForMs = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;
  /** Mean time between answers, smoothed. */
  #gapMs = 1000;
  #lastMs = 0;

  constructor(service: Service) {
    this.#service = service;
  }

  /** To be called after anything that may have changed what is due next. */
  arm(): void {
    const dueMs = this.#service.nextMs;
    if (dueMs >= this.#armedForMs) return;
    this.#armedForMs = dueMs;
    clearTimeout(this.#timer);
    this.#wait(++this.#turn);
  }

  #wait(turn: number): void {
    if (turn !== this.#turn) return;
    const nowMs = performance.now();
    const leftMs = this.#armedForMs - nowMs;
    if (leftMs <= 0) this.#ring(nowMs);
    else if (leftMs > spinMs)
      this.#timer = setTimeout(() => this.#wait(turn), Math.floor(leftMs - spinMs / 2));
    else if (this.#gapMs > spinAboveGapMs) setImmediate(() => this.#wait(turn));
    else this.#timer = setTimeout(() => this.#wait(turn), 1);
  }

  #ring(nowMs: number): void {
    this.#gapMs += 0.05 * (Math.min(1000, nowMs - this.#lastMs) - this.#gapMs);
    this.#lastMs = nowMs;
    this.#armedForMs = Number.POSITIVE_INFINITY;
    this.#service.runUntil(nowMs);
    this.arm();
  }
}
