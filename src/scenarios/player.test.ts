import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { describe, expect, it, type TestContext } from 'vitest';
import { httpTarget, type HttpTargetServer } from '../../test/kit/httpTarget.ts';
import { http1 } from '../protocols/http1.ts';
import { straight } from '../protocols/route.ts';
import { Databases } from './databases/databases.ts';
import { expect as expectEqual } from './expect.ts';
import { limitsOf, parseObjectives } from '../model/objectives.ts';
import { feed, noRowsGiven } from './feed.ts';
import { openFeeds } from './feedFile.ts';
import { Player } from './player.ts';
import type { SessionRecorder } from './playing.ts';
import { scenario, type ScenarioContext, type ScenarioFunction, type ScenarioOptions } from './scenario.ts';

type Answer = Parameters<typeof httpTarget>[0];

/** Notes what a player tells, and plays sessions one by one. */
class Stage {
  readonly sent: number[] = [];
  readonly done: { dueMs: number; sentMs: number; firstMs: number; doneMs: number; failure: string }[] = [];
  readonly steps: { name: string; durationMs: number; failed: boolean }[] = [];
  good = 0;
  readonly player: Player;

  /** @param target null where the function itself is the target */
  constructor(target: HttpTargetServer | null, run: ScenarioFunction, options: ScenarioOptions = {}) {
    const recorder: SessionRecorder = {
      requests: {
        connected: () => undefined,
        sent: (dueMs) => void this.sent.push(dueMs),
        done: (dueMs, sentMs, firstMs, doneMs, failure) =>
          void this.done.push({ dueMs, sentMs, firstMs, doneMs, failure }),
      },
      time: () => undefined,
      count: () => undefined,
      good: () => void this.good++,
      messages: () => undefined,
      enqueued: () => undefined,
      completed: () => true,
      step: (name, durationMs, failed) => void this.steps.push({ name, durationMs, failed }),
    };
    const tried = scenario('tried', options, run);
    this.player = new Player(
      {
        wireTo: http1,
        databases: Databases.none,
        scenario: tried,
        setup: { tried: { key: 'k7' } },
        feeds: openFeeds([tried], 'player.test.ts', { share: 0, seed: 5, given: noRowsGiven() }),
        limits: limitsOf(parseObjectives('p95<150ms,slow.p99<40ms,errors<1%')),
        file: 'player.test.ts',
        baseUrl: target?.url ?? null,
        isTarget: target === null,
        headers: [['x-run', 'seven']],
        timeoutMs: 2000,
        insecure: false,
        route: straight,
        seed: 5,
        share: 0,
        shares: 1,
      },
      recorder,
    );
  }

  async play(times = 1): Promise<{ failures: string[]; pausesMs: number[]; durationsMs: number[] }> {
    const session = this.player.session();
    const played = { failures: [] as string[], pausesMs: [] as number[], durationsMs: [] as number[] };
    for (let time = 0; time < times; time++) {
      await new Promise<void>((finished) => session.exchange(() => finished(), performance.now()));
      played.failures.push(session.failure);
      played.pausesMs.push(session.pauseMs ?? 0);
      played.durationsMs.push(session.doneMs - session.sentMs);
    }
    session.close();
    return played;
  }
}

async function targetFor({ onTestFinished }: TestContext, answer: Answer): Promise<HttpTargetServer> {
  const target = await httpTarget(answer);
  onTestFinished(() => target.close());
  return target;
}

const hello: Answer = (_request, response) => void response.end('hello');

