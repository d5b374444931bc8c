/**
 * Orders in a database: SQLite in a file beside this one, so that nothing has to be installed. In the folder of the repository:
 *
 *     npx plimsoll run examples/database.ts --rate 50/s --duration 10s
 *
 * SQLite works on the threads of Plimsoll itself, so it is they that limit a capacity. A database with a server is measured as it
 * is: npx plimsoll capacity examples/database.ts.
 * For PostgreSQL: `npm install pg@8.23.1`, url 'postgres://user:password@localhost/shop', and $1, $2 for the parameters.
 */
import { expect, scenario } from 'plimsoll';

export default scenario(
  'orders',
  {
    database: { url: 'sqlite:orders.db', pool: 4 },
    setup: async ({ db }) => {
      await db.query('pragma journal_mode = wal');
      await db.query('drop table if exists orders');
      await db.query('drop table if exists stock');
      await db.query('create table stock (item integer primary key, amount integer)');
      await db.query('create table orders (id integer primary key, item integer)');
      for (let item = 1; item <= 20; item++) await db.query('insert into stock values (?, 1000000)', [item]);
    },
  },
  async ({ db, step, vary }) => {
    const item = vary.whole(1, 20);
    const stock = await step('look', () => db.query('select amount from stock where item = ?', [item]));
    expect(stock.rowCount, 1);
    const ordered = await step('order', () =>
      db.transaction(
        async (tx) => {
          await tx.query('update stock set amount = amount - 1 where item = ?', [item]);
          await tx.query('insert into orders (item) values (?)', [item]);
        },
        { retries: 3 },
      ),
    );
    expect(ordered.ok, true, ordered.message);
  },
);
