import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  missing,
  sqliteInFolder,
  startMysql,
  startPostgres,
  startRedis,
  type DatabaseServer,
} from '../../../test/kit/databases.ts';
import { closedPort, httpTarget } from '../../../test/kit/httpTarget.ts';
import { databaseWire } from '../../protocols/databases/databaseClient.ts';
import { databaseAddress } from '../../protocols/databases/databaseUrl.ts';
import { http1 } from '../../protocols/http1.ts';
import { straight } from '../../protocols/route.ts';
import { limitsOf } from '../../model/objectives.ts';
import { Account } from '../account.ts';
import { Databases, shareOf, sharedBy } from './databases.ts';
import type { DatabaseOptions } from './db.ts';
import { noRowsGiven } from '../feed.ts';
import { openFeeds } from '../feedFile.ts';
import { Player } from '../player.ts';
import { scenario, type Scenario } from '../scenario.ts';
import type { UserDb } from './userDb.ts';
import type { UserRedis } from './userRedis.ts';

/** What a server is given to notice that somebody has left. */
const later = { timeout: 10_000 };

const nothing = (): Promise<void> => Promise.resolve();
const naming = (...database: DatabaseOptions[]): Scenario => scenario('shop', { database }, nothing);

/** Users of one pool, and what they tell. */
class Stage {
  readonly databases: Databases;
  readonly told = { sent: 0, failures: [] as string[], connects: 0 };
  readonly times: Record<string, number[]> = {};
  readonly counts: Record<string, number> = {};
  readonly #scenario: Scenario;

  constructor(databases: Databases, named: Scenario) {
    this.databases = databases;
    this.#scenario = named;
  }

  static async at(url: string, { pool = 2, timeoutMs = 5000 } = {}): Promise<Stage> {
    const named = naming({ url, pool });
    const options = { file: 'shop.ts', timeoutMs, share: 0, shares: 1 };
    return new Stage(await Databases.open([named], options), named);
  }

  user(): { db: UserDb; redis: UserRedis; account: Account; giveUp: () => void } {
    const account = new Account({
      connected: () => void this.told.connects++,
      sent: () => void this.told.sent++,
      done: (_due, _sent, _first, _done, failure) => void this.told.failures.push(failure),
    });
    const { db, redis, retire } = this.databases.equip(this.#scenario, account, {
      time: (name, ms) => void (this.times[name] ??= []).push(ms),
      count: (name, amount) => void (this.counts[name] = (this.counts[name] ?? 0) + amount),
    });
    const giveUp = (): void => {
      account.close();
      retire();
    };
    return { db, redis, account, giveUp };
  }
}

/** What databases say differently. */
interface Dialect {
  readonly start: () => Promise<DatabaseServer>;
  readonly missing: string | null;
  readonly parameter: (nth: number) => string;
  readonly sleep: (seconds: number) => string;
  readonly taken: string;
  readonly syntax: string;
  readonly deadlock: string;
  /** How many are connected, without the one who asks. */
  readonly others: string;
  readonly most: number;
  readonly tooMany: string;
  readonly wrongPassword: string;
  readonly noDatabase: string;
  /** What a statement fails with whose connection is ended by the server. */
  readonly killed: readonly string[];
  readonly kill: string;
}

const dialects: Record<'PostgreSQL' | 'MySQL', Dialect> = {
  PostgreSQL: {
    start: () => startPostgres({ maxConnections: 23 }),
    missing: missing.postgres,
    parameter: (nth) => `$${nth}`,
    sleep: (seconds) => `select pg_sleep(${seconds})`,
    taken: 'db.23505',
    syntax: 'db.42601',
    deadlock: 'db.40P01',
    others: `select pid as id from pg_stat_activity where usename = 'clerk' and pid <> pg_backend_pid()`,
    // Three are reserved for administrators.
    most: 20,
    tooMany: 'db.53300',
    wrongPassword: 'db.28P01',
    noDatabase: 'db.3D000',
    killed: ['db.57P01'],
    kill: 'select pg_terminate_backend($1)',
  },
  MySQL: {
    start: startMysql,
    missing: missing.mysql,
    parameter: () => '?',
    sleep: (seconds) => `select sleep(${seconds})`,
    taken: 'db.1062',
    syntax: 'db.1064',
    deadlock: 'db.1213',
    others: 'select id from information_schema.processlist where id <> connection_id()',
    most: 20,
    tooMany: 'db.1040',
    wrongPassword: 'db.1045',
    // It tells those who may not see a database that, not whether there is one.
    noDatabase: 'db.1044',
    killed: ['closed', 'db.1927', 'db.1317'],
    kill: 'kill ?',
  },
};

