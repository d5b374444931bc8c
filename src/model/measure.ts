/**
 * From slices to a level: what a trial measured, with intervals and with the verdict on itself.
 *
 * 1. Counts are of the whole trial, warm-up and last answers included, so that they balance and agree with
 *    the target's own. So are failures. Everything else leaves the warm-up out.
 * 2. Closed load: rates and times are of the time the load was held. Open load: times are of every request that
 *    was sent, also when its answer came after the end, or the slowest would be missing.
 * 3. What never came back in an open trial counts as slower than any limit. Where more comes in than goes out to the
 *    end, no objective on response time is met.
 * 4. The warm-up of closed load is found by MSER-5 on tenths of a slice (White 1997); open load starts empty,
 *    and its first tenth is left out.
 */
import { dependence, quantileRanks, rateInterval } from '../maths/intervals.ts';
import { Histogram, type SparseHistogram } from '../maths/histogram.ts';
import { differ, steadiness, steadyStart } from '../maths/steady.ts';
import type { Estimate } from './estimate.ts';
import type { Load, Trial } from './load.ts';
import { quantileOf } from './objectives.ts';
import type { Level, Objective, Quantiles } from './report.ts';
import { ticksPerSlice, type SessionSlice, type Slice } from './slice.ts';
import { invalidReasons } from './validity.ts';

export interface MeasureOptions {
  readonly objectives: readonly Objective[];
  /** From the start of the run to the start of the trial. */
  readonly startMs: number;
  /** How long the load was held; slices that start later are the wait for the last answers. */
  readonly heldMs: number;
  readonly spentMs: number;
  readonly stoppedEarly: Level['stoppedEarly'];
  /** Means over the trial of what was seen of the target's processes. */
  readonly target?: Partial<Level['target']>;
  readonly generatorFds?: number | null;
  /** Requests sent once more because the target had closed the kept connection; 0 when left out. */
  readonly retried?: number;
}

type ObjectiveResult = Level['objectives'][number];

function joined(histograms: readonly SparseHistogram[]): Histogram {
  const whole = new Histogram();
  for (const histogram of histograms) whole.addSparse(histogram);
  return whole;
}

export function quantiles(histogram: Histogram): Quantiles {
  const at = (q: number): number | null => histogram.quantileMs(q);
  return {
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    p999: at(0.999),
    max: histogram.maxMs(),
    mean: histogram.meanMs(),
    deviation: histogram.deviationMs(),
    unit: 'ms',
  };
}

function total(slices: readonly Slice[], count: (slice: Slice) => number): number {
  return slices.reduce((sum, slice) => sum + count(slice), 0);
}

const sumOf = (errors: Slice['errors']): number => Object.values(errors).reduce((sum, each) => sum + each, 0);

function sumErrors(slices: readonly Slice[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const slice of slices) {
    for (const [kind, count] of Object.entries(slice.errors)) sum[kind] = (sum[kind] ?? 0) + count;
  }
  return sum;
}

function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** A mean weighted by the time each slice lasted; null where no slice knows. */
function meanOverTime(slices: readonly Slice[], value: (slice: Slice) => number | null): number | null {
  let sum = 0;
  let time = 0;
  for (const slice of slices) {
    const known = value(slice);
    if (known === null) continue;
    sum += known * slice.durationMs;
    time += slice.durationMs;
  }
  return time === 0 ? null : sum / time;
}

/**
 * The number of independent requests that `of` judged ones are worth: neighbours in time share a queue.
 * Compares the scatter of the bad share between slices with that of independent requests (design effect), and divides
 * by how many neighbouring slices are worth one.
 */
function effectiveCount(bad: readonly number[], of: readonly number[]): number {
  const allBad = bad.reduce((sum, each) => sum + each, 0);
  const all = of.reduce((sum, each) => sum + each, 0);
  const groups = of.filter((each) => each > 0).length;
  const share = allBad / all;
  if (groups < 3 || share === 0 || share === 1) return all;
  let scatter = 0;
  const shares: number[] = [];
  for (const [i, each] of of.entries()) {
    if (each === 0) continue;
    scatter += ((bad[i] ?? 0) - share * each) ** 2 / (each * share * (1 - share));
    shares.push((bad[i] ?? 0) / each);
  }
  return all / (Math.max(1, scatter / (groups - 1)) * dependence(shares));
}

