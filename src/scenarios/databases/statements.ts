/**
 * The statements of one user on one database, SQL or Redis: each from when it was made to its answer, over a connection of the
 * pool, told to the account of the session.
 *
 * 1. Waiting for a connection is part of the response. One time-out holds for both.
 * 2. A connection whose answer is not waited for any more is destroyed: after a time-out, and when the session is given up.
 */
import type { Answer } from '../../protocols/databases/database.ts';
import type { DatabasePool, Held, Waiter } from '../../protocols/databases/databasePool.ts';
import type { Account } from '../account.ts';

/** What a session tells beside its requests: times and counts by name. */
export interface Measures {
  time(name: string, ms: number): void;
  count(name: string, amount: number): void;
}

export interface Outcome {
  /** Empty for success. */
  readonly failure: string;
  readonly message: string;
  readonly answer: Answer | null;
  readonly responseMs: number;
}

/** A connection that several statements have in turn. Null before the first, and when it was destroyed. */
export interface Lent {
  held: Held | null;
}

export class Statements {
  readonly pool: DatabasePool;
  readonly account: Account;
  readonly measures: Measures;
  readonly #timeoutMs: number;
  /** `db` or `redis`: what the names of its times begin with. */
  readonly #prefix: string;
  readonly #underWay = new Set<() => void>();
  readonly #lent = new Set<Lent>();

  constructor(
    pool: DatabasePool,
    account: Account,
    measures: Measures,
    options: { readonly timeoutMs: number; readonly prefix: 'db' | 'redis' },
  ) {
    this.pool = pool;
    this.account = account;
    this.measures = measures;
    this.#timeoutMs = options.timeoutMs;
    this.#prefix = options.prefix;
  }

  /** A statement by itself: its failure is the session's. */
  async alone(text: string, parameters: readonly unknown[]): Promise<Outcome> {
    const { account } = this;
    if (account.isClosed) return new Promise(() => undefined);
    const lent = this.lend();
    account.underWay++;
    const outcome = await this.run(text, parameters, lent, 'execute');
    this.giveBack(lent);
    account.underWay--;
    account.ended(outcome.failure);
    return outcome;
  }

  /** A connection for several statements; taken from the pool with the first of them. */
  lend(): Lent {
    const lent: Lent = { held: null };
    this.#lent.add(lent);
    return lent;
  }

  giveBack(lent: Lent): void {
    this.#lent.delete(lent);
    if (lent.held !== null) this.pool.release(lent.held);
    lent.held = null;
  }

  /** Never resolves when the session was given up. @param name of its time; null for none */
  run(
    text: string,
    parameters: readonly unknown[],
    lent: Lent,
    name: 'begin' | 'execute' | 'commit' | null,
  ): Promise<Outcome> {
    const { account, pool, measures } = this;
    if (account.isClosed) return new Promise(() => undefined);
    const sentMs = performance.now();
    const dueMs = account.sent(sentMs);
    return new Promise((resolve) => {
      let isOver = false;
      let beganMs = sentMs;
      let before = { sent: 0, received: 0 };
      let connectMs = 0;
      let isQueued = false;

      const end = (failure: string, message: string, answer: Answer | null): void => {
        if (isOver) return;
        over();
        const doneMs = performance.now();
        const after = lent.held?.connection.bytes() ?? before;
        if (failure === 'timeout' || lent.held?.isLost === true) this.discard(lent);
        const told = {
          sentMs,
          firstMs: failure === '' ? doneMs : 0,
          doneMs,
          bytesSent: after.sent - before.sent,
          bytesReceived: after.received - before.received,
          connectMs,
        };
        account.done(dueMs, told, failure);
        if (failure === '' && name !== null) measures.time(`${this.#prefix}.${name}`, doneMs - beganMs);
        resolve({ failure, message, answer, responseMs: doneMs - dueMs });
      };
      const began = (held: Held): void => {
        held.connection.run(text, parameters).then(
          (answer) => end('', '', answer),
          (error: unknown) => {
            if (!isOver) end(pool.wire.failureOf(error, false), pool.told(error), null);
          },
        );
      };
      const waiter: Waiter = {
        take: (held) => {
          lent.held = held;
          beganMs = performance.now();
          connectMs = held.connectMs;
          // What was sent to log in is of this statement too, as a handshake is of the request that it was made for.
          if (connectMs === 0) before = held.connection.bytes();
          held.connectMs = 0;
          measures.time(`${this.#prefix}.acquire`, beganMs - sentMs);
          began(held);
        },
        fail: (failure, message) => end(failure, message, null),
      };
      const late = setTimeout(() => {
        const within = `within ${this.#timeoutMs} ms`;
        if (lent.held !== null) return end('timeout', `no answer ${within}`, null);
        pool.forget(waiter);
        if (!isQueued) return end('connect.timeout', `no connection ${within}`, null);
        end('pool', `none of the ${pool.size} connections of this thread was free ${within}`, null);
      }, this.#timeoutMs);
      const over = (): void => {
        isOver = true;
        clearTimeout(late);
        this.#underWay.delete(giveUp);
      };
      const giveUp = (): void => {
        over();
        pool.forget(waiter);
      };
      this.#underWay.add(giveUp);

      if (lent.held === null) {
        isQueued = pool.acquire(waiter);
        return;
      }
      before = lent.held.connection.bytes();
      began(lent.held);
    });
  }

  /** Gives up what is under way, and the connections that it has. The account is closed by then. */
  retire(): void {
    for (const giveUp of this.#underWay) giveUp();
    for (const lent of this.#lent) this.discard(lent);
    this.#lent.clear();
  }

  /** Destroys its connection: nobody knows what state it is in. */
  discard(lent: Lent): void {
    if (lent.held !== null) this.pool.discard(lent.held);
    lent.held = null;
  }
}
