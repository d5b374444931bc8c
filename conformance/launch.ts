/**
 * Starts and stops the processes of a case: the target, and Plimsoll itself.
 *
 * 1. Each case gets a fresh target on a port of the system's choice.
 * 2. Pinned, the target has core 0 and Plimsoll core 1: neither steals from the other.
 * 3. Nothing outlives its case: what was started is killed by its own handle, also when the case fails or Ctrl-C ends it.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { startPostgres } from '../test/kit/databases.ts';
import { grpcWorkers, postgresPool, type Case, type MessageTarget } from './cases.ts';
import type { CallTruth } from './grpcTarget.ts';
import type { ServiceOptions } from './service.ts';
import type { StreamTruth } from './streamTruth.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const jiti = join(root, 'node_modules/jiti/lib/jiti-cli.mjs');

export interface Pinning {
  readonly targetCpu: number;
  readonly plimsollCpu: number;
}

/** What the target itself counted. */
export interface Counted {
  /** Answers written on `/`, refusals included. */
  readonly answered: number;
  readonly ok: number | null;
  /** Answers that had nowhere to go: the asker had hung up. */
  readonly lost: number;
  readonly resets: number;
}

export interface Launched {
  /** What to load: a URL, or the file of a scenario. */
  readonly url: string;
  /** What has to be said besides. */
  readonly flags?: readonly string[];
  /** Asks the target for its count; null when it keeps none. */
  count(): Promise<Counted | null>;
  stop(): Promise<void>;
}

export function has(program: string): boolean {
  return spawnSync('which', [program], { stdio: 'ignore' }).status === 0;
}

function pinned(cpu: number | undefined, command: readonly string[]): string[] {
  return cpu === undefined ? [...command] : ['taskset', '-c', String(cpu), ...command];
}

const running = new Set<ChildProcess>();

function begin(
  command: readonly string[],
  output: 'pipe' | 'ignore',
  errors: 'pipe' | 'inherit' = 'inherit',
): ChildProcess {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', output, errors] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const child of running) child.kill('SIGKILL');
    process.exit(130);
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const sterner = setTimeout(() => child.kill('SIGKILL'), 2000);
  await gone;
  clearTimeout(sterner);
}

/** `serviceMs: 20` becomes `--service-ms 20`. */
function flagsOf(options: ServiceOptions): string[] {
  return Object.entries(options).flatMap(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    String(value),
  ]);
}

/** Starts a target of this folder, which says on its standard output where it listens. */
async function listening(
  file: string,
  args: readonly string[],
  pinning: Pinning | null,
): Promise<{ child: ChildProcess; url: string }> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = begin(pinned(pinning?.targetCpu, [process.execPath, jiti, path, ...args]), 'pipe');
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the target ended with ${code}`)));
    child.stdout?.once('data', (bytes: Buffer) =>
      resolve((JSON.parse(bytes.toString()) as { listening: number }).listening),
    );
  });
  return { child, url: `http://127.0.0.1:${port}/` };
}

/** The target of token streams and WebSockets. @param cap connections that it takes at once */
export async function launchStreams(
  pinning: Pinning | null,
  cap: number,
): Promise<{ url: string; count(): Promise<StreamTruth>; stop(): Promise<void> }> {
  const { child, url } = await listening('streamTarget.ts', ['--seed', '7', '--cap', String(cap)], pinning);
  return {
    url,
    count: async () => (await (await fetch(`${url}count`)).json()) as StreamTruth,
    stop: () => ended(child),
  };
}

/** The target of gRPC. */
export async function launchCalls(
  seed: number,
  pinning: Pinning | null,
): Promise<{ url: string; truth(): Promise<CallTruth>; stop(): Promise<void> }> {
  const workers = { kind: 'workers', ...grpcWorkers, distribution: 'fixed' } as const;
  const args = [...flagsOf(workers), '--seed', String(seed)];
  const { child, url } = await listening('grpcTarget.ts', args, pinning);
  const truth = async (): Promise<CallTruth> => (await (await fetch(`${url}count`)).json()) as CallTruth;
  const { grpcPort } = await truth();
  return { url: `grpc://127.0.0.1:${grpcPort}`, truth, stop: () => ended(child) };
}

async function launchGrpc(seed: number, pinning: Pinning | null): Promise<Launched> {
  const { url, truth, stop } = await launchCalls(seed, pinning);
  return {
    url: `${url}/harbour.Harbour/Greet`,
    flags: ['--data', '{"name": "Ada", "draught_cm": 740}'],
    count: async () => {
      const { answered, lost } = await truth();
      return { answered, ok: answered, lost, resets: 0 };
    },
    stop,
  };
}

