/**
 * The cases: services whose capacity is known, with the objectives they are asked to hold, as data.
 *
 * Truth comes from a formula where there is one (M/M/c and blocked shares of src/maths/queues.ts) and from the oracle
 * where there is none. Ground-truth numbers GT1 ... are those of the project's research on queues.
 *
 * 1. No truth was ever read off a Plimsoll report.
 * 2. `null` is "not to be judged here", never "none": whether there is a cliff is always judged.
 */
import { blockedShare, highestRateForMean, highestRateForQuantile } from '../src/maths/queues.ts';
import { capacityPerSecond } from '../src/demo/formula.ts';
import { modelDefaults } from '../src/demo/model.ts';
import { highest, highestRate, mostPerSecond, refusedShare } from './oracle.ts';
import { stationsOf, type Distribution, type ServiceOptions } from './service.ts';

export interface Truth {
  /** Open Poisson load that just holds the objectives, per second. */
  readonly capacityPerSecond: number | null;
  /** Greatest throughput at any load. */
  readonly mostPerSecond: number | null;
  /** N* = Xmax R0. */
  readonly kneeUsers: number | null;
  /** The last number of users before throughput breaks or errors begin; null: there is no cliff. */
  readonly cliffAbove: number | null;
  readonly alpha?: number;
  readonly beta?: number;
}

/** A function in a file of conformance/functions, on one thread of Plimsoll itself. */
export interface FunctionTarget {
  readonly kind: 'function';
  readonly file: string;
}

/** A service behind WebSockets, asked by its URL or by a file of conformance/scenarios. */
export interface MessageTarget {
  readonly kind: 'messages';
  readonly service: ServiceOptions;
  readonly scenario: string | null;
}

export interface Case {
  readonly name: string;
  readonly target:
    ServiceOptions | FunctionTarget | MessageTarget | 'nginx' | 'nobody' | 'postgres' | 'llm' | 'grpc';
  readonly slo: string;
  readonly truth: () => Truth;
  /** Allowed relative error of the capacity at the standard budget. */
  readonly standardTolerance: number;
  /** Exit codes that are right. */
  readonly exit: readonly number[];
  /** What it is there for. */
  readonly why: string;
  /** The report may say "at least": the generator can be slower than this target. */
  readonly generatorMayLimit?: true;
}

interface Wish {
  readonly quantile: number;
  readonly limitMs: number;
}

const sloOf = ({ quantile, limitMs }: Wish): string =>
  `p${Math.round(quantile * 100)}<${limitMs}ms,errors<1%`;

/** c workers that take S each. */
function workers(
  name: string,
  servers: number,
  serviceMs: number,
  distribution: Distribution,
  wish: Wish,
  why: string,
): Case {
  const target = { kind: 'workers', servers, serviceMs, distribution } as const;
  return {
    name,
    target,
    slo: sloOf(wish),
    truth: () => ({
      capacityPerSecond: capacityOfWorkers(servers, serviceMs, distribution, wish),
      mostPerSecond: (1000 * servers) / serviceMs,
      kneeUsers: servers,
      cliffAbove: null,
    }),
    // One exponential server shows p99 by a few bad seconds in a minute: the research allows 12 % there.
    standardTolerance: servers === 1 && distribution === 'exponential' && wish.quantile >= 0.99 ? 0.12 : 0.03,
    exit: [0],
    why,
  };
}

/** The same workers behind WebSockets: what they carry is the same in messages. */
function messages(name: string, workersCase: Case, scenario: string | null, why: string): Case {
  const { target } = workersCase;
  if (typeof target === 'string' || target.kind === 'function' || target.kind === 'messages')
    throw new TypeError(`${workersCase.name} is no service`);
  return { ...workersCase, name, target: { kind: 'messages', service: target, scenario }, why };
}