interface Window {
  /** Of the whole trial: failures count wherever they fall. */
  readonly all: readonly Slice[];
  readonly slices: readonly Slice[];
  readonly unfinished: number;
  readonly response: Histogram;
  readonly service: Histogram;
  readonly throughput: number | null;
  readonly backlog: boolean;
}

function judge(objective: Objective, window: Window): ObjectiveResult {
  const { metric, op, limit } = objective;
  const result = (value: number | null, bad: number | null, of: number | null, effective: number | null) => {
    let met = value === null ? null : op === '<' ? value < limit : value > limit;
    if (met === true && bad !== null && of !== null && quantileOf(metric) !== null) {
      met = bad <= (1 - (quantileOf(metric) ?? 1)) * of;
    }
    return {
      metric,
      op,
      limit,
      value,
      met: window.backlog && metric.startsWith('response') ? false : met,
      bad,
      of,
      effective,
    };
  };
  if (metric === 'throughput') return result(window.throughput, null, null, null);
  if (metric === 'errors') {
    // Of a scenario also what no request shows: checks that did not hold, and a script that threw.
    const failed = window.all.map(({ errors }) => sumOf(errors));
    const done = window.all.map((slice) => slice.done);
    const bad = failed.reduce((sum, each) => sum + each, 0);
    const of = done.reduce((sum, each) => sum + each, 0);
    return of === 0
      ? result(null, null, null, null)
      : result(bad / of, bad, of, effectiveCount(failed, done));
  }
  const pick = metric.startsWith('service') ? 'service' : 'response';
  const histogram = window[pick];
  const quantile = quantileOf(metric);
  if (quantile === null) {
    return result(metric.endsWith('.mean') ? histogram.meanMs() : histogram.maxMs(), null, null, null);
  }
  const each = window.slices.map((slice) => joined([slice[pick]]));
  const bad = each.map((slice) => slice.countAbove(limit));
  const of = each.map((slice) => slice.count);
  const allBad = bad.reduce((sum, count) => sum + count, 0) + window.unfinished;
  const all = histogram.count + window.unfinished;
  if (all === 0) return result(null, null, null, null);
  const rank = Math.ceil(quantile * all);
  const value = rank > histogram.count ? null : histogram.valueAtRankMs(rank);
  const judged = result(value, allBad, all, effectiveCount(bad, of));
  return value === null ? { ...judged, met: false } : judged;
}

function withInterval(histogram: Histogram, q: number, effective: number): Estimate | null {
  const n = histogram.count;
  const value = histogram.quantileMs(q);
  if (value === null) return null;
  const ranks = quantileRanks(n, q, 0.95, n / effective);
  return {
    value,
    low: ranks.low === null ? null : histogram.valueAtRankMs(ranks.low),
    high: ranks.high === null ? null : histogram.valueAtRankMs(ranks.high),
    unit: 'ms',
    method: 'order statistics',
  };
}

/**
 * The warm-up that may be left out: nothing, where it holds failures or a second without an answer. An outage is no
 * warm-up, however steady the time after it.
 */
function warmUpMs(held: readonly Slice[], wantedMs: number): number {
  const cut = held.filter((slice) => slice.startMs < wantedMs);
  const broken = cut.some((slice, i) => slice.failed > 0 || (i > 0 && slice.done === 0));
  return broken ? 0 : wantedMs;
}

/**
 * The cut of MSER where it matters: where what it would cut differs from what it would leave by more than chance. Else
 * only the time in which the first answers were on their way, for a cut costs data: of short trials about half.
 */
function warmUpTicks(ticks: readonly number[], wanted: number, held: readonly Slice[]): number {
  if (wanted === 0 || differ(ticks.slice(0, wanted), ticks.slice(wanted))) return wanted;
  const tickMs = (held[0]?.durationMs ?? 1000) / ticksPerSlice;
  const answerMs = joined(held.map(({ service }) => service)).meanMs() ?? 0;
  return Math.min(wanted, 1 + Math.ceil(answerMs / tickMs));
}

/** The longest time without one good answer while requests were in flight, to a tenth of a slice. */
function longestSilenceMs(held: readonly Slice[]): number {
  let longest = 0;
  let silent = 0;
  for (const slice of held) {
    const tickMs = slice.durationMs / ticksPerSlice;
    for (const good of slice.goodTicks) {
      silent = good > 0 || slice.inFlightMs === 0 ? 0 : silent + tickMs;
      longest = Math.max(longest, silent);
    }
  }
  return longest;
}

