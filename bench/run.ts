/**
 * Requests per second on one core, beside the tools a user would pick. Writes docs/benchmarks.md.
 *
 *   npm run bench -- [--seconds 4] [--runs 5] [--page FILE]
 *
 * 1. nginx has core 0, the generator core 1, each in processes of its own (taskset).
 * 2. Runs are interleaved and the median counts: on a shared machine only ratios within one sitting mean anything.
 * 3. Plimsoll runs as a user runs it: the command line, with slices, histograms, monitors and the report.
 * 4. What nginx counted is printed beside what each tool says of itself.
 * 5. A tool that is not there is left out, and named.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    runs: { type: 'string', default: '5' },
    page: { type: 'string', default: fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url)) },
  },
});
const seconds = Number(options.seconds);
const runs = Number(options.runs);
const folder = mkdtempSync(join(os.tmpdir(), 'plimsoll-bench-'));
const bin = fileURLToPath(new URL('../bin/plimsoll.js', import.meta.url));
const port = 18_932;
const url = `http://127.0.0.1:${port}/`;

interface Tool {
  readonly name: string;
  /** Its own command line: what it is asked for, as a person would type it. */
  readonly shown: string;
  readonly has: () => boolean;
  /** @returns requests per second, by its own account */
  readonly run: (connections: number) => number;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const found = (command: string): boolean => spawnSync('which', [command]).status === 0;
const onCore1 = (command: string, args: readonly string[]): string => {
  const { stdout, stderr } = spawnSync('taskset', ['-c', '1', command, ...args], {
    encoding: 'utf8',
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout + stderr;
};
const numberIn = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);

const plimsoll = (target: string, connections: number): number => {
  const out = onCore1(process.execPath, [
    bin,
    'run',
    target,
    ...['--users', String(connections), '--duration', `${seconds}s`, '--workers', '1', '--json', '--quiet'],
  ]);
  const report = JSON.parse(out.slice(out.indexOf('{'), out.lastIndexOf('}') + 1)) as {
    experiments: { levels: { throughput: { value: number } }[] }[];
  };
  return report.experiments[0]?.levels[0]?.throughput.value ?? Number.NaN;
};

const session = join(folder, 'session.ts');
writeFileSync(
  session,
  `import { expect, scenario } from 'plimsoll';
export default scenario('one request', { baseUrl: '${url}' }, async ({ http, step, check }) => {
  const reply = await step('look', () => http.get('/'));
  expect(reply.status, 200);
  check('has a body', reply.ok);
});
`,
);

/** Users that rest far longer than the run takes, each on a connection of its own. */
const resting = join(folder, 'resting.ts');
writeFileSync(
  resting,
  `import { scenario } from 'plimsoll';
export default scenario('resting', { baseUrl: '${url}', think: [4, 6] }, async ({ http }) => { await http.get('/'); });
`,
);

/** The most memory that a run with so many users took, in bytes. */
async function memoryOf(users: number): Promise<number> {
  const args = [bin, 'run', resting, '--users', String(users), '--duration', '12s', '--workers', '1'];
  const child = spawn('taskset', ['-c', '1', process.execPath, ...args, '--json', '--quiet'], {
    stdio: 'ignore',
    cwd: folder,
  });
  let most = 0;
  const look = setInterval(() => {
    try {
      const text = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      most = Math.max(most, 1024 * numberIn(text, /VmRSS:\s+(\d+)/));
    } catch {
      // It has ended.
    }
  }, 100);
  await new Promise((ended) => child.once('exit', ended));
  clearInterval(look);
  return most;
}

const always = (): boolean => true;
const tools: readonly Tool[] = [
  { name: 'plimsoll', shown: 'plimsoll run URL', has: always, run: (n) => plimsoll(url, n) },
  {
    name: 'plimsoll, scripted',
    shown: 'plimsoll run session.ts (one step, one expectation, one check)',
    has: always,
    run: (n) => plimsoll(session, n),
  },
  {
    name: 'wrk',
    shown: 'wrk -t1',
    has: () => found('wrk'),
    run: (n) =>
      numberIn(onCore1('wrk', ['-t1', `-c${n}`, `-d${seconds}s`, url]), /Requests\/sec:\s+([\d.]+)/),
  },
  {
    name: 'ab',
    shown: 'ab -k',
    has: () => found('ab'),
    run: (n) =>
      numberIn(
        onCore1('ab', ['-k', '-q', '-c', String(n), '-t', String(seconds), '-n', '100000000', url]),
        /Requests per second:\s+([\d.]+)/,
      ),
  },
  {
    name: 'hey',
    shown: 'hey -cpus 1',
    has: () => found('hey'),
    run: (n) =>
      numberIn(
        onCore1('hey', ['-cpus', '1', '-c', String(n), '-z', `${seconds}s`, url]),
        /Requests\/sec:\s+([\d.]+)/,
      ),
  },
  {
    name: 'k6',
    shown: 'k6 run, http.get and one check',
    has: () => found('k6'),
    run: (n) => {
      const script = join(folder, 'k6.js');
      writeFileSync(
        script,
        `import http from 'k6/http'; import { check } from 'k6';
         export default () => check(http.get('${url}'), { ok: (r) => r.status === 200 });`,
      );
      return numberIn(
        onCore1('k6', ['run', '--quiet', '--vus', String(n), '--duration', `${seconds}s`, script]),
        /http_reqs[.: ]+\d+\s+([\d.]+)\/s/,
      );
    },
  },
  {
    name: 'autocannon',
    shown: 'autocannon (npm)',
    has: () => installed('autocannon', '8.0.0'),
    run: (n) => {
      const script = join(folder, 'node_modules', 'autocannon', 'autocannon.js');
      const out = onCore1(process.execPath, [script, '-j', '-c', String(n), '-d', String(seconds), url]);
      return numberIn(out, /"requests":\{"average":([\d.]+)/);
    },
  },
];

function installed(name: string, version: string): boolean {
  mkdirSync(folder, { recursive: true });
  return (
    spawnSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, `${name}@${version}`])
      .status === 0
  );
}