/** What every database of SQL has to do. @param url asked when a test runs */
function contract(url: () => string, of: Pick<Dialect, 'parameter' | 'taken' | 'syntax'>): void {
  const insert = `insert into stock (item, amount) values (${of.parameter(1)}, ${of.parameter(2)})`;
  const amounts = async (stage: Stage): Promise<unknown[]> => {
    const found = await stage.user().db.query<{ amount: number }>('select amount from stock order by item');
    return found.rows.map(({ amount }) => amount);
  };
  async function stocked(options = {}): Promise<Stage> {
    const stage = await Stage.at(url(), options);
    const { db } = stage.user();
    await db.query('drop table if exists stock');
    await db.query('create table stock (item integer primary key, amount integer)');
    await db.query(insert, [1, 17]);
    stage.told.sent = 0;
    stage.told.failures.length = 0;
    for (const name of Object.keys(stage.times)) delete stage.times[name];
    return stage;
  }

  it('answers statements with rows and counts, each one request', async () => {
    const stage = await stocked();
    const { db, account } = stage.user();
    const added = await db.query(insert, [2, 29]);
    expect(added).toMatchObject({ ok: true, failure: '', message: '', rows: [], rowCount: 1 });
    const found = await db.query(`select item, amount from stock where item = ${of.parameter(1)}`, [2]);
    expect(found).toMatchObject({ ok: true, rows: [{ item: 2, amount: 29 }], rowCount: 1 });
    expect(found.responseMs).toBeGreaterThan(0);
    expect(stage.told).toMatchObject({ sent: 2, failures: ['', ''] });
    expect([account.failure, account.underWay]).toEqual(['', 0]);
    expect([stage.times['db.acquire']?.length, stage.times['db.execute']?.length]).toEqual([2, 2]);
    await stage.databases.close();
  });

  it('says in its reply what has failed, and goes on', async () => {
    const stage = await stocked({ pool: 1 });
    const { db, account } = stage.user();
    const taken = await db.query(insert, [1, 3]);
    expect(taken).toMatchObject({ ok: false, failure: of.taken, rows: [] });
    expect(taken.message).not.toBe('');
    expect((await db.query('selec 1')).failure).toBe(of.syntax);
    expect(await amounts(stage)).toEqual([17]);
    expect(stage.told.failures).toEqual([of.taken, of.syntax, '']);
    expect(account.failure).toBe(of.taken);
    expect(stage.times['db.execute']?.length).toBe(1);
    await stage.databases.close();
  });

  it('commits a transaction, whose begin and end are requests too', async () => {
    const stage = await stocked();
    const { db, account } = stage.user();
    const moved = await db.transaction(async (tx) => {
      await tx.query('update stock set amount = amount - 5 where item = 1');
      await tx.query(insert, [2, 5]);
      return 'moved';
    });
    expect(moved).toMatchObject({ ok: true, value: 'moved', retries: 0 });
    expect(stage.told).toMatchObject({ sent: 4, failures: ['', '', '', ''] });
    expect(stage.times['db.commit']?.length).toBe(1);
    expect(stage.times['db.execute']?.length).toBe(2);
    expect([account.failure, account.underWay]).toEqual(['', 0]);
    expect(await amounts(stage)).toEqual([12, 5]);
    await stage.databases.close();
  });

  it('rolls back with the first statement that fails, and sends none after it', async () => {
    const stage = await stocked({ pool: 1 });
    const { db, account } = stage.user();
    const failed = await db.transaction(async (tx) => {
      await tx.query('update stock set amount = 0');
      await tx.query(insert, [1, 3]).catch(() => undefined);
      await tx.query('update stock set amount = 99');
    });
    expect(failed).toMatchObject({ ok: false, failure: of.taken, value: undefined });
    expect(stage.told.failures).toEqual(['', '', of.taken, '']);
    expect(stage.counts).toEqual({ 'db.aborts': 1 });
    expect(account.failure).toBe(of.taken);
    expect(await amounts(stage)).toEqual([17]);
    await stage.databases.close();
  });

  it('rolls back what its function does not await, or throws in', async () => {
    const stage = await stocked({ pool: 1 });
    const { db, account } = stage.user();
    const loose = await db.transaction((tx) => {
      tx.query(insert, [2, 3]).catch(() => undefined);
      tx.query(insert, [1, 3]).catch(() => undefined);
      return Promise.resolve();
    });
    expect(loose.failure).toBe(of.taken);
    const { db: other, account: others } = stage.user();
    const thrown = other.transaction(async (tx) => {
      await tx.query('update stock set amount = 0');
      throw new Error('no more');
    });
    await expect(thrown).rejects.toThrow('no more');
    expect([account.failure, others.failure, others.underWay]).toEqual([of.taken, '', 0]);
    expect(await amounts(stage)).toEqual([17]);
    await stage.databases.close();
  });

  it('refuses to begin a transaction past the function for it', async () => {
    const stage = await stocked();
    await expect(stage.user().db.query(' BEGIN')).rejects.toThrow('db.transaction');
    expect(stage.told.sent).toBe(0);
    await stage.databases.close();
  });

  it('destroys the connection of a session that is given up, with its transaction', async () => {
    const stage = await stocked({ pool: 1 });
    const { db, giveUp } = stage.user();
    const reached = await new Promise((resolve) => {
      void db.transaction(async (tx) => {
        await tx.query('update stock set amount = 0');
        resolve('in the middle');
        await tx.query('update stock set amount = 1');
        resolve('too far');
      });
    });
    giveUp();
    const told = stage.told.failures.length;
    expect([reached, await amounts(stage)]).toEqual(['in the middle', [17]]);
    // The one who asked, and nobody else.
    expect(stage.told.failures.length).toBe(told + 1);
    await stage.databases.close();
  });
}