function capacityOfWorkers(
  servers: number,
  serviceMs: number,
  distribution: Distribution,
  { quantile, limitMs }: Wish,
): number {
  if (distribution === 'fixed') {
    return highestRate([{ servers, meanMs: serviceMs, distribution }], quantile, limitMs / 1000);
  }
  return highestRateForQuantile({ servers, serviceSeconds: serviceMs / 1000 }, quantile, limitMs / 1000) ?? 0;
}

/** Stations in a row. */
function row(name: string, target: ServiceOptions, wish: Wish, kneeUsers: number, why: string): Case {
  return {
    name,
    target,
    slo: sloOf(wish),
    truth: () => ({
      capacityPerSecond: highestRate(stationsOf(target), wish.quantile, wish.limitMs / 1000),
      mostPerSecond: mostPerSecond(stationsOf(target)),
      kneeUsers,
      cliffAbove: null,
    }),
    standardTolerance: 0.03,
    exit: [0],
    why,
  };
}

const p95 = (limitMs: number): Wish => ({ quantile: 0.95, limitMs });
const p99 = (limitMs: number): Wish => ({ quantile: 0.99, limitMs });

/** Where X(N) of the universal law has fallen to 0.9 of its peak. */
export function fallOfUniversal(alpha: number, beta: number): number {
  const relative = (users: number): number => users / (1 + alpha * (users - 1) + beta * users * (users - 1));
  const peak = Math.sqrt((1 - alpha) / beta);
  let users = peak;
  while (relative(users) > 0.9 * relative(peak)) users += 0.01;
  return users;
}

const universal = {
  kind: 'universal',
  alpha: 0.02,
  beta: 0.0005,
  gammaPerSecond: 50,
  distribution: 'exponential',
} as const;

/** A scenario of one statement that sleeps, in a real PostgreSQL. Its timer has a grain: what it sleeps longer must not count. */
export const postgresPool = { connections: 10, sleepMs: 40 } as const;

/** Calls of gRPC, in the place of requests of HTTP. */
export const grpcWorkers = { servers: 4, serviceMs: 20 } as const;

