/**
 * Reports to look at and to test with: made up, but of one piece. Each comes from a small model of a service,
 * so throughput, response time, timeline and counts agree with each other.
 */
import { cellsPerDecade } from '../../maths/histogram.ts';
import type { Estimate } from '../../model/estimate.ts';
import type { Load } from '../../model/load.ts';
import type { Capacity, Level, Objective, Quantiles, Report, Scaling, Second } from '../../model/report.ts';
import { random } from '../../random.ts';

/** What a service does under a load: the source of every number of a sample. */
interface Service {
  /** Successful answers per second, all of the load's arrivals or users considered. */
  readonly throughput: (load: Load) => number;
  /** Share of answers that failed. */
  readonly failed: (load: Load) => number;
  /** Median response time at a load. */
  readonly medianMs: (load: Load) => number;
  readonly cores: (throughput: number) => number;
  readonly errorKinds: readonly string[];
}

interface Held {
  readonly experiment: string;
  readonly purpose: string;
  readonly load: Load;
  readonly seconds: number;
  readonly invalid?: boolean;
  readonly unsteady?: boolean;
  readonly backlog?: boolean;
}

const objectives: Objective[] = [
  { metric: 'response.p95', op: '<', limit: 500, unit: 'ms' },
  { metric: 'errors', op: '<', limit: 0.01, unit: 'ratio' },
];

const between = (value: number, share: number, unit = '1/s', method = 'batch means'): Estimate => ({
  value,
  low: value * (1 - share),
  high: value * (1 + share),
  unit,
  method,
});

const quantiles = (median: number, spread: number): Quantiles => ({
  p50: median,
  p90: median * (1 + 0.9 * spread),
  p95: median * (1 + 1.3 * spread),
  p99: median * (1 + 2.4 * spread),
  p999: median * (1 + 3.9 * spread),
  max: median * (1 + 5.2 * spread),
  mean: median * (1 + 0.12 * spread),
  deviation: median * 0.7 * spread,
  unit: 'ms',
});

/** Of a time that nobody had. */
const none: Quantiles = {
  p50: null,
  p90: null,
  p95: null,
  p99: null,
  p999: null,
  max: null,
  mean: null,
  deviation: null,
  unit: 'ms',
};

const offered = (load: Load): number => (load.kind === 'open' ? load.ratePerSecond : load.users);