export async function launch(
  target: Case['target'],
  seed: number,
  pinning: Pinning | null,
): Promise<Launched> {
  if (target === 'nginx') return launchNginx(pinning);
  if (target === 'postgres') return launchPostgres(pinning);
  if (target === 'llm') return launchModel(seed, pinning);
  if (target === 'grpc') return launchGrpc(seed, pinning);
  if (target === 'nobody') {
    const port = await freePort();
    return {
      url: `http://127.0.0.1:${port}/`,
      count: () => Promise.resolve(null),
      stop: () => Promise.resolve(),
    };
  }
  if (target.kind === 'function') {
    return {
      url: fileURLToPath(new URL(`functions/${target.file}`, import.meta.url)),
      // Each thread has a function of its own.
      flags: ['--workers', '1'],
      count: () => Promise.resolve(null),
      stop: () => Promise.resolve(),
    };
  }
  const isMessages = target.kind === 'messages';
  const { child, url } = await listening(
    isMessages ? 'messageTarget.ts' : 'target.ts',
    [...flagsOf(isMessages ? target.service : target), '--seed', String(seed)],
    pinning,
  );
  return {
    ...(isMessages ? messagesAt(url, target) : { url }),
    count: async () => {
      const seen = (await (await fetch(`${url}count`)).json()) as {
        answered: number;
        lost: number;
        resets: number;
        connections: number;
        byStatus: Record<string, number>;
      };
      // Of a scenario the handshake of a WebSocket is a request.
      const shaken = isMessages && target.scenario !== null ? seen.connections : 0;
      const ok = (seen.byStatus['200'] ?? 0) + shaken;
      return { answered: seen.answered + shaken, ok, lost: seen.lost, resets: seen.resets };
    },
    stop: () => ended(child),
  };
}

/** What to load of it: its WebSocket, or a scenario on it. */
function messagesAt(url: string, { scenario }: MessageTarget): Pick<Launched, 'url' | 'flags'> {
  if (scenario === null) return { url: url.replace(/^http/, 'ws') };
  return {
    url: fileURLToPath(new URL(`scenarios/${scenario}`, import.meta.url)),
    flags: ['--base-url', url],
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The demo's service. */
export async function launchDemo(
  seed: number,
  pinning: Pinning | null,
): Promise<{ port: number; stop(): Promise<void> }> {
  const port = await freePort();
  const service = join(root, 'dist/demo/service.js');
  const child = begin(
    pinned(pinning?.targetCpu, [process.execPath, service, '--port', String(port), '--seed', String(seed)]),
    'pipe',
  );
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)));
    child.stdout?.once('data', () => resolve());
  });
  return { port, stop: () => ended(child) };
}

/** Its simulated language model. It keeps no count. */
async function launchModel(seed: number, pinning: Pinning | null): Promise<Launched> {
  const { port, stop } = await launchDemo(seed, pinning);
  return {
    url: `llm://127.0.0.1:${port}/v1`,
    flags: ['--model', 'demo', '--input-tokens', '40', '--output-tokens', '1000'],
    count: () => Promise.resolve(null),
    stop,
  };
}

/** A real PostgreSQL that counts the statements itself, and the scenario that asks it. */
async function launchPostgres(pinning: Pinning | null): Promise<Launched> {
  const server = await startPostgres({ cpu: pinning?.targetCpu });
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-scenario-'));
  const file = join(folder, 'pool.ts');
  const { connections, sleepMs } = postgresPool;
  const database = JSON.stringify({ url: server.url, pool: connections });
  const statement = `select nextval('asked'), pg_sleep(${sleepMs / 1000})`;
  writeFileSync(
    file,
    `import { scenario } from 'plimsoll';
export default scenario('pool', { database: ${database} }, ({ db }) => db.query(${JSON.stringify(statement)}));
`,
  );
  const ask = async (question: string): Promise<unknown> => {
    const client = new Client({ connectionString: server.url });
    await client.connect();
    const { rows } = await client.query<{ value: unknown }>(question);
    await client.end();
    return rows[0]?.value;
  };
  await ask('create sequence asked minvalue 0 start 0');
  return {
    url: file,
    count: async () => {
      const answered = Number(await ask(`select nextval('asked') as value`));
      return { answered, ok: answered, lost: 0, resets: 0 };
    },
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launchNginx(pinning: Pinning | null): Promise<Launched> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-nginx-'));
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 16384; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = / { default_type text/plain; return 200 "ok\\n"; }
    location = /count { stub_status; }
  }
}
`,
  );
  const child = begin(pinned(pinning?.targetCpu, ['nginx', '-p', folder, '-c', file]), 'ignore');
  const url = `http://127.0.0.1:${port}/`;
  const status = async (): Promise<string> => (await fetch(`${url}count`)).text();
  for (let attempt = 0; ; attempt++) {
    try {
      await status();
      break;
    } catch (error) {
      if (attempt === 50) throw new Error('nginx does not listen', { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  let asked = 1;
  return {
    url,
    count: async () => {
      asked++;
      const requests = /^ *\d+ +\d+ +(\d+)/m.exec(await status())?.[1];
      return { answered: Number(requests) - asked, ok: null, lost: 0, resets: 0 };
    },
    stop: async () => {
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Ended {
  readonly exit: number;
  readonly wallSeconds: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line of Plimsoll to its end. @param bin the file that starts it */
export async function plimsoll(
  bin: string,
  args: readonly string[],
  pinning: Pinning | null,
  limitSeconds: number,
): Promise<Ended> {
  const from = performance.now();
  const child = begin(pinned(pinning?.plimsollCpu, [process.execPath, bin, ...args]), 'pipe', 'pipe');
  const said = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout?.on('data', (bytes: Buffer) => said.stdout.push(bytes));
  child.stderr?.on('data', (bytes: Buffer) => said.stderr.push(bytes));
  const timer = setTimeout(() => child.kill('SIGKILL'), limitSeconds * 1000);
  const exit = await new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  clearTimeout(timer);
  return {
    exit,
    wallSeconds: (performance.now() - from) / 1000,
    stdout: Buffer.concat(said.stdout).toString(),
    stderr: Buffer.concat(said.stderr).toString(),
  };
}

/** The version in package.json. */
export function versionOf(): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}
