/** The command line from outside: what it prints, what it writes, how it ends. Real time, so side by side. */
import { readFileSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { describe, expect, it, type TestContext } from 'vitest';
import { createServer } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { reportSchema } from '../src/model/report.ts';
import { folderFor, isAlive, plimsoll, until } from './kit/bin.ts';
import { closedPort, httpTarget, type HttpTargetServer } from './kit/httpTarget.ts';

type Answer = Parameters<typeof httpTarget>[0];

async function targetFor({ onTestFinished }: TestContext, answer: Answer): Promise<HttpTargetServer> {
  const target = await httpTarget(answer);
  onTestFinished(() => target.close());
  return target;
}

const working: Answer = (_request, response) => void setTimeout(() => response.end('ok'), 6);
const status =
  (code: number): Answer =>
  (_request, response) => {
    response.statusCode = code;
    setTimeout(() => response.end('no'), 4);
  };

/** A server to be started, or killed: says where it is and when it has work, through files. */
const serverFile = `
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
const [port, folder] = process.argv.slice(2);
let count = 0;
createServer((request, response) => {
  if (++count === 40) writeFileSync(folder + '/warm', '');
  setTimeout(() => response.end('ok'), 6);
}).listen(Number(port), '127.0.0.1', () => writeFileSync(folder + '/pid', String(process.pid)));
`;

function writtenNumber(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return 0;
  }
}

const exists = (path: string): boolean => {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
};

describe.concurrent('help', () => {
  it('is for standard output, and no failure', async (context) => {
    const { code, stdout, stderr } = await plimsoll(context, ['--help']).ended;
    expect(code).toBe(0);
    expect(stdout).toContain('plimsoll <command>');
    expect(stdout).toContain('Exit codes:');
    expect(stderr).toBe('');
  });

  it('of one command lists its options', async (context) => {
    const { code, stdout } = await plimsoll(context, ['run', '--help']).ended;
    expect(code).toBe(0);
    expect(stdout).toContain('--rate <rate>');
    expect(stdout).not.toContain('--budget');
  });

  it('is what is shown where nothing was asked for, and that is wrong usage', async (context) => {
    const { code, stdout } = await plimsoll(context, []).ended;
    expect(code).toBe(2);
    expect(stdout).toContain('plimsoll <command>');
  });
});

describe.concurrent(
  'wrong usage ends with 2, the code and the remedy, and nothing on standard output',
  () => {
    const url = 'http://127.0.0.1:9/';
    it.for([
      ['an unknown flag', [url, '--bogus', '--header', 'Cookie: hunter2'], 'PLM_OPTION'],
      ['a flag of another command', ['run', url, '--budget', 'quick'], 'PLM_OPTION'],
      ['no target', ['run'], 'PLM_NO_TARGET'],
      ['an option of another command', [url, '--users', '3'], 'PLM_OPTION'],
      ['an objective without a unit', [url, '--slo', 'p95<500'], 'PLM_OBJECTIVE_UNIT'],
      ['an objective that is none', [url, '--slo', 'speed<5ms'], 'PLM_OBJECTIVE'],
      ['a scenario file', ['scenario.ts'], 'PLM_SCENARIO'],
      ['an address that is none', ['ftp://anna:hunter2@a.test/'], 'PLM_TARGET'],
      ['streams without HTTP/2', [url, '--streams', '3'], 'PLM_OPTION'],
      ['a number out of range', ['run', url, '--users', '0'], 'PLM_NUMBER'],
      ['a method that can never be sent', [url, '--method', 'G T'], 'PLM_OPTION'],
      ['a misspelt command', ['asess', url], 'PLM_OPTION'],
    ] as const)('%s', async ([, args, expected], context) => {
      const { code, stdout, stderr } = await plimsoll(context, args).ended;
      expect(stderr).toContain(`[${expected}]`);
      expect(stderr).toMatch(/^plimsoll: /);
      expect(stderr).not.toContain('hunter2');
      expect(stderr).not.toContain('    at ');
      expect(stdout).toBe('');
      expect(code).toBe(2);
    });

    it('a report folder with a file in its place', async (context) => {
      const folder = folderFor(context);
      const taken = join(folder, 'taken');
      writeFileSync(taken, 'a file');
      const { code, stderr } = await plimsoll(context, ['run', url, '--out', taken], folder).ended;
      expect(stderr).toContain('[PLM_OUT]');
      expect(code).toBe(2);
      expect(readFileSync(taken, 'utf8')).toBe('a file');
    });

    it('a configuration file with an option that does not exist', async (context) => {
      const folder = folderFor(context);
      writeFileSync(join(folder, 'plimsoll.config.ts'), "export default { bugdet: 'quick' as string }\n");
      const { code, stderr } = await plimsoll(context, ['run', url], folder).ended;
      expect(stderr).toContain('[PLM_CONFIG]');
      expect(stderr).toContain('bugdet');
      expect(code).toBe(2);
    });
  },
);

describe.concurrent('a target that cannot be loaded ends with 3', () => {
  it('an unknown host', async (context) => {
    const { code, stderr } = await plimsoll(context, ['http://no-such-host.invalid/']).ended;
    expect(stderr).toContain('[PLM_UNKNOWN_HOST]');
    expect(code).toBe(3);
  });

  it('a closed port', async (context) => {
    const { code, stderr } = await plimsoll(context, [`http://127.0.0.1:${await closedPort()}/`]).ended;
    expect(stderr).toContain('[PLM_REFUSED]');
    expect(code).toBe(3);
  });

  it.for([404, 500])('status %d from the first request on', async (code, context) => {
    const target = await targetFor(context, status(code));
    const run = plimsoll(context, ['assess', target.url]);
    const ended = await run.ended;
    expect(ended.stderr).toContain('[PLM_FAILING]');
    expect(ended.stderr).toContain(`http.${code}`);
    expect(ended.code).toBe(3);
    const report = run.report();
    expect(report.requests.done).toBe(target.received());
    expect(report.verdict).not.toBe('pass');
  });

  it('silence', async (context) => {
    const target = await targetFor(context, () => undefined);
    const { code, stderr } = await plimsoll(context, ['assess', target.url, '--timeout', '400ms']).ended;
    expect(stderr).toContain('[PLM_SILENT]');
    expect(code).toBe(3);
  });
});