describe.each(Object.entries(dialects))('%s', (_name, of) => {
  describe.skipIf(of.missing !== null)('as it runs', () => {
    let server: DatabaseServer;
    beforeAll(async () => void (server = await of.start()), 60_000);
    afterAll(() => server.stop());

    contract(() => server.url, of);

    it('never has more connections than its pool, and keeps none after the end', async () => {
      const [stage, watcher] = await Promise.all([Stage.at(server.url, { pool: 3 }), Stage.at(server.url)]);
      const held = Array.from({ length: 7 }, () => stage.user().db.query(of.sleep(0.15)));
      const { db } = watcher.user();
      const seen: number[] = [];
      let isOver = false;
      const all = Promise.all(held).finally(() => (isOver = true));
      while (!isOver) seen.push((await db.query(of.others)).rowCount);
      expect((await all).map(({ ok }) => ok)).toEqual(Array.from({ length: 7 }, () => true));
      expect(Math.max(...seen)).toBe(3);
      const waits = (stage.times['db.acquire'] ?? []).toSorted((a, b) => a - b);
      expect(waits.length).toBe(7);
      // Seven on three connections: the last one has waited for two before it.
      expect(waits.at(-1)).toBeGreaterThan(280);
      expect(stage.told.connects).toBe(3);
      await stage.databases.close();
      await expect.poll(async () => (await db.query(of.others)).rowCount, later).toBe(0);
      await watcher.databases.close();
    });

    it('ends a statement that takes too long, and takes another connection', async () => {
      const stage = await Stage.at(server.url, { pool: 1, timeoutMs: 200 });
      const { db } = stage.user();
      const late = await db.query(of.sleep(0.9));
      expect(late).toMatchObject({ ok: false, failure: 'timeout' });
      expect(late.responseMs).toBeGreaterThan(195);
      expect(late.responseMs).toBeLessThan(1500);
      expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      expect(stage.told.connects).toBe(2);
      await stage.databases.close();
    });

    it('tells a pool without a free connection from a slow database', async () => {
      const stage = await Stage.at(server.url, { pool: 1, timeoutMs: 250 });
      const { db } = stage.user();
      await db.query('select 1');
      const [first, second] = await Promise.all([db.query(of.sleep(0.9)), db.query('select 1')]);
      expect([first?.failure, second?.failure]).toEqual(['timeout', 'pool']);
      await stage.databases.close();
    });

    it('makes a transaction again that gave way in a deadlock', async () => {
      const stage = await Stage.at(server.url);
      await stage.user().db.query('drop table if exists pair');
      await stage.user().db.query('create table pair (item integer primary key, amount integer)');
      await stage.user().db.query('insert into pair values (1, 0), (2, 0)');
      let met = 0;
      let meet = (): void => undefined;
      const both = new Promise<void>((resolve) => (meet = resolve));
      const crossing = (first: number, second: number) => {
        const { db, account } = stage.user();
        const add = (item: number): string => `update pair set amount = amount + 1 where item = ${item}`;
        const made = db.transaction(
          async (tx) => {
            await tx.query(add(first));
            if (++met === 2) meet();
            await both;
            await tx.query(add(second));
          },
          { retries: 3 },
        );
        return made.then((reply) => ({ ...reply, session: account.failure }));
      };
      const made = await Promise.all([crossing(1, 2), crossing(2, 1)]);
      expect(made.map(({ ok, session }) => [ok, session])).toEqual([
        [true, ''],
        [true, ''],
      ]);
      expect(made.reduce((sum, { retries }) => sum + retries, 0)).toBe(1);
      expect(stage.counts).toEqual({ 'db.retries': 1, 'db.aborts': 1 });
      expect(stage.told.failures.filter((failure) => failure !== '')).toEqual([of.deadlock]);
      const { rows } = await stage.user().db.query('select amount from pair');
      expect(rows).toEqual([{ amount: 2 }, { amount: 2 }]);
      await stage.databases.close();
    });

    it('notices connections that the server ends, at work and at rest', async () => {
      const [stage, killer] = await Promise.all([Stage.at(server.url, { pool: 1 }), Stage.at(server.url)]);
      const { db } = stage.user();
      const { db: other } = killer.user();
      const kill = async (): Promise<void> => {
        const { rows } = await other.query<{ id: number }>(of.others);
        for (const { id } of rows) await other.query(of.kill, [id]);
      };
      await other.query('select 1');
      const atWork = db.query(of.sleep(0.9));
      await expect.poll(async () => (await other.query(of.others)).rowCount, later).toBe(1);
      await kill();
      expect(of.killed).toContain((await atWork).failure);
      expect((await db.query('select 1')).ok).toBe(true);
      await kill();
      await expect.poll(async () => (await db.query('select 1')).ok).toBe(true);
      expect(stage.told.sent).toBe(stage.told.failures.length);
      await Promise.all([stage.databases.close(), killer.databases.close()]);
    });

    it('counts exactly those that the server has no connection for', async () => {
      const stage = await Stage.at(server.url, { pool: 33 });
      // Those of the tests before may still be on their way out.
      const watcher = await Stage.at(server.url);
      await expect.poll(async () => (await watcher.user().db.query(of.others)).rowCount, later).toBe(0);
      await watcher.databases.close();
      const freed = async (): Promise<boolean> => {
        const one = await Stage.at(server.url, { pool: of.most });
        const asked = Array.from({ length: of.most }, () => one.user().db.query(of.sleep(0.2)));
        const replies = await Promise.all(asked);
        await one.databases.close();
        return replies.every(({ ok }) => ok);
      };
      await expect.poll(freed, { timeout: 10_000 }).toBe(true);
      await expect
        .poll(
          async () => {
            const replies = await Promise.all(
              Array.from({ length: 33 }, () => stage.user().db.query(of.sleep(0.5))),
            );
            const refused = replies.filter(({ failure }) => failure === of.tooMany).length;
            return [replies.filter(({ ok }) => ok).length, refused];
          },
          { timeout: 10_000 },
        )
        .toEqual([of.most, 33 - of.most]);
      expect(stage.told.sent).toBe(stage.told.failures.length);
      await stage.databases.close();
    });

    it('lets in nobody with a wrong password or for a database that is not there', async () => {
      const wrong = server.url.replace(server.password, 'not-it-5');
      const nowhere = server.url.replace('/shop', '/nowhere');
      for (const [url, failure] of [
        [wrong, of.wrongPassword],
        [nowhere, of.noDatabase],
      ] as const) {
        const stage = await Stage.at(url);
        expect((await stage.user().db.query('select 1')).failure).toBe(failure);
        const refused = await stage.databases.tryLogin(2000).catch((error: unknown) => error as Error);
        expect(refused).toMatchObject({ code: 'PLM_LOGIN' });
        expect(`${String(refused)} ${stage.databases.lastError}`).not.toMatch(/sesame-7|not-it-5/);
        await stage.databases.close();
      }
    });

    it('that dies leaves every statement counted', async () => {
      const own = await of.start();
      const stage = await Stage.at(own.url, { pool: 4 });
      const { db, account } = stage.user();
      await db.query('select 1');
      const transaction = db.transaction(async (tx) => {
        await tx.query(of.sleep(0.2));
        own.kill();
        await tx.query(of.sleep(0.9));
      });
      expect((await transaction).ok).toBe(false);
      await own.stop();
      expect((await db.query('select 1')).failure).toBe('connect.refused');
      expect(stage.told.sent).toBe(stage.told.failures.length);
      expect(account.underWay).toBe(0);
      await stage.databases.close();
    }, 60_000);
  });
});

