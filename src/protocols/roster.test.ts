import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Roster, type Member } from './roster.ts';

/** A member with one exchange under way, from now. */
class Waiting implements Member {
  readonly sentMs = performance.now();
  readonly seat: number;
  expiredMs = 0;
  private readonly roster: Roster;

  constructor(roster: Roster) {
    this.roster = roster;
    this.seat = roster.join(this);
    roster.begin(this.seat, this.sentMs);
  }
  end(nowMs = performance.now()): void {
    this.roster.times[this.seat + 2] = nowMs;
  }
  expire(nowMs: number): void {
    this.expiredMs = nowMs;
    this.end(nowMs);
  }
}

describe('a roster', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    vi.advanceTimersByTime(5); // an instant of 0 is none
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('expires each within a period of its time, and nobody whose exchange has ended or who left', () => {
    const roster = new Roster(1000);
    const all: Waiting[] = [];
    for (let nth = 0; nth < 100; nth++) {
      all.push(new Waiting(roster));
      vi.advanceTimersByTime(7);
    }
    // First, last, and every third one in between; one of them left altogether.
    const ended = all.filter((_, nth) => nth === 0 || nth === 99 || nth % 3 === 1);
    for (const one of ended.slice(1)) one.end();
    roster.leave(ended[0]?.seat ?? Number.NaN);
    vi.advanceTimersByTime(2000);
    for (const one of all) {
      const waitedMs = one.expiredMs - one.sentMs;
      if (ended.includes(one)) expect(one.expiredMs).toBe(0);
      else expect(waitedMs >= 1000 && waitedMs <= 1050).toBe(true);
    }
  });

  it('keeps the instants of each apart, also where it has to grow, and of none who sat there before', () => {
    const roster = new Roster(1000);
    const seats = Array.from({ length: 300 }, () => roster.join({ expire: () => undefined }));
    expect(new Set(seats).size).toBe(300);
    for (const seat of seats) roster.begin(seat, seat + 0.5);
    expect(seats.map((seat) => roster.times[seat])).toEqual(seats.map((seat) => seat + 0.5));
    roster.leave(seats[7] ?? 0);
    const again = roster.join({ expire: () => undefined });
    expect(again).toBe(seats[7]);
    expect([...roster.times.slice(again, again + 3)]).toEqual([0, 0, 0]);
  });

  it('has no timer when nobody waits, and one again when somebody does', () => {
    const roster = new Roster(100);
    expect(vi.getTimerCount()).toBe(0);
    const first = new Waiting(roster);
    expect(vi.getTimerCount()).toBe(1);
    first.end();
    vi.advanceTimersByTime(60);
    expect(vi.getTimerCount()).toBe(0);
    const second = new Waiting(roster);
    vi.advanceTimersByTime(130);
    expect(second.expiredMs).toBeGreaterThan(0);
    vi.advanceTimersByTime(60);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on when one that expires begins again at once', () => {
    const roster = new Roster(100);
    let times = 0;
    let seat = -1;
    const stubborn: Member = {
      expire(nowMs) {
        times++;
        roster.begin(seat, nowMs);
      },
    };
    seat = roster.join(stubborn);
    roster.begin(seat, performance.now());
    const other = new Waiting(roster);
    vi.advanceTimersByTime(1040);
    expect(times).toBeGreaterThanOrEqual(8);
    expect(times).toBeLessThanOrEqual(10);
    expect(other.expiredMs).toBeGreaterThan(0);
  });
});
