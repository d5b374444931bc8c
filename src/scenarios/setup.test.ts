import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { isAlive } from '../../test/kit/bin.ts';
import { httpTarget } from '../../test/kit/httpTarget.ts';
import { http1 } from '../protocols/http1.ts';
import { straight } from '../protocols/route.ts';
import { scenario, type Scenario } from './scenario.ts';
import { setUp, type SetUp } from './setup.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function stage(
  scenarios: readonly Scenario[],
  signal = new AbortController().signal,
): Promise<{ seen: string[]; up: Promise<SetUp> }> {
  const seen: string[] = [];
  const target = await httpTarget((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    if (request.url === '/missing') response.statusCode = 404;
    response.end('{"id":7}');
  });
  cleanups.push(() => target.close());
  const wires = {
    wireTo: http1,
    baseUrl: target.url,
    headers: [],
    timeoutMs: 2000,
    insecure: false,
    route: straight,
  };
  return { seen, up: setUp(scenarios, 'session.ts', wires, signal) };
}

const nothing = (): Promise<void> => Promise.resolve();

const filled = scenario(
  'filled',
  {
    setup: async ({ http }) => http.post('/room').json<{ id: number }>(),
    teardown: ({ http, setup }) => http.delete(`/room/${setup.id}`),
  },
  nothing,
);

describe('what scenarios set up', () => {
  it('is done once, given by name, and taken away at the end', async () => {
    const { seen, up } = await stage([filled, scenario('plain', nothing)]);
    const { values, counts, tearDown } = await up;
    expect(values).toEqual({ filled: { id: 7 } });
    expect(await tearDown()).toBe('');
    expect(seen).toEqual(['POST /room', 'DELETE /room/7']);
    expect(counts).toEqual({ requests: 2, failed: 0 });
    expect([await tearDown(), seen.length]).toEqual(['', 2]);
  });

  it('counts what failed, and goes on where the script does', async () => {
    const lenient = scenario(
      'lenient',
      { setup: async ({ http }) => (await http.get('/missing')).status },
      nothing,
    );
    const { values, counts } = await (await stage([lenient])).up;
    expect([values, counts]).toEqual([{ lenient: 404 }, { requests: 1, failed: 1 }]);
  });

  it('that throws ends the run, and what was set up before is taken away', async () => {
    const broken = scenario('broken', { setup: () => Promise.reject(new Error('no key')) }, nothing);
    const { seen, up } = await stage([filled, broken]);
    await expect(up).rejects.toMatchObject({
      code: 'PLM_SETUP',
      message: expect.stringContaining('no key') as string,
    });
    expect(seen).toEqual(['POST /room', 'DELETE /room/7']);
  });

  it('has to be plain data, for it goes to other threads', async () => {
    const odd = scenario('odd', { setup: () => Promise.resolve({ call: () => 1 }) }, nothing);
    await expect((await stage([odd])).up).rejects.toMatchObject({ code: 'PLM_SETUP' });
  });

  it('ends when it is interrupted', async () => {
    const waiting = scenario('waiting', { setup: () => new Promise(() => undefined) }, nothing);
    const interrupt = new AbortController();
    const { up } = await stage([waiting], interrupt.signal);
    setTimeout(() => interrupt.abort(), 10);
    await expect(up).rejects.toThrow('interrupted');
  });

  it('may run commands, which count as its requests, and await a call', async () => {
    const seeded = scenario(
      'seeded',
      {
        setup: async ({ command, webhook }) => {
          const called = await webhook.expect();
          const call = `fetch(process.argv[1], { method: 'POST', body: 'done' })`;
          const { code } = await command(process.execPath, ['-e', call, called.url]);
          return { code, said: (await called.called(5)).text() };
        },
        teardown: async ({ command, setup }) => {
          const { stdout } = await command(process.execPath, ['-p', String((setup.code ?? 1) + 41)]);
          if (stdout.trim() !== '41') throw new Error(`it said ${stdout}`);
        },
      },
      nothing,
    );
    const { values, counts, tearDown } = await (await stage([seeded])).up;
    expect(values).toEqual({ seeded: { code: 0, said: 'done' } });
    expect(await tearDown()).toBe('');
    expect(counts).toEqual({ requests: 2, failed: 0 });
  });

  it('kills a command that is under way when it is interrupted', async () => {
    const mark = join(mkdtempSync(join(tmpdir(), 'plimsoll-setup-')), 'pid');
    const stays = `require('fs').writeFileSync(${JSON.stringify(mark)}, String(process.pid)); setInterval(() => {}, 1000)`;
    const endless = scenario(
      'endless',
      { setup: ({ command }) => command(process.execPath, ['-e', stays]) },
      nothing,
    );
    const interrupt = new AbortController();
    const { up } = await stage([endless], interrupt.signal);
    const isThere = (): boolean => existsSync(mark) && readFileSync(mark, 'utf8') !== '';
    void expect
      .poll(isThere, { timeout: 10_000 })
      .toBe(true)
      .then(() => interrupt.abort());
    await expect(up).rejects.toThrow('interrupted');
    const pid = Number(readFileSync(mark, 'utf8'));
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
    rmSync(dirname(mark), { recursive: true });
  });

  it.each(['llm', 'step', 'data'])(
    'that asks for %s, which sessions have, is told what there is',
    async (name) => {
      const ask = (context: object): unknown => Reflect.get(context, name);
      const asking = scenario('asking', { setup: (context) => Promise.resolve(ask(context)) }, nothing);
      await expect((await stage([asking])).up).rejects.toMatchObject({
        code: 'PLM_SETUP',
        message: expect.stringContaining(
          `setup has no "${name}", which sessions have; it has http, ws, db, redis, grpc, command, webhook`,
        ) as string,
      });
    },
  );

  it('tells of a teardown that fails, and does the others', async () => {
    const sad = scenario('sad', { teardown: () => Promise.reject(new Error('it stays')) }, nothing);
    const { seen, up } = await stage([filled, sad]);
    const { tearDown } = await up;
    expect(await tearDown()).toContain('teardown of "sad": it stays');
    expect(seen.at(-1)).toBe('DELETE /room/7');
  });
});
