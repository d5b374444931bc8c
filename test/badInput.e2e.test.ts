/**
 * What people and targets get wrong, from outside: one message each, counts intact, exit codes as documented. Real time, so
 * side by side.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { folderFor, plimsoll, type Run } from './kit/bin.ts';

/** Answers with text, streams that never end, and WebSockets that it drops in the handshake. */
const server = createServer((request, response) => {
  request.resume();
  if (request.url === '/endless') return endless(response, 'data: more\n\n');
  if (request.url?.endsWith('/completions') === true)
    return endless(response, 'data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
  setTimeout(() => response.end('hello'), 5);
}).on('upgrade', (_request, socket) => socket.destroy());

function endless(response: ServerResponse, event: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const timer = setInterval(() => response.write(event), 30);
  response.on('close', () => clearInterval(timer));
}

beforeAll(() => new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening)));
afterAll(() => void server.close().closeAllConnections());
const at = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

const load = ['--users', '2', '--duration', '1s', '--timeout', '500ms', '--workers', '1'];

function play(context: TestContext, text: string, files: Readonly<Record<string, string>> = {}): Run {
  const folder = folderFor(context);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const file = join(folder, 'session.ts');
  writeFileSync(file, `import { expect, feed, scenario } from 'plimsoll';\n${text}`);
  return plimsoll(context, ['run', file, '--base-url', `http://${at()}`, ...load], folder);
}

const played = (body: string, options = '{}'): string =>
  `export default scenario('bad', ${options}, async ({ http, ws }) => { ${body} });`;

/** One message: what is wrong, and what to do with the code behind it. */
const oneMessage = (stderr: string): string[] =>
  stderr.split('\n').filter((line) => line.startsWith('plimsoll: '));

function expectBalance(run: Run): void {
  const { requests, experiments } = run.report();
  const { due, sent, dropped, done, unfinished } = requests;
  expect([due, sent]).toEqual([sent + dropped, done + unfinished]);
  const sessions = experiments[0]?.levels[0]?.sessions;
  if (sessions !== null && sessions !== undefined)
    expect(sessions.started).toBe(sessions.done + sessions.unfinished);
}

describe.concurrent('a session that', () => {
  it.for([
    [
      'throws',
      "await http.get('/'); throw new Error('no order');",
      2,
      'PLM_SCRIPT',
      /no order \(session\.ts:2/,
    ],
    ['awaits nothing', "http.get('/');", 2, 'PLM_SCRIPT', /a request was not awaited/],
    [
      'asks for JSON and gets text',
      "await http.get('/').json();",
      2,
      'PLM_SCRIPT',
      /no JSON: "hello" \(session\.ts:2/,
    ],
    [
      'reads a stream that never ends',
      "(await http.get('/endless')).events();",
      3,
      'PLM_SILENT',
      /timeout; answers began, and did not end/,
    ],
    [
      'forgets to await what it then calls',
      "http.get('/endless').nothing();",
      3,
      'PLM_SILENT',
      /nothing is not a function \(session\.ts:2/,
    ],
    [
      'opens a WebSocket that is closed in the handshake',
      "await (await ws.connect('/chat')).request('hi', () => true);",
      3,
      'PLM_SILENT',
      /ended in the handshake of the WebSocket/,
    ],
  ] as const)(
    '%s is told in one message, and its requests are counted',
    async ([, body, exit, code, words], context) => {
      const run = play(context, played(body));
      const { code: ended, stderr } = await run.ended;
      expect(stderr).toContain(`[${code}]`);
      expect(oneMessage(stderr).length, stderr).toBe(1);
      expect(oneMessage(stderr)[0]).toMatch(words);
      expect(ended).toBe(exit);
      expectBalance(run);
    },
  );

  it('loops for ever is ended, and named', async (context) => {
    const run = play(context, played("await http.get('/'); for (;;) {}"));
    const { code, stderr } = await run.ended;
    expect(oneMessage(stderr)[0]).toContain('session.ts" blocks its thread');
    expect(stderr).toContain('[PLM_BLOCKED]');
    expect(code).toBe(2);
  }, 60_000);
});

describe.concurrent('a file that', () => {
  it.for([
    [
      'imports a file that is not there',
      `import { x } from './nowhere.ts'; ${played('x();')}`,
      'PLM_SCENARIO',
      /Cannot find module '\.\/nowhere\.ts'$/,
    ],
    [
      'imports a package that is not there',
      `import x from 'no-such-package-7'; ${played('x();')}`,
      'PLM_SCENARIO',
      /Cannot find module 'no-such-package-7'$/,
    ],
    [
      'cannot be parsed',
      `export default scenario('bad', async ({ http }) => { await http.get('/' });`,
      'PLM_SCENARIO',
      /session\.ts:2:\d+$/,
    ],
    [
      'has a feed without rows',
      played('', '{ data: { users: feed([]) } }'),
      'PLM_DATA',
      /data\.users .* no row/,
    ],
    [
      'names a table of a heading alone',
      played('', "{ data: { users: feed('users.csv') } }"),
      'PLM_DATA',
      /users\.csv.* no row/,
    ],
    [
      'names a table that is not there',
      played('', "{ data: { users: feed('none.csv') } }"),
      'PLM_DATA',
      /none\.csv.* no such file/,
    ],
  ] as const)('%s sends nothing, and ends with 2', async ([, text, code, words], context) => {
    const run = play(context, text, { 'users.csv': 'name\n' });
    const { code: ended, stderr } = await run.ended;
    expect(stderr).toContain(`[${code}]`);
    expect(oneMessage(stderr)[0]).toMatch(words);
    expect(run.wrote('report.json')).toBe(false);
    expect(ended).toBe(2);
  });

  it.for([
    ['{"log": {', /it is no JSON/],
    ['{"log": {"entries": "none"}}', /log\.entries/],
    ['{"log": {"entries": []}}', /./],
  ] as const)('is a broken recording is refused: %s', async ([text, words], context) => {
    const folder = folderFor(context);
    writeFileSync(join(folder, 'shop.har'), text);
    const { code, stderr } = await plimsoll(context, ['run', '--har', 'shop.har', ...load], folder).ended;
    expect(stderr).toContain('[PLM_RECORDING]');
    expect(oneMessage(stderr)[0]).toMatch(words);
    expect(code).toBe(2);
  });
});

describe.concurrent('a target that', () => {
  it.for([
    [
      'closes WebSockets in the handshake',
      () => [`ws://${at()}/chat`],
      /ended in the handshake of the WebSocket/,
    ],
    [
      'streams tokens without end',
      () => [`llm://${at()}/v1`, '--model', 'm'],
      /answers began, and did not end in time/,
    ],
  ] as const)('%s ends the run with 3', async ([, args, words], context) => {
    const run = plimsoll(context, ['run', ...args(), ...load]);
    const { code, stderr } = await run.ended;
    expect(oneMessage(stderr)[0]).toMatch(words);
    expect(stderr).toContain('[PLM_SILENT]');
    expect(code).toBe(3);
    expectBalance(run);
  });
});
