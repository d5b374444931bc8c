/**
 * The account of one user's session: when its next request is due, how many are under way, what has failed. Requests of
 * every wire go through it, so that a session of several wires is one session.
 *
 * 1. What is sent is told to the tally, and told once when it ends; what was given up is never told as done.
 * 2. After `close` nothing is told any more: a script that plays on after its session was given up would send what no level
 *    counts.
 * 3. Where the target is a function, a session is a request itself, from its beginning, until it makes one: then that one
 *    takes its place.
 */
import { cancelled } from '../model/failures.ts';
import { limitsOf, type Limits } from '../model/objectives.ts';
import type { Tally } from '../model/tally.ts';

const noLimits = limitsOf([]);

/** What of an exchange is told. */
export interface Told {
  readonly sentMs: number;
  readonly firstMs: number;
  readonly doneMs: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly connectMs?: number;
  readonly handshakeMs?: number;
}

export class Account {
  readonly #tally: Pick<Tally, 'sent' | 'connected' | 'done'>;
  readonly #limits: Limits;
  /** When the next request was due; NaN: when it is made. */
  #dueMs = Number.NaN;
  /** When the session that is its own request was sent; NaN where it is none. */
  #ownSentMs = Number.NaN;
  underWay = 0;
  /** The first failure of the session; empty while there is none. */
  failure = '';
  /** Whether something of the session took longer than it may. */
  isLate = false;
  bytesSent = 0;
  bytesReceived = 0;
  isClosed = false;
  /** Grows with each session that begins. */
  session = 0;
  /** Told when the last request under way has ended. */
  idle: (() => void) | null = null;

  constructor(tally: Pick<Tally, 'sent' | 'connected' | 'done'>, limits: Limits = noLimits) {
    this.#tally = tally;
    this.#limits = limits;
  }

  /**
   * A session begins, whose first request is due at this instant.
   * @param ownSentMs when it was sent, where it is a request itself until it makes one
   */
  begin(dueMs: number, ownSentMs = Number.NaN): void {
    this.session++;
    this.#dueMs = dueMs;
    this.#ownSentMs = ownSentMs;
    if (!Number.isNaN(ownSentMs)) this.#tally.sent(dueMs, ownSentMs);
    this.failure = '';
    this.isLate = false;
    this.bytesSent = 0;
    this.bytesReceived = 0;
  }

  /** A request was sent. @returns when it was due */
  sent(sentMs: number): number {
    const dueMs = Number.isNaN(this.#dueMs) ? sentMs : this.#dueMs;
    this.#dueMs = Number.NaN;
    if (Number.isNaN(this.#ownSentMs)) this.#tally.sent(dueMs, sentMs);
    this.#ownSentMs = Number.NaN;
    return dueMs;
  }

  /** The session is over, and with it the request that it was itself, if it was one. */
  over(doneMs: number, failure: string): void {
    const sentMs = this.#ownSentMs;
    if (!Number.isNaN(sentMs)) {
      this.#tally.done(this.#dueMs, sentMs, doneMs, doneMs, failure, 0, 0);
      this.#judge(this.#dueMs, sentMs, doneMs);
    }
    this.#ownSentMs = Number.NaN;
  }

  /** Its end. Whether the session has failed with it is for the caller to say: it may be made again. */
  done(dueMs: number, told: Told, failure: string): void {
    const { connectMs = 0, handshakeMs = 0 } = told;
    if (connectMs > 0) this.#tally.connected(connectMs, handshakeMs);
    this.#tally.done(
      dueMs,
      told.sentMs,
      told.firstMs,
      told.doneMs,
      failure,
      told.bytesSent,
      told.bytesReceived,
    );
    if (failure !== cancelled) this.#judge(dueMs, told.sentMs, told.doneMs);
    this.bytesSent += told.bytesSent;
    this.bytesReceived += told.bytesReceived;
  }

  #judge(dueMs: number, sentMs: number, doneMs: number): void {
    const { responseMs, serviceMs } = this.#limits;
    if (doneMs - dueMs > responseMs || doneMs - sentMs > serviceMs) this.isLate = true;
  }

  /** What ended has failed for good, or not. */
  ended(failure: string): void {
    if (failure !== '' && this.failure === '') this.failure = failure;
    if (this.underWay === 0) this.idle?.();
  }

  close(): void {
    this.isClosed = true;
  }
}
