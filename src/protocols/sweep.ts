/**
 * Timeouts without a timer per request: those under way stand in a line, the oldest first, and one timer looks
 * at the head of the line.
 *
 * 1. All share one timeout and enter with the present instant, so the line is in order of expiry.
 * 2. Entering and leaving take constant time and allocate nothing.
 * 3. The timer stops when a look finds nobody, and never keeps the process alive.
 */
export interface Expiring {
  /** Never decreasing from one that enters to the next. */
  readonly sentMs: number;
  older: Expiring | null;
  newer: Expiring | null;
  /** Must leave the sweep. */
  expire(nowMs: number): void;
}

export class Sweep {
  private oldest: Expiring | null = null;
  private newest: Expiring | null = null;
  private timer: NodeJS.Timeout | null = null;
  private readonly timeoutMs: number;
  private readonly periodMs: number;

  /** Expires up to `periodMs` late: 50 ms, and less for timeouts below 200 ms. */
  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
    this.periodMs = Math.min(50, Math.max(5, timeoutMs / 4));
  }

  enter(one: Expiring): void {
    one.older = this.newest;
    one.newer = null;
    if (this.newest === null) this.oldest = one;
    else this.newest.newer = one;
    this.newest = one;
    this.timer ??= setInterval(() => this.look(), this.periodMs).unref();
  }

  leave(one: Expiring): void {
    if (one.older === null) this.oldest = one.newer;
    else one.older.newer = one.newer;
    if (one.newer === null) this.newest = one.older;
    else one.newer.older = one.older;
    one.older = null;
    one.newer = null;
  }

  private look(): void {
    if (this.oldest === null && this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
    }
    const nowMs = performance.now();
    while (this.oldest !== null && nowMs - this.oldest.sentMs >= this.timeoutMs) this.oldest.expire(nowMs);
  }
}