function level(service: Service, held: Held, startMs: number, oneUser: number, noise: number): Level {
  const { load, seconds } = held;
  const throughput = service.throughput(load) * noise;
  const failedShare = service.failed(load);
  const done = Math.round((throughput / Math.max(0.02, 1 - failedShare)) * seconds);
  const failed = Math.round(done * failedShare);
  const unfinished = held.backlog === true ? 312 : 0;
  const dropped = held.backlog === true ? Math.round(offered(load) * 0.4) : 0;
  const sent = done + unfinished;
  const median = service.medianMs(load) * noise;
  const response = quantiles(median, 0.62);
  const p95 = response.p95 ?? 0;
  const lag = held.invalid === true ? quantiles(9, 0.9) : quantiles(0.09, 1.2);
  const kinds = service.errorKinds;
  const first = Math.round(failed * 0.8);
  const byKind: Record<string, number> = {};
  if (failed > 0 && kinds[0] !== undefined) byKind[kinds[0]] = kinds.length > 1 ? first : failed;
  if (failed - first > 0 && kinds[1] !== undefined) byKind[kinds[1]] = failed - first;
  return {
    load,
    purpose: held.purpose,
    variant: null,
    startMs,
    durationMs: seconds * 1000,
    spentMs: seconds * 1000 + Math.round(p95),
    warmupMs: Math.min(1500, seconds * 120),
    steady: held.unsteady !== true,
    valid: held.invalid !== true,
    invalidReasons:
      held.invalid === true
        ? [
            {
              code: 'generator.lag',
              statement: `requests left ${lag.p99?.toFixed(1)} ms late at p99, more than the 25 ms allowed`,
            },
          ]
        : [],
    stoppedEarly: held.backlog === true ? 'backlog' : null,
    growing: held.backlog === true,
    requests: { due: sent + dropped, sent, done, failed, dropped, unfinished, retried: 0 },
    sessions: null,
    steps: [],
    scenarios: [],
    counts: [],
    stream: null,
    messages: null,
    queues: [],
    throughput: between(throughput, 0.6 / Math.sqrt(done + 9)),
    response,
    responseP95: between(p95, 1.1 / Math.sqrt(done + 9), 'ms', 'order statistics'),
    service: quantiles(median * (load.kind === 'open' && held.backlog === true ? 0.4 : 0.99), 0.6),
    firstByte: quantiles(median * 0.97, 0.6),
    lag,
    connections: { opened: 0, mostPerSecond: null, channels: null, connect: none, handshake: none },
    errors: { ratio: done === 0 ? null : failed / done, byKind },
    objectives: [
      {
        metric: 'response.p95',
        op: '<',
        limit: 500,
        value: p95,
        met: p95 < 500,
        bad: p95 < 500 ? 0 : Math.round(done * 0.4),
        of: done,
        effective: done,
      },
      {
        metric: 'errors',
        op: '<',
        limit: 0.01,
        value: failedShare,
        met: failedShare < 0.01,
        bad: failed,
        of: done,
        effective: done,
      },
    ],
    longestSilenceMs: 0,
    inFlight: load.kind === 'closed' ? load.users * 0.99 : (throughput * median) / 1000,
    efficiency: load.kind === 'closed' ? throughput / (load.users * oneUser) : null,
    generator: {
      cpu: Math.min(0.97, 0.06 + throughput / 9000 + (held.invalid === true ? 0.6 : 0)),
      lagP99Ms: lag.p99,
      loopLagP99Ms: 0.2,
      fds: 24 + Math.round(offered(load) / 4),
    },
    target: {
      cpuCores: service.cores(throughput),
      cpuMsPerSession: null,
      rssBytes: 96e6 + throughput * 42_000,
      rssGrowthBytes: null,
      threads: 11,
      fds: 31 + (load.kind === 'closed' ? load.users : 20),
      diskReadBytesPerSecond: 0,
      diskWriteBytesPerSecond: 4096 * throughput,
      networkInBytesPerSecond: 182 * throughput,
      networkOutBytesPerSecond: 1240 * throughput,
    },
  };
}

interface Told {
  readonly service: Service;
  readonly trials: readonly Held[];
  readonly gapSeconds: number;
  readonly seed: number;
}

/** Performs the trials one after another and writes down every second. */
function tell({
  service,
  trials,
  gapSeconds,
  seed,
}: Told): Pick<Report, 'experiments' | 'timeline' | 'requests'> & { durationMs: number } {
  const draw = random(seed, 1);
  const wobble = (size: number): number => 1 + size * (draw() + draw() + draw() - 1.5);
  const oneUser = service.throughput({ kind: 'closed', users: 1 });
  const experiments: Report['experiments'] = [];
  const timeline: Second[] = [];
  const requests = { due: 0, sent: 0, done: 0, failed: 0, dropped: 0, unfinished: 0, retried: 0 };
  let second = 0;
  const silent = (): void => {
    timeline.push({
      atMs: second * 1000,
      durationMs: 1000,
      level: null,
      users: null,
      ratePerSecond: null,
      throughput: 0,
      failedPerSecond: 0,
      connectionsPerSecond: 0,
      p50Ms: null,
      p95Ms: null,
      p99Ms: null,
      responseCells: [],
      inFlight: 0,
      backlog: null,
      generatorCpu: 0.03 * wobble(0.3),
      targetCpuCores: 0.02 * wobble(0.5),
      targetRssBytes: 96e6 + second * 9000,
      targetThreads: 11,
      targetFds: 31,
    });
    second++;
  };
  silent();
  trials.forEach((held, index) => {
    const measured = level(service, held, second * 1000, oneUser, wobble(0.02));
    const last = experiments.at(-1);
    if (last?.name === held.experiment) last.levels.push(measured);
    else experiments.push({ name: held.experiment, levels: [measured], result: {} });
    for (const key of Object.keys(requests) as (keyof typeof requests)[]) {
      requests[key] += measured.requests[key];
    }
    for (let at = 0; at < held.seconds; at++) {
      const growing = held.backlog === true ? 0.5 + (1.6 * at) / held.seconds : 1;
      const settled = at === 0 ? 0.82 : 1;
      const throughput = (measured.throughput?.value ?? 0) * wobble(0.05) * settled;
      const p50 = (measured.response.p50 ?? 0) * wobble(0.08) * growing;
      timeline.push({
        atMs: second * 1000,
        durationMs: 1000,
        level: index,
        users: held.load.kind === 'closed' ? held.load.users : null,
        ratePerSecond: held.load.kind === 'open' ? held.load.ratePerSecond : null,
        throughput,
        failedPerSecond: (measured.requests.failed / held.seconds) * wobble(0.3),
        connectionsPerSecond: 0,
        p50Ms: p50,
        p95Ms: p50 * 1.8 * wobble(0.08),
        p99Ms: p50 * 2.5 * wobble(0.12),
        responseCells: bell(p50, throughput),
        inFlight: (measured.inFlight ?? 0) * growing,
        backlog: null,
        generatorCpu: (measured.generator.cpu ?? 0) * wobble(0.1),
        targetCpuCores: (measured.target.cpuCores ?? 0) * wobble(0.08),
        targetRssBytes: (measured.target.rssBytes ?? 0) + second * 9000,
        targetThreads: 11,
        targetFds: measured.target.fds,
      });
      second++;
    }
    for (let at = 0; at < gapSeconds; at++) silent();
  });
  return { experiments, timeline, requests, durationMs: second * 1000 };
}