describe('SQLite', () => {
  let file: DatabaseServer;
  beforeAll(() => void (file = sqliteInFolder()));
  afterAll(() => file.stop());

  contract(() => file.url, {
    parameter: () => '?',
    taken: 'db.SQLITE_CONSTRAINT_PRIMARYKEY',
    syntax: 'db.SQLITE_ERROR',
  });

  it('waits for the lock that another connection of the thread has', async () => {
    const stage = await Stage.at(file.url, { pool: 3 });
    await stage.user().db.query('create table if not exists waits (item integer)');
    const writers = Array.from({ length: 5 }, (_, item) =>
      stage.user().db.transaction(async (tx) => {
        await tx.query('insert into waits values (?)', [item]);
        await new Promise((resolve) => setTimeout(resolve, 5));
        await tx.query('insert into waits values (?)', [item]);
      }),
    );
    expect((await Promise.all(writers)).map(({ message }) => message)).toEqual(['', '', '', '', '']);
    expect((await stage.user().db.query('select * from waits')).rowCount).toBe(10);
    await stage.databases.close();
  });

  it('is one session with what it does over HTTP, due once and failed once', async () => {
    const target = await httpTarget((request, response) => {
      response.statusCode = request.url === '/missing' ? 404 : 200;
      response.end('hello');
    });
    const mixed = scenario('shop', { database: { url: file.url, pool: 2 } }, async ({ http, db, step }) => {
      await step('ask', () => db.query('select 1 as one'));
      await http.get('/');
      await db.transaction((tx) => tx.query('select 2 as two'));
      await db.query('selec 3');
      await http.get('/missing');
    });
    const options = { file: 'shop.ts', timeoutMs: 2000, share: 0, shares: 1 };
    const databases = await Databases.open([mixed], options);
    const requests: { dueMs: number; sentMs: number; failure: string }[] = [];
    const names: string[] = [];
    const named = (name: string): void => void names.push(name);
    let sent = 0;
    const player = new Player(
      {
        ...{ scenario: mixed, databases, wireTo: http1, baseUrl: target.url, headers: [], route: straight },
        ...{ ...options, setup: {}, limits: limitsOf([]), insecure: false, seed: 5 },
        feeds: openFeeds([mixed], 'shop.ts', { share: 0, seed: 5, given: noRowsGiven() }),
      },
      {
        requests: {
          connected: () => undefined,
          sent: () => void sent++,
          done: (dueMs, sentMs, _first, _done, failure) => void requests.push({ dueMs, sentMs, failure }),
        },
        step: named,
        time: named,
        count: named,
        good: () => undefined,
        messages: () => undefined,
        enqueued: () => undefined,
        completed: () => true,
      },
    );
    const session = player.session();
    await new Promise<void>((ended) => session.exchange(() => ended(), performance.now() - 40));
    expect(session.failure).toBe('db.SQLITE_ERROR');
    expect(requests.map(({ failure }) => failure)).toEqual([
      '',
      '',
      '',
      '',
      '',
      'db.SQLITE_ERROR',
      'http.404',
    ]);
    expect(sent).toBe(7);
    const waited = requests.map(({ dueMs, sentMs }) => sentMs - dueMs > 39);
    expect(waited).toEqual([true, false, false, false, false, false, false]);
    // The statement that failed has a wait and no time.
    expect(names.filter((name) => name === 'db.acquire').length).toBe(3);
    expect(names.filter((name) => name === 'db.execute').length).toBe(2);
    expect(names).toContain('ask');
    session.close();
    await databases.close();
    await target.close();
  });

  it('makes a transaction again whose commit found the file locked', async () => {
    const stage = await Stage.at(file.url, { pool: 2 });
    await stage.user().db.query('create table if not exists busy (item integer)');
    let read = (): void => undefined;
    const isRead = new Promise<void>((resolve) => (read = resolve));
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const reader = stage.user().db.transaction(
      async (tx) => {
        await tx.query('select * from busy');
        read();
        await released;
      },
      { begin: 'begin deferred' },
    );
    await isRead;
    let attempts = 0;
    const written = await stage.user().db.transaction(
      async (tx) => {
        if (++attempts === 3) {
          release();
          await reader;
        }
        await tx.query('insert into busy values (7)');
      },
      { retries: 4 },
    );
    expect(written).toMatchObject({ ok: true, retries: 2 });
    expect(stage.counts).toEqual({ 'db.retries': 2, 'db.aborts': 2 });
    expect((await stage.user().db.query('select * from busy')).rowCount).toBe(1);
    await stage.databases.close();
  });
});