describe('a session', () => {
  it('counts every request with its instants in order, and succeeds', async (context) => {
    const target = await targetFor(context, hello);
    const stage = new Stage(target, async ({ http }) => {
      for (const path of ['/a', '/b', '/c']) expectEqual((await http.get(path)).text(), 'hello');
    });
    expect((await stage.play(2)).failures).toEqual(['', '']);
    expect(target.received()).toBe(6);
    expect(stage.sent.length).toBe(6);
    for (const { dueMs, sentMs, firstMs, doneMs } of stage.done) {
      expect(dueMs).toBeLessThanOrEqual(sentMs);
      expect(sentMs).toBeLessThan(firstMs);
      expect(firstMs).toBeLessThanOrEqual(doneMs);
    }
  });

  it('counts its first request from when the session was due, the others from when they were made', async (context) => {
    const target = await targetFor(context, hello);
    const stage = new Stage(target, async ({ http }) => {
      await http.get('/');
      await http.get('/');
    });
    const session = stage.player.session();
    await new Promise<void>((finished) => session.exchange(() => finished(), performance.now() - 40));
    const [first, second] = stage.done;
    expect((first?.sentMs ?? 0) - (first?.dueMs ?? 0)).toBeGreaterThan(39);
    expect(second?.dueMs).toBe(second?.sentMs);
  });

  it.each([
    [503, 'http.503'],
    [404, 'http.404'],
  ])('has failed with a request that got %i, and goes on all the same', async (code, kind) => {
    const target = await httpTarget((_request, response, number) => {
      response.statusCode = number === 1 ? code : 200;
      response.end();
    });
    const stage = new Stage(target, async ({ http }) => {
      await http.get('/');
      await http.get('/');
    });
    expect((await stage.play()).failures).toEqual([kind]);
    expect(stage.done.map(({ failure }) => failure)).toEqual([kind, '']);
    await target.close();
  });

  it('has not failed with a status that it accepts', async (context) => {
    const target = await targetFor(context, (_request, response) => {
      response.statusCode = 429;
      response.end();
    });
    const stage = new Stage(target, async ({ http }) => {
      const reply = await http.get('/', { accept: [429] });
      expectEqual(reply.ok);
      expectEqual(reply.status, 429);
    });
    expect((await stage.play()).failures).toEqual(['']);
  });

  it('ends at an expectation that does not hold, and says where', async (context) => {
    const target = await targetFor(context, hello);
    const stage = new Stage(target, async ({ http }) => {
      expectEqual((await http.get('/')).status, 201, 'the status');
      await http.get('/never');
    });
    expect((await stage.play()).failures).toEqual(['check']);
    expect(stage.player.lastError).toMatch(
      /^the status: expected 201, got 200 \(player\.test\.ts:\d+:\d+\)$/,
    );
    expect(target.received()).toBe(1);
  });

  it('goes on after a check that does not hold', async (context) => {
    const target = await targetFor(context, hello);
    const stage = new Stage(target, async ({ http, check }) => {
      check('is long', (await http.get('/')).text().length > 100);
      await http.get('/');
    });
    expect((await stage.play()).failures).toEqual(['check']);
    expect(stage.player.lastError).toBe('check did not hold: is long');
    expect(target.received()).toBe(2);
  });

  it.each([
    ['throws', () => Promise.reject(new TypeError('no such thing')), /no such thing/],
    [
      'throws before it waits for anything',
      () => {
        throw new Error('at once');
      },
      /at once/,
    ],
  ] as const)('that %s has failed with the script, and the next one begins', async (_, run, message) => {
    const target = await httpTarget(hello);
    const stage = new Stage(target, run);
    expect((await stage.play(2)).failures).toEqual(['script', 'script']);
    expect(stage.player.lastError).toMatch(message);
    await target.close();
  });

  it('that does not await a request ends when its answer is there, and says so', async (context) => {
    const target = await targetFor(
      context,
      (_request, response) => void setTimeout(() => response.end('late'), 30),
    );
    const stage = new Stage(target, ({ http }) => {
      void http.get('/');
      return Promise.resolve();
    });
    const { failures, durationsMs } = await stage.play();
    expect(failures).toEqual(['script']);
    expect(durationsMs[0]).toBeGreaterThan(28);
    expect(stage.player.lastError).toContain('not awaited');
    expect(stage.done.length).toBe(1);
  });

  it('has no fault of its own where it gives up over a failed request', async (context) => {
    const target = await targetFor(context, (_request, response) => {
      response.statusCode = 500;
      response.end('oh');
    });
    const stage = new Stage(target, async ({ http }) => {
      await http.get('/').json();
    });
    expect((await stage.play()).failures).toEqual(['http.500']);
  });

  it('that was given up tells nobody, and its user plays on', async (context) => {
    const target = await targetFor(context, (_request, response, number) => {
      if (number > 1) response.end('ok');
    });
    const stage = new Stage(target, async ({ http }) => {
      await http.get('/');
    });
    const session = stage.player.session();
    const ended = new Promise<void>((finished) => session.exchange(() => finished(), performance.now()));
    while (target.received() === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    session.abort('abandoned');
    await ended;
    expect(session.failure).toBe('abandoned');
    expect(stage.done).toEqual([]);
    await new Promise<void>((finished) => session.exchange(() => finished(), performance.now()));
    expect(session.failure).toBe('');
    expect(stage.done.length).toBe(1);
  });
});

describe('a function that plays on after its session was given up', () => {
  it('sends nothing, notes nothing, and leaves the next session of its user alone', async (context) => {
    const target = await targetFor(context, hello);
    let plays = 0;
    let played = (): void => undefined;
    const over = new Promise<void>((resolve) => (played = resolve));
    const stage = new Stage(target, async ({ http, check, pause }) => {
      if (++plays > 1) {
        await http.get('/second');
        return;
      }
      await pause(0.08);
      check('of the dead', false);
      void http.get('/zombie');
      played();
    });
    const session = stage.player.session();
    session.exchange(() => undefined, performance.now());
    session.abort('abandoned');
    await new Promise<void>((finished) => session.exchange(() => finished(), performance.now()));
    expect(session.failure).toBe('');
    await over;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(target.received()).toBe(1);
    expect([stage.sent.length, stage.done.length]).toEqual([1, 1]);
    expect(stage.player.lastError).toBe('');
  });
});

describe('what a user does before its first session', () => {
  it('is done once by each, as a part of that session, and its requests count', async (context) => {
    const paths: string[] = [];
    const target = await targetFor(context, (request, response) => {
      paths.push(request.url ?? '');
      response.end();
    });
    const begin = async ({ http }: ScenarioContext): Promise<void> => void (await http.post('/login'));
    const stage = new Stage(target, async ({ http }) => void (await http.get('/news')), { begin });
    expect((await stage.play(3)).failures).toEqual(['', '', '']);
    expect((await stage.play(1)).failures).toEqual(['']);
    expect(paths).toEqual(['/login', '/news', '/news', '/news', '/login', '/news']);
    expect([stage.sent.length, stage.steps.map(({ name }) => name)]).toEqual([6, ['begin', 'begin']]);
  });

  it('ends the session where it fails, and begins the next', async (context) => {
    let asked = 0;
    const target = await targetFor(context, (request, response) => {
      if (request.url === '/login' && asked++ === 0) response.writeHead(503);
      response.end();
    });
    const begin = async ({ http }: ScenarioContext): Promise<void> => {
      expectEqual((await http.get('/login')).failure === 'http.500', false);
      if (asked === 2) throw new Error('no key');
    };
    const stage = new Stage(target, async ({ http }) => void (await http.get('/news')), { begin });
    expect((await stage.play(4)).failures).toEqual(['http.503', 'script', '', '']);
    expect(stage.sent.length).toBe(1 + 1 + 2 + 1);
    expect(stage.steps.map(({ failed }) => failed)).toEqual([true, true, false]);
  });
});

describe('requests of a session', () => {
  it('carry body, content type and headers, the more particular before the more general', async (context) => {
    const seen: { headers: IncomingMessage['headers']; method: string | undefined; body: string }[] = [];
    const target = await targetFor(context, hello);
    const echo = await targetFor(context, (request, response) => {
      seen.push({ headers: request.headers, method: request.method, body: '' });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ path: request.url, agent: request.headers['x-run'] }));
    });
    const stage = new Stage(target, async ({ http }) => {
      const whole = `${echo.url}deep?x=1`;
      const reply = await http.post(whole, { json: { say: 'hé' }, headers: { 'X-Run': 'eight' } });
      expectEqual(reply.json(), { path: '/deep?x=1', agent: 'eight' });
      expectEqual(reply.header('Content-Type'), 'application/json');
      expectEqual(reply.header('x-nothing'), null);
    });
    expect((await stage.play()).failures, stage.player.lastError).toEqual(['']);
    expect(seen[0]?.method).toBe('POST');
    expect(seen[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '13' });
  });

  it('carry the headers of the scenario, unless the command line says otherwise', async (context) => {
    const seen: IncomingMessage['headers'][] = [];
    const target = await targetFor(context, (request, response) => {
      seen.push(request.headers);
      response.end();
    });
    const options = { headers: { 'X-Run': 'six', 'x-tenant': 'blue' } };
    const stage = new Stage(target, async ({ http }) => void (await http.get('/')), options);
    expect((await stage.play()).failures).toEqual(['']);
    expect(seen[0]).toMatchObject({ 'x-run': 'seven', 'x-tenant': 'blue' });
  });

  it('read bodies that come in chunks', async (context) => {
    const target = await targetFor(context, (_request, response) => {
      response.write('{"parts":');
      setTimeout(() => response.end('[1,2]}'), 5);
    });
    const stage = new Stage(target, async ({ http }) => {
      expectEqual(await http.get('/').json(), { parts: [1, 2] });
    });
    expect((await stage.play()).failures, stage.player.lastError).toEqual(['']);
  });

  it('at the same time take a connection each, and are counted each', async (context) => {
    const sockets = new Set<unknown>();
    const target = await targetFor(context, (request, response) => {
      sockets.add(request.socket);
      setTimeout(() => response.end('ok'), 150);
    });
    const stage = new Stage(target, async ({ http }) => {
      await Promise.all([http.get('/1'), http.get('/2'), http.get('/3')]);
    });
    const { failures, durationsMs } = await stage.play(2);
    expect(failures).toEqual(['', '']);
    // One after the other they would take 450.
    expect(Math.max(...durationsMs)).toBeLessThan(400);
    expect([sockets.size, target.received(), stage.done.length]).toEqual([3, 6, 6]);
  });

  it('that are no JSON say what came instead', async (context) => {
    const target = await targetFor(context, (_request, response) => void response.end('<html>'));
    const stage = new Stage(target, async ({ http }) => {
      await http.get('/').json();
    });
    expect((await stage.play()).failures).toEqual(['script']);
    expect(stage.player.lastError).toContain('the answer (status 200) is no JSON: "<html>"');
  });
});

