import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WallTime } from './wallTime.ts';

/** Node timers and the clock in virtual time; a halt is the clock's own move. */
describe('the agenda on the wall clock', () => {
  let nowMs: number;
  let time: WallTime;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    nowMs = 0.4;
    time = new WallTime({ nowMs: () => nowMs });
  });
  afterEach(() => {
    time.stop();
    vi.useRealTimers();
  });

  const pass = (ms: number): void => {
    nowMs += ms;
    vi.advanceTimersByTime(ms);
  };

  it('runs an event by a timer, with the instant at which it was due', () => {
    const ran: number[] = [];
    time.at(9.7, (atMs) => ran.push(atMs));
    pass(9);
    expect(ran).toEqual([]);
    pass(3);
    expect(ran).toEqual([9.7]);
  });

  it('wakes for the earlier of two events, whichever was entered first', () => {
    const ran: number[] = [];
    time.at(50, (atMs) => ran.push(atMs));
    time.at(20, (atMs) => ran.push(atMs));
    pass(23);
    expect(ran).toEqual([20]);
    pass(30);
    expect(ran).toEqual([20, 50]);
  });

  it('catches up in one go after a late timer, so a chain of steps loses nothing', () => {
    const ran: number[] = [];
    const step = (atMs: number): void => {
      ran.push(atMs);
      if (ran.length < 6) time.at(atMs + 2.5, step);
    };
    time.at(2.5, step);
    nowMs = 13.1; // the event loop was busy
    vi.advanceTimersByTime(3);
    expect(ran).toEqual([2.5, 5, 7.5, 10, 12.5]);
  });

  it('has done what was due before it times an arrival', () => {
    const ran: number[] = [];
    time.at(6, (atMs) => ran.push(atMs));
    nowMs = 8.2;
    expect(time.arrivalMs()).toBeCloseTo(8.2, 9);
    expect(ran).toEqual([6]);
  });

  it('lets no time of the service pass while it is halted', () => {
    const before = performance.now();
    const clocked = new WallTime({ nowMs: () => performance.now() });
    clocked.halt(17);
    expect(performance.now() - before).toBeGreaterThanOrEqual(16);
    expect(clocked.arrivalMs() - before).toBeLessThan(16);
  });

  it('runs nothing once it is stopped', () => {
    const ran: number[] = [];
    time.at(4, (atMs) => ran.push(atMs));
    time.stop();
    pass(30);
    expect(ran).toEqual([]);
  });
});
