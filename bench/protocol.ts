/**
 * How much of a core an exchange costs: http1 in a closed loop, beside wrk.
 *
 *     npx jiti bench/protocol.ts [seconds per run, default 4] [runs, default 5]
 *
 * 1. The generator has core 1 to itself, the server core 0, both in processes of their own (taskset).
 * 2. Runs are interleaved and the median counts: on a shared machine only ratios within one sitting mean anything.
 * 3. Two servers: a raw one in Node that answers without reading (its core is the limit for fast clients), and,
 *    where it is installed, nginx. wrk runs against the same server in the same sitting, where it is installed.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { http1 } from '../src/protocols/http1.ts';
import type { Session } from '../src/protocols/protocol.ts';

interface Run {
  readonly perSecond: number;
  /** Core-seconds of the client per 100,000 requests. */
  readonly cpuPer100k: number;
  readonly failed: number;
}

const self = fileURLToPath(import.meta.url);
const jiti = fileURLToPath(new URL('../node_modules/jiti/lib/jiti-cli.mjs', import.meta.url));
const [role = 'conduct', ...rest] = process.argv.slice(2);

if (role === 'server') serve();
else if (role === 'client') load(rest[0]!, Number(rest[1]), Number(rest[2]));
else await conduct(Number(role) || 4, Number(rest[0]) || 5);

/** A server that answers each read with one response: right for a client with one request in flight. */
function serve(): void {
  const answer = Buffer.from(
    'HTTP/1.1 200 OK\r\nServer: raw\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nContent-Type: text/plain\r\n' +
      'Content-Length: 13\r\nConnection: keep-alive\r\n\r\nHello, world!',
  );
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('data', () => socket.write(answer));
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1', 1024, () => say(String((server.address() as { port: number }).port)));
}

/** A closed loop without think time; prints a Run. */
function load(url: string, sessions: number, seconds: number): void {
  const protocol = http1({ url, method: 'GET', headers: [], body: null, timeoutMs: 10_000, insecure: false });
  let done = 0;
  let failed = 0;
  let stopped = false;
  const again = (session: Session): void => {
    done++;
    if (session.failure !== '') failed++;
    if (!stopped) session.exchange(again);
  };
  for (let user = 0; user < sessions; user++) protocol.session().exchange(again);
  setTimeout(() => {
    const from = { done, cpu: process.cpuUsage(), ms: performance.now() };
    setTimeout(() => {
      const used = process.cpuUsage(from.cpu);
      const count = done - from.done;
      const run: Run = {
        perSecond: (count * 1000) / (performance.now() - from.ms),
        cpuPer100k: ((used.user + used.system) / 1e6 / count) * 1e5,
        failed,
      };
      stopped = true;
      say(JSON.stringify(run));
      process.exit(0);
    }, seconds * 1000);
  }, 500);
}

async function conduct(seconds: number, runs: number): Promise<void> {
  say(
    `${cpus()[0]?.model ?? 'CPU'}, ${cpus().length} cores; Node ${process.version}; median of ${runs} x ${seconds} s`,
  );
  const withWrk = has('wrk');
  const servers: [name: string, child: ChildProcess, url: string][] = [];
  const raw = spawn('taskset', ['-c', '0', process.execPath, jiti, self, 'server'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  servers.push(['raw server', raw, `http://127.0.0.1:${await firstLine(raw)}/`]);
  if (has('nginx')) servers.push(['nginx', startNginx(), 'http://127.0.0.1:18931/']);
  await new Promise((resolve) => setTimeout(resolve, 500));
  try {
    for (const [name, , url] of servers) {
      for (const sessions of [50, 500]) {
        const ours: Run[] = [];
        const theirs: Run[] = [];
        for (let run = 0; run < runs; run++) {
          ours.push(runClient(url, sessions, seconds));
          if (withWrk) theirs.push(runWrk(url, sessions, seconds));
        }
        report(`${name}, ${sessions} sessions, http1`, ours);
        if (!withWrk) continue;
        report(`${name}, ${sessions} sessions, wrk`, theirs);
        const ratio = median(ours.map((one) => one.perSecond)) / median(theirs.map((one) => one.perSecond));
        const cpuRatio =
          median(ours.map((one) => one.cpuPer100k)) / median(theirs.map((one) => one.cpuPer100k));
        say(`${' '.repeat(34)} ${ratio.toFixed(2)} x wrk's rate, ${cpuRatio.toFixed(2)} x its CPU`);
      }
    }
  } finally {
    for (const [, child] of servers) child.kill();
  }
}

function runClient(url: string, sessions: number, seconds: number): Run {
  const out = execFileSync(
    'taskset',
    ['-c', '1', process.execPath, jiti, self, 'client', url, String(sessions), String(seconds)],
    { encoding: 'utf8' },
  );
  return JSON.parse(out) as Run;
}

function runWrk(url: string, sessions: number, seconds: number): Run {
  const script = 'TIMEFORMAT="%U %S"; time taskset -c 1 wrk -t1 -c"$2" -d"$3" "$1" 2>&1';
  const out = execFileSync(
    'bash',
    ['-c', `{ ${script}; } 2>&1`, 'bash', url, String(sessions), String(seconds)],
    {
      encoding: 'utf8',
    },
  );
  const count = Number(/(\d+) requests in/.exec(out)?.[1]);
  const [user, system] = out.trim().split('\n').at(-1)!.split(' ').map(Number);
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(out)?.[1]),
    cpuPer100k: ((user! + system!) / count) * 1e5,
    failed: 0,
  };
}

function startNginx(): ChildProcess {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'));
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; master_process off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000; client_body_temp_path ${folder}; proxy_temp_path ${folder};
  fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server { listen 127.0.0.1:18931 backlog=1024; location / { return 200 "Hello, world!"; } }
}
`,
  );
  return spawn('taskset', ['-c', '0', 'nginx', '-c', file], { stdio: 'ignore' });
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) =>
    child.stdout!.once('data', (text: Buffer) => resolve(text.toString().trim())),
  );
}

function has(command: string): boolean {
  try {
    execFileSync('which', [command], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function report(name: string, runs: readonly Run[]): void {
  const rate = Math.round(median(runs.map((one) => one.perSecond)));
  const cpu = median(runs.map((one) => one.cpuPer100k)).toFixed(2);
  const failed = runs.reduce((sum, one) => sum + one.failed, 0);
  say(
    `${name.padEnd(34)} ${String(rate).padStart(8)} req/s  ${cpu} core-s per 100k${failed > 0 ? `  ${failed} FAILED` : ''}`,
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