/** Answers around a median, as a bell on the logarithmic axis. */
function bell(medianMs: number, answers: number): [number, number][] {
  const middle = Math.floor(cellsPerDecade * Math.log10(Math.max(0.01, medianMs)));
  return [-2, -1, 0, 1, 2, 3].map((off) => [
    middle + off,
    Math.max(1, Math.round(answers * 0.45 * Math.exp(-(off ** 2) / 1.6))),
  ]);
}

const closed = (users: number, seconds: number, more: Partial<Held> = {}): Held => ({
  experiment: 'scaling',
  purpose: `scaling: ${users} ${users === 1 ? 'user' : 'users'}`,
  load: { kind: 'closed', users },
  seconds,
  ...more,
});

const open = (ratePerSecond: number, seconds: number, more: Partial<Held> = {}): Held => ({
  experiment: 'capacity',
  purpose: `capacity: ${ratePerSecond} req/s`,
  load: { kind: 'open', ratePerSecond, arrivals: 'poisson' },
  seconds,
  ...more,
});

const host: Report['run']['host'] = {
  cpus: 8,
  cpuModel: 'AMD EPYC 7763 64-Core Processor',
  memoryBytes: 33_567_000_000,
  node: 'v20.20.2',
  os: 'Linux 6.8.0-48-generic x64',
  workers: 2,
};

interface Sketch {
  readonly told: ReturnType<typeof tell>;
  readonly target: string;
  readonly command: string;
  readonly verdict: Report['verdict'];
  readonly summary: string;
  readonly scaling?: Scaling;
  readonly capacity?: Capacity;
  readonly findings?: Report['findings'];
  readonly reasons?: Report['validity']['reasons'];
  readonly method?: string;
  readonly budget?: string;
}

function report(sketch: Sketch): Report {
  const { durationMs, ...measured } = sketch.told;
  return {
    schema: 'plimsoll-report/1',
    tool: { name: 'plimsoll', version: '0.1.0' },
    run: {
      id: '2026-11-21T09-30-12Z-4f1c',
      startedAt: '2026-11-21T09:30:12.411Z',
      durationMs,
      seed: 20_261_121,
      command: sketch.command,
      budget: sketch.budget ?? 'quick',
      stopped: null,
      setup: null,
      host,
    },
    target: {
      kind: 'http',
      name: sketch.target,
      method: sketch.method ?? 'GET',
      protocol: 'HTTP/1.1',
      streamsPerConnection: null,
      pid: 48_213,
      command: 'node server.js',
    },
    objectives,
    verdict: sketch.verdict,
    summary: sketch.summary,
    validity: { ok: (sketch.reasons ?? []).length === 0, reasons: sketch.reasons ?? [] },
    ...measured,
    scaling: sketch.scaling ?? null,
    capacity: sketch.capacity ?? null,
    connectionMemory: null,
    profile: null,
    findings: sketch.findings ?? [],
    stability: null,
    recovery: null,
    plan: null,
    readiness: null,
    cost: null,
  };
}

