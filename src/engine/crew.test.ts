/** The crew with real threads (compiled: `npm test` builds first) against a real server. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { isAlive, until } from '../../test/kit/bin.ts';
import { closedPort, httpTarget, type HttpTargetServer } from '../../test/kit/httpTarget.ts';
import { errorsOf, sumOf, timesIn } from '../../test/kit/slices.ts';
import type { Load, Trial } from '../model/load.ts';
import { straight } from '../protocols/route.ts';
import type { Slice } from '../model/slice.ts';
import { Crew, type Carried } from './crew.ts';

const workerUrl = new URL('../../dist/engine/worker.js', import.meta.url);

/** What a test puts up, and is taken down with it. */
class Stage {
  readonly #finished: TestContext['onTestFinished'];

  constructor({ onTestFinished }: TestContext) {
    this.#finished = onTestFinished;
  }

  async crew(
    url: string | null,
    workers: number,
    timeoutMs = 5_000,
    scenario: string | null = null,
    blockedMs = 15_000,
  ): Promise<Crew> {
    const target = {
      kind: url === null ? ('function' as const) : ('http' as const),
      url,
      scenario,
      recipe: null,
      names: [],
      method: 'GET',
      headers: [],
      body: null,
      timeoutMs,
      insecure: false,
      route: straight,
      streams: null,
      chats: { tokenizer: null, prices: null },
    };
    const crew = await Crew.muster({ target, workers, seed: 12, workerUrl, blockedMs });
    this.#finished(() => crew.dismiss());
    return crew;
  }

  async target(answer: Parameters<typeof httpTarget>[0]): Promise<HttpTargetServer> {
    const target = await httpTarget(answer);
    this.#finished(() => target.close());
    return target;
  }
}

/** A file with this scenario in it. */
function scenarioFile({ onTestFinished }: TestContext, body: string, options = '{}'): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-crew-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'session.ts');
  writeFileSync(
    file,
    `import { expect, scenario } from 'plimsoll';
     export default scenario('tried', ${options}, async ({ http, command, step, user, check }) => { ${body} });`,
  );
  return file;
}

const trial = (load: Load, change: Partial<Trial> = {}): Trial => ({
  experiment: 'run',
  purpose: 'a test',
  load,
  durationMs: 1000,
  minDone: 0,
  maxDurationMs: 1000,
  maxInFlight: 300,
  ...change,
});

const users = (count: number): Load => ({ kind: 'closed', users: count });
const rate = (ratePerSecond: number): Load => ({ kind: 'open', ratePerSecond, arrivals: 'poisson' });

function countsOf({ slices }: Carried) {
  const count = (which: 'due' | 'sent' | 'done' | 'failed' | 'dropped'): number =>
    sumOf(slices, (slice) => slice[which]);
  return {
    due: count('due'),
    sent: count('sent'),
    done: count('done'),
    failed: count('failed'),
    dropped: count('dropped'),
  };
}

/** Ended, and asked for by nobody: the thread that would have is gone. */
const isZombie = (pid: number): boolean => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

