import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sweep, type Expiring } from './sweep.ts';

class Waiting implements Expiring {
  sentMs = performance.now();
  older: Expiring | null = null;
  newer: Expiring | null = null;
  expiredMs = 0;
  private readonly sweep: Sweep;

  constructor(sweep: Sweep) {
    this.sweep = sweep;
    sweep.enter(this);
  }
  expire(nowMs: number): void {
    this.expiredMs = nowMs;
    this.sweep.leave(this);
  }
}

describe('Sweep', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('expires each within a period of its time, and nobody who left', () => {
    const sweep = new Sweep(1000);
    const all: Waiting[] = [];
    for (let nth = 0; nth < 40; nth++) {
      all.push(new Waiting(sweep));
      vi.advanceTimersByTime(7);
    }
    // First, last, and every third one in between.
    const left = all.filter((_, nth) => nth === 0 || nth === 39 || nth % 3 === 1);
    for (const one of left) sweep.leave(one);
    vi.advanceTimersByTime(2000);
    for (const one of all) {
      const waitedMs = one.expiredMs - one.sentMs;
      if (left.includes(one)) expect(one.expiredMs).toBe(0);
      else expect(waitedMs >= 1000 && waitedMs <= 1050).toBe(true);
    }
  });

  it('has no timer when nobody waits, and one again when somebody does', () => {
    const sweep = new Sweep(100);
    expect(vi.getTimerCount()).toBe(0);
    const first = new Waiting(sweep);
    expect(vi.getTimerCount()).toBe(1);
    sweep.leave(first);
    vi.advanceTimersByTime(60);
    expect(vi.getTimerCount()).toBe(0);
    const second = new Waiting(sweep);
    vi.advanceTimersByTime(130);
    expect(second.expiredMs).toBeGreaterThan(0);
    vi.advanceTimersByTime(60);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on when one that expires enters again', () => {
    const sweep = new Sweep(100);
    let times = 0;
    const stubborn: Expiring = {
      sentMs: performance.now(),
      older: null,
      newer: null,
      expire(nowMs) {
        times++;
        sweep.leave(stubborn);
        (stubborn as { sentMs: number }).sentMs = nowMs;
        sweep.enter(stubborn);
      },
    };
    sweep.enter(stubborn);
    const other = new Waiting(sweep);
    vi.advanceTimersByTime(1040);
    expect(times).toBeGreaterThanOrEqual(8);
    expect(times).toBeLessThanOrEqual(10);
    expect(other.expiredMs).toBeGreaterThan(0);
  });
});