describe('a good session', () => {
  it.each([
    ['in which all went as it should', 0, 'quick', 0, 1],
    ['with a request that took longer than one may', 170, 'quick', 0, 0],
    ['with a step that took longer than its name may', 60, 'slow', 0, 0],
    ['with a step of another name that took as long', 60, 'quick', 0, 1],
    ['with a time of its own that is longer than it may be', 0, 'quick', 50, 0],
  ])('is one %s: %i ms in %s, and %i', async (_, answerMs, step, ownMs, good) => {
    const target = await httpTarget((__, response) => void setTimeout(() => response.end('ok'), answerMs));
    const stage = new Stage(target, async (context) => {
      await context.step(step, () => context.http.get('/'));
      context.measure('slow', ownMs);
    });
    expect((await stage.play()).failures).toEqual(['']);
    expect(stage.good).toBe(good);
    await target.close();
  });

  it('is none that failed, and none is judged by what the one before it did', async (context) => {
    const target = await targetFor(context, hello);
    let session = 0;
    const stage = new Stage(target, async ({ http, check, measure }) => {
      await http.get('/');
      if (++session === 1) check('no', false);
      if (session === 2) measure('slow', 999);
    });
    expect((await stage.play(4)).failures).toEqual(['check', '', '', '']);
    expect(stage.good).toBe(2);
  });
});

