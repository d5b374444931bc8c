/**
 * Random simulated targets with known answers, to grade the experiments by. Truth comes from formulae
 * (Erlang's, blocking of M/M/c/K, the law itself) or from the independent oracle of conformance/, never from
 * the simulation that is graded.
 */
import { highest, highestRate, refusedShare } from '../../conformance/oracle.ts';
import type { SimulatedTarget } from '../../src/experiments/simulated.ts';
import {
  exponentialServers,
  fixedServers,
  lock,
  pool,
  universal,
  withBoundedQueue,
  withCliff,
  withConnectionCap,
  withRateLimit,
} from '../../src/experiments/targets.ts';
import { blockedShare, highestRateForQuantile } from '../../src/maths/queues.ts';
import { parseObjectives } from '../../src/model/objectives.ts';
import type { Objective } from '../../src/model/report.ts';
import { random, type Random } from '../../src/random.ts';

export interface Specimen {
  readonly name: string;
  readonly target: SimulatedTarget;
  readonly objectives: readonly Objective[];
  /** The highest open load at which the objectives hold, per second; null where theory has no answer. */
  readonly capacity: number | null;
  readonly maxThroughput: number | null;
  /** N* = Xmax R0. */
  readonly knee: number | null;
  /** Between which numbers of users throughput breaks down; null: nowhere. */
  readonly cliff: readonly [number, number] | null;
  readonly law: { readonly alpha: number; readonly beta: number } | null;
  /** Relative error that is allowed, by analysis of what one run can tell. */
  readonly tolerance: number;
}

const small = { customers: 120_000, seed: 11 };

function between(draw: Random, low: number, high: number): number {
  return low * (high / low) ** draw();
}

function pick<Item>(draw: Random, items: readonly Item[]): Item {
  return items[Math.floor(draw() * items.length)] as Item;
}

const kinds = [
  'exponential',
  'fixed',
  'lock',
  'pool',
  'universal',
  'cliff',
  'rate-limit',
  'bounded',
  'connections',
] as const;

/** Seconds near the answer that one quick run can spend there. */
const secondsNear = 40;

/** The n-th specimen of a seed. */
export function specimen(seed: number, n: number): Specimen {
  const each = drawn(seed, n);
  if (each.capacity === null) return each;
  // Two standard deviations of the count of requests; where failures decide, of the count of allowed failures.
  const failing = /^(bounded|connections|rate-limit)/.test(each.name);
  const counted = each.capacity * secondsNear * (failing ? 0.01 : 1);
  return { ...each, tolerance: Math.max(each.tolerance, 2 / Math.sqrt(counted) / (failing ? 2 : 1)) };
}

