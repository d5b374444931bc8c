/** Levels made by hand: complete, valid, and good unless a test says otherwise. */
import type { Estimate } from '../../src/model/estimate.ts';
import type { Load } from '../../src/model/load.ts';
import { defaultObjectives } from '../../src/model/objectives.ts';
import type { Level, Objective, Quantiles } from '../../src/model/report.ts';

export const closed = (users: number): Load => ({ kind: 'closed', users });
export const open = (ratePerSecond: number): Load => ({ kind: 'open', ratePerSecond, arrivals: 'poisson' });

export function estimate(value: number, share = 0.02, unit = '1/s'): Estimate {
  return { value, low: value * (1 - share), high: value * (1 + share), unit, method: 'a test' };
}

export function times(ms: number | null): Quantiles {
  const at = (factor: number): number | null => (ms === null ? null : ms * factor);
  return {
    p50: at(1),
    p90: at(1.7),
    p95: at(2),
    p99: at(3),
    p999: at(4),
    max: at(5),
    mean: at(1.1),
    deviation: at(0.6),
    unit: 'ms',
  };
}

/** Objectives as a level judges them. */
export function judged(
  met: boolean | null,
  objectives: readonly Objective[] = defaultObjectives,
): Level['objectives'] {
  return objectives.map(({ metric, op, limit }) => ({
    metric,
    op,
    limit,
    value: met === null ? null : met ? limit / 3 : limit * 3,
    met,
    bad: met === null ? null : met ? 1 : 130,
    of: met === null ? null : 900,
    effective: met === null ? null : 850,
  }));
}

/** @param perSecond what succeeded; @param ms the median time */
export function aLevel(load: Load, perSecond: number, ms: number | null, change: Partial<Level> = {}): Level {
  const done = Math.round(perSecond * 3);
  return {
    load,
    purpose: 'a test',
    variant: null,
    startMs: 0,
    durationMs: 3000,
    spentMs: 3070,
    warmupMs: 0,
    steady: true,
    valid: true,
    invalidReasons: [],
    stoppedEarly: null,
    requests: { due: done + 7, sent: done + 5, done, failed: 0, dropped: 2, unfinished: 5, retried: 0 },
    growing: false,
    sessions: null,
    steps: [],
    scenarios: [],
    counts: [],
    stream: null,
    messages: null,
    queues: [],
    throughput: estimate(perSecond),
    response: times(ms),
    responseP95: ms === null ? null : estimate(2 * ms, 0.1, 'ms'),
    service: times(ms),
    firstByte: times(ms),
    lag: times(0.2),
    connections: {
      opened: 0,
      mostPerSecond: null,
      channels: null,
      connect: times(null),
      handshake: times(null),
    },
    errors: { ratio: 0, byKind: {} },
    objectives: judged(true),
    longestSilenceMs: 0,
    inFlight: load.kind === 'closed' ? load.users : (perSecond * (ms ?? 0)) / 1000,
    efficiency: null,
    generator: { cpu: 0.21, lagP99Ms: 0.6, loopLagP99Ms: 1.3, fds: 34 },
    target: {
      cpuCores: 1.7,
      cpuMsPerSession: null,
      rssBytes: 81_000_000,
      rssGrowthBytes: null,
      threads: 11,
      fds: 29,
      diskReadBytesPerSecond: null,
      diskWriteBytesPerSecond: null,
      networkInBytesPerSecond: 9_100,
      networkOutBytesPerSecond: 77_000,
    },
    ...change,
  };
}
