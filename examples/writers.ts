/**
 * Writers side by side on one row, until they carry no more: SQLite lets one of them write at a time. In the folder of the repository:
 *
 *     npx plimsoll capacity examples/writers.ts
 *
 * A transaction holds the lock for some 5 ms, so that about 160 a second are all there can be, however many write. The wait for the
 * lock is `db.begin`. With PostgreSQL (url 'postgres://user:password@localhost/shop', $1 for ?) they wait in `db.execute` instead,
 * and those on other rows do not wait at all.
 */
import { expect, scenario } from 'plimsoll';

export default scenario(
  'writers',
  {
    database: { url: 'sqlite:writers.db', pool: 8 },
    setup: async ({ db }) => {
      await db.query('pragma journal_mode = wal');
      await db.query('drop table if exists tally');
      await db.query('create table tally (id integer primary key, amount integer)');
      await db.query('insert into tally values (1, 0)');
    },
  },
  async ({ db, pause }) => {
    const written = await db.transaction(
      async (tx) => {
        await tx.query('update tally set amount = amount + 1 where id = ?', [1]);
        // The work that keeps the lock.
        await pause(0.005);
      },
      { retries: 2 },
    );
    expect(written.ok, true, written.message);
  },
);