/** A scenario file in a folder of its own. */
function scenarioIn(folder: string, body: string): string {
  const file = join(folder, 'session.ts');
  writeFileSync(
    file,
    `import { expect, scenario } from 'plimsoll';
     export default scenario('two looks', async ({ http, step }) => { ${body} });`,
  );
  return file;
}

describe.concurrent('a scenario', () => {
  it('is run in sessions, and its requests agree with the target to the request', async (context) => {
    const folder = folderFor(context);
    const target = await targetFor(context, working);
    const file = scenarioIn(folder, "await http.get('/'); await step('again', () => http.get('/again'));");
    const args = [
      'run',
      file,
      '--base-url',
      target.url,
      '--rate',
      '40/s',
      '--duration',
      '2s',
      '--slo',
      'p95<2s,errors<1%',
    ];
    const run = plimsoll(context, args, folder);
    const { code, stdout } = await run.ended;
    const report = reportSchema.parse(run.report());
    const level = report.experiments[0]?.levels[0];
    expect(report.requests.done).toBe(target.received());
    expect(level?.sessions?.done).toBe(target.received() / 2);
    expect(level?.steps).toMatchObject([{ name: 'again', done: target.received() / 2, failed: 0 }]);
    expect(level?.throughput?.unit).toBe('sessions/s');
    expect(stdout).toContain('40 sessions/s');
    expect(stdout).not.toContain('req/s');
    expect(stdout).toMatch(/again\s+\d+\s+0 /);
    expect(code).toBe(0);
  });

  it('that throws in every session is told as a fault of the script, with its line', async (context) => {
    const folder = folderFor(context);
    const target = await targetFor(context, working);
    const file = scenarioIn(folder, "const reply = await http.get('/'); reply.nothing.here;");
    const { code, stderr } = await plimsoll(context, ['assess', file, '--base-url', target.url], folder)
      .ended;
    expect(stderr).toContain('[PLM_SCRIPT]');
    expect(stderr).toMatch(/session\.ts:2:\d+/);
    expect(code).toBe(2);
  });

  it('of the examples runs against the embedded service', async (context) => {
    const folder = folderFor(context);
    const port = await closedPort();
    const root = fileURLToPath(new URL('..', import.meta.url));
    const args = [
      'run',
      join(root, 'examples/conversation.ts'),
      ...[
        '--base-url',
        `http://127.0.0.1:${port}`,
        '--rate',
        '4/s',
        '--duration',
        '3s',
        '--slo',
        'p95<5s,errors<1%',
      ],
      ...['--start', `node ${join(root, 'dist/demo/service.js')} --port ${port}`],
    ];
    const run = plimsoll(context, args, folder);
    const { code, stderr } = await run.ended;
    expect(code, stderr).toBe(0);
    const level = run.report().experiments[0]?.levels[0];
    expect(level?.steps.map(({ name }) => name)).toEqual(['turn', 'history']);
    expect(level?.sessions).toMatchObject({ failed: 0, unfinished: 0 });
    expect(level?.requests.done).toBe(5 * (level?.sessions?.done ?? 0));
  });

  it('of the examples reads streams of tokens, and counts those that the service counts', async (context) => {
    const folder = folderFor(context);
    const port = await closedPort();
    const root = fileURLToPath(new URL('..', import.meta.url));
    const args = [
      ...['run', join(root, 'examples/tokens.ts'), '--base-url', `http://127.0.0.1:${port}`],
      ...['--users', '4', '--duration', '4s', '--slo', 'p95<5s,errors<1%'],
      ...['--start', `node ${join(root, 'dist/demo/service.js')} --port ${port}`],
    ];
    const run = plimsoll(context, args, folder);
    const { stderr, stdout } = await run.ended;
    const level = run.report().experiments[0]?.levels[0];
    expect(level?.sessions?.failed, stderr).toBe(0);
    const done = level?.requests.done ?? 0;
    const times = Object.fromEntries((level?.steps ?? []).map((step) => [step.name, step]));
    expect([times['ttft']?.done, times['tpot']?.done]).toEqual([done, done]);
    const output = level?.counts.find(({ name }) => name === 'output tokens')?.total ?? 0;
    // Every gap lies between two tokens of one answer.
    expect(times['itl']?.done).toBe(output - done);
    expect(times['ttft']?.response.p50 ?? 0).toBeLessThan(level?.response.p50 ?? 0);
    expect(stdout).toContain('output tokens');
  });

  it('of the examples hangs up on some answers, and tells them and their price apart', async (context) => {
    const folder = folderFor(context);
    const port = await closedPort();
    const root = fileURLToPath(new URL('..', import.meta.url));
    const args = [
      ...['run', join(root, 'examples/interruptions.ts'), '--base-url', `http://127.0.0.1:${port}`],
      ...['--users', '4', '--duration', '4s', '--slo', 'p95<5s,errors<1%', '--tokenizer', 'o200k_base'],
      ...['--prices', join(root, 'examples/prices.json')],
      ...['--start', `node ${join(root, 'dist/demo/service.js')} --port ${port}`],
    ];
    const run = plimsoll(context, args, folder);
    const { code, stderr, stdout } = await run.ended;
    const level = reportSchema.parse(run.report()).experiments[0]?.levels[0];
    expect(code, stderr).toBe(0);
    const { cancelled, chats, tokens, cost } = level?.stream ?? {};
    expect(level?.requests).toMatchObject({ done: chats, failed: 0, unfinished: 0 });
    expect([level?.errors.byKind, level?.sessions?.failed]).toEqual([{}, 0]);
    const hungUp = cancelled?.chats ?? 0;
    expect(hungUp).toBeGreaterThan(0);
    // Whole answers alone are counted by the server, and timed to their end.
    expect(tokens?.countedBy).toEqual({ usage: (chats ?? 0) - hungUp, tokenizer: hungUp, chunks: 0 });
    expect(level?.steps.find(({ name }) => name === 'e2e')?.done).toBe((chats ?? 0) - hungUp);
    expect(tokens?.wasted).toBe((cancelled?.input ?? 0) + (cancelled?.output ?? 0));
    const price = (2.5 * (tokens?.input ?? 0) + 10 * (tokens?.output ?? 0)) / 1e6;
    expect(cost).toMatchObject({ currency: 'USD', dated: '2026-11-01', unpricedChats: 0 });
    expect(cost?.total).toBeCloseTo(price, 9);
    expect(cost?.waste).toBeCloseTo((2.5 * (cancelled?.input ?? 0) + 10 * (cancelled?.output ?? 0)) / 1e6, 9);
    expect(stdout.replace(/\s+/g, ' ')).toContain(`Cancelled: ${hungUp} of ${chats} chats`);
  });

  it('of the examples that is called back has as many calls as jobs', async (context) => {
    const folder = folderFor(context);
    const port = await closedPort();
    const root = fileURLToPath(new URL('..', import.meta.url));
    const args = [
      ...['run', join(root, 'examples/webhook.ts'), '--base-url', `http://127.0.0.1:${port}`],
      ...[
        '--rate',
        '20/s',
        '--duration',
        '3s',
        '--start',
        `node ${join(root, 'dist/demo/service.js')} --port ${port}`,
      ],
    ];
    const run = plimsoll(context, args, folder);
    const { code, stderr } = await run.ended;
    const level = run.report().experiments[0]?.levels[0];
    expect(code, stderr).toBe(0);
    expect(level?.sessions).toMatchObject({ failed: 0, unfinished: 0, done: level?.requests.done });
    const completion = level?.steps.find(({ name }) => name === 'completion');
    expect(completion?.done).toBe(level?.requests.done);
    expect(level?.queues).toMatchObject([{ enqueued: completion?.done, completed: completion?.done }]);
    // A job takes 50 ms of a worker.
    expect(completion?.response.p50 ?? 0).toBeGreaterThan(49);
  });

  it('of an LLM endpoint needs no script', async (context) => {
    const folder = folderFor(context);
    const port = await closedPort();
    const service = fileURLToPath(new URL('../dist/demo/service.js', import.meta.url));
    const args = [
      ...['run', `llm://127.0.0.1:${port}/v1`, '--model', 'demo', '--turns', '3', '--input-tokens', '20'],
      ...[
        '--output-tokens',
        '6',
        '--users',
        '3',
        '--duration',
        '3s',
        '--start',
        `node ${service} --port ${port}`,
      ],
    ];
    const run = plimsoll(context, args, folder);
    const { code, stderr } = await run.ended;
    const report = reportSchema.parse(run.report());
    expect(code, stderr).toBe(0);
    expect(report.target).toMatchObject({ kind: 'llm', name: `llm://127.0.0.1:${port}/v1` });
    expect(report.objectives.map(({ metric }) => metric)).toEqual([
      'step.ttft.p95',
      'step.tpot.p95',
      'errors',
    ]);
    const { stream, sessions, requests } = report.experiments[0]?.levels[0] ?? {};
    // A chat is a request, and a session three of them.
    expect([stream?.chats, requests?.done]).toEqual([requests?.done, 3 * (sessions?.done ?? 0)]);
    expect(stream?.tokens).toMatchObject({ source: 'usage', wasted: 0 });
    expect(stream?.tokens.output ?? 0).toBeLessThanOrEqual(6 * (stream?.chats ?? 0));
    expect(stream?.ttft.p50 ?? 0).toBeLessThan(stream?.e2e.p50 ?? 0);
  });

  it('of an LLM endpoint asks for the model', async (context) => {
    const run = plimsoll(context, ['run', 'llm://127.0.0.1:9/v1'], folderFor(context));
    const { code, stderr } = await run.ended;
    expect([code, stderr]).toEqual([2, expect.stringContaining('--model <name>')]);
  });

  it('of the examples with three kinds of users follows a burst', async (context) => {
    const folder = folderFor(context);
    const port = await closedPort();
    const root = fileURLToPath(new URL('..', import.meta.url));
    const args = [
      ...['run', join(root, 'examples/classes.ts'), '--base-url', `http://127.0.0.1:${port}`],
      ...['--profile', 'burst', '--users', '10', '--duration', '2s', '--slo', 'p95<5s,errors<1%'],
      ...['--start', `node ${join(root, 'dist/demo/service.js')} --port ${port}`],
    ];
    const run = plimsoll(context, args, folder);
    const { code, stderr, stdout } = await run.ended;
    const report = reportSchema.parse(run.report());
    const levels = report.experiments[0]?.levels ?? [];
    expect(stderr).toContain('burst  ▁▄▇█▁  1, 4, 8, 10, 1 users, 2 s each');
    expect(levels.map(({ load }) => load.kind === 'closed' && load.users)).toEqual([1, 4, 8, 10, 1]);
    const most = levels[3];
    expect(most?.scenarios.map(({ name }) => name).toSorted()).toEqual(['reader', 'talker', 'tester']);
    expect(most?.scenarios.reduce((sum, { done }) => sum + done, 0)).toBe(most?.sessions?.done);
    expect(most?.sessions?.failed).toBe(0);
    expect(report.profile?.checks[0]?.name).toBe('objectives held at every stage');
    // Two seconds of one user may be too few requests to judge, but nothing breaks.
    expect(report.profile?.checks[0]?.met).not.toBe(false);
    expect(stdout).toContain('p95 afterwards over before');
    // Two seconds of one user may be too few to compare.
    expect(code).toBe(report.verdict === 'pass' ? 0 : report.verdict === 'fail' ? 1 : 4);
  });

  it('speaks HTTP/2 where it is asked to, each request with its own path and body', async (context) => {
    const folder = folderFor(context);
    let received = 0;
    const server = createHttp2Server();
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      received++;
      stream.respond({ ':status': 200 });
      stream.pipe(stream);
      if (headers[':method'] === 'GET') stream.end(headers[':path']);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    context.onTestFinished(() => void server.close());
    const file = scenarioIn(
      folder,
      `expect((await http.get('/a')).text(), '/a');
       expect(await http.post('/b', { json: { turn: 2 } }).json(), { turn: 2 });`,
    );
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const args = ['run', file, '--base-url', url, '--users', '6', '--duration', '2s'];
    const run = plimsoll(context, [...args, '--http2', '--streams', '3', '--workers', '1'], folder);
    const { stderr } = await run.ended;
    const report = run.report();
    const level = report.experiments[0]?.levels[0];
    expect(report.target, stderr).toMatchObject({ protocol: 'HTTP/2', streamsPerConnection: 3 });
    expect(level?.sessions?.failed, stderr).toBe(0);
    expect(report.requests).toMatchObject({ done: received, failed: 0 });
    expect(level?.connections.opened).toBe(2);
  });

  it('sets up once, gives every session what came of it, and takes it away again', async (context) => {
    const folder = folderFor(context);
    const seen: string[] = [];
    const target = await targetFor(context, (request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.end('{"key":"k7"}');
    });
    const file = join(folder, 'setup.ts');
    writeFileSync(
      file,
      `import { scenario } from 'plimsoll';
       export default scenario('with setup', {
         setup: async ({ http }) => http.post('/room').json<{ key: string }>(),
         teardown: ({ http, setup }) => http.delete('/room/' + setup.key),
       }, async ({ http, setup }) => { await http.get('/' + setup.key); });`,
    );
    const args = [
      'run',
      file,
      '--base-url',
      target.url,
      '--users',
      '4',
      '--duration',
      '2s',
      '--workers',
      '2',
    ];
    const run = plimsoll(context, args, folder);
    const { code, stderr } = await run.ended;
    const report = run.report();
    expect(code, stderr).toBe(0);
    expect([seen[0], seen.at(-1)]).toEqual(['POST /room', 'DELETE /room/k7']);
    expect(new Set(seen.slice(1, -1))).toEqual(new Set(['GET /k7']));
    expect(report.run.setup).toEqual({ requests: 2, failed: 0 });
    expect(report.requests.done).toBe(seen.length - 2);
  });

  it('ends when the rows of its data were all given, each once', async (context) => {
    const folder = folderFor(context);
    const seen: string[] = [];
    const target = await targetFor(context, (request, response) => {
      seen.push(request.url ?? '');
      response.end();
    });
    writeFileSync(
      join(folder, 'users.csv'),
      `name\n${Array.from({ length: 30 }, (_, n) => `u${n}`).join('\n')}\n`,
    );
    const file = join(folder, 'rows.ts');
    writeFileSync(
      file,
      `import { feed, scenario } from 'plimsoll';
       export default scenario('rows', { data: { users: feed('users.csv', { order: 'once' }) } }, async ({ http, data }) => {
         await http.get('/' + data.users.next().name);
       });`,
    );
    const args = [
      'run',
      file,
      '--base-url',
      target.url,
      '--users',
      '3',
      '--duration',
      '20s',
      '--workers',
      '2',
    ];
    const run = plimsoll(context, args, folder);
    const { code, stderr } = await run.ended;
    const report = run.report();
    expect(code, stderr).toBe(4);
    expect(report.run.stopped).toBe('data-ended');
    expect(report.validity.reasons.map((reason) => reason.code)).toEqual(['stopped.data-ended']);
    expect(new Set(seen).size).toBe(30);
    expect(seen.length).toBe(30);
    expect(report.requests.done).toBe(30);
  });

  it('without a base URL is itself the target', async (context) => {
    const folder = folderFor(context);
    const file = scenarioIn(folder, 'await new Promise((done) => setTimeout(done, 20)); expect(1, 1);');
    const args = ['run', file, '--users', '3', '--duration', '2s', '--workers', '1'];
    const run = plimsoll(context, args, folder);
    const { code, stdout, stderr } = await run.ended;
    const report = run.report();
    expect(report.target).toMatchObject({ kind: 'function', name: 'session.ts', protocol: null });
    const level = report.experiments[0]?.levels[0];
    // Where others have the cores, a level of a function does not count.
    expect(code, stderr).toBe(level?.valid === true ? 0 : 4);
    expect(level?.requests.done).toBe(level?.sessions?.done);
    expect(level?.throughput?.unit).toBe('sessions/s');
    expect(level?.response.p50).toBeGreaterThan(19);
    expect(level?.target.cpuMsPerSession).toBeGreaterThan(0);
    expect(stdout).toMatch(/its function lost .* of the thread/);
  });

  it('without a base URL follows a profile as well', async (context) => {
    const folder = folderFor(context);
    const file = scenarioIn(folder, 'await new Promise((done) => setTimeout(done, 5));');
    const args = ['run', file, '--profile', 'steps', '--users', '4', '--duration', '1s'];
    const run = plimsoll(context, [...args, '--workers', '1'], folder);
    const { stderr } = await run.ended;
    expect(run.report().profile?.name, stderr).toBe('steps');
    expect(run.report().experiments[0]?.levels.length).toBe(4);
  });

  it('without a base URL has no port that --start could wait for', async (context) => {
    const folder = folderFor(context);
    const file = scenarioIn(folder, 'expect(1, 1);');
    const { code, stderr } = await plimsoll(context, ['run', file, '--start', 'node x.js'], folder).ended;
    expect(stderr).toContain('[PLM_OPTION]');
    expect(stderr).toContain('--base-url');
    expect(code).toBe(2);
  });

  it.for([
    ['function.ts', ['--rate', '60/s']],
    ['command.ts', ['--users', '1']],
  ] as const)('of the examples that asks nobody runs: %s', async ([name, load], context) => {
    const folder = folderFor(context);
    const file = fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
    const args = ['run', file, ...load, '--duration', '3s', '--workers', '1', '--slo', 'p95<8s,errors<1%'];
    const run = plimsoll(context, args, folder);
    const { stderr } = await run.ended;
    const level = run.report().experiments[0]?.levels[0];
    expect(level?.sessions?.done, stderr).toBeGreaterThan(0);
    expect(level?.sessions, stderr).toMatchObject({ failed: 0, unfinished: 0 });
    expect(run.report().target).toMatchObject({ kind: 'function', name });
  });

  it.for([
    ['that is its own target', false],
    ['beside a target', true],
  ] as const)('whose commands all fail is at fault itself: one %s', async ([, beside], context) => {
    const folder = folderFor(context);
    const file = join(folder, 'session.ts');
    writeFileSync(
      file,
      `import { scenario } from 'plimsoll';
       export default scenario('absent', async ({ command }) => { await command('/no/such/command'); });`,
    );
    const target = beside ? ['--base-url', (await targetFor(context, working)).url] : [];
    const run = plimsoll(context, ['run', file, '--duration', '1s', ...target], folder);
    const { code, stderr } = await run.ended;
    expect(stderr).toContain('spawn.ENOENT');
    expect(stderr).toContain('[PLM_SCRIPT]');
    expect(code).toBe(2);
  });

  it('without a base URL that asks for a path is told to name one', async (context) => {
    const folder = folderFor(context);
    const file = scenarioIn(folder, "await http.get('/');");
    const { code, stderr } = await plimsoll(context, ['run', file, '--duration', '1s'], folder).ended;
    expect(stderr).toContain('[PLM_BASE_URL]');
    expect(stderr).toContain('--base-url http://localhost:3000');
    expect(code).toBe(2);
  });
});

