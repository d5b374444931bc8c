/** Databases from outside: the command line against real servers. Real time, so side by side. */
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderFor, plimsoll, until } from './kit/bin.ts';
import { testCertificate, testKey } from '../src/protocols/testing/certificate.ts';
import { missing, startMysql, startPostgres, startRedis, type DatabaseServer } from './kit/databases.ts';
import { closedPort } from './kit/httpTarget.ts';

/** A scenario file in a folder of its own. @param rest further options of the scenario */
function scenarioIn(folder: string, url: string, pool: number, body: string, rest = ''): string {
  const file = join(folder, 'shop.ts');
  writeFileSync(
    file,
    `import { expect, scenario } from 'plimsoll';
     export default scenario('shop', { database: ${JSON.stringify({ url, pool })}, ${rest} }, async ({ db, redis, user }) => { ${body} });`,
  );
  return file;
}

const limits = ['--slo', 'p95<5s,errors<1%'];

describe.concurrent('a scenario with a database', () => {
  it('of the examples runs on SQLite, and its rows agree with the sessions', async (context) => {
    const folder = folderFor(context);
    const file = join(folder, 'database.ts');
    copyFileSync(fileURLToPath(new URL('../examples/database.ts', import.meta.url)), file);
    const run = plimsoll(context, ['run', file, '--rate', '40/s', '--duration', '2s', ...limits], folder);
    const { stderr } = await run.ended;
    const report = run.report();
    expect(report.target, stderr).toMatchObject({
      kind: 'sqlite',
      name: 'sqlite:orders.db',
      protocol: 'SQLite',
      pid: null,
    });
    const level = report.experiments[0]?.levels[0];
    expect(level?.sessions?.failed).toBe(0);
    const done = level?.sessions?.done ?? 0;
    expect(done).toBeGreaterThan(40);
    // The look; and begin, two statements and commit of the order.
    expect(level?.requests.done).toBe(5 * done);
    const steps = Object.fromEntries((level?.steps ?? []).map((step) => [step.name, step.done]));
    expect(steps).toMatchObject({ look: done, order: done, 'db.execute': 3 * done, 'db.commit': done });
    expect(report.run.setup).toEqual({ requests: 25, failed: 0 });
    const database = new Database(join(folder, 'orders.db'));
    expect(database.prepare('select count(*) as n from orders').all([])).toEqual([{ n: done }]);
    database.close();
  });

  it('of writers that share one lock shows the wait for it, and every write is there', async (context) => {
    const folder = folderFor(context);
    const file = join(folder, 'writers.ts');
    copyFileSync(fileURLToPath(new URL('../examples/writers.ts', import.meta.url)), file);
    // Not users who write again at once: SQLite lets the one that has just written do so before those that wait.
    const flags = ['--rate', '120/s', '--duration', '2s', '--workers', '2', ...limits];
    const run = plimsoll(context, ['run', file, ...flags], folder);
    const { code, stderr } = await run.ended;
    expect(code, stderr).toBe(0);
    const level = run.report().experiments[0]?.levels[0];
    const begin = level?.steps.find(({ name }) => name === 'db.begin');
    expect(begin?.done).toBe(level?.sessions?.done);
    // Of some 160 a second that there can be.
    expect(begin?.response.p95).toBeGreaterThan(5);
    const database = new Database(join(folder, 'writers.db'));
    expect(database.prepare('select amount from tally').all([])).toEqual([{ amount: level?.sessions?.done }]);
    database.close();
  });

  const refused = [
    ['mongodb://clerk:sesame-7@localhost/shop', 1, 2, 'PLM_SCENARIO', 'mongodb: is no database known here'],
    ['redis://:sesame-7@127.0.0.1:PORT', 1, 3, 'PLM_REFUSED', 'redis://127.0.0.1:PORT'],
    ['mysql://clerk:sesame-7@127.0.0.1:PORT/shop', 1, 3, 'PLM_REFUSED', 'mysql://127.0.0.1:PORT/shop'],
    ['mysql://clerk:sesame-7@localhost/shop', 4, 2, 'PLM_POOL', 'pool 3 of mysql://localhost'],
  ] as const;
  for (const [given, workers, exit, code, words] of refused) {
    it(`that cannot be had ends with ${code} in clear words: ${given}, ${workers} workers`, async (context) => {
      const folder = folderFor(context);
      const port = String(await closedPort());
      const file = scenarioIn(folder, given.replace('PORT', port), 3, `await db.query('select 1')`);
      const run = plimsoll(context, ['run', file, '--debug', '--workers', String(workers)], folder);
      const { code: ended, stderr, stdout } = await run.ended;
      expect(stderr).toContain(`[${code}]`);
      expect(stderr.replace(/\s+/g, ' ')).toContain(words.replace('PORT', port));
      expect(stdout + stderr).not.toContain('sesame');
      expect(ended).toBe(exit);
    });
  }

  it('is what a database needs: its URL alone is not enough', async (context) => {
    const url = 'postgres://clerk:sesame-7@localhost/shop';
    const { code, stderr } = await plimsoll(context, ['capacity', url]).ended;
    expect(stderr).toContain('[PLM_TARGET]');
    expect(stderr.replace(/\s+/g, ' ')).toContain('a database is loaded by a scenario file');
    expect(stderr).not.toContain('sesame');
    expect(code).toBe(2);
  });
});