describe.skipIf(missing.redis !== null)('Redis', () => {
  let server: DatabaseServer;
  beforeAll(async () => void (server = await startRedis()), 30_000);
  afterAll(() => server.stop());

  it('answers commands, each one request', async () => {
    const stage = await Stage.at(server.url);
    const { redis, account } = stage.user();
    expect(await redis.send('SET', 'user:7', 'ada', 'EX', 60)).toMatchObject({ ok: true, value: 'OK' });
    expect(await redis.send('GET', 'user:7')).toMatchObject({ ok: true, value: 'ada' });
    expect((await redis.send<number>('INCRBY', 'seen', 19)).value).toBe(19);
    expect(stage.told).toMatchObject({ sent: 3, failures: ['', '', ''] });
    expect([stage.times['redis.acquire']?.length, stage.times['redis.execute']?.length]).toEqual([3, 3]);
    expect(account.failure).toBe('');
    await stage.databases.close();
  });

  it('says in its reply what has failed, and refuses what changes a connection', async () => {
    const stage = await Stage.at(server.url);
    const { redis } = stage.user();
    await redis.send('SET', 'word', 'ada');
    const wrong = await redis.send('LPUSH', 'word', 'x');
    expect(wrong).toMatchObject({ ok: false, failure: 'redis.WRONGTYPE', value: null });
    await expect(redis.send('multi')).rejects.toThrow('others share');
    await expect(stage.user().db.query('select 1')).rejects.toThrow('db needs a database');
    await stage.databases.close();
  });

  it('ends a command that takes too long, and takes another connection', async () => {
    const stage = await Stage.at(server.url, { pool: 1, timeoutMs: 200 });
    const { redis } = stage.user();
    expect((await redis.send('BLPOP', 'nobody', 0)).failure).toBe('timeout');
    expect((await redis.send('PING')).value).toBe('PONG');
    await stage.databases.close();
  });

  it('counts exactly those that the server has no connection for, and keeps none', async () => {
    const watcher = await Stage.at(server.url, { pool: 1 });
    const connected = async (): Promise<number> => {
      const { value } = await watcher.user().redis.send<string>('CLIENT', 'LIST');
      return value?.trim().split('\n').length ?? 0;
    };
    await expect.poll(connected).toBe(1);
    const stage = await Stage.at(server.url, { pool: 37 });
    const replies = await Promise.all(
      Array.from({ length: 37 }, () => stage.user().redis.send('BLPOP', 'nobody', 0.3)),
    );
    // 30 clients are allowed, and one of them looks on.
    expect(replies.filter(({ ok }) => ok).length).toBe(29);
    expect([...new Set(replies.map(({ failure }) => failure))].toSorted()).toEqual(['', 'redis.ERR']);
    expect(stage.told.sent).toBe(37);
    expect(stage.told.failures.length).toBe(37);
    await stage.databases.close();
    await expect.poll(connected).toBe(1);
    await watcher.databases.close();
  });

  it('lets in nobody with a wrong password, and is refused where nobody listens', async () => {
    const stage = await Stage.at(server.url.replace(server.password, 'not-it-5'));
    expect((await stage.user().redis.send('PING')).failure).toBe('redis.WRONGPASS');
    await expect(stage.databases.tryLogin(2000)).rejects.toMatchObject({ code: 'PLM_LOGIN' });
    const nobody = await Stage.at(`redis://127.0.0.1:${await closedPort()}`);
    expect((await nobody.user().redis.send('PING')).failure).toBe('connect.refused');
    await expect(nobody.databases.tryLogin(2000)).rejects.toMatchObject({ code: 'PLM_REFUSED' });
  });

  it('that dies leaves every command counted', async () => {
    const own = await startRedis();
    const stage = await Stage.at(own.url);
    const { redis } = stage.user();
    const waiting = redis.send('BLPOP', 'nobody', 0);
    await expect.poll(() => stage.told.connects + (stage.times['redis.acquire']?.length ?? 0)).toBe(1);
    await own.stop();
    expect(['closed', 'reset']).toContain((await waiting).failure);
    expect((await redis.send('PING')).failure).toBe('connect.refused');
    expect(stage.told.sent).toBe(stage.told.failures.length);
  });
});

