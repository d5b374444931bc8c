/**
 * SQLite, through libsql. It has no server: a statement runs on the thread that asks, and blocks it.
 *
 * 1. Whoever finds the file locked outside a transaction waits as SQLite itself would, but lets the thread go on: the one
 *    that holds the lock may be on the same thread. Within a transaction the failure is told at once.
 * 2. A transaction takes the lock when it begins, so that two of them never wait for each other.
 * 3. A time-out ends the waiting for the lock; a statement that runs cannot be ended.
 */
import Database from 'libsql';
import { failureCode, type Answer, type DatabaseConnection, type DatabaseWire } from './database.ts';
import { sqliteFile, type DatabaseAddress } from './databaseUrl.ts';

export function sqlite(address: DatabaseAddress, file: string): DatabaseWire {
  const path = sqliteFile(address, file);
  return {
    address,
    connect: () => new Promise((resolve) => resolve(new SqliteConnection(new Database(path)))),
    failureOf: (error) => `db.${failureCode((error as { code?: string }).code ?? '')}`,
    begin: 'begin immediate',
    aborts: ['db.SQLITE_BUSY', 'db.SQLITE_BUSY_SNAPSHOT'],
  };
}

/** As SQLite waits itself (sqliteDefaultBusyCallback). */
const busyDelaysMs = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100];
const preparedMost = 200;

class SqliteConnection implements DatabaseConnection {
  readonly #database: Database.Database;
  readonly #prepared = new Map<string, Database.Statement>();

  constructor(database: Database.Database) {
    this.#database = database;
    database.pragma('busy_timeout = 0');
  }

  async run(text: string, parameters: readonly unknown[]): Promise<Answer> {
    // Answers come at once: without a turn of the loop between them, timers and messages of the thread would starve.
    await new Promise((resolve) => setImmediate(resolve));
    for (let waited = 0; ; waited++) {
      try {
        return this.#now(text, parameters);
      } catch (error) {
        const isBusy = (error as { code?: unknown }).code === 'SQLITE_BUSY';
        if (!isBusy || !this.#database.open || this.#database.inTransaction) throw error;
        const delayMs = busyDelaysMs[Math.min(waited, busyDelaysMs.length - 1)];
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        if (!this.#database.open) throw error;
      }
    }
  }

  bytes(): { sent: number; received: number } {
    return { sent: 0, received: 0 };
  }

  isClean(): boolean {
    return !this.#database.inTransaction;
  }

  destroy(): void {
    if (!this.#database.open) return;
    // Closed with prepared statements, libsql would keep the lock until they are collected.
    if (this.#database.inTransaction) this.#database.exec('rollback');
    this.#prepared.clear();
    this.#database.close();
  }

  end(): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  #now(text: string, parameters: readonly unknown[]): Answer {
    const known = this.#prepared.get(text);
    const statement = known ?? this.#database.prepare(text);
    if (known === undefined && this.#prepared.size < preparedMost) this.#prepared.set(text, statement);
    if (!statement.reader) {
      const { changes } = statement.run([...parameters]);
      return { rows: [], rowCount: changes, value: null };
    }
    const rows = statement.all([...parameters]);
    return { rows, rowCount: rows.length, value: null };
  }
}
