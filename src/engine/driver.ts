/**
 * The driver: keeps users at a desired load, in one worker. The hot loop of the engine.
 *
 * 1. The load is desired state: it can change at any time, and users stay connected while it does.
 * 2. Closed load: a user's next request is due the moment its last one ended; where the rate is bounded, when its turn
 *    comes. It leaves when every answer that lay ready has been read: writing in between would wake the target for each
 *    request instead of each round, which costs a tenth to a quarter of the throughput (bench/throughput.ts).
 * 3. Open load: requests are due by schedule, whatever the target does. Each takes an idle user, the one that
 *    rested shortest, or a new one; above `maxInFlight` it is dropped and counted so, with its due instant.
 * 4. Every request is tallied once when sent and once when done; what is abandoned stays sent and is never done.
 * 5. Time comes from the clock it is given, which in tests is a virtual one.
 */
import { isAnswer } from '../model/failures.ts';
import type { Load, Variant } from '../model/load.ts';
import type { SessionTally } from '../model/sessionTally.ts';
import { Tally } from '../model/tally.ts';
import type { Slice } from '../model/slice.ts';
import type { Protocol, Session } from '../protocols/protocol.ts';
import { arrivals } from './arrivals.ts';

export interface DriverClock {
  nowMs(): number;
  /** Calls back once, after at least so long; 0 means as soon as other work is done. */
  after(delayMs: number, callback: () => void): void;
  /** Calls back at this instant, to a fraction of a millisecond. One at a time: the one before is forgotten. */
  wake(atMs: number, callback: () => void): void;
}

export interface Assignment {
  readonly load: Load;
  /** What is sent; the usual when left out. */
  readonly variant?: Variant;
  readonly maxInFlight: number;
  /** Of arrivals that are replayed, over all shares. */
  readonly dueMs?: Float64Array;
  /** Closed load: no more begin in a second, over all shares. */
  readonly maxRatePerSecond?: number;
  readonly seed: number;
  /** Which of the workers this is, from 0, and how many there are. */
  readonly share: number;
  readonly shares: number;
}

/** One virtual user: its session and the request under way. */
class User {
  readonly number: number;
  readonly session: Session;
  dueMs = 0;
  busy = false;
  /** How many of its requests have failed in a row. */
  failedInARow = 0;
  /** Its request was given up: when it ends nobody counts it. */
  abandoned = false;

  constructor(number: number, session: Session) {
    this.number = number;
    this.session = session;
    session.holder = this;
  }
}

/** What is due within so long of now is sent together: to wake for each would cost more than the requests. */
const grainMs = 0.2;
/**
 * So many new users start in one turn of the loop: a thousand connections begun in one instant would keep it from
 * reading answers. What is due meanwhile waits, with its due instant, and takes a user that came back, if one did.
 */
const startGroup = 32;
/**
 * How long a user of closed load waits after its connection failed, or after it was refused twice in a row: a refusal
 * takes no time, and a user that asks again at once would only spin, until the generator itself is the limit. One failure
 * alone is followed at once, or a few in a hundred would slow down the users of a fast target.
 */
const brokenPauseMs = 10;
/** Users that keep their connection while they are not needed. */
const keptIdle = 512;

