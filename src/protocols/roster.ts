/**
 * Where the sessions of a wire stand in time: the instants of their exchanges, side by side in one array, and one timer
 * that looks for those that are late.
 *
 * A number with a fraction that is a field of an object lies in a box of its own, elsewhere in memory. With hundreds of
 * sessions each such box is a cache miss in every exchange; side by side they are one.
 *
 * 1. A session joins before its first exchange and leaves when it closes; its seat is then another's.
 * 2. An exchange is under way from `begin` until its done instant is set.
 * 3. All share one timeout. The timer stops when a look finds nobody under way, and never keeps the process alive.
 */
export interface Member {
  /** Its exchange has taken longer than the timeout; must set the done instant. */
  expire(nowMs: number): void;
}

/** Numbers of one seat: sent, first byte, done, and one to fill half a cache line. */
const stride = 4;

export class Roster {
  /** At `seat` when the exchange was sent, at `seat + 1` its first byte, at `seat + 2` its end; 0 while unknown. */
  times = new Float64Array(64 * stride);
  private readonly members: (Member | null)[] = [];
  private readonly free: number[] = [];
  private timer: NodeJS.Timeout | null = null;
  private readonly timeoutMs: number;
  private readonly periodMs: number;

  /** Expires up to `periodMs` late: 50 ms, and less for timeouts below 200 ms. */
  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
    this.periodMs = Math.min(50, Math.max(5, timeoutMs / 4));
  }

  /** @returns the seat, for `times` */
  join(member: Member): number {
    const seat = this.free.pop() ?? this.members.length * stride;
    if (seat + stride > this.times.length) {
      const grown = new Float64Array(2 * this.times.length);
      grown.set(this.times);
      this.times = grown;
    }
    this.members[seat / stride] = member;
    this.times.fill(0, seat, seat + stride);
    return seat;
  }

  leave(seat: number): void {
    this.members[seat / stride] = null;
    this.times.fill(0, seat, seat + stride);
    this.free.push(seat);
  }

  begin(seat: number, sentMs: number): void {
    const { times } = this;
    times[seat] = sentMs;
    times[seat + 1] = 0;
    times[seat + 2] = 0;
    this.timer ??= setInterval(() => this.look(), this.periodMs).unref();
  }

  private look(): void {
    const nowMs = performance.now();
    let underWay = false;
    // Who expires may begin again or let others join: the array may be another in the next turn.
    for (let seat = 0; seat < this.members.length * stride; seat += stride) {
      const sentMs = this.times[seat] ?? 0;
      if (sentMs === 0 || this.times[seat + 2] !== 0) continue;
      underWay = true;
      if (nowMs - sentMs >= this.timeoutMs) this.members[seat / stride]?.expire(nowMs);
    }
    if (underWay || this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
  }
}

/** A session as far as time goes: its seat, and the instants that stand there. */
export abstract class Seated implements Member {
  protected readonly roster: Roster;
  /** -1 while it has none: before its first exchange, and when it has closed. */
  protected seat = -1;

  constructor(roster: Roster) {
    this.roster = roster;
  }

  get sentMs(): number {
    return this.roster.times[this.seat] ?? 0;
  }
  get firstMs(): number {
    return this.roster.times[this.seat + 1] ?? 0;
  }
  get doneMs(): number {
    return this.roster.times[this.seat + 2] ?? 0;
  }

  abstract expire(nowMs: number): void;
}