describe.concurrent('run', () => {
  it('with --json prints the report and nothing else, which agrees with the target to the request', async (context) => {
    const target = await targetFor(context, working);
    const args = [
      'run',
      target.url,
      '--users',
      '4',
      '--duration',
      '2s',
      '--json',
      '--slo',
      'p95<2s,errors<1%',
    ];
    const run = plimsoll(context, args);
    const { code, stdout, stderr } = await run.ended;
    expect(stderr).toBe('');
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report).toEqual(run.report());
    expect(report.requests.done).toBe(target.received());
    expect(report.requests.failed).toBe(0);
    expect(report.experiments.map((experiment) => experiment.name)).toEqual(['run']);
    // A generator that was starved by its neighbours says so, and judges nothing.
    expect(code).toBe(report.validity.ok ? 0 : 4);
    expect(report.verdict).toBe(report.validity.ok ? 'pass' : 'inconclusive');
  });

  it('speaks HTTP/2 with the streams that were asked for, and counts as the target does', async (context) => {
    let received = 0;
    const connections = new Set<unknown>();
    const server = createHttp2Server();
    server.on('stream', (stream: ServerHttp2Stream) => {
      received++;
      connections.add(stream.session);
      stream.respond({ ':status': 200 });
      setTimeout(() => stream.end('ok'), 10);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    context.onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const http2 = ['--http2', '--streams', '4', '--workers', '1'];
    const run = plimsoll(context, ['run', url, '--users', '12', '--duration', '2s', '--json', ...http2]);
    const { stdout } = await run.ended;
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report.target).toMatchObject({ protocol: 'HTTP/2', streamsPerConnection: 4 });
    expect(report.requests).toMatchObject({ done: received, failed: 0 });
    expect(connections.size).toBe(3);
    expect(report.experiments[0]?.levels[0]?.connections.opened).toBe(3);
  });

  it('sends messages over WebSockets, and counts as the target does', async (context) => {
    let [messages, channels] = [0, 0];
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await new Promise((listening) => server.once('listening', listening));
    context.onTestFinished(() => void server.close());
    server.on('connection', (channel) => {
      channels++;
      channel.on('message', (message: Buffer) => {
        messages++;
        setTimeout(() => channel.send(message.toString('utf8')), 10);
      });
    });
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/chat`;
    const load = ['--users', '6', '--duration', '2s', '--body', '{"say":"hello"}'];
    const run = plimsoll(context, ['run', url, ...load, '--json', '--workers', '1']);
    const { stdout, code, stderr } = await run.ended;
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(code, stderr).toBe(0);
    expect(report.target).toMatchObject({
      kind: 'websocket',
      protocol: 'WebSocket',
      method: null,
      name: url,
    });
    expect(report.requests).toMatchObject({ done: messages, failed: 0, unfinished: 0 });
    expect([channels, report.experiments[0]?.levels[0]?.connections.opened]).toEqual([6, 6]);
  });

  it('tells a WebSocket that nobody serves by its own address', async (context) => {
    const url = `ws://127.0.0.1:${await closedPort()}/chat`;
    const { code, stderr } = await plimsoll(context, ['run', url]).ended;
    expect([code, stderr]).toEqual([3, expect.stringContaining(`${url} refuses connections`)]);
  });

  it('ends with 1 where an objective was not met', async (context) => {
    const target = await targetFor(
      context,
      (_request, response) => void setTimeout(() => response.end(), 60),
    );
    const args = [
      'run',
      target.url,
      '--rate',
      '20/s',
      '--arrivals',
      'even',
      '--duration',
      '2s',
      '--slo',
      'p50<5ms',
    ];
    const run = plimsoll(context, args);
    const { code, stdout } = await run.ended;
    const report = run.report();
    expect(report.experiments[0]?.levels[0]?.objectives[0]?.met).toBe(false);
    expect(code).toBe(report.validity.ok ? 1 : 4);
    expect(stdout).toContain('p50 < 5 ms');
  });

  it('writes the formats that were asked for, and report.json always', async (context) => {
    const target = await targetFor(context, working);
    const args = ['run', target.url, '--users', '2', '--duration', '1s', '--format', 'junit,txt', '--quiet'];
    const run = plimsoll(context, args);
    const { stderr } = await run.ended;
    expect(stderr).toBe('');
    expect(['report.json', 'junit.xml', 'report.txt'].map((file) => run.wrote(file))).toEqual([
      true,
      true,
      true,
    ]);
    expect(run.wrote('report.html')).toBe(false);
  });

  it('takes options from a file below variables, and variables below flags', async (context) => {
    const folder = folderFor(context);
    writeFileSync(
      join(folder, 'plimsoll.config.ts'),
      "const config: { seed: number; users: number; slo: string; duration: string } = { seed: 5, users: 3, slo: 'p90<9s', duration: '1s' };\nexport default config;\n",
    );
    const target = await targetFor(context, working);
    const run = plimsoll(context, ['run', target.url, '--users', '2'], folder, { PLIMSOLL_SEED: '77' });
    await run.ended;
    const report = run.report();
    expect(report.run.seed).toBe(77);
    expect(report.experiments[0]?.levels[0]?.load).toEqual({ kind: 'closed', users: 2 });
    expect(report.objectives).toEqual([{ metric: 'response.p90', op: '<', limit: 9000, unit: 'ms' }]);
  });

  it('ends at its time limit with what was measured', async (context) => {
    const target = await targetFor(context, working);
    const run = plimsoll(context, [
      'run',
      target.url,
      '--users',
      '3',
      '--duration',
      '60s',
      '--time-limit',
      '2s',
    ]);
    const { code } = await run.ended;
    const report = run.report();
    expect(code).toBe(4);
    expect(report.run.stopped).toBe('time-limit');
    expect(report.requests.done).toBe(target.received());
  });
});

