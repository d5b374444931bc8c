import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import type { PlimsollError } from '../errors.ts';
import { start, type Started } from './started.ts';

const linux = process.platform === 'linux';
const folder = mkdtempSync(join(tmpdir(), 'plimsoll started '));

/** Writes a program into a folder with blanks in its name. @returns the command, quoted */
function program(name: string, code: string): string {
  const file = join(folder, `${name}.cjs`);
  writeFileSync(file, code);
  return `"${process.execPath}" '${file}'`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const running: Started[] = [];

async function startOn(command: string, port: number, timeoutMs = 15_000): Promise<Started> {
  const started = await start({ command, host: '127.0.0.1', port, timeoutMs }, systemClock);
  running.push(started);
  return started;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((started) => started.stop()));
});

afterAll(() => rmSync(folder, { recursive: true }));

async function failure(starting: Promise<unknown>): Promise<PlimsollError> {
  return starting.then(
    () => expect.fail('it should not have started'),
    (error: PlimsollError) => error,
  );
}

/** A zombie lives no more; it only waits for somebody to take note. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !linux || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

const listens = `
  const requests = [];
  const server = require('node:http').createServer((request, response) => {
    requests.push(request.url);
    response.end(JSON.stringify(requests));
  });
  server.listen(Number(process.env.PORT ?? process.argv[2]), '127.0.0.1');`;

async function get(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end('GET /only HTTP/1.0\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

describe('a target that is started', () => {
  it('is handed over when it listens, without having been sent a request', async () => {
    const port = await freePort();
    const started = await startOn(
      `PORT=${port} ${program('late', `setTimeout(() => {${listens}}, 300)`)}`,
      port,
    );
    expect(lives(started.pid)).toBe(true);
    expect(await get(port)).toContain('["/only"]');
    await started.stop();
    expect(lives(started.pid)).toBe(false);
    expect(await started.ended).toBe('signal SIGTERM');
  });

  it('gets its arguments as they were quoted', async () => {
    const port = await freePort();
    const command = program('argv', `console.error(JSON.stringify(process.argv.slice(3))); ${listens}`);
    const started = await startOn(`${command} ${port} 'a  b' "c'd" e\\ f ''`, port);
    await sleep(50);
    expect(started.lastLines()).toEqual([JSON.stringify(['a  b', "c'd", 'e f', ''])]);
    await started.stop();
  });

  it('is an error with its last words when it ends at once', async () => {
    const code = `for (let i = 0; i < 40; i++) console.error('line ' + i); process.exitCode = 3;`;
    const error = await failure(startOn(program('exits', code), await freePort()));
    expect(error.code).toBe('PLM_START');
    expect(error.message).toContain('exit code 3');
    expect(error.message).toMatch(/line 30\n(.*\n)*line 39$/);
    expect(error.message).not.toContain('line 29');
  });

  it('is an error when there is no such command', async () => {
    const error = await failure(startOn('no-such-command-here --x', await freePort()));
    expect(error).toMatchObject({ code: 'PLM_START', given: '"no-such-command-here --x"' });
    expect(error.message).toContain('there is no command no-such-command-here');
  });

  it('is an error when it never listens, and is stopped', async () => {
    const command = program('deaf', `console.log('pid ' + process.pid); setInterval(() => {}, 1e6);`);
    const error = await failure(startOn(command, await freePort(), 700));
    expect(error.code).toBe('PLM_START');
    expect(error.message).toContain('nothing after 0.7 s');
    const pid = Number(/pid (\d+)/.exec(error.message)?.[1]);
    expect(pid).toBeGreaterThan(0);
    expect(lives(pid)).toBe(false);
  });

  it('is refused while something else listens on its port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const error = await failure(startOn(`PORT=${port} ${program('late', listens)}`, port));
    expect(error.message).toContain(`something else already listens on port ${port}`);
    server.close();
  });
});

describe.skipIf(process.platform === 'win32')('stopping (needs process groups)', () => {
  it.each([
    ['in its group', ''],
    ['in a session of its own', 'detached: true,'],
  ])('ends a grandchild %s', async (_, option) => {
    if (!linux && option !== '') return;
    const port = await freePort();
    const code = `console.error(require('node:child_process').spawn('sleep', ['1000'], { ${option} stdio: 'ignore' }).pid); ${listens}`;
    const started = await startOn(`PORT=${port} ${program('parent', code)}`, port);
    await sleep(50);
    const grandchild = Number(started.lastLines()[0]);
    expect(lives(grandchild)).toBe(true);
    await started.stop();
    expect([lives(started.pid), lives(grandchild)]).toEqual([false, false]);
  });

  it('kills after 5 s what does not heed SIGTERM', async () => {
    const port = await freePort();
    const started = await startOn(
      `PORT=${port} ${program('stubborn', `process.on('SIGTERM', () => {}); ${listens}`)}`,
      port,
    );
    const startMs = performance.now();
    const stopped = started.stop();
    expect(started.stop()).toBe(stopped);
    await stopped;
    expect(performance.now() - startMs).toBeGreaterThan(4900);
    expect(await started.ended).toBe('signal SIGKILL');
    expect(lives(started.pid)).toBe(false);
  });

  it.each([
    ['exits', 'process.exit()'],
    ['throws', 'setTimeout(() => { throw new Error("crash"); })'],
    ['is killed by a signal that no program can catch', 'process.kill(process.pid, "SIGKILL")'],
    ['is asked to end and has no handler', 'process.kill(process.pid, "SIGTERM")'],
  ])('is done for us when Plimsoll itself %s', async (_, end) => {
    const port = await freePort();
    const command = `PORT=${port} ${program('left', listens)}`;
    const file = join(folder, 'owner.ts');
    writeFileSync(
      file,
      `import { start } from ${JSON.stringify(resolve('src/monitors/started.ts'))};
       import { systemClock } from ${JSON.stringify(resolve('src/clock.ts'))};
       const command = ${JSON.stringify(command)};
       start({ command, host: '127.0.0.1', port: ${port}, timeoutMs: 15_000 }, systemClock).then(({ pid }) => {
         require('node:fs').writeSync(1, String(pid));
         ${end};
       });`,
    );
    const owner = spawn(process.execPath, [resolve('node_modules/jiti/lib/jiti-cli.mjs'), file], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let text = '';
    owner.stdout.on('data', (chunk) => (text += String(chunk)));
    await once(owner, 'close');
    const pid = Number(text);
    expect(pid).toBeGreaterThan(0);
    for (let i = 0; i < 100 && lives(pid); i++) await sleep(50);
    expect(lives(pid)).toBe(false);
  });
});