describe('a function as the target', () => {
  const burning = 'const end = performance.now() + 5; while (performance.now() < end);';

  it('is overloaded as a server is: calls wait, are in flight, and balance', async (context) => {
    const stage = new Stage(context);
    const crew = await stage.crew(null, 1, 5_000, scenarioFile(context, burning));
    const carried = await crew.carry(
      trial(rate(400), { durationMs: 3000, maxDurationMs: 3000, maxInFlight: 90 }),
      () => undefined,
    );
    const { due, sent, done, failed, dropped } = countsOf(carried);
    // 400 a second are due and at most 200 can be carried: soon 90 wait, and what comes then is dropped.
    expect(carried.stoppedEarly).toBe('backlog');
    expect(due).toBe(sent + dropped);
    expect([done, failed]).toEqual([sent, 0]);
    expect(dropped).toBeGreaterThan(0);
    const sessions = carried.slices.flatMap((slice) => slice.sessions ?? []);
    expect(sessions.reduce((sum, each) => sum + each.done, 0)).toBe(done);
    expect(timesIn(carried.slices, 'response').maxMs()).toBeGreaterThan(60 * 5);
  }, 40_000);

  it('that keeps its thread lets no user of closed load keep the loop', async (context) => {
    const stage = new Stage(context);
    const crew = await stage.crew(null, 1, 5_000, scenarioFile(context, burning));
    const carried = await crew.carry(trial(users(3)), () => undefined);
    const { sent, done } = countsOf(carried);
    expect(done).toBe(sent);
    expect(carried.spentMs).toBeLessThan(carried.heldMs + 1000);
    // The thread is busy all the time; what the generator takes of it is little, also where others have the core.
    expect(Math.min(...carried.slices.map(({ busy }) => busy ?? 1))).toBeLessThan(0.5);
  });

  it('that does nothing leaves the thread to the generator, and is told so', async (context) => {
    const stage = new Stage(context);
    const crew = await stage.crew(null, 1, 5_000, scenarioFile(context, ''));
    const carried = await crew.carry(trial(users(3)), () => undefined);
    expect(countsOf(carried).done).toBeGreaterThan(500);
    expect(Math.max(...carried.slices.map(({ busy }) => busy ?? 0))).toBeGreaterThan(0.15);
  });

  it('that throws is told once: its fault is that of its request', async (context) => {
    const stage = new Stage(context);
    const crew = await stage.crew(null, 1, 5_000, scenarioFile(context, "throw new Error('no stock')"));
    const carried = await crew.carry(trial(rate(70)), () => undefined);
    const { done, failed } = countsOf(carried);
    expect(failed).toBe(done);
    expect(errorsOf(carried.slices)).toEqual({ script: done });
    expect(carried.lastError).toContain('no stock');
  });

  it('leaves no command behind, though its thread is blocked', async (context) => {
    const stage = new Stage(context);
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-crew-'));
    context.onTestFinished(() => rmSync(folder, { recursive: true }));
    const pids = join(folder, 'pids');
    const body = `void command('sh', ['-c', 'echo $$ > "${pids}"; sleep 3072']);
      while (!require('node:fs').existsSync('${pids}'));
      for (;;);`;
    const crew = await stage.crew(null, 1, 5_000, scenarioFile(context, body), 1_000);
    await expect(crew.carry(trial(users(1)), () => undefined)).rejects.toMatchObject({ code: 'PLM_BLOCKED' });
    const pid = Number(readFileSync(pids, 'utf8'));
    expect(isAlive(pid)).toBe(true);
    await crew.dismiss();
    await until('it has ended', () => !isAlive(pid) || isZombie(pid));
  });
});

describe.concurrent('sessions of a scenario', () => {
  it.for([
    ['closed load, one worker', users(5), 1],
    ['closed load, two workers', users(5), 2],
    ['open load, two workers', rate(60), 2],
  ] as const)(
    'of %s: requests and sessions agree with what the target counted',
    async ([, load, workers], context) => {
      const stage = new Stage(context);
      const paths = new Map<string, number>();
      const target = await stage.target((request, response) => {
        paths.set(request.url ?? '', (paths.get(request.url ?? '') ?? 0) + 1);
        setTimeout(() => response.end('{"id":7}'), 6);
      });
      const file = scenarioFile(
        context,
        `const { id } = await http.post('/sessions', { json: {} }).json();
       await step('turn', () => http.get('/turns/' + id));
       await step('turn', () => http.get('/turns/' + id));`,
      );
      const crew = await stage.crew(target.url, workers, 5_000, file);
      const { slices } = await crew.carry(trial(load), () => undefined);
      const sum = (of: (slice: Slice) => number): number => sumOf(slices, of);
      expect(sum(({ done }) => done)).toBe(target.received());
      expect(sum(({ sessions }) => sessions?.done ?? 0)).toBe(paths.get('/sessions'));
      expect(sum(({ sessions }) => sessions?.started ?? 0)).toBe(paths.get('/sessions'));
      expect(sum(({ steps }) => steps['turn']?.done ?? 0)).toBe(paths.get('/turns/7'));
      expect(sum(({ goodTicks }) => goodTicks.reduce((so, tick) => so + tick, 0))).toBe(
        paths.get('/sessions'),
      );
      expect(sum(({ failed }) => failed)).toBe(0);
      expect(paths.get('/sessions') ?? 0).toBeGreaterThan(30);
    },
  );

  it('that keep the thread busy are told from the generator, by the function that does it', async (context) => {
    const stage = new Stage(context);
    const target = await stage.target((_request, response) => response.end());
    const work = `
      const digest = () => {
        let sum = 0;
        for (let row = 0; row < 8000; row++) sum += JSON.stringify({ row, text: 'x'.repeat(row % 40) }).length;
        return sum;
      };
      await http.get('/');
      digest();`;
    const busy = await stage.crew(target.url, 1, 5_000, scenarioFile(context, work));
    await busy.carry(trial(users(2), { durationMs: 60_000, maxDurationMs: 60_000 }), () => {
      if (busy.scriptCost !== null) busy.stop('interrupt');
    });
    expect(busy.scriptCost?.share).toBeGreaterThan(0.6);
    expect(busy.scriptCost?.busiest).toMatch(/^digest \(session\.ts:\d+\)$/);

    const idle = await stage.crew(target.url, 1, 5_000, scenarioFile(context, `await http.get('/');`));
    await idle.carry(trial({ kind: 'open', ratePerSecond: 20, arrivals: 'even' }), () => undefined);
    expect(idle.scriptCost).toBeNull();
  });

  it('think between sessions of closed load', async (context) => {
    const stage = new Stage(context);
    const target = await stage.target((_request, response) => response.end('ok'));
    const file = scenarioFile(context, `await http.get('/');`, '{ think: 0.2 }');
    const crew = await stage.crew(target.url, 1, 5_000, file);
    const { slices } = await crew.carry(trial(users(10)), () => undefined);
    const sessions = sumOf(slices, (slice) => slice.sessions?.done ?? 0);
    // 1 s of rests of 0.2 s: five or six each.
    expect(sessions).toBeGreaterThanOrEqual(40);
    expect(sessions).toBeLessThanOrEqual(60);
    expect(timesIn(slices, 'lag').quantileMs(0.5) ?? 99).toBeLessThan(20);
  });

  it('that never end are given up after the load, and counted as unfinished', async (context) => {
    const stage = new Stage(context);
    const target = await stage.target((_request, response) => response.end('ok'));
    const file = scenarioFile(context, `await http.get('/'); await new Promise(() => undefined);`);
    const crew = await stage.crew(target.url, 1, 5_000, file);
    setTimeout(() => crew.stop('interrupt'), 400);
    const { slices } = await crew.carry(trial(users(3)), () => undefined);
    expect(sumOf(slices, (slice) => slice.sessions?.started ?? 0)).toBe(3);
    expect(sumOf(slices, (slice) => slice.sessions?.done ?? 0)).toBe(0);
    expect(sumOf(slices, ({ done }) => done)).toBe(3);
  });
});