describe.concurrent('Ctrl-C in the middle of a run', () => {
  it('ends with 130, and writes what was measured', async (context) => {
    const target = await targetFor(context, working);
    const run = plimsoll(context, ['assess', target.url]);
    await until('the target is under load', () => target.received() > 150);
    run.child.kill('SIGINT');
    const { code } = await run.ended;
    const report = run.report();
    expect(code).toBe(130);
    expect(report.run.stopped).toBe('interrupt');
    expect(report.verdict).toBe('inconclusive');
    expect(report.requests.done + report.requests.unfinished).toBe(report.requests.sent);
    expect(report.requests.done).toBeGreaterThan(100);
    expect(target.received() - report.requests.done).toBeLessThanOrEqual(report.requests.unfinished);
  });

  it('is what a closed terminal means too', async (context) => {
    const target = await targetFor(context, working);
    const run = plimsoll(context, ['assess', target.url]);
    await until('the target is under load', () => target.received() > 150);
    run.child.kill('SIGHUP');
    expect((await run.ended).code).toBe(130);
    expect(run.report().run.stopped).toBe('interrupt');
  });

  it('leaves no child behind', async (context) => {
    const folder = folderFor(context);
    const port = await closedPort();
    writeFileSync(join(folder, 'server.mjs'), serverFile);
    const start = `${process.execPath} server.mjs ${port} ${folder}`;
    const run = plimsoll(context, ['assess', `http://127.0.0.1:${port}/`, '--start', start], folder);
    await until('the started target is under load', () => exists(join(folder, 'warm')));
    const pid = writtenNumber(join(folder, 'pid'));
    expect(isAlive(pid)).toBe(true);
    run.child.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
    await until('the started target is gone', () => !isAlive(pid), 2_000);
    expect(run.report().run.stopped).toBe('interrupt');
  });
});