/** The scalability law as the report carries it. */
function law(gamma: number, alpha: number, beta: number, upTo: number, more: Partial<Scaling>): Scaling {
  const at = (users: number): number =>
    (gamma * users) / (1 + alpha * (users - 1) + beta * users * (users - 1));
  const band = Array.from({ length: 48 }, (_, step) => upTo ** (step / 47)).map((users) => ({
    users,
    value: at(users),
    low: at(users) * (1 - 0.012 - 0.0004 * users),
    high: at(users) * (1 + 0.012 + 0.0004 * users),
  }));
  return {
    law: 'usl',
    gamma,
    alpha,
    beta,
    intervals: {
      gamma: [gamma * 0.985, gamma * 1.015],
      alpha: [alpha * 0.78, alpha * 1.22],
      beta: [beta * 0.5, beta * 1.5],
    },
    peakUsers: null,
    efficiency: 0.8,
    efficiencyUsers: 8,
    shape: 'sublinear',
    misfit: 0.012,
    band,
    ...more,
  };
}

/** A service with ten database connections: linear up to about ten users, flat beyond, worse past a cliff. */
const pooled: Service = {
  throughput: (load) => {
    if (load.kind === 'open') return Math.min(load.ratePerSecond, 211);
    const { users } = load;
    const smooth = (23.4 * users) / (1 + 0.02 * (users - 1) + 0.0021 * users * (users - 1));
    return users > 41 ? smooth * 0.47 : smooth;
  },
  failed: (load) => (load.kind === 'closed' && load.users > 41 ? 0.036 : 0.0004),
  medianMs: (load) => {
    const rate = load.kind === 'open' ? load.ratePerSecond : 0;
    if (load.kind === 'open') return rate < 205 ? 43 + 9 / (1 - rate / 214) : 640;
    const { users } = load;
    return (1000 * users) / pooled.throughput(load) / 1.07;
  },
  cores: (throughput) => 0.03 + throughput * 0.00048,
  errorKinds: ['http.503', 'timeout'],
};

const goodTold = tell({
  service: pooled,
  gapSeconds: 0,
  seed: 7,
  trials: [
    closed(1, 3, { experiment: 'baseline', purpose: 'one user' }),
    ...[1, 2, 4, 8, 16, 32, 64, 128].map((users) => closed(users, 4)),
    closed(11, 4, { purpose: 'refining the knee: 11 users' }),
    closed(41, 4, { purpose: 'refining the cliff: 41 users' }),
    open(260, 4, { backlog: true, purpose: 'saturation probe' }),
    open(140, 6),
    open(180, 6),
    open(226, 5, { backlog: true }),
    open(203, 6),
    open(214, 6),
    open(168, 10, { purpose: 'confirming 168 req/s' }),
  ],
});

const goodCapacity: Capacity = {
  limitedBy: 'connections',
  atLeast: false,
  maxThroughput: { value: 212.4, low: 208.1, high: 216.6, unit: '1/s', method: 'batch means at 16 users' },
  sustainable: { value: 210, low: 206, high: 214, unit: '1/s', method: 'bracket of trials' },
  safeLoad: { value: 168, low: 164.8, high: 171.2, unit: '1/s', method: 'sustainable low × 0.8' },
  margin: 0.2,
  bracket: { highestGood: 203, lowestBad: 214 },
  knee: { users: 11, throughput: 196, low: 9.8, high: 12.3, method: 'Xmax (R0 + Z)' },
  cliff: { users: 41, statement: 'throughput falls by half: queue in front of the database pool' },
  connections: null,
  confirmed: { ratePerSecond: 168, durationMs: 10_000, held: true },
  statement:
    'The highest load tried that held p95 < 500 ms and errors < 1 % is 203 req/s; 214 req/s did not hold.',
};

