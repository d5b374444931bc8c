/**
 * What a benchmark showed at one load, and whether it is acceptable. Pure.
 *
 * 1. It is met where the interval of its rate does not reach below what is acceptable, and missed where that lies above the
 *    interval and above what the rate could be with the whole thread; between, it is undecided.
 * 2. An operation that failed, or never ended, is none: then the benchmark is missed whatever its rate.
 * 3. What the generator itself and others on the machine took of the thread is lost to the operation. Where it is much, the rate
 *    is a lower bound.
 */
import type { Estimate } from './estimate.ts';
import type { Level, Quantiles } from './report.ts';
import { lostShareAllowed } from './validity.ts';

export type BenchVerdict = 'met' | 'missed' | 'undecided';

export interface BenchStage {
  /** Operations under way at a time. */
  readonly load: number;
  readonly operations: { readonly done: number; readonly failed: number; readonly unfinished: number };
  /** Operations that succeeded, per second. */
  readonly perSecond: Estimate | null;
  /** The rate is a lower bound: the operation lost too much of the thread to others. */
  readonly atLeast: boolean;
  /** The generator's own share of the thread; null where nothing was done. */
  readonly ownShare: number | null;
  /** The share of the time in which the thread was ready and others had the core; null where that is unknown. */
  readonly waitedShare: number | null;
  readonly steady: boolean;
  readonly response: Quantiles;
  /** Each operation keeps the thread until it has ended: then more under way only wait. */
  readonly keepsThread: boolean;
  readonly cpuMsPerThousand: number | null;
  readonly memoryBytesPerThousand: number | null;
  readonly memoryOf: 'heap' | 'rss';
  readonly ofTarget: number | null;
  readonly ofAcceptable: number | null;
  /** Null where nothing was asked for and nothing failed. */
  readonly verdict: BenchVerdict | null;
  readonly lastError: string;
}

export interface BenchWishes {
  readonly target: number | null;
  readonly acceptable: number | null;
}

/** What was seen of a load, beside its slices. */
export interface BenchCost {
  /** Operations under way at a time. */
  readonly load: number;
  /** Whether operations gave promises; else each keeps the thread until it has ended. */
  readonly awaited: boolean;
  /** What the generator itself takes of the thread for each operation. */
  readonly ownMs: number;
  /** For how long the thread was ready and had no core; null where that is unknown. */
  readonly waitedMs: number | null;
  /** Processor time of the process meanwhile. */
  readonly cpuMs: number;
  /** How much more memory was in use at the end. */
  readonly memoryBytes: number;
  /** Of what: the heap after collecting garbage, or the resident set where that cannot be asked for. */
  readonly memoryOf: 'heap' | 'rss';
  readonly lastError: string;
}

export function benchStage(level: Level, cost: BenchCost, { target, acceptable }: BenchWishes): BenchStage {
  const { done, failed, unfinished } = level.requests;
  const rate = level.throughput === null ? null : { ...level.throughput, unit: 'operations/s' };
  const ownShare = rate === null || done === 0 ? null : Math.min(1, (rate.value * cost.ownMs) / 1000);
  const waitedShare = cost.waitedMs === null ? null : cost.waitedMs / level.durationMs;
  const lost = Math.min(1, (ownShare ?? 0) + (waitedShare ?? 0));
  const atLeast = lost > lostShareAllowed;
  const perThousand = (amount: number): number | null => (done === 0 ? null : (1000 * amount) / done);
  const ratioTo = (wish: number | null): number | null =>
    rate === null || wish === null ? null : rate.value / wish;
  return {
    load: cost.load,
    operations: { done, failed, unfinished },
    perSecond: rate,
    atLeast,
    ownShare,
    waitedShare,
    steady: level.steady,
    response: level.response,
    keepsThread: !cost.awaited,
    cpuMsPerThousand: perThousand(cost.cpuMs),
    memoryBytesPerThousand: perThousand(cost.memoryBytes),
    memoryOf: cost.memoryOf,
    ofTarget: ratioTo(target),
    ofAcceptable: ratioTo(acceptable),
    verdict: failed + unfinished > 0 ? 'missed' : verdictOn(rate, acceptable, lost),
    lastError: cost.lastError,
  };
}

function verdictOn(rate: Estimate | null, acceptable: number | null, lost: number): BenchVerdict | null {
  if (acceptable === null) return null;
  if (rate === null) return 'undecided';
  if (rate.low !== null && rate.low >= acceptable) return 'met';
  return rate.high !== null && rate.high < acceptable * (1 - lost) ? 'missed' : 'undecided';
}

/** Of all stages together; null where none was judged. */
export function worstVerdict(stages: readonly Pick<BenchStage, 'verdict'>[]): BenchVerdict | null {
  const seen = stages.map(({ verdict }) => verdict);
  return (['missed', 'undecided', 'met'] as const).find((verdict) => seen.includes(verdict)) ?? null;
}