export class Driver {
  readonly #protocol: Protocol;
  readonly #clock: DriverClock;
  readonly #tally: Tally;
  readonly #within: SessionTally | null;
  readonly #users: User[] = [];
  readonly #idle: User[] = [];
  #assignment: Assignment | null = null;
  #startMs = 0;
  #due: Generator<number, never, void> | null = null;
  #nextDueMs = 0;
  /** One for all: a closure for each user would be one more thing to fetch in each exchange. */
  readonly #finish = (session: Session): void => this.#finished(session.holder as User);
  #wanted = 0;
  /** Of closed load whose rate is bounded: the time between two turns, 0 where it is not, and when the next one is. */
  #gapMs = 0;
  #nextTurnMs = 0;
  #resting: (() => void) | null = null;
  /** Users of closed load whose next request is due, until the answers that lie ready have been read. */
  #ready: User[] = [];
  readonly #sendReady = (): void => {
    const ready = this.#ready;
    this.#ready = [];
    for (const user of ready) if (!user.busy) this.#send(user, user.session.doneMs);
  };
  /** Counts assignments: a timer of an earlier one finds that it is no longer meant. */
  #turn = 0;

  /** @param within the tally of what happens within exchanges that are whole sessions; null where they are requests */
  constructor(
    protocol: Protocol,
    clock: DriverClock,
    deliver: (slice: Slice) => void,
    within: SessionTally | null = null,
  ) {
    this.#protocol = protocol;
    this.#clock = clock;
    this.#within = within;
    this.#tally = new Tally(within === null ? deliver : (sessions) => deliver(within.within(sessions)));
  }

  get inFlight(): number {
    return this.#tally.inFlight;
  }

  /** Takes on a load, from now. */
  hold(assignment: Assignment): void {
    const nowMs = this.#clock.nowMs();
    this.#turn++;
    this.#assignment = assignment;
    this.#startMs = nowMs;
    this.#resting = null;
    this.#ready = [];
    this.#protocol.begin?.(assignment.load, assignment.variant);
    this.#within?.begin(nowMs);
    this.#tally.begin(nowMs);
    const { load, share, shares, dueMs } = assignment;
    if (load.kind === 'open') {
      this.#wanted = 0;
      this.#release(keptIdle);
      for (const user of this.#users.toReversed()) if (!user.busy) this.#idle.push(user);
      this.#due = arrivals({
        ...load,
        seed: assignment.seed,
        share,
        shares,
        ...(dueMs === undefined ? {} : { dueMs }),
      });
      this.#nextDueMs = nowMs + this.#due.next().value;
      this.#pace(this.#turn);
    } else {
      this.#due = null;
      this.#wanted = Math.floor(load.users / shares) + (share < load.users % shares ? 1 : 0);
      const { maxRatePerSecond = Number.POSITIVE_INFINITY } = assignment;
      this.#gapMs = (1000 * Math.min(shares, load.users)) / maxRatePerSecond;
      this.#nextTurnMs = nowMs + (this.#gapMs * share) / shares;
      this.#release(this.#wanted);
      this.#startUsers(0, this.#turn);
    }
  }

  /** Sends nothing more. @param rested called when nothing is in flight */
  rest(rested: () => void): void {
    this.#turn++;
    this.#assignment = null;
    this.#due = null;
    this.#wanted = 0;
    this.#ready = [];
    this.#resting = rested;
    if (this.#tally.inFlight === 0) this.#rested();
  }

  /** Gives up what is in flight: it stays counted as sent, and never as done. */
  abandon(): void {
    for (const user of this.#users) {
      if (!user.busy) continue;
      user.abandoned = true;
      user.session.abort('abandoned');
    }
    this.#within?.abandon(this.#clock.nowMs());
    this.#tally.abandon(this.#clock.nowMs());
    if (this.#resting !== null) this.#rested();
  }

  /** Closes slices that are over; to be called a few times a second. */
  roll(): void {
    this.#tally.roll(this.#clock.nowMs());
  }

  /** Drops all connections, and sends nothing more. */
  close(): void {
    this.#turn++;
    this.#assignment = null;
    this.#ready = [];
    for (const user of this.#users) {
      if (user.busy) user.session.abort('abandoned');
      user.session.close();
    }
  }

  /** Drops the connections of users that are not needed. */
  #release(kept: number): void {
    this.#idle.length = 0;
    for (const user of this.#users.slice(kept)) if (!user.busy) user.session.close();
  }

  #user(): User {
    const user = new User(this.#users.length, this.#protocol.session());
    this.#users.push(user);
    return user;
  }

  #startUsers(from: number, turn: number): void {
    if (turn !== this.#turn) return;
    const to = Math.min(this.#wanted, from + startGroup);
    while (this.#users.length < to) this.#user();
    for (let i = from; i < to; i++) {
      const user = this.#users[i];
      if (user !== undefined && !user.busy) this.#begin(user, this.#clock.nowMs());
    }
    if (to < this.#wanted) this.#clock.after(1, () => this.#startUsers(to, turn));
  }

  /** Sends all that is due and comes back when the next is. */
  #pace(turn: number): void {
    const assignment = this.#assignment;
    if (turn !== this.#turn || this.#due === null || assignment?.load.kind !== 'open') return;
    const nowMs = this.#clock.nowMs();
    let fresh = 0;
    while (this.#nextDueMs <= nowMs) {
      if (this.#tally.inFlight >= assignment.maxInFlight) this.#tally.dropped(nowMs);
      else {
        const rested = this.#idle.pop();
        if (rested === undefined && ++fresh > startGroup) {
          this.#clock.after(0, () => this.#pace(turn));
          return;
        }
        this.#send(rested ?? this.#user(), this.#nextDueMs);
      }
      this.#nextDueMs = this.#startMs + this.#due.next().value;
    }
    this.#clock.wake(Math.max(this.#nextDueMs, this.#clock.nowMs() + grainMs), () => this.#pace(turn));
  }

  #send(user: User, dueMs: number): void {
    user.busy = true;
    user.dueMs = dueMs;
    user.session.exchange(this.#finish, dueMs);
    this.#tally.sent(dueMs, user.session.sentMs);
  }

  #finished(user: User): void {
    const { session } = user;
    user.busy = false;
    if (user.abandoned) {
      user.abandoned = false;
      return;
    }
    const { connectMs = 0, handshakeMs = 0 } = session;
    if (connectMs > 0) this.#tally.connected(connectMs, handshakeMs);
    this.#tally.done(
      user.dueMs,
      session.sentMs,
      session.firstMs,
      session.doneMs,
      session.failure,
      session.bytesSent,
      session.bytesReceived,
    );
    const load = this.#assignment?.load;
    if (load?.kind === 'open') this.#idle.push(user);
    else if (load?.kind === 'closed' && user.number < this.#wanted) this.#again(user);
    else if (this.#resting !== null && this.#tally.inFlight === 0) this.#rested();
  }

  #again(user: User): void {
    const { failure, pauseMs = 0 } = user.session;
    user.failedInARow =
      failure === '' || failure === 'check' || failure === 'limit' ? 0 : user.failedInARow + 1;
    const broken = user.failedInARow > (isAnswer(failure) ? 1 : 0);
    const restMs = Math.max(pauseMs, broken ? brokenPauseMs : 0);
    const { doneMs } = user.session;
    if (this.#gapMs > 0) this.#begin(user, doneMs + restMs);
    else if (restMs > 0) this.#later(user, doneMs + restMs, restMs, broken);
    else if (this.#ready.push(user) === 1) this.#clock.after(0, this.#sendReady);
  }

  /** Sends from this instant on, when the user's turn comes. */
  #begin(user: User, fromMs: number): void {
    if (this.#gapMs === 0) return this.#send(user, fromMs);
    const dueMs = Math.max(fromMs, this.#nextTurnMs);
    this.#nextTurnMs = dueMs + this.#gapMs;
    const waitMs = dueMs - this.#clock.nowMs();
    if (waitMs > 0) this.#later(user, dueMs, waitMs, false);
    else this.#send(user, dueMs);
  }

  /** @param broken what ended before was a failure: then it is due when it is sent, for nobody waits for it */
  #later(user: User, dueMs: number, waitMs: number, broken: boolean): void {
    const turn = this.#turn;
    this.#clock.after(waitMs, () => {
      if (turn === this.#turn && !user.busy) this.#send(user, broken ? this.#clock.nowMs() : dueMs);
    });
  }

  #rested(): void {
    const rested = this.#resting;
    this.#resting = null;
    this.#idle.length = 0;
    const nowMs = this.#clock.nowMs();
    this.#within?.end(nowMs);
    this.#tally.end(nowMs);
    rested?.();
  }
}
