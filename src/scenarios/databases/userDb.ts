/** The database of one user, as its script sees it (db.ts). */
import type { Answer } from '../../protocols/databases/database.ts';
import type { Db, DbReply, DbTransaction, TransactionOptions, TransactionReply } from './db.ts';
import { RequestFailed } from '../http/reply.ts';
import type { Outcome, Statements } from './statements.ts';

/** What begins and ends transactions: on a connection of the pool it would meet the statements of others. */
const ofTransactions = /^\s*(begin|start\s+transaction|commit|end|rollback|abort)\b/i;

export class UserDb implements Db {
  readonly #statements: Statements | null;

  /** @param statements null where the scenario names no such database */
  constructor(statements: Statements | null) {
    this.#statements = statements;
  }

  async query<Row>(text: string, parameters: readonly unknown[] = []): Promise<DbReply<Row>> {
    refuseTransaction(text);
    return replyOf<Row>(await this.#own.alone(text, parameters));
  }

  async transaction<Value>(
    work: (transaction: DbTransaction) => PromiseLike<Value>,
    { retries = 0, begin = this.#own.pool.wire.begin }: TransactionOptions = {},
  ): Promise<TransactionReply<Value>> {
    const { account, measures, pool } = this.#own;
    if (account.isClosed) return new Promise(() => undefined);
    const fromMs = performance.now();
    account.underWay++;
    let failure = '';
    try {
      for (let made = 1; ; made++) {
        const attempt = new Attempt(this.#own);
        const value = await attempt.made(work, begin);
        ({ failure } = attempt);
        if (failure !== '' && made <= retries && pool.wire.aborts.includes(failure)) {
          measures.count('db.retries', 1);
          continue;
        }
        const { message } = attempt;
        const responseMs = performance.now() - fromMs;
        return { ok: failure === '', failure, message, value, retries: made - 1, responseMs };
      }
    } finally {
      account.underWay--;
      account.ended(failure);
    }
  }

  get #own(): Statements {
    if (this.#statements !== null) return this.#statements;
    throw new TypeError(
      "db needs a database: scenario('name', { database: { url: 'postgres://...' } }, ...)",
    );
  }
}

/** A transaction, made once. */
class Attempt implements DbTransaction {
  /** Of its first statement that failed; empty while none has. */
  failure = '';
  message = '';
  readonly #statements: Statements;
  readonly #lent: ReturnType<Statements['lend']>;
  readonly #underWay = new Set<Promise<Outcome>>();
  #isOver = false;

  constructor(statements: Statements) {
    this.#statements = statements;
    this.#lent = statements.lend();
  }

  /** @returns what `work` returned; undefined where a statement or the commit has failed */
  async made<Value>(
    work: (transaction: DbTransaction) => PromiseLike<Value>,
    begin: string,
  ): Promise<Value | undefined> {
    try {
      const begun = await this.#run(begin, [], 'begin');
      if (begun.failure !== '') return undefined;
      let value: Value;
      try {
        value = await work(this);
      } catch (error) {
        await this.#rollBack();
        if (this.failure === '') throw error;
        return undefined;
      }
      // What the function did not await belongs to it all the same.
      await Promise.all(this.#underWay);
      if (this.failure === '') {
        const committed = await this.#run('commit', [], 'commit');
        if (committed.failure === '') return value;
      }
      await this.#rollBack();
      return undefined;
    } finally {
      this.#isOver = true;
      this.#statements.giveBack(this.#lent);
    }
  }

  async query<Row>(text: string, parameters: readonly unknown[] = []): Promise<DbReply<Row>> {
    refuseTransaction(text);
    if (this.#isOver) throw new TypeError('the transaction is over: await what belongs to it');
    if (this.failure !== '') throw this.#failed();
    const running = this.#run(text, parameters, 'execute');
    this.#underWay.add(running);
    const outcome = await running;
    this.#underWay.delete(running);
    if (outcome.failure !== '') throw this.#failed();
    return replyOf<Row>(outcome);
  }

  #failed(): RequestFailed {
    return new RequestFailed(
      this.failure,
      `the transaction has failed with ${this.failure}: ${this.message}`,
    );
  }

  async #run(
    text: string,
    parameters: readonly unknown[],
    name: 'begin' | 'execute' | 'commit' | null,
  ): Promise<Outcome> {
    const outcome = await this.#statements.run(text, parameters, this.#lent, name);
    if (outcome.failure !== '' && this.failure === '')
      ({ failure: this.failure, message: this.message } = outcome);
    return outcome;
  }

  async #rollBack(): Promise<void> {
    await Promise.all(this.#underWay);
    if (this.failure !== '') this.#statements.measures.count('db.aborts', 1);
    // A connection that was destroyed has taken its transaction with it.
    if (this.#lent.held === null) return;
    const { failure } = await this.#statements.run('rollback', [], this.#lent, null);
    if (failure !== '' && this.#lent.held !== null) this.#statements.discard(this.#lent);
  }
}

function refuseTransaction(text: string): void {
  if (!ofTransactions.test(text)) return;
  throw new TypeError(`"${text.trim().slice(0, 40)}" goes through db.transaction(async (tx) => { ... })`);
}

const nothing: Answer = { rows: [], rowCount: 0, value: null };

function replyOf<Row>({ failure, message, answer, responseMs }: Outcome): DbReply<Row> {
  const { rows, rowCount } = answer ?? nothing;
  return { ok: failure === '', failure, message, rows: rows as readonly Row[], rowCount, responseMs };
}