/** DESIGN.md §1: a connection pool is the limit. */
export const good: Report = report({
  told: goodTold,
  target: 'http://localhost:3000/api/chat',
  command: 'npx plimsoll http://localhost:3000/api/chat --seed 20261121',
  verdict: 'pass',
  summary: 'Safe to 168 requests per second.',
  scaling: law(23.4, 0.02, 0.0021, 41, {}),
  capacity: goodCapacity,
  findings: [
    {
      code: 'bottleneck.connection-pool',
      gravity: 'warning',
      confidence: 0.91,
      statement:
        'The connection pool limits throughput: 10 connections to :5432, all busy from 11 users on, while the CPU is only 13 % busy.',
      evidence: [
        { series: 'connections to :5432', value: 10, unit: '' },
        { series: 'target CPU at the knee', value: 0.13, unit: 'cores' },
        { series: 'service time at 8 users', value: 47.1, unit: 'ms' },
        { series: 'service time at 32 users', value: 148, unit: 'ms' },
        { series: 'throughput beyond 11 users', value: 0.02, unit: 'ratio' },
      ],
      remedy:
        'Raise the pool from 10 to about 24 connections, then measure again: the database has CPU to spare. Check max_connections of the server first.',
    },
    {
      code: 'cliff.goodput',
      gravity: 'failure',
      confidence: 0.97,
      statement: 'Beyond 41 users throughput falls from 211 ± 4 to 99 ± 3 req/s, and 3.6 % of answers fail.',
      evidence: [
        { series: 'throughput at 41 users', value: 211, unit: '1/s' },
        { series: 'throughput at 64 users', value: 99.2, unit: '1/s' },
        { series: 'errors http.503', value: 0.029, unit: 'ratio' },
      ],
      remedy:
        'Limit the work in progress to 41 requests in front of the pool and refuse the rest at once with 503 and Retry-After.',
    },
    {
      code: 'scaling.sublinear',
      gravity: 'note',
      confidence: null,
      statement:
        'Throughput grows almost with the number of users up to the knee: 80 % efficient at 8 users.',
      evidence: [
        { series: 'contention', value: 0.02, unit: 'ratio' },
        { series: 'coherency', value: 0.0021, unit: 'ratio' },
      ],
      remedy: 'Nothing to do.',
    },
  ],
});

/** A service faster than the machine that loads it: every number is a lower bound. */
const swift: Service = {
  throughput: (load) =>
    load.kind === 'open' ? load.ratePerSecond : (2460 * load.users) / (1 + 0.02 * load.users),
  failed: () => 0,
  medianMs: (load) => (load.kind === 'open' ? 0.61 : 0.4 + 0.0082 * load.users),
  cores: (throughput) => throughput / 41_000,
  errorKinds: [],
};

export const atLeast: Report = report({
  told: tell({
    service: swift,
    gapSeconds: 1,
    seed: 11,
    trials: [
      ...[1, 2, 4, 8, 16].map((users) => closed(users, 4)),
      closed(32, 4, { invalid: true }),
      open(12_000, 6),
      open(24_000, 6),
      open(31_000, 6),
      open(42_000, 6, { invalid: true }),
    ],
  }),
  target: 'http://10.0.3.17:8080/health',
  command: 'npx plimsoll http://10.0.3.17:8080/health',
  verdict: 'inconclusive',
  summary: 'Safe to at least 24,700 requests per second; the generator was the limit.',
  scaling: law(2460, 0.019, 0, 16, {
    law: 'amdahl',
    intervals: { gamma: [2400, 2520], alpha: [0.015, 0.024], beta: null },
    efficiency: 0.77,
    efficiencyUsers: 16,
  }),
  capacity: {
    limitedBy: 'generator',
    atLeast: true,
    maxThroughput: { value: 31_050, low: 30_900, high: 31_200, unit: '1/s', method: 'batch means' },
    sustainable: { value: 31_000, low: 30_900, high: null, unit: '1/s', method: 'highest load that held' },
    safeLoad: { value: 24_720, low: 24_720, high: null, unit: '1/s', method: 'sustainable low × 0.8' },
    margin: 0.2,
    bracket: { highestGood: 31_000, lowestBad: null },
    knee: null,
    cliff: null,
    connections: null,
    confirmed: null,
    statement: 'At 42,000 req/s the generator was late, so no higher load could be judged.',
  },
  findings: [
    {
      code: 'validity.generator',
      gravity: 'warning',
      confidence: 1,
      statement: 'The generator, not the target, was the limit: every capacity here is a lower bound.',
      evidence: [
        { series: 'generator CPU', value: 0.97, unit: 'ratio' },
        { series: 'lag p99', value: 28.4, unit: 'ms' },
      ],
      remedy: 'Run Plimsoll on another machine than the target, or with --workers 8.',
    },
  ],
  reasons: [
    {
      code: 'generator.lag',
      statement: '2 of 10 levels are invalid: requests left up to 28.4 ms late, more than the 25 ms allowed.',
    },
  ],
});