describe.concurrent('a target that dies in the middle of a run', () => {
  it('ends it with 3, and the report says what was measured until then', async (context) => {
    const folder = folderFor(context);
    const port = await closedPort();
    writeFileSync(join(folder, 'server.mjs'), serverFile);
    const server = spawn(process.execPath, ['server.mjs', String(port), folder], {
      cwd: folder,
      stdio: 'ignore',
    });
    context.onTestFinished(() => void server.kill('SIGKILL'));
    await until('the target listens', () => exists(join(folder, 'pid')));
    const run = plimsoll(
      context,
      ['run', `http://127.0.0.1:${port}/`, '--users', '5', '--duration', '60s'],
      folder,
    );
    await until('the target is under load', () => exists(join(folder, 'warm')));
    server.kill('SIGKILL');
    const { code, stderr } = await run.ended;
    const report = run.report();
    expect(stderr).toContain('[PLM_DIED]');
    expect(code).toBe(3);
    expect(report.run.stopped).toBe('target-died');
    expect(report.requests.done).toBeGreaterThan(30);
    expect(report.verdict).toBe('inconclusive');
  });
});

describe.concurrent('a target that goes away and comes back', () => {
  it('leaves the load unjudged, and is what the report says first', async (context) => {
    const folder = folderFor(context);
    const port = await closedPort();
    writeFileSync(join(folder, 'server.mjs'), serverFile);
    const serve = (): ReturnType<typeof spawn> => {
      const server = spawn(process.execPath, ['server.mjs', String(port), folder], {
        cwd: folder,
        stdio: 'ignore',
      });
      context.onTestFinished(() => void server.kill('SIGKILL'));
      return server;
    };
    const first = serve();
    await until('the target listens', () => exists(join(folder, 'pid')));
    const url = `http://127.0.0.1:${port}/`;
    const run = plimsoll(context, ['run', url, '--users', '5', '--duration', '7s'], folder);
    await until('the target is under load', () => exists(join(folder, 'warm')));
    first.kill('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 2200));
    serve();
    const { code, stderr } = await run.ended;
    const report = run.report();
    expect(code, stderr).toBe(4);
    expect(report.run.stopped).toBeNull();
    expect(report.validity.reasons.map((reason) => reason.code)).toContain('target.away');
    expect(report.findings[0]?.code).toBe('target.away');
    expect(report.requests.sent).toBe(report.requests.done + report.requests.unfinished);
  });
});

describe.concurrent('arrivals that were recorded', () => {
  it('of a language model begin alike where their trace says so', async (context) => {
    // What a trace of Mooncake looks like: blocks 0 and 42 are shared.
    const trace = [
      '{"timestamp": 0, "input_length": 1100, "output_length": 3, "hash_ids": [0, 42, 43]}',
      '{"timestamp": 120, "input_length": 915, "output_length": 2, "hash_ids": [0, 462]}',
      '{"timestamp": 240, "input_length": 1300, "output_length": 5, "hash_ids": [0, 42, 44]}',
    ];
    const prompts: string[][] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        const asked = JSON.parse(body) as { max_tokens: number; messages: { content: string }[] };
        prompts.push((asked.messages[0]?.content ?? '').split(' '));
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('data: {"choices":[{"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\n');
      });
    });
    await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
    context.onTestFinished(() => void server.close());
    const folder = folderFor(context);
    writeFileSync(join(folder, 'trace.jsonl'), trace.join('\n'));
    const { port } = server.address() as AddressInfo;
    const args = ['run', `llm://127.0.0.1:${port}/v1`, '--model', 'm', '--replay', 'trace.jsonl'];
    const run = plimsoll(context, [...args, '--workers', '1'], folder);
    const { stderr } = await run.ended;
    expect(
      prompts.map(({ length }) => length),
      stderr,
    ).toEqual([1100, 915, 1300]);
    const alike = (one: number, other: number): number =>
      prompts[one]?.findIndex((word, at) => word !== prompts[other]?.[at]) ?? 0;
    expect(prompts[1]?.slice(0, 512)).toEqual(prompts[0]?.slice(0, 512));
    expect(prompts[2]?.slice(0, 1024)).toEqual(prompts[0]?.slice(0, 1024));
    // Beyond the blocks they share, a word may be the same by chance.
    expect(alike(0, 1)).toBeLessThan(520);
    expect(alike(0, 2)).toBeLessThan(1032);
  });

  it('are replayed to the last one, faster and more of them, and counted', async (context) => {
    const folder = folderFor(context);
    const target = await targetFor(context, working);
    const at = (n: number): string => new Date(Date.UTC(2026, 9, 10, 11, 0, 0, 250 * n + 1)).toISOString();
    const lines = Array.from({ length: 80 }, (_, n) => `INFO ${at(n)} served`);
    writeFileSync(join(folder, 'app.log'), [...lines, 'no instant here', ''].join('\n'));
    const args = ['run', target.url, '--replay', 'app.log', '--replay-speed', '8', '--replay-rate', '3'];
    const run = plimsoll(context, args, folder);
    const { code, stderr } = await run.ended;
    const report = reportSchema.parse(run.report());
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /replay {2}[▁▂▃▄▅▆▇█]{40} {2}240 arrivals in 2\.4\d s; 1 line of 81 says no instant/,
    );
    const [level] = report.experiments[0]?.levels ?? [];
    expect(level?.load).toEqual({ kind: 'open', ratePerSecond: 80, arrivals: 'replay' });
    expect([report.requests.due, report.requests.done, target.received()]).toEqual([240, 240, 240]);
  });

  it('leave no room for another load', async (context) => {
    const run = plimsoll(
      context,
      ['run', 'http://127.0.0.1:9/', '--replay', 'x.log', '--rate', '5'],
      folderFor(context),
    );
    const { code, stderr } = await run.ended;
    expect([code, stderr]).toEqual([2, expect.stringContaining('--replay together with --rate')]);
  });
});