describe.concurrent('a script that never lets go of its thread', () => {
  it('is told, instead of being waited for', async (context) => {
    const stage = new Stage(context);
    const target = await stage.target((_request, response) => response.end('ok'));
    const file = scenarioFile(context, `await http.get('/'); for (;;);`);
    const crew = await stage.crew(target.url, 1, 5_000, file, 2_500);
    await expect(crew.carry(trial(users(1)), () => undefined)).rejects.toMatchObject({ code: 'PLM_BLOCKED' });
  });
});

describe.concurrent('a script that ends its thread', () => {
  it('while it is loaded is told before any load', async (context) => {
    const stage = new Stage(context);
    const file = scenarioFile(context, '', `{ think: process.exit(3) }`);
    await expect(stage.crew('http://127.0.0.1:9/', 2, 5_000, file)).rejects.toMatchObject({
      code: 'PLM_ENDED',
      message: expect.stringContaining('it ended with code 3') as string,
    });
  });
});

describe.concurrent('what is done is what the target itself counted, to the request', () => {
  it.for([
    ['closed load, one worker', users(7), 1],
    ['closed load, two workers', users(7), 2],
    ['open load, one worker', rate(170), 1],
    ['open load, two workers', rate(170), 2],
  ] as const)('%s', async ([, load, workers], context) => {
    const stage = new Stage(context);
    const target = await stage.target((_request, response) => void setTimeout(() => response.end('ok'), 9));
    const crew = await stage.crew(target.url, workers);
    let told = 0;
    const carried = await crew.carry(trial(load), (slice) => (told += slice.done));
    const counts = countsOf(carried);
    expect(counts.done).toBe(target.received());
    expect(counts.done).toBe(counts.sent);
    expect(counts.due).toBe(counts.sent + counts.dropped);
    expect(counts.failed).toBe(0);
    expect(told).toBe(counts.done);
    expect(counts.done).toBeGreaterThan(60);
    expect(carried.stoppedEarly).toBeNull();
    expect(carried.heldMs).toBeGreaterThan(999);
    expect(carried.spentMs).toBeGreaterThanOrEqual(carried.heldMs - 1);
    expect(timesIn(carried.slices, 'service').quantileMs(0.01)).toBeGreaterThan(8);
  });

  it('from one trial to the next, with the connections that are already there', async (context) => {
    const stage = new Stage(context);
    const connections = new Set<unknown>();
    const target = await stage.target((request, response) => {
      connections.add(request.socket);
      response.end('ok');
    });
    const crew = await stage.crew(target.url, 2);
    const first = await crew.carry(trial(users(6)), () => undefined);
    const second = await crew.carry(trial(users(3)), () => undefined);
    expect(countsOf(first).done + countsOf(second).done).toBe(target.received());
    expect(connections.size).toBe(6);
  });
});

