/** The tools that a user would pick instead, each as its own documentation says to run it, on one core. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder, found, installed, numberIn, onCore } from './sitting.ts';

/** What a tool says of itself. NaN where it says nothing. */
export interface Said {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Peer {
  readonly name: string;
  /** Its command line, as a person would type it. */
  readonly shown: string;
  readonly has: () => boolean;
  /** Closed load: so many connections, each asking again when it was answered. */
  readonly closed: (url: string, connections: number, seconds: number) => Promise<Said>;
  /** Open load, or what the tool has for it; null where it has nothing. */
  readonly open:
    ((url: string, perSecond: number, connections: number, seconds: number) => Promise<Said>) | null;
}

const milliseconds = { us: 0.001, ms: 1, s: 1000 } as const;

/** "1.23ms", "985.00us". */
function timeIn(text: string, pattern: RegExp): number {
  const match = pattern.exec(text);
  return Number(match?.[1]) * (milliseconds[match?.[2] as keyof typeof milliseconds] ?? Number.NaN);
}

async function wrk(url: string, connections: number, seconds: number): Promise<Said> {
  const { text } = await onCore('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', url]);
  return {
    perSecond: numberIn(text, /Requests\/sec:\s+([\d.]+)/),
    p50Ms: timeIn(text, /50%\s+([\d.]+)(us|ms|s)/),
    p99Ms: timeIn(text, /99%\s+([\d.]+)(us|ms|s)/),
  };
}

async function ab(url: string, connections: number, seconds: number): Promise<Said> {
  const load = ['-k', '-q', '-c', String(connections), '-t', String(seconds), '-n', '100000000'];
  const { text } = await onCore('ab', [...load, url]);
  return {
    perSecond: numberIn(text, /Requests per second:\s+([\d.]+)/),
    p50Ms: numberIn(text, /50%\s+(\d+)/),
    p99Ms: numberIn(text, /99%\s+(\d+)/),
  };
}

async function hey(url: string, load: readonly string[], seconds: number): Promise<Said> {
  const { text } = await onCore('hey', ['-cpus', '1', '-z', `${seconds}s`, ...load, url]);
  return {
    perSecond: numberIn(text, /Requests\/sec:\s+([\d.]+)/),
    p50Ms: 1000 * numberIn(text, /50%+ in ([\d.]+) secs/),
    p99Ms: 1000 * numberIn(text, /99%+ in ([\d.]+) secs/),
  };
}