/** One load held: the `run` command. */
export const run: Report = report({
  told: tell({
    service: pooled,
    gapSeconds: 0,
    seed: 5,
    trials: [closed(8, 30, { experiment: 'run', purpose: '8 users' })],
  }),
  target: 'http://localhost:3000/api/chat',
  command: 'npx plimsoll run http://localhost:3000/api/chat --users 8 --duration 30s',
  verdict: 'pass',
  summary: '8 users are served within the objectives.',
});

/** Not even one user is served within the objective; a third of a request per second. */
const slow: Service = {
  throughput: (load) => Math.min(0.31, offered(load) * 0.31),
  failed: () => 0.12,
  medianMs: (load) => 3100 * Math.max(1, offered(load)),
  cores: () => 0.98,
  errorKinds: ['timeout', 'http.500'],
};

export const failing: Report = report({
  told: tell({
    service: slow,
    gapSeconds: 2,
    seed: 3,
    trials: [
      closed(1, 40, { experiment: 'baseline', purpose: 'one user', unsteady: true }),
      open(0.3, 30, { unsteady: true }),
    ],
  }),
  target:
    'https://staging.internal.example.com/v2/organisations/3f1d0c9e-77a4-4a53-9d0f-6d7a44f1c5ab/reports/quarterly/export?format=xlsx&from=2026-01-01&to=2026-03-31&include=accounts,transactions,balances&locale=de-DE',
  method: 'POST',
  command:
    "npx plimsoll 'https://staging.internal.example.com/v2/organisations/3f1d0c9e-77a4-4a53-9d0f-6d7a44f1c5ab/reports/quarterly/export?format=xlsx&from=2026-01-01' --method POST --header 'Authorization: ***' --body @body.json",
  verdict: 'fail',
  summary: 'No load is safe: one user alone waits 5.6 s at p95, more than the 500 ms allowed.',
  capacity: {
    limitedBy: 'objective',
    atLeast: false,
    maxThroughput: { value: 0.31, low: 0.24, high: 0.38, unit: '1/s', method: 'batch means' },
    sustainable: { value: 0, low: 0, high: 0.3, unit: '1/s', method: 'no load held' },
    safeLoad: { value: 0, low: 0, high: 0, unit: '1/s', method: 'sustainable low × 0.8' },
    margin: 0.2,
    bracket: { highestGood: null, lowestBad: 0.3 },
    knee: null,
    cliff: null,
    connections: null,
    confirmed: null,
    statement: 'Already one user misses p95 < 500 ms; no lower load was tried.',
  },
  findings: [
    {
      code: 'objective.one-user',
      gravity: 'failure',
      confidence: 0.99,
      statement: 'One user alone misses the objective: p95 is 5.2 to 6.1 s, and 12 % of answers fail.',
      evidence: [
        { series: 'response p95', value: 5600, unit: 'ms' },
        { series: 'errors timeout', value: 0.096, unit: 'ratio' },
      ],
      remedy: 'Find out why a single request takes 3 s before any load test: load can only add to it.',
    },
  ],
});