/** nginx with one worker; `/status` tells how many requests it has counted. */
function startNginx(): ChildProcess {
  const file = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((each) => `${each}_temp_path ${join(folder, each)};`)
    .join(' ');
  writeFileSync(
    file,
    `worker_processes 1; daemon off; pid ${join(folder, 'nginx.pid')}; error_log ${join(folder, 'error.log')};
     worker_rlimit_nofile 19000; events { worker_connections 18000; }
     http { access_log off; keepalive_requests 100000000; ${temporary}
       server { listen 127.0.0.1:${port}; location = /status { stub_status; }
         location / { default_type text/plain; return 200 "Hello, world!"; } } }`,
  );
  return spawn('taskset', ['-c', '0', 'nginx', '-p', folder, '-c', file], { stdio: 'ignore' });
}

async function counted(): Promise<number> {
  const text = await (await fetch(`${url}status`)).text();
  return Number(/\n\s*\d+\s+\d+\s+(\d+)/.exec(text)?.[1]);
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const rate = (value: number): string => Math.round(value).toLocaleString('en');

async function main(): Promise<void> {
  if (!found('nginx') || !found('taskset')) throw new Error('the bench needs nginx and taskset');
  const nginx = startNginx();
  try {
    await new Promise((resolve) => setTimeout(resolve, 700));
    const here = tools.filter((tool) => tool.has());
    const missing = tools.filter((tool) => !here.includes(tool)).map(({ name }) => name);
    const tables: string[] = [];
    for (const connections of [50, 500]) {
      const rates = new Map<string, number[]>(here.map(({ name }) => [name, []]));
      for (let run = 0; run < runs; run++) {
        for (const { name, run: once } of here) {
          const before = await counted();
          const own = once(connections);
          const seen = (await counted()) - before;
          rates.get(name)?.push(own);
          say(
            `${connections} connections  ${name.padEnd(20)} ${rate(own).padStart(9)}/s   nginx counted ${rate(seen)}`,
          );
        }
      }
      const wrk = median(rates.get('wrk') ?? []);
      const rows = here.map(({ name, shown }) => {
        const all = rates.get(name) ?? [];
        const value = median(all);
        const ratio = Number.isFinite(wrk) ? (value / wrk).toFixed(2) : '–';
        return `| ${name} | \`${shown}\` | ${rate(value)} | ${rate(Math.min(...all))} to ${rate(Math.max(...all))} | ${ratio} |`;
      });
      tables.push(
        `## ${connections} connections\n\n| tool | command | requests/s | range | over wrk |\n| :--- | :--- | ---: | ---: | ---: |\n${rows.join('\n')}`,
      );
    }
    const [few, many] = [10, 10_000];
    const [least, most] = [await memoryOf(few), await memoryOf(many)];
    const kib = ((most - least) / (many - few) / 1024).toFixed(1);
    say(`memory: ${kib} KiB for each of ${many} scripted users`);
    tables.push(
      `## Memory\n\n${rate(many)} scripted users, each with an open connection and 4 to 6 s of think time: ${(most / 2 ** 20).toFixed(0)} MiB of resident memory, ` +
        `${(least / 2 ** 20).toFixed(0)} MiB with ${few}; that is ${kib} KiB for each user.`,
    );
    const versions = [`Node ${process.version}`, ...(found('wrk') ? [firstLine('wrk', ['-v'])] : [])];
    const page = [
      '# Benchmarks',
      'Written by `npm run bench`. Do not edit.',
      `${os.cpus()[0]?.model.trim() ?? 'unknown processor'}, ${os.cpus().length} cores; ${versions.join('; ')}; ${new Date().toISOString().slice(0, 10)}. ` +
        `nginx with one worker has one core, the generator the other; medians of ${runs} interleaved runs of ${seconds} s; a small response (13 bytes) over ` +
        'kept connections. The machine is shared: only ratios within this sitting mean anything. Plimsoll runs as a user runs it, with slices, histograms, monitors and report.',
      ...tables,
      ...(missing.length === 0 ? [] : [`Not measured, because not installed here: ${missing.join(', ')}.`]),
    ].join('\n\n');
    writeFileSync(options.page, `${page}\n`);
    say(`written: ${options.page}`);
  } finally {
    nginx.kill();
  }
}

function firstLine(command: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return (
    (stdout + stderr)
      .split('\n')[0]
      ?.replace(/ Copyright.*/, '')
      .trim() ?? command
  );
}

await main();