describe('a pool', () => {
  it('is divided over the threads exactly', () => {
    const shares = [0, 1, 2, 3].map((share) => shareOf(10, share, 4));
    expect(shares).toEqual([3, 3, 2, 2]);
    for (const [pool, threads] of [
      [7, 7],
      [23, 5],
      [256, 3],
    ] as const) {
      const all = Array.from({ length: threads }, (_, share) => shareOf(pool, share, threads));
      expect(all.reduce((sum, each) => sum + each, 0)).toBe(pool);
      expect(Math.min(...all)).toBeGreaterThan(0);
    }
  });

  it('has at least a connection for each thread, and one size', () => {
    const url = 'mysql://clerk:sesame-7@db.example/shop';
    expect(sharedBy([naming({ url, pool: 3 }), naming({ url, pool: 3 })], 3)).toEqual([{ url, pool: 3 }]);
    for (const [scenarios, threads] of [
      [[naming({ url, pool: 3 })], 4],
      [[naming({ url }), naming({ url, pool: 7 })], 2],
    ] as const) {
      expect(() => sharedBy(scenarios, threads)).toThrow(expect.objectContaining({ code: 'PLM_POOL' }));
      expect(() => sharedBy(scenarios, threads)).not.toThrow(/sesame/);
    }
  });
});

