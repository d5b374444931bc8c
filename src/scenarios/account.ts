/**
 * The account of one user's session: when its next request is due, how many are under way, what has failed. Requests of
 * every wire go through it, so that a session of several wires is one session.
 *
 * 1. What is sent is told to the tally, and told once when it ends; what was given up is never told as done.
 * 2. After `close` nothing is told any more: a script that plays on after its session was given up would send what no level
 *    counts.
 */
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
  underWay = 0;
  /** The first failure of the session; empty while there is none. */
  failure = '';
  /** Whether something of the session took longer than it may. */
  isLate = false;
  bytesSent = 0;
  bytesReceived = 0;
  isClosed = false;
  /** Told when the last request under way has ended. */
  idle: (() => void) | null = null;

  constructor(tally: Pick<Tally, 'sent' | 'connected' | 'done'>, limits: Limits = noLimits) {
    this.#tally = tally;
    this.#limits = limits;
  }

  /** A session begins, whose first request is due at this instant. */
  begin(dueMs: number): void {
    this.#dueMs = dueMs;
    this.failure = '';
    this.isLate = false;
    this.bytesSent = 0;
    this.bytesReceived = 0;
  }

  /** A request was sent. @returns when it was due */
  sent(sentMs: number): number {
    const dueMs = Number.isNaN(this.#dueMs) ? sentMs : this.#dueMs;
    this.#dueMs = Number.NaN;
    this.#tally.sent(dueMs, sentMs);
    return dueMs;
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
    const { doneMs } = told;
    if (doneMs - dueMs > this.#limits.responseMs || doneMs - told.sentMs > this.#limits.serviceMs)
      this.isLate = true;
    this.bytesSent += told.bytesSent;
    this.bytesReceived += told.bytesReceived;
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