describe.skipIf(missing.postgres !== null)('PostgreSQL', () => {
  let server: DatabaseServer;
  beforeAll(async () => void (server = await startPostgres({ maxConnections: 23 })), 60_000);
  afterAll(() => server.stop());

  async function ask(statement: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: server.url });
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(statement);
    await client.end();
    return rows;
  }
  const others = `select count(*)::int as n from pg_stat_activity where usename = 'clerk' and pid <> pg_backend_pid()`;

  it('counts what the server counts, over a pool that two threads share, and keeps nothing open', async (context) => {
    const folder = folderFor(context);
    await ask('create sequence if not exists asked minvalue 0 start 0');
    const rest = `setup: ({ db }) => db.query('create table made_by_setup (item integer)').then(({ ok }) => ok),
      teardown: ({ db }) => db.query('drop table made_by_setup'),`;
    const body = `const { rowCount } = await db.query("select nextval('asked'), pg_sleep(0.01) from (select count(*) from made_by_setup) as one");
      expect(rowCount, 1);`;
    const file = scenarioIn(folder, server.url, 5, body, rest);
    const flags = ['--users', '8', '--duration', '2s', '--workers', '2', '--debug', ...limits];
    const run = plimsoll(context, ['run', file, ...flags], folder);
    const { code, stdout, stderr } = await run.ended;
    const report = run.report();
    const level = report.experiments[0]?.levels[0];
    expect(level?.requests.failed, stdout + stderr).toBe(0);
    expect(code).toBe(0);
    expect(Number((await ask(`select nextval('asked') as n`))[0]?.['n'])).toBe(level?.requests.done);
    expect(level?.connections.opened).toBe(5);
    expect(report.target).toMatchObject({
      kind: 'postgres',
      name: `postgres://127.0.0.1:${server.port}/shop`,
      method: null,
      protocol: 'PostgreSQL',
    });
    // Found by the port, as every local target is.
    expect(report.target.command).toContain('postgres');
    expect(report.run.setup).toEqual({ requests: 2, failed: 0 });
    expect(stdout + stderr + JSON.stringify(report)).not.toContain(server.password);
    expect(await ask(`select to_regclass('made_by_setup') as t`)).toEqual([{ t: null }]);
    await expect.poll(async () => (await ask(others))[0]?.['n']).toBe(0);
  });

  it('that takes fewer connections than the pool has is counted refusing, to the connection', async (context) => {
    const folder = folderFor(context);
    await expect.poll(async () => (await ask(others))[0]?.['n']).toBe(0);
    const file = scenarioIn(folder, server.url, 33, `await db.query('select pg_sleep(0.05)')`);
    // Three of 23 are reserved for administrators.
    const run = plimsoll(
      context,
      ['run', file, '--users', '33', '--duration', '2s', '--workers', '1'],
      folder,
    );
    const { stdout, stderr } = await run.ended;
    const level = run.report().experiments[0]?.levels[0];
    expect(level?.connections.opened, stdout + stderr).toBe(20);
    expect(Object.keys(level?.errors.byKind ?? {})).toEqual(['db.53300']);
    const { due, sent, dropped, done, unfinished, failed } = level!.requests;
    expect([due, sent]).toEqual([sent + dropped, done + unfinished]);
    expect(failed).toBeGreaterThanOrEqual(13);
    expect(run.report().verdict).not.toBe('pass');
  });

  it('lets nobody in with a wrong password', async (context) => {
    const folder = folderFor(context);
    const url = server.url.replace(server.password, 'not-it-5');
    const run = plimsoll(context, ['run', scenarioIn(folder, url, 3, ''), '--debug'], folder);
    const { code, stderr } = await run.ended;
    expect(stderr).toContain('[PLM_LOGIN]');
    expect(stderr).toContain('password authentication failed');
    expect(stderr).not.toContain('not-it-5');
    expect(code).toBe(3);
  });

  it('that dies in the middle ends the run with 3 and with what was measured', async (context) => {
    const folder = folderFor(context);
    const own = await startPostgres();
    context.onTestFinished(() => own.stop());
    const mark = join(folder, 'under-way');
    const body = `if (user.session === 9) (await import('node:fs')).writeFileSync(${JSON.stringify(mark)}, '');
      await db.query('select pg_sleep(0.02)');`;
    const file = scenarioIn(folder, own.url, 4, body);
    const run = plimsoll(context, ['run', file, '--users', '4', '--duration', '30s', ...limits], folder);
    await until('sessions are played', () => existsSync(mark));
    own.kill();
    const { code, stderr } = await run.ended;
    expect(stderr).toContain('[PLM_DIED]');
    expect(code).toBe(3);
    const { due, sent, dropped, done, unfinished } = run.report().requests;
    expect([due, sent]).toEqual([sent + dropped, done + unfinished]);
    expect(done).toBeGreaterThan(0);
  }, 60_000);
});