function drawn(seed: number, n: number): Specimen {
  const draw = random(seed, n);
  const kind = pick(draw, kinds);
  const servers = Math.round(between(draw, 1, 64));
  // Not more than 3,000/s: a faster one costs the test's time and tells nothing new.
  const meanMs = between(draw, Math.max(1, servers / 3), 100);
  const most = (servers * 1000) / meanMs;
  const plain = { cliff: null, law: null, knee: servers, maxThroughput: most, tolerance: 0.07 };
  const loose = parseObjectives('p95<500ms,errors<1%');
  const limitMs = Math.ceil(meanMs * between(draw, 4, 12));
  const tight = parseObjectives(`${draw() < 0.7 ? 'p95' : 'p99'}<${limitMs}ms,errors<1%`);
  const objectives = draw() < 0.5 ? loose : tight;
  const quantile = objectives === tight && tight[0]?.metric.endsWith('99') === true ? 0.99 : 0.95;
  const limitSeconds = (objectives[0]?.limit ?? 0) / 1000;
  const label = `${kind} ${servers}x${meanMs.toFixed(1)}ms ${objectives[0]?.metric}<${objectives[0]?.limit}ms`;
  switch (kind) {
    case 'exponential':
      return {
        ...plain,
        name: label,
        target: exponentialServers(servers, meanMs),
        objectives,
        capacity: highestRateForQuantile({ servers, serviceSeconds: meanMs / 1000 }, quantile, limitSeconds),
        tolerance: quantile === 0.99 && servers <= 2 ? 0.12 : 0.07,
      };
    case 'fixed':
      return {
        ...plain,
        name: label,
        target: fixedServers(servers, meanMs),
        objectives,
        capacity: highestRate([{ servers, meanMs, distribution: 'fixed' }], quantile, limitSeconds, small),
        tolerance: quantile === 0.99 && servers <= 2 ? 0.12 : 0.07,
      };
    case 'lock': {
      const lockMs = between(draw, 1, 20);
      const workMs = lockMs * between(draw, 2, 8);
      return {
        ...plain,
        name: `lock ${lockMs.toFixed(1)}ms work ${workMs.toFixed(1)}ms`,
        target: lock(lockMs, 64, workMs),
        objectives: loose,
        capacity: null,
        maxThroughput: 1000 / lockMs,
        knee: (lockMs + workMs) / lockMs,
      };
    }
    case 'pool': {
      const connections = Math.round(between(draw, 2, 24));
      const downstreamMs = between(draw, 10, 60);
      return {
        ...plain,
        name: `pool ${connections}x${downstreamMs.toFixed(1)}ms`,
        target: pool(64, 5, connections, downstreamMs),
        objectives: loose,
        capacity: null,
        maxThroughput: (connections * 1000) / downstreamMs,
        knee: (connections * (5 + downstreamMs)) / downstreamMs,
      };
    }
    case 'universal': {
      const alpha = between(draw, 0.005, 0.08);
      const beta = between(draw, 0.0001, 0.002);
      const gamma = between(draw, 10, 100);
      const peak = Math.sqrt((1 - alpha) / beta);
      return {
        ...plain,
        name: `universal ${alpha.toFixed(4)} ${beta.toFixed(5)} ${gamma.toFixed(0)}`,
        target: universal(alpha, beta, gamma, 'exponential'),
        objectives: loose,
        capacity: null,
        maxThroughput: (gamma * peak) / (1 + alpha * (peak - 1) + beta * peak * (peak - 1)),
        knee: null,
        // It falls slowly: whether and where a fall to 90 % is seen depends on how far the climb goes.
        cliff: [peak, Number.POSITIVE_INFINITY],
        law: { alpha, beta },
      };
    }
    case 'cliff': {
      const above = Math.round(servers * between(draw, 1.5, 5)) + 2;
      return {
        ...plain,
        name: `cliff ${servers}x${meanMs.toFixed(1)}ms above ${above}`,
        target: withCliff(
          draw() < 0.5 ? fixedServers(servers, meanMs) : exponentialServers(servers, meanMs),
          above,
          between(draw, 1.5, 4),
        ),
        objectives: loose,
        capacity: null,
        cliff: [above, above + 1],
      };
    }
    case 'rate-limit': {
      const perSecond = most * between(draw, 0.2, 0.8);
      const burst = Math.round(Math.max(20, perSecond / 5));
      return {
        ...plain,
        name: `rate-limit ${perSecond.toFixed(1)}/s`,
        target: withRateLimit(fixedServers(servers, meanMs), perSecond, burst),
        objectives: loose,
        capacity: highest(
          (rate) => refusedShare({ ratePerSecond: perSecond, burst }, rate, small) <= 0.01,
          1.2 * perSecond,
        ),
        maxThroughput: perSecond,
        knee: null,
        cliff: [1, Number.POSITIVE_INFINITY],
      };
    }
    case 'bounded':
    case 'connections': {
      const room = servers + Math.round(between(draw, 1, 2 * servers + 5));
      const serviceSeconds = meanMs / 1000;
      const target = exponentialServers(servers, meanMs);
      let low = 0;
      let high = 2 * most;
      for (let step = 0; step < 60; step++) {
        const middle = (low + high) / 2;
        if (blockedShare({ servers, serviceSeconds, ratePerSecond: middle }, room) <= 0.01) low = middle;
        else high = middle;
      }
      return {
        ...plain,
        name: `${kind} ${servers}x${meanMs.toFixed(1)}ms room ${room}`,
        target: kind === 'bounded' ? withBoundedQueue(target, room) : withConnectionCap(target, room),
        objectives: parseObjectives('p95<5s,errors<1%'),
        capacity: low,
        maxThroughput: null,
        knee: null,
        cliff: [room, room + 1],
      };
    }
  }
}