describe.concurrent('two runs into one folder', () => {
  it('are one too many: the second is refused, and the first keeps its report', async (context) => {
    const target = await targetFor(context, working);
    const folder = folderFor(context);
    const args = ['run', target.url, '--duration', '3s', '--out', join(folder, 'one'), '--users'];
    const first = plimsoll(context, [...args, '2'], folder);
    await until('the first is at work', () => target.received() > 10);
    const { code, stderr } = await plimsoll(context, [...args, '7'], folder).ended;
    expect([code, stderr]).toEqual([2, expect.stringContaining('another run')]);
    await first.ended;
    const report = reportSchema.parse(JSON.parse(readFileSync(join(folder, 'one', 'report.json'), 'utf8')));
    expect(report.experiments[0]?.levels[0]?.load).toEqual({ kind: 'closed', users: 2 });
    expect(exists(join(folder, 'one', '.plimsoll.lock'))).toBe(false);
  });
});

describe.concurrent('a script that goes wrong', () => {
  async function played(context: TestContext, body: string, args: readonly string[] = []) {
    const folder = folderFor(context);
    const target = await targetFor(context, working);
    const file = scenarioIn(folder, body);
    const load = ['--users', '2', '--duration', '2s', '--timeout', '1s', '--workers', '1'];
    const run = plimsoll(context, ['run', file, '--base-url', target.url, ...load, ...args], folder);
    return { ...(await run.ended), run };
  }

  it('in most of its sessions is no success, however many requests of them were good', async (context) => {
    const { code, run } = await played(
      context,
      "for (let n = 0; n < 5; n++) await http.get('/'); if (Math.random() < 0.9) throw new Error('no order');",
    );
    const level = run.report().experiments[0]?.levels[0];
    expect(level?.errors.ratio).toBeCloseTo((level?.sessions?.failed ?? 0) / (level?.sessions?.done ?? 1), 9);
    expect(level?.objectives.find(({ metric }) => metric === 'errors')?.met).toBe(false);
    expect(code).not.toBe(0);
  });

  it('and never ends its sessions is told, and nothing is judged', async (context) => {
    const { code, stdout, run } = await played(context, "await http.get('/'); await new Promise(() => {});");
    expect(run.report().findings.map((finding) => finding.code)).toContain('scenario.endless');
    expect(stdout).toContain('none of 2 sessions ended');
    expect(code).toBe(4);
  });

  it.for([
    [
      'ends the process',
      "await http.get('/'); process.exit(7);",
      /ended the thread that it runs on: it ended with code 7/,
    ],
    [
      'forgets a promise that fails',
      "void Promise.reject(new Error('floating')); await http.get('/');",
      /ended the thread that it runs on: floating.*session\.ts:2/,
    ],
  ] as const)('and %s is named as the cause', async ([, body, message], context) => {
    const { code, stderr } = await played(context, body);
    expect(stderr).toMatch(message);
    expect(stderr).toContain('[PLM_ENDED]');
    expect(code).toBe(2);
  });

  it('and ends the process while it is loaded is named as well', async (context) => {
    const { code, stderr } = await played(context, 'process.exit(0); }); process.exit(5); (() => {');
    expect(stderr).toContain('while it was loaded, with code 5');
    expect(stderr).toContain('[PLM_ENDED]');
    expect(code).toBe(2);
  });
});