describe.skipIf(missing.redis !== null)('Redis', () => {
  it('is counted command by command', async (context) => {
    const folder = folderFor(context);
    const server = await startRedis();
    context.onTestFinished(() => server.stop());
    const file = scenarioIn(
      folder,
      server.url,
      3,
      `const { value } = await redis.send('INCR', 'asked'); expect(value > 0, true);`,
      `teardown: async ({ redis }) => { await redis.send('SET', 'copy', (await redis.send('GET', 'asked')).value); },`,
    );
    const run = plimsoll(context, ['run', file, '--rate', '60/s', '--duration', '2s', ...limits], folder);
    const { stderr } = await run.ended;
    const report = run.report();
    const level = report.experiments[0]?.levels[0];
    expect(report.target, stderr).toMatchObject({ kind: 'redis', name: `redis://127.0.0.1:${server.port}` });
    expect(level?.requests.failed).toBe(0);
    // The client hides its socket: unknown, not nothing.
    expect(level?.target.networkInBytesPerSecond).toBe(null);
    const { createClient } = await import('redis');
    const client = await createClient({ url: server.url }).connect();
    expect(Number(await client.get('copy'))).toBe(level?.requests.done);
    await client.close();
  });
});

describe('over TLS', () => {
  const short = ['--rate', '40/s', '--duration', '1s', '--workers', '1', ...limits];

  /** The files of an authority and of a client that it vouches for: one and the same here. */
  function pemsIn(folder: string): { ca: string[]; client: string[] } {
    const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
    writeFileSync(certificate, testCertificate);
    writeFileSync(key, testKey);
    return { ca: ['--ca', certificate], client: ['--cert', certificate, '--key', key] };
  }

  it.skipIf(missing.postgres !== null)(
    'PostgreSQL is told whom to trust and who asks, as a target of HTTP is',
    async (context) => {
      const server = await startPostgres({ tls: true });
      context.onTestFinished(() => server.stop());
      const folder = folderFor(context);
      const { ca, client } = pemsIn(folder);
      const body = `const { rows } = await db.query('select ssl, client_dn from pg_stat_ssl where pid = pg_backend_pid()');
        expect(rows[0].ssl, true); expect(rows[0].client_dn, '/CN=localhost');`;
      const rest = `setup: async ({ db }) => { if (!(await db.query('select 1')).ok) throw new Error('not let in'); },`;
      const file = scenarioIn(folder, `${server.url}?sslmode=require`, 2, body, rest);
      const run = (flags: string[]) => plimsoll(context, ['run', file, ...short, ...flags], folder);
      const distrusted = await run(client).ended;
      expect([distrusted.code, distrusted.stderr]).toEqual([3, expect.stringContaining('[PLM_TLS]')]);
      const unknown = await run(ca).ended;
      expect([unknown.code, unknown.stderr]).toEqual([3, expect.stringContaining('[PLM_LOGIN]')]);
      expect(unknown.stderr).toContain('valid client certificate');
      for (const flags of [
        [...ca, ...client],
        ['--insecure', ...client],
      ]) {
        const trusted = run(flags);
        const { code, stderr } = await trusted.ended;
        expect(code, stderr).toBe(0);
        const level = trusted.report().experiments[0]?.levels[0];
        expect([level?.sessions?.failed, level?.requests.failed]).toEqual([0, 0]);
        expect(level?.requests.done).toBe(level?.sessions?.done);
      }
      const plain = scenarioIn(folder, server.url, 2, body);
      const { code, stderr } = await plimsoll(context, ['run', plain, ...short, ...ca], folder).ended;
      expect(stderr).toContain('its URL asks for no TLS: write ?sslmode=verify-full behind it');
      expect(code).toBe(2);
    },
    60_000,
  );

  it.skipIf(missing.redis !== null)(
    'Redis is held against the authority that is named',
    async (context) => {
      const server = await startRedis({ tls: true });
      context.onTestFinished(() => server.stop());
      const folder = folderFor(context);
      const file = scenarioIn(folder, server.url, 2, `expect((await redis.send('PING')).value, 'PONG');`);
      const distrusted = await plimsoll(context, ['run', file, ...short], folder).ended;
      expect([distrusted.code, distrusted.stderr]).toEqual([3, expect.stringContaining('[PLM_TLS]')]);
      const trusted = await plimsoll(context, ['run', file, ...short, ...pemsIn(folder).ca], folder).ended;
      expect(trusted.code, trusted.stderr).toBe(0);
    },
    60_000,
  );

  it.skipIf(missing.mysql !== null)(
    'MySQL is held against the authority that is named',
    async (context) => {
      const server = await startMysql({ tls: true });
      context.onTestFinished(() => server.stop());
      const folder = folderFor(context);
      const body = `const { rows } = await db.query("show status like 'Ssl_cipher'"); expect(rows[0].Value !== '', true);`;
      const file = scenarioIn(folder, `${server.url}?sslmode=verify-full`, 2, body);
      const distrusted = await plimsoll(context, ['run', file, ...short], folder).ended;
      expect([distrusted.code, distrusted.stderr]).toEqual([3, expect.stringContaining('[PLM_TLS]')]);
      const trusted = await plimsoll(context, ['run', file, ...short, ...pemsIn(folder).ca], folder).ended;
      expect(trusted.code, trusted.stderr).toBe(0);
    },
    60_000,
  );
});