describe('steps and users', () => {
  it('measure what they name, and know a failure in it', async (context) => {
    const target = await targetFor(context, (request, response) => {
      response.statusCode = request.url === '/bad' ? 500 : 200;
      setTimeout(() => response.end(), 15);
    });
    const stage = new Stage(target, async ({ http, step }) => {
      await step('good', () => http.get('/'));
      await step('bad', () => http.get('/bad'));
      await step('both', async () => {
        await http.get('/');
        await http.get('/');
      });
    });
    await stage.play();
    expect(stage.steps.map(({ name, failed }) => [name, failed])).toEqual([
      ['good', false],
      ['bad', true],
      ['both', false],
    ]);
    expect(stage.steps[2]?.durationMs).toBeGreaterThan(28);
  });

  it('keep state from session to session, draw from a seed, and think between sessions', async (context) => {
    const target = await targetFor(context, hello);
    const draws: number[] = [];
    const run: ScenarioFunction = ({ user }) => {
      user.state['seen'] = Number(user.state['seen'] ?? 0) + 1;
      draws.push(user.random());
      expectEqual(user.state['seen'], user.session + 1);
      return Promise.resolve();
    };
    const once = await new Stage(target, run, { think: [1, 3] }).play(3);
    const again = await new Stage(target, run, { think: [1, 3] }).play(3);
    expect(once.failures).toEqual(['', '', '']);
    for (const pauseMs of once.pausesMs) expect(Math.abs(pauseMs - 2000)).toBeLessThanOrEqual(1000);
    expect(again.pausesMs).toEqual(once.pausesMs);
    expect(draws.slice(0, 3)).toEqual(draws.slice(3));
  });

  it('draw rows for their sessions, and find none left when all were given once', async (context) => {
    const target = await targetFor(context, hello);
    const given: unknown[] = [];
    const run: ScenarioFunction = ({ data }) => {
      given.push(data['names']?.next());
      return Promise.resolve();
    };
    const stage = new Stage(target, run, { data: { names: feed(['ada', 'ben'], { order: 'once' }) } });
    expect((await stage.play(3)).failures).toEqual(['', '', 'data']);
    expect(given).toEqual(['ada', 'ben']);
    expect(stage.player.ended).toBe('data.names: all 2 rows were given');
  });

  it('fail where a message did not come that they waited for, which no request shows', async (context) => {
    const target = await targetFor(context, hello);
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await new Promise((listening) => server.once('listening', listening));
    context.onTestFinished(() => void server.close());
    server.on('connection', (channel) => channel.on('message', () => channel.close(1011)));
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const stage = new Stage(target, async ({ ws }) => {
      const chat = await ws.connect(url);
      chat.send('hello');
      await chat.receive(undefined, 1);
    });
    expect((await stage.play()).failures).toEqual(['missed']);
    expect(stage.player.lastError).toContain('ws.1011');
  });
});