/** Below so many turns of every user, it matters where in a turn the window begins and ends. */
const manyTurns = 100;

/**
 * Good answers per second. Users of closed load may march in step, so that answers come in bursts of all users: a count
 * over few turns is off by up to one burst. The slope of the cumulative count (least squares) is off by much less.
 */
function perSecond(ticks: readonly number[], tickMs: number, trial: Trial): number {
  const good = ticks.reduce((sum, tick) => sum + tick, 0);
  const seconds = (ticks.length * tickMs) / 1000;
  const turns = trial.load.kind === 'closed' ? good / trial.load.users : Number.POSITIVE_INFINITY;
  if (turns >= manyTurns || turns < 2 || ticks.length < 10) return good / seconds;
  const middle = (ticks.length - 1) / 2;
  let sum = 0;
  let covariance = 0;
  let variance = 0;
  for (const [i, tick] of ticks.entries()) {
    sum += tick;
    covariance += (i - middle) * sum;
    variance += (i - middle) ** 2;
  }
  return ((covariance / variance) * 1000) / tickMs;
}

/** Counts of the whole trial, times without the warm-up. */
function sessionsOf(all: readonly Slice[], judged: readonly Slice[]): Level['sessions'] {
  const parts = all.flatMap(({ sessions }) => sessions ?? []);
  if (parts.length === 0) return null;
  const sum = (count: (part: SessionSlice) => number): number =>
    parts.reduce((so, part) => so + count(part), 0);
  const [started, done] = [sum((part) => part.started), sum((part) => part.done)];
  return {
    due: sum((part) => part.due),
    started,
    done,
    failed: sum((part) => part.failed),
    dropped: sum((part) => part.dropped),
    unfinished: started - done,
    duration: quantiles(joined(judged.flatMap(({ sessions }) => sessions?.duration ?? []))),
  };
}

function stepsOf(all: readonly Slice[], judged: readonly Slice[]): Level['steps'] {
  const names = [...new Set(all.flatMap(({ steps }) => Object.keys(steps)))];
  return names.map((name) => ({
    name,
    done: total(all, ({ steps }) => steps[name]?.done ?? 0),
    failed: total(all, ({ steps }) => steps[name]?.failed ?? 0),
    response: quantiles(joined(judged.flatMap(({ steps }) => steps[name]?.response ?? []))),
  }));
}

/**
 * Does more come in than goes out, in the second half of an open trial and beyond chance? Then the load is not carried,
 * however fast the answers still are. Counts of n scatter by about their root, arrivals and departures both.
 */
function pilesUp(held: readonly Slice[]): boolean {
  const half = held.slice(Math.floor(held.length / 2));
  if (held.length < 2) return false;
  const came = total(half, ({ sessions, sent }) => sessions?.started ?? sent);
  const went = total(half, ({ sessions, done }) => sessions?.done ?? done);
  return came - went > Math.max(3 * Math.sqrt(came), 0.1 * came);
}