describe.concurrent('stop', () => {
  it('ends the trial under way with what was measured, and every later one at once', async (context) => {
    const stage = new Stage(context);
    const target = await stage.target((_request, response) => void setTimeout(() => response.end('ok'), 9));
    const crew = await stage.crew(target.url, 2);
    const under = crew.carry(trial(users(5), { durationMs: 30_000, maxDurationMs: 30_000 }), (slice) => {
      if (slice.startMs >= 0) crew.stop('interrupt');
    });
    const carried = await under;
    expect(carried.stoppedEarly).toBe('interrupt');
    expect(carried.spentMs).toBeLessThan(5_000);
    expect(countsOf(carried).done).toBe(target.received());
    expect(countsOf(carried).done).toBeGreaterThan(50);

    const seconds: unknown[] = [];
    const later = await crew.carry(trial(users(5)), (slice) => seconds.push(slice));
    expect(later.stoppedEarly).toBe('interrupt');
    expect(countsOf(later).sent).toBe(0);
    expect(seconds).toEqual([]);
    expect(crew.stopped).toBe('interrupt');
  });

  it('before the first trial leaves nothing to be measured', async (context) => {
    const stage = new Stage(context);
    const target = await stage.target((_request, response) => void response.end('ok'));
    const crew = await stage.crew(target.url, 1);
    crew.stop('time-limit');
    const seconds: unknown[] = [];
    const carried = await crew.carry(trial(users(5)), (slice) => seconds.push(slice));
    expect(carried).toMatchObject({ stoppedEarly: 'time-limit', slices: [] });
    expect(seconds).toEqual([]);
    expect(target.received()).toBe(0);
  });

  it('gives up what the target does not answer, and counts it as unfinished', async (context) => {
    const stage = new Stage(context);
    const target = await stage.target(
      (_request, response, number) => void (number % 2 === 0 && response.end('ok')),
    );
    const crew = await stage.crew(target.url, 1, 60_000);
    const under = crew.carry(trial(users(4), { durationMs: 30_000, maxDurationMs: 30_000 }), () => {
      crew.stop('target-died');
    });
    const carried = await under;
    const counts = countsOf(carried);
    expect(counts.sent - counts.done).toBe(4);
    expect(counts.sent).toBe(target.received());
  });
});

describe.concurrent('the target’s failures are counted by kind', () => {
  it.for([503, 429])('status %d', async (status, context) => {
    const stage = new Stage(context);
    const target = await stage.target((_request, response, number) => {
      response.statusCode = number % 3 === 0 ? status : 200;
      setTimeout(() => response.end('x'), 4);
    });
    const crew = await stage.crew(target.url, 1);
    const carried = await crew.carry(trial(users(3)), () => undefined);
    const { done, failed } = countsOf(carried);
    expect(done).toBe(target.received());
    expect(failed).toBe(Math.floor(done / 3));
    expect(errorsOf(carried.slices)).toEqual({ [`http.${status}`]: failed });
  });

  it('a connection that is reset', async (context) => {
    const stage = new Stage(context);
    const target = await stage.target((request) => void request.socket.resetAndDestroy());
    const crew = await stage.crew(target.url, 1);
    const carried = await crew.carry(trial(users(3)), () => undefined);
    const { done, failed } = countsOf(carried);
    expect(failed).toBe(done);
    expect(done).toBe(target.received());
    expect(errorsOf(carried.slices)).toEqual({ reset: failed });
    expect(failed).toBeLessThanOrEqual(3 * 101);
  });

  it('a connection that is refused', async (context) => {
    const stage = new Stage(context);
    const crew = await stage.crew(`http://127.0.0.1:${await closedPort()}/`, 1);
    const carried = await crew.carry(trial(users(2)), () => undefined);
    const { done, failed } = countsOf(carried);
    expect(failed).toBe(done);
    expect(errorsOf(carried.slices)).toEqual({ 'connect.refused': failed });
    expect(carried.lastError).toContain('ECONNREFUSED');
  });
});

describe.concurrent('a backlog', () => {
  it('ends an open trial that the target cannot follow', async (context) => {
    const stage = new Stage(context);
    const target = await stage.target(
      (_request, response) => void setTimeout(() => response.end('late'), 3_500),
    );
    const crew = await stage.crew(target.url, 2);
    const carried = await crew.carry(
      trial(rate(150), { durationMs: 20_000, maxDurationMs: 20_000, maxInFlight: 40 }),
      () => undefined,
    );
    expect(carried.stoppedEarly).toBe('backlog');
    const counts = countsOf(carried);
    expect(counts.done).toBe(target.received());
    expect(counts.dropped).toBeGreaterThan(100);
  });
});
