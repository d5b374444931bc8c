/**
 * Sessions and their turns in SQLite on disk.
 *
 * 1. Nothing about a session is held in memory: its number of turns is the database's.
 * 2. A turn's number is taken when the turn begins and its row written when it is answered, so the numbers of a
 *    session are in the order of asking and at most `turnsPerSession`.
 * 3. `synchronous` is OFF: with NORMAL the flush at a checkpoint held the event loop for up to 750 ms on a slow
 *    disk, which would be a defect nobody planted. With OFF a turn's two writes take about 0.07 ms.
 *
 * libsql: rows of `.get()` carry an extra `_metadata`; only named columns are read here.
 */
import { join } from 'node:path';
import Database from 'libsql';

export const turnsPerSession = 15;

export interface StoredTurn {
  readonly turn: number;
  readonly say: string;
  readonly reply: string;
  readonly tokens: number;
}

const schema = `
  CREATE TABLE IF NOT EXISTS sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    turns INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE IF NOT EXISTS turns (
    session INTEGER NOT NULL REFERENCES sessions (id),
    turn INTEGER NOT NULL,
    say TEXT NOT NULL,
    reply TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    PRIMARY KEY (session, turn)
  ) WITHOUT ROWID;`;

export class Store {
  readonly #database: Database.Database;
  readonly #open: Database.Statement;
  readonly #begin: Database.Statement;
  readonly #end: Database.Statement;
  readonly #known: Database.Statement;
  readonly #turns: Database.Statement;

  /** @param folder one that exists; the database is `conversations.db` in it */
  constructor(folder: string) {
    this.#database = new Database(join(folder, 'conversations.db'));
    this.#database.pragma('journal_mode = WAL');
    this.#database.pragma('synchronous = OFF');
    this.#database.exec(schema);
    this.#open = this.#database.prepare('INSERT INTO sessions DEFAULT VALUES');
    this.#begin = this.#database.prepare(
      `UPDATE sessions SET turns = turns + 1 WHERE id = ? AND turns < ${turnsPerSession} RETURNING turns`,
    );
    this.#end = this.#database.prepare('INSERT INTO turns VALUES (?, ?, ?, ?, ?)');
    this.#known = this.#database.prepare('SELECT id FROM sessions WHERE id = ?');
    this.#turns = this.#database.prepare(
      'SELECT turn, say, reply, tokens FROM turns WHERE session = ? ORDER BY turn',
    );
  }

  /** Opens a session. @returns its number, from 1 */
  openSession(): number {
    return Number(this.#open.run().lastInsertRowid);
  }

  has(session: number): boolean {
    return this.#known.get(session) !== undefined;
  }

  /** Begins the session's next turn. @returns its number, from 1; undefined for a session that is unknown or full */
  beginTurn(session: number): number | undefined {
    const row = this.#begin.get(session) as { turns: number } | undefined;
    return row?.turns;
  }

  endTurn(session: number, { turn, say, reply, tokens }: StoredTurn): void {
    this.#end.run(session, turn, say, reply, tokens);
  }

  /** The answered turns of a session, in order. */
  history(session: number): StoredTurn[] {
    const rows = this.#turns.all(session) as StoredTurn[];
    return rows.map(({ turn, say, reply, tokens }) => ({ turn, say, reply, tokens }));
  }

  /** Closes the database, with all of it in its one file. */
  close(): void {
    this.#database.pragma('wal_checkpoint(TRUNCATE)');
    this.#database.close();
  }
}