/** What a trial measured. @param slices in order, the joined slices of all workers */
export function measure(trial: Trial, slices: readonly Slice[], options: MeasureOptions): Level {
  const load: Load = slices.some(({ sessions }) => sessions !== null)
    ? { ...trial.load, of: 'sessions' }
    : trial.load;
  const held = slices.filter((slice) => slice.startMs < options.heldMs - 1);
  const closed = trial.load.kind === 'closed';
  const sliceMs = held[0]?.durationMs ?? 1000;

  const ticksOf = (some: readonly Slice[]): number[] =>
    some.filter((slice) => Math.abs(slice.durationMs - sliceMs) < 1).flatMap((slice) => slice.goodTicks);
  const ticks = ticksOf(held);
  const start = closed ? steadyStart(ticks) : null;
  const tickMs = sliceMs / ticksPerSlice;
  const cutMs = closed
    ? warmUpMs(held, Math.min(warmUpTicks(ticks, start?.discard ?? 0, held) * tickMs, options.heldMs / 2))
    : Math.floor(held.length / 10) * sliceMs;
  // Rates leave out exactly the warm-up; times are known by whole slices, and leave out the nearest.
  const steadyTicks = ticks.slice(Math.round(cutMs / tickMs));
  const steadyHeld = held.slice(Math.round(cutMs / sliceMs));
  const judged = closed ? steadyHeld : slices.slice(held.length - steadyHeld.length);

  const steadyMs = steadyTicks.length * tickMs;
  const rate = rateInterval(steadyTicks, tickMs / 1000);
  const throughput: Estimate | null =
    steadyMs === 0
      ? null
      : {
          value: perSecond(steadyTicks, tickMs, trial),
          low: rate?.low ?? null,
          high: rate?.high ?? null,
          unit: load.of === undefined ? '1/s' : 'sessions/s',
          method: 'batch means',
        };

  const sent = total(slices, (slice) => slice.sent);
  const done = total(slices, (slice) => slice.done);
  const response = joined(judged.map((slice) => slice.response));
  const service = joined(judged.map((slice) => slice.service));
  const lag = joined(slices.map((slice) => slice.lag));
  const requests = {
    due: total(slices, (slice) => slice.due),
    sent,
    done,
    failed: total(slices, (slice) => slice.failed),
    dropped: total(slices, (slice) => slice.dropped),
    unfinished: sent - done,
    retried: options.retried ?? 0,
  };
  const growing = !closed && pilesUp(held);
  const backlog = options.stoppedEarly === 'backlog' || growing;
  const window: Window = {
    all: slices,
    slices: judged,
    unfinished: closed ? 0 : requests.unfinished + requests.dropped,
    response,
    service,
    throughput: throughput?.value ?? null,
    backlog,
  };
  const perSlice = judged.map((slice) => joined([slice.response]));
  const p95 = response.quantileMs(0.95) ?? 0;
  const clustered = effectiveCount(
    perSlice.map((slice) => slice.countAbove(p95)),
    perSlice.map((slice) => slice.count),
  );
  const cpu = largest(held.map((slice) => slice.busy).slice(held.length > 2 ? 1 : 0));
  const meanCpu = meanOverTime(steadyHeld, (slice) => slice.busy);
  const reasons = invalidReasons(
    {
      lagP99Ms: lag.quantileMs(0.99),
      cpu: meanCpu,
      errors: sumErrors(slices),
    },
    options.objectives,
  );
  const heldSeconds = options.heldMs / 1000;
  return {
    load,
    purpose: trial.purpose,
    startMs: options.startMs,
    durationMs: Math.round(options.heldMs * 1000) / 1000,
    spentMs: options.spentMs,
    warmupMs: cutMs,
    steady:
      (start === null || start.steady) && steadiness(steadyTicks, 0.05).verdict === 'steady' && !backlog,
    valid: reasons.length === 0,
    invalidReasons: reasons,
    stoppedEarly: options.stoppedEarly,
    growing,
    requests,
    sessions: sessionsOf(slices, judged),
    steps: stepsOf(slices, judged),
    throughput,
    response: quantiles(response),
    responseP95: withInterval(response, 0.95, clustered),
    service: quantiles(service),
    firstByte: quantiles(joined(judged.map((slice) => slice.firstByte))),
    lag: quantiles(lag),
    errors: {
      ratio: done === 0 ? null : total(slices, ({ errors }) => sumOf(errors)) / done,
      byKind: sumErrors(slices),
    },
    objectives: options.objectives.map((objective) => judge(objective, window)),
    longestSilenceMs: Math.round(longestSilenceMs(held)),
    inFlight: meanOverTime(steadyHeld, (slice) => slice.inFlightMs / slice.durationMs),
    efficiency: null,
    generator: {
      cpu: meanCpu ?? cpu,
      lagP99Ms: lag.quantileMs(0.99),
      loopLagP99Ms: largest(held.map((slice) => slice.loopLagMs)),
      fds: options.generatorFds ?? null,
    },
    target: {
      cpuCores: null,
      rssBytes: null,
      threads: null,
      fds: null,
      diskReadBytesPerSecond: null,
      diskWriteBytesPerSecond: null,
      networkInBytesPerSecond:
        heldSeconds === 0 ? null : total(held, (slice) => slice.bytesSent) / heldSeconds,
      networkOutBytesPerSecond:
        heldSeconds === 0 ? null : total(held, (slice) => slice.bytesReceived) / heldSeconds,
      ...options.target,
    },
  };
}