describe('bench', () => {
  const benchIn = (folder: string, body: string): string => {
    const file = join(folder, 'parts.bench.ts');
    writeFileSync(file, `import { benchmark } from 'plimsoll';\n${body}`);
    return file;
  };
  const slow = '() => { const end = performance.now() + 5; while (performance.now() < end); }';
  const bench = (context: TestContext, file: string, folder: string) =>
    plimsoll(context, ['bench', file, '--duration', '2s'], folder);
  const written = (folder: string) =>
    JSON.parse(readFileSync(join(folder, 'report', 'bench.json'), 'utf8')) as {
      verdict: string;
      benchmarks: {
        name: string;
        stages: { load: number; verdict: string; perSecond: { value: number } }[];
      }[];
    };

  it('of the examples meets what is acceptable, in a table and two files', async (context) => {
    const folder = folderFor(context);
    const file = fileURLToPath(new URL('../examples/components.bench.ts', import.meta.url));
    const run = bench(context, file, folder);
    const { code, stdout, stderr } = await run.ended;
    // Where others have the cores, an interval may be too wide to tell.
    expect(code, stderr).toBe(written(folder).verdict === 'undecided' ? 4 : 0);
    expect(stdout).toContain('parse an order (target 50');
    expect(written(folder).benchmarks.map(({ stages }) => stages.map(({ load }) => load))).toEqual([
      [1, 10, 100, 1000],
      [1, 100],
      [100],
    ]);
    expect(readFileSync(join(folder, 'report', 'bench.csv'), 'utf8').split('\r\n').length).toBe(9);
  }, 60_000);

  it('ends with 1 where an acceptable rate is missed', async (context) => {
    const folder = folderFor(context);
    const body = `export default benchmark('slow', { acceptable: 4000, loads: [1, 3] }, ${slow});`;
    const { code, stderr } = await bench(context, benchIn(folder, body), folder).ended;
    expect(code, stderr).toBe(1);
    expect(written(folder).verdict).toBe('missed');
    for (const { perSecond } of written(folder).benchmarks[0]?.stages ?? [])
      expect(perSecond.value).toBeLessThan(201);
  });

  it.for([
    ['a file that is not there', null, 'PLM_BENCHMARK'],
    ['a scenario', 'export default { run: () => undefined };', 'PLM_BENCHMARK'],
    ['a wish that is none', "export default benchmark('x', { target: -1 }, () => 1);", 'PLM_BENCHMARK'],
  ] as const)('of %s is wrong usage', async ([, body, expected], context) => {
    const folder = folderFor(context);
    const file = body === null ? 'absent.ts' : benchIn(folder, body);
    const { code, stderr } = await plimsoll(context, ['bench', file], folder).ended;
    expect(stderr).toContain(`[${expected}]`);
    expect(code).toBe(2);
  });

  it('takes no options of loads on targets', async (context) => {
    const { code, stderr } = await plimsoll(context, ['bench', 'x.ts', '--method', 'PUT']).ended;
    expect(stderr).toContain('[PLM_OPTION]');
    expect(code).toBe(2);
  });
});