/** Retrograde: locks make more users slower, until it collapses with errors. */
const contended: Service = {
  throughput: (load) => {
    const peak = 1840;
    if (load.kind === 'open') return load.ratePerSecond < peak ? load.ratePerSecond : peak * 0.71;
    const n = load.users;
    const usl = (124 * n) / (1 + 0.021 * (n - 1) + 0.00068 * n * (n - 1));
    return n > 90 ? usl * 0.42 : usl;
  },
  failed: (load) => (load.kind === 'closed' && load.users > 90 ? 0.31 : offered(load) > 1700 ? 0.04 : 0.001),
  medianMs: (load) =>
    load.kind === 'open'
      ? 9 + 22 / Math.max(0.04, 1 - load.ratePerSecond / 1900)
      : (1000 * load.users) / contended.throughput(load),
  cores: (throughput) => throughput / 610,
  errorKinds: ['connect.reset', 'http.503'],
};

export const cliff: Report = report({
  told: tell({
    service: contended,
    gapSeconds: 1,
    seed: 19,
    trials: [
      closed(1, 4, { experiment: 'baseline', purpose: 'one user' }),
      ...[1, 2, 4, 8, 16, 32, 64].map((users) => closed(users, 5)),
      closed(96, 5, { unsteady: true }),
      closed(128, 5, { unsteady: true }),
      closed(256, 5, { invalid: true }),
      open(2400, 4, { backlog: true }),
      open(900, 8),
      open(1400, 8),
      open(1750, 8),
      open(1600, 8),
      open(1200, 20, { purpose: 'confirming 1,200 req/s' }),
    ],
  }),
  target: 'http://orders.test:8080/orders',
  command: 'npx plimsoll assess http://orders.test:8080/orders --slo "p95<500ms,errors<1%" --budget standard',
  budget: 'standard',
  verdict: 'fail',
  summary: 'Safe to 1,210 requests per second, and it collapses beyond 88 users.',
  scaling: law(124, 0.021, 0.00068, 64, {
    shape: 'retrograde',
    peakUsers: 38,
    efficiency: 0.62,
    efficiencyUsers: 21,
  }),
  capacity: {
    limitedBy: 'errors',
    atLeast: false,
    maxThroughput: { value: 1790, low: 1755, high: 1828, unit: '1/s', method: 'batch means at 32 users' },
    sustainable: { value: 1600, low: 1512, high: 1745, unit: '1/s', method: 'bracket of trials' },
    safeLoad: { value: 1209.6, low: 1209.6, high: 1396, unit: '1/s', method: 'sustainable low × 0.8' },
    margin: 0.2,
    bracket: { highestGood: 1600, lowestBad: 1750 },
    knee: { users: 21, throughput: 1560, low: 18, high: 26, method: 'Xmax (R0 + Z)' },
    cliff: { users: 88, statement: 'errors rise to 31 %: connections are reset' },
    connections: null,
    confirmed: { ratePerSecond: 1200, durationMs: 20_000, held: false },
    statement: 'At 1,750 req/s 4 % of answers failed; the hold at 1,200 req/s did not stay below 1 %.',
  },
  findings: [
    {
      code: 'bottleneck.undetermined',
      gravity: 'warning',
      confidence: 0.48,
      statement: 'The limit is undetermined: a lock or the worker pool.',
      evidence: [
        { series: 'target CPU', value: 2.9, unit: 'cores' },
        { series: 'context switches', value: null, unit: '1/s' },
      ],
      remedy: 'Run again with --perturb to tell them apart.',
    },
  ],
});

/** As long as a run gets: 45 minutes, `levels` levels. For size and speed, not for looks. */
export function long(levels: number, seconds: number): Report {
  const each = Math.max(1, Math.floor(seconds / levels));
  const half = Math.floor(levels / 2);
  return {
    ...good,
    ...(({ durationMs, ...measured }) => ({
      ...measured,
      run: { ...good.run, durationMs, budget: 'thorough' },
    }))(
      tell({
        service: pooled,
        gapSeconds: 0,
        seed: 23,
        trials: [
          ...Array.from({ length: half }, (_, at) => closed(at + 1, each)),
          ...Array.from({ length: levels - half }, (_, at) => open(60 + at * (160 / levels), each)),
        ],
      }),
    ),
  };
}

export const samples = { good, atLeast, run, failing, cliff };