describe('a database that a scenario names', () => {
  it.each([
    ['mongodb://clerk:sesame-7@localhost/shop', /mongodb: is no database known here/],
    ['clerk', /no scheme/],
    ['postgres://', /needs a host/],
    ['sqlite::memory:', /needs a file/],
  ])('%s is refused in words that hold no password', (url, said) => {
    expect(() => naming({ url })).toThrow(said);
    expect(() => naming({ url })).not.toThrow(/sesame/);
  });

  it('has a whole number of connections, and there is one of its kind', () => {
    expect(() => naming({ url: 'redis://localhost', pool: 2.5 })).toThrow('pool 2.5');
    const [one, other] = [{ url: 'sqlite:a.db' }, { url: 'postgres://localhost/b' }];
    expect(() => naming(one, other)).toThrow('two databases for one db');
    expect(naming(one, { url: 'redis://localhost' }).name).toBe('shop');
  });

  it('is shown without user, password and parameters', () => {
    const shown = (url: string): string => databaseAddress(url).name;
    expect(shown('postgresql://clerk:s%40x@db.example/shop?sslpassword=k')).toBe(
      'postgresql://db.example:5432/shop',
    );
    expect(shown('rediss://:sesame@[::1]:7000/3')).toBe('rediss://[::1]:7000/3');
    expect(shown('sqlite:orders.db')).toBe('sqlite:orders.db');
  });

  it('says what to install where its client is not there', async () => {
    const lost = (): Promise<never> =>
      Promise.reject(Object.assign(new Error("Cannot find package 'pg'"), { code: 'ERR_MODULE_NOT_FOUND' }));
    const from = { postgres: lost, mysql: lost, redis: lost, sqlite: lost };
    for (const [url, line] of [
      ['postgres://a:sesame@localhost/shop', 'npm install pg@8.23.1'],
      ['mysql://localhost/shop', 'npm install mysql2@3.24.5'],
      ['redis://localhost', 'npm install redis@6.3.1'],
    ] as const) {
      const missed = databaseWire(databaseAddress(url), 'shop.ts', undefined, from);
      await expect(missed).rejects.toMatchObject({ code: 'PLM_CLIENT' });
      await expect(missed).rejects.toThrow(line);
      await expect(missed).rejects.not.toThrow('sesame');
    }
  });
});