async function autocannon(url: string, load: readonly string[], seconds: number): Promise<Said> {
  const script = join(folder, 'node_modules', 'autocannon', 'autocannon.js');
  const { text } = await onCore(process.execPath, [script, '-j', '-d', String(seconds), ...load, url]);
  return {
    perSecond: numberIn(text, /"requests":\{"average":([\d.]+)/),
    p50Ms: numberIn(text, /"latency":\{[^}]*"p50":([\d.]+)/),
    p99Ms: numberIn(text, /"latency":\{[^}]*"p99":([\d.]+)/),
  };
}

async function loadtest(url: string, connections: number, seconds: number): Promise<Said> {
  const script = join(folder, 'node_modules', 'loadtest', 'bin', 'loadtest.js');
  const load = ['--tcp', '-k', '--cores', '1', '-c', String(connections), '-t', String(seconds)];
  const { text } = await onCore(process.execPath, [script, ...load, url]);
  return {
    perSecond: numberIn(text, /Effective rps:\s+(\d+)/),
    p50Ms: numberIn(text, /50%\s+(\d+) ms/),
    p99Ms: numberIn(text, /99%\s+(\d+) ms/),
  };
}

async function k6(url: string, load: string, seconds: number): Promise<Said> {
  const script = join(folder, 'k6.js');
  writeFileSync(
    script,
    `import http from 'k6/http'; import { check, group } from 'k6';
     export const options = { summaryTrendStats: ['med', 'p(99)'], scenarios: { one: { ${load}, duration: '${seconds}s' } } };
     export default () => group('look', () => check(http.get('${url}'), { ok: (r) => r.status === 200 }));`,
  );
  const { text } = await onCore('k6', ['run', '--quiet', script]);
  return {
    perSecond: numberIn(text, /http_reqs[.: ]+\d+\s+([\d.]+)\/s/),
    p50Ms: timeIn(text, /http_req_duration[.: ]+med=([\d.]+)(µs|ms|s)/),
    p99Ms: timeIn(text, /http_req_duration[^\n]*p\(99\)=([\d.]+)(µs|ms|s)/),
  };
}

/** Users that loop for about so long: Artillery has no closed load of a fixed duration. */
async function artillery(url: string, connections: number, seconds: number): Promise<Said> {
  const script = join(folder, 'artillery.json');
  const loop = [{ get: { url: '/', expect: { statusCode: 200 } } }];
  const count = Math.ceil((seconds * 1500) / connections);
  writeFileSync(
    script,
    JSON.stringify({
      config: { target: url, phases: [{ duration: 1, arrivalCount: connections }], http: { timeout: 10 } },
      scenarios: [{ flow: [{ loop, count }] }],
    }),
  );
  const bin = join(folder, 'node_modules', 'artillery', 'bin', 'run');
  const { text } = await onCore(process.execPath, [
    bin,
    'run',
    '--quiet',
    '--output',
    join(folder, 'artillery.out'),
    script,
  ]);
  const { aggregate } = outcomeOf(join(folder, 'artillery.out'), text);
  // By its own clock, so that its start of several seconds does not count against it.
  const took = aggregate.lastCounterAt - aggregate.firstCounterAt;
  const times = aggregate.summaries['http.response_time'];
  return {
    perSecond: (1000 * (aggregate.counters['http.responses'] ?? Number.NaN)) / Math.max(1, took),
    p50Ms: times?.median ?? Number.NaN,
    p99Ms: times?.p99 ?? Number.NaN,
  };
}

interface Artillery {
  readonly aggregate: {
    readonly firstCounterAt: number;
    readonly lastCounterAt: number;
    readonly counters: Readonly<Record<string, number>>;
    readonly summaries: Readonly<Record<string, { readonly median: number; readonly p99: number }>>;
  };
}

function outcomeOf(file: string, text: string): Artillery {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Artillery;
  } catch {
    throw new Error(`artillery wrote no outcome: ${text.slice(0, 500)}`);
  }
}

export const peers: readonly Peer[] = [
  { name: 'wrk', shown: 'wrk -t1', has: () => found('wrk'), closed: wrk, open: null },
  { name: 'ab', shown: 'ab -k', has: () => found('ab'), closed: ab, open: null },
  {
    name: 'hey',
    shown: 'hey -cpus 1',
    has: () => found('hey'),
    closed: (url, connections, seconds) => hey(url, ['-c', String(connections)], seconds),
    open: (url, perSecond, connections, seconds) =>
      hey(url, ['-c', String(connections), '-q', String(perSecond / connections)], seconds),
  },
  {
    name: 'autocannon',
    shown: 'autocannon (npm)',
    has: () => installed('autocannon', '8.0.0'),
    closed: (url, connections, seconds) => autocannon(url, ['-c', String(connections)], seconds),
    open: (url, perSecond, connections, seconds) =>
      autocannon(url, ['-c', String(connections), '-R', String(perSecond)], seconds),
  },
  {
    name: 'loadtest',
    shown: 'loadtest --tcp (npm)',
    has: () => installed('loadtest', '8.2.1'),
    closed: loadtest,
    open: null,
  },
  {
    name: 'artillery',
    shown: 'artillery run (npm, the last for Node 20), a loop of GET with expect',
    has: () => installed('artillery', '2.0.21'),
    closed: artillery,
    open: null,
  },
  {
    name: 'k6',
    shown: 'k6 run (http.get in a group, one check)',
    has: () => found('k6'),
    closed: (url, connections, seconds) => k6(url, `executor: 'constant-vus', vus: ${connections}`, seconds),
    open: (url, perSecond, connections, seconds) =>
      k6(
        url,
        `executor: 'constant-arrival-rate', rate: ${perSecond}, preAllocatedVUs: ${connections}`,
        seconds,
      ),
  },
];