export const cases: readonly Case[] = [
  workers('1x10-fixed', 1, 10, 'fixed', p95(100), 'GT1: one worker'),
  workers('4x20-fixed', 4, 20, 'fixed', p95(100), 'GT2: four workers'),
  workers('4x20-fixed-loose', 4, 20, 'fixed', p95(500), 'GT2 under the default objectives'),
  workers('1x10-exp-p95', 1, 10, 'exponential', p95(100), 'GT4: 70.04/s'),
  workers('1x10-exp-p99', 1, 10, 'exponential', p99(100), 'GT4: 53.95/s'),
  workers('4x20-exp-p95', 4, 20, 'exponential', p95(100), 'GT5: 163.04/s'),
  workers('4x20-exp-p99', 4, 20, 'exponential', p99(150), 'GT5: 164.46/s'),
  workers('16x10-exp-p99', 16, 10, 'exponential', p99(60), 'GT6: 1488.4/s'),
  workers('8x40-exp', 8, 40, 'exponential', p95(200), 'GT3: the workers of the closed ground truth'),
  workers('1x1-fixed', 1, 1, 'fixed', p95(20), 'a millisecond of work'),
  workers('2x5-exp', 2, 5, 'exponential', p95(50), 'two workers'),
  workers('8x2-fixed', 8, 2, 'fixed', p95(20), 'four thousand a second'),
  workers('64x100-fixed', 64, 100, 'fixed', p95(250), 'many slow workers'),
  workers('64x50-exp', 64, 50, 'exponential', p99(400), 'many workers, scattered times'),
  workers('3-per-second', 1, 333.333, 'fixed', p95(5000), 'three a second and five seconds to answer'),
  {
    name: '1x10-fixed-mean',
    target: { kind: 'workers', servers: 1, serviceMs: 10, distribution: 'fixed' },
    slo: 'mean<30ms,errors<1%',
    // R = S + λS²/(2(1-λS)) = 30 ms at 80/s
    truth: () => ({ capacityPerSecond: 80, mostPerSecond: 100, kneeUsers: 1, cliffAbove: null }),
    standardTolerance: 0.03,
    exit: [0],
    why: 'GT7: 80/s by Pollaczek and Khinchine',
  },
  {
    name: '4x20-exp-mean',
    target: { kind: 'workers', servers: 4, serviceMs: 20, distribution: 'exponential' },
    slo: 'mean<30ms,errors<1%',
    truth: () => ({
      capacityPerSecond: highestRateForMean({ servers: 4, serviceSeconds: 0.02 }, 0.03),
      mostPerSecond: 200,
      kneeUsers: 4,
      cliffAbove: null,
    }),
    standardTolerance: 0.03,
    exit: [0],
    why: 'GT5: 149.49/s',
  },
  row(
    'pool',
    {
      kind: 'pool',
      cores: 8,
      workMs: 5,
      connections: 10,
      downstreamMs: 50,
      distribution: 'exponential',
    },
    p95(300),
    11,
    'GT9: a pool of ten connections, N* 11',
  ),
  row(
    'lock',
    { kind: 'lock', cores: 8, workMs: 8, lockMs: 2, distribution: 'exponential' },
    p95(60),
    5,
    'GT10: a lock of 2 ms, N* 5',
  ),
  row(
    'disk',
    {
      kind: 'pool',
      cores: 4,
      workMs: 12,
      connections: 1,
      downstreamMs: 4,
      distribution: 'exponential',
    },
    p95(100),
    4,
    'GT11: four cores and one disk, N* 4',
  ),
  {
    name: 'universal',
    target: universal,
    slo: 'p95<500ms,errors<1%',
    truth: () => ({
      // Under open load every state beyond the peak drains more slowly: what holds depends on how long one looks.
      capacityPerSecond: null,
      mostPerSecond: 784.04,
      kneeUsers: null,
      cliffAbove: fallOfUniversal(universal.alpha, universal.beta),
      alpha: universal.alpha,
      beta: universal.beta,
    }),
    standardTolerance: 0.03,
    exit: [0],
    why: 'GT13: peak 784/s at 44 users, 402/s at 200',
  },
  {
    name: 'cliff',
    target: {
      kind: 'workers',
      servers: 4,
      serviceMs: 20,
      distribution: 'fixed',
      cliffAbove: 40,
      cliffFactor: 2,
    },
    slo: 'p95<100ms,errors<1%',
    truth: () => ({
      capacityPerSecond: capacityOfWorkers(4, 20, 'fixed', p95(100)),
      mostPerSecond: 200,
      kneeUsers: 4,
      cliffAbove: 40,
    }),
    standardTolerance: 0.03,
    exit: [0],
    why: 'half the throughput above 40 users inside',
  },
  {
    name: 'cliff-far',
    target: {
      kind: 'workers',
      servers: 10,
      serviceMs: 50,
      distribution: 'exponential',
      cliffAbove: 100,
      cliffFactor: 4,
    },
    slo: 'p95<250ms,errors<1%',
    truth: () => ({
      capacityPerSecond: capacityOfWorkers(10, 50, 'exponential', p95(250)),
      mostPerSecond: 200,
      kneeUsers: 10,
      cliffAbove: 100,
    }),
    standardTolerance: 0.03,
    exit: [0],
    why: 'a cliff at ten times the knee',
  },
  {
    name: 'rate-limit',
    target: {
      kind: 'workers',
      servers: 32,
      serviceMs: 40,
      distribution: 'fixed',
      ratePerSecond: 120,
      burst: 12,
    },
    slo: 'p95<500ms,errors<1%',
    truth: () => ({
      // r/(1 - 1 %) were arrivals even; bursts of Poisson arrivals empty a small bucket earlier.
      capacityPerSecond: highest(
        (rate) => refusedShare({ ratePerSecond: 120, burst: 12 }, rate) <= 0.01,
        240,
      ),
      mostPerSecond: 120,
      kneeUsers: null,
      cliffAbove: 4.8,
    }),
    standardTolerance: 0.03,
    exit: [0],
    why: 'GT12: 120/s, the rest is refused with 429',
  },
  {
    name: 'bounded-queue',
    target: { kind: 'workers', servers: 4, serviceMs: 20, distribution: 'exponential', queueMost: 16 },
    slo: 'p95<500ms,errors<1%',
    truth: () => ({
      capacityPerSecond: highest(
        (rate) => blockedShare({ servers: 4, serviceSeconds: 0.02, ratePerSecond: rate }, 16) <= 0.01,
        400,
      ),
      mostPerSecond: 200,
      kneeUsers: 4,
      cliffAbove: 16,
    }),
    standardTolerance: 0.03,
    exit: [0],
    why: 'M/M/4/16: full, it answers 503',
  },
  {
    name: 'connection-cap',
    target: { kind: 'workers', servers: 8, serviceMs: 40, distribution: 'exponential', connectionsMost: 24 },
    slo: 'p95<500ms,errors<1%',
    truth: () => ({
      // A request in flight holds a connection: the share without one is that of M/M/8/24.
      capacityPerSecond: highest(
        (rate) => blockedShare({ servers: 8, serviceSeconds: 0.04, ratePerSecond: rate }, 24) <= 0.01,
        400,
      ),
      mostPerSecond: 200,
      kneeUsers: 8,
      cliffAbove: 24,
    }),
    standardTolerance: 0.03,
    exit: [0],
    why: 'connections above 24 are reset',
  },
  {
    name: 'warm-up',
    target: {
      kind: 'workers',
      servers: 4,
      serviceMs: 20,
      distribution: 'exponential',
      warmExtra: 3,
      warmFadeMs: 3000,
    },
    slo: 'p95<100ms,errors<1%',
    truth: () => ({
      capacityPerSecond: capacityOfWorkers(4, 20, 'exponential', p95(100)),
      mostPerSecond: 200,
      kneeUsers: 4,
      cliffAbove: null,
    }),
    standardTolerance: 0.03,
    exit: [0],
    why: 'four times slower at first',
  },
  {
    name: 'function-burns',
    target: { kind: 'function', file: 'burns.ts' },
    slo: 'p95<100ms,errors<1%',
    truth: () => ({
      capacityPerSecond: capacityOfWorkers(1, 5, 'fixed', p95(100)),
      mostPerSecond: 200,
      kneeUsers: 1,
      cliffAbove: null,
    }),
    standardTolerance: 0.03,
    exit: [0],
    why: 'a function that keeps its thread for 5 ms: the generator has it no longer',
  },
  {
    name: 'function-waits',
    target: { kind: 'function', file: 'waits.ts' },
    slo: 'p95<100ms,errors<1%',
    truth: () => ({
      capacityPerSecond: capacityOfWorkers(4, 20, 'fixed', p95(100)),
      mostPerSecond: 200,
      kneeUsers: 4,
      cliffAbove: null,
    }),
    standardTolerance: 0.03,
    exit: [0],
    why: 'a function that waits for a timer of 20 ms, four at a time',
  },
  {
    name: 'too-slow',
    target: { kind: 'workers', servers: 4, serviceMs: 100, distribution: 'fixed' },
    slo: 'p95<50ms,errors<1%',
    truth: () => ({ capacityPerSecond: 0, mostPerSecond: 40, kneeUsers: 4, cliffAbove: null }),
    standardTolerance: 0.03,
    exit: [1],
    why: 'one user already waits too long: nothing is safe',
  },
  {
    name: 'bare',
    target: { kind: 'bare' },
    slo: 'p95<500ms,errors<1%',
    truth: () => ({ capacityPerSecond: null, mostPerSecond: null, kneeUsers: null, cliffAbove: null }),
    standardTolerance: 0.03,
    exit: [0, 4],
    why: 'as fast as a Node process answers: who is the limit?',
    generatorMayLimit: true,
  },
  {
    name: 'nginx',
    target: 'nginx',
    slo: 'p95<500ms,errors<1%',
    truth: () => ({ capacityPerSecond: null, mostPerSecond: null, kneeUsers: null, cliffAbove: null }),
    standardTolerance: 0.03,
    exit: [0, 4],
    why: 'faster than any generator of ours: it must say "at least"',
    generatorMayLimit: true,
  },
  {
    name: 'postgres-pool',
    target: 'postgres',
    slo: sloOf(p95(200)),
    // The pool is a queue in front of so many connections, and each statement sleeps on one.
    truth: () => ({
      capacityPerSecond: capacityOfWorkers(postgresPool.connections, postgresPool.sleepMs, 'fixed', p95(200)),
      mostPerSecond: (1000 * postgresPool.connections) / postgresPool.sleepMs,
      kneeUsers: postgresPool.connections,
      cliffAbove: null,
    }),
    standardTolerance: 0.03,
    exit: [0],
    why: 'ten connections to a real PostgreSQL, statements of 40 ms: 250/s',
  },
  messages(
    'ws-4x20-fixed',
    workers('', 4, 20, 'fixed', p95(100), ''),
    null,
    'ws://, a message and its answer: four workers of 20 ms behind WebSockets, 200 messages a second',
  ),
  messages(
    'ws-8x20-exp',
    workers('', 8, 20, 'exponential', p95(80), ''),
    null,
    'ws://, eight workers of scattered times',
  ),
  messages(
    'ws-scenario',
    workers('', 4, 20, 'exponential', p95(100), ''),
    'messages.ts',
    'a scenario that keeps its channel and knows answers by their id',
  ),
  {
    name: 'grpc-4x20-fixed',
    target: 'grpc',
    slo: sloOf(p95(100)),
    truth: () => ({
      capacityPerSecond: capacityOfWorkers(grpcWorkers.servers, grpcWorkers.serviceMs, 'fixed', p95(100)),
      mostPerSecond: (1000 * grpcWorkers.servers) / grpcWorkers.serviceMs,
      kneeUsers: grpcWorkers.servers,
      cliffAbove: null,
    }),
    standardTolerance: 0.03,
    exit: [0],
    why: 'GT2 over gRPC: four workers, and each call counted by the target',
  },
  {
    name: 'llm',
    target: 'llm',
    slo: 'ttft.p95<800ms,tpot.p95<50ms,errors<1%',
    // The ceiling of continuous batching: what lies between it and the objectives is less than a tenth of it.
    truth: () => ({
      capacityPerSecond: capacityPerSecond(modelDefaults),
      mostPerSecond: capacityPerSecond(modelDefaults),
      kneeUsers: null,
      cliffAbove: null,
    }),
    standardTolerance: 0.1,
    exit: [0],
    why: 'chat completions of the simulated model, whose ceiling is a formula',
  },
  {
    name: 'always-500',
    target: { kind: 'failing', status: 500 },
    slo: 'p95<500ms,errors<1%',
    truth: () => ({ capacityPerSecond: null, mostPerSecond: null, kneeUsers: null, cliffAbove: null }),
    standardTolerance: 0.03,
    exit: [1, 3],
    why: 'answers, never well',
  },
  {
    name: 'hanging',
    target: { kind: 'hanging' },
    slo: 'p95<500ms,errors<1%',
    truth: () => ({ capacityPerSecond: null, mostPerSecond: null, kneeUsers: null, cliffAbove: null }),
    standardTolerance: 0.03,
    exit: [3],
    why: 'takes connections and never answers',
  },
  {
    name: 'nobody',
    target: 'nobody',
    slo: 'p95<500ms,errors<1%',
    truth: () => ({ capacityPerSecond: null, mostPerSecond: null, kneeUsers: null, cliffAbove: null }),
    standardTolerance: 0.03,
    exit: [3],
    why: 'no one listens there',
  },
];
