/**
 * The `db` of a scenario: a database of SQL, through the pool that a service in its place would have.
 *
 *     export default scenario('orders', { database: { url: 'postgres://localhost/shop', pool: 10 } }, async ({ db }) => {
 *       const found = await db.query('select * from orders where id = $1', [7]);
 *       await db.transaction(async (tx) => {
 *         await tx.query('update stock set count = count - 1 where item = $1', [3]);
 *         await tx.query('insert into orders (item) values ($1)', [3]);
 *       }, { retries: 3 });
 *     });
 *
 * 1. Each statement is one request, and so are the begin and the end of a transaction. Waiting for a connection of the pool is
 *    part of its response, and stands beside the steps as `db.acquire`; from then to the answer is `db.execute`; of a
 *    transaction the begin is `db.begin` (of SQLite the wait for its one lock) and the commit `db.commit`.
 * 2. A statement that fails says so in its reply and does not throw. Within a transaction it ends the transaction: it
 *    throws, and what follows is not sent.
 * 3. A transaction that the database has chosen to give way (serialization, deadlock, SQLITE_BUSY) is made again as often as
 *    `retries` says. `db.retries` counts that, `db.aborts` counts the transactions that a statement or the commit ended.
 * 4. A statement that takes longer than the time-out of the run has failed, and its connection is destroyed.
 *
 * Deliberately absent: statements prepared by name, cursors, savepoints.
 */
export interface Db {
  /** @param parameters of the statement, as the database writes them: $1 of PostgreSQL, ? of MySQL and SQLite */
  query<Row = Record<string, unknown>>(
    statement: string,
    parameters?: readonly unknown[],
  ): Promise<DbReply<Row>>;
  /** Rejects with what `work` threw, where no statement had failed before; it is rolled back then. */
  transaction<Value>(
    work: (transaction: DbTransaction) => PromiseLike<Value>,
    options?: TransactionOptions,
  ): Promise<TransactionReply<Value>>;
}

export interface DbTransaction {
  /** Throws where the statement fails, for the transaction has failed with it. */
  query<Row = Record<string, unknown>>(
    statement: string,
    parameters?: readonly unknown[],
  ): Promise<DbReply<Row>>;
}

export interface TransactionOptions {
  /** How often it is made again; 0 when left out. */
  readonly retries?: number;
  /** What it begins with: `begin isolation level serializable`. The plain begin of the database when left out. */
  readonly begin?: string;
}

export interface DbReply<Row = Record<string, unknown>> {
  readonly ok: boolean;
  /** Why not: `db.23505` (SQLSTATE; of MySQL its number, of SQLite its name), `timeout`, `pool` ...; empty for success. */
  readonly failure: string;
  /** What was said of the failure; empty for success. */
  readonly message: string;
  readonly rows: readonly Row[];
  /** Rows that the statement gave or changed. */
  readonly rowCount: number;
  /** From when it was due to its answer, waiting for a connection included. */
  readonly responseMs: number;
}

export interface TransactionReply<Value> {
  readonly ok: boolean;
  readonly failure: string;
  readonly message: string;
  /** What `work` returned; undefined where it failed. */
  readonly value: Value | undefined;
  /** How often it was made again. */
  readonly retries: number;
  readonly responseMs: number;
}

/** The option `database` of a scenario, or one of several. */
export interface DatabaseOptions {
  /** `postgres://user:password@host:5432/name`, `mysql://...`, `redis://...`, or `sqlite:orders.db` beside the file. */
  readonly url: string;
  /** Connections of the whole run; 10 when left out. They are divided over the threads. */
  readonly pool?: number;
}