describe('a function that is the target itself', () => {
  const burn = (ms: number): void => {
    const endMs = performance.now() + ms;
    while (performance.now() < endMs);
  };

  it('is one request for each session, from when it was due to when it has ended', async () => {
    const stage = new Stage(null, () => new Promise((done) => setTimeout(done, 12)));
    const session = stage.player.session();
    await new Promise<void>((finished) => session.exchange(() => finished(), performance.now() - 40));
    expect(stage.sent.length).toBe(1);
    const [{ dueMs, sentMs, doneMs, failure } = expect.fail()] = stage.done;
    expect([stage.done.length, failure]).toEqual([1, '']);
    expect(sentMs - dueMs).toBeGreaterThan(39);
    expect([dueMs, sentMs, doneMs]).toEqual([stage.sent[0], session.sentMs, session.doneMs]);
    expect(doneMs - sentMs).toBeGreaterThan(11);
  });

  it('that throws is a request that failed, and a session that failed', async () => {
    const stage = new Stage(null, () => Promise.reject(new Error('no stock')));
    expect((await stage.play(2)).failures).toEqual(['script', 'script']);
    expect(stage.done.map(({ failure }) => failure)).toEqual(['script', 'script']);
    expect(stage.player.lastError).toContain('no stock');
  });

  it('that makes requests is those: the first takes the place of its own', async () => {
    const stage = new Stage(null, async ({ command }) => {
      await command(process.execPath, ['-e', '0']);
      await command(process.execPath, ['-e', 'process.exit(3)']);
    });
    const session = stage.player.session();
    const dueMs = performance.now() - 40;
    await new Promise<void>((finished) => session.exchange(() => finished(), dueMs));
    expect(stage.sent.length).toBe(2);
    expect(stage.done.map(({ failure }) => failure)).toEqual(['', 'exit.3']);
    expect(stage.done[0]?.dueMs).toBe(dueMs);
    expect(session.failure).toBe('exit.3');
  });

  it('that is given up was sent, and is never done', async () => {
    const stage = new Stage(null, () => new Promise(() => undefined));
    const session = stage.player.session();
    session.exchange(() => undefined);
    session.abort('abandoned');
    session.exchange(() => undefined);
    await new Promise((turned) => setImmediate(turned));
    session.abort('abandoned');
    expect([stage.sent.length, stage.done.length]).toEqual([2, 0]);
  });

  it('keeps its thread one at a time: each has ended when its own work has', async () => {
    const stage = new Stage(null, () => {
      burn(8);
      return Promise.resolve();
    });
    const sessions = Array.from({ length: 5 }, () => stage.player.session());
    const dueMs = performance.now();
    await Promise.all(
      sessions.map((session) => new Promise<void>((ended) => session.exchange(() => ended(), dueMs))),
    );
    for (const [i, { doneMs }] of stage.done.entries()) {
      expect(doneMs - dueMs).toBeGreaterThanOrEqual(8 * (i + 1));
      // Ended together, the first would have taken as long as the last.
      expect(doneMs).toBeGreaterThanOrEqual((stage.done[i - 1]?.doneMs ?? 0) + (i === 0 ? 0 : 8));
    }
  });

  it('that asks for a path is told that there is no base URL', async () => {
    const stage = new Stage(null, ({ http }) => http.get('/path'));
    expect((await stage.play()).failures).toEqual(['script']);
    expect(stage.player.lastError).toContain('give the scenario a baseUrl, or --base-url');
  });
});
