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
import { rateInterval } from '../maths/intervals.ts';
import { steadiness, steadyStart } from '../maths/steady.ts';
import { away, longestSilenceMs, perSecond, pilesUp, warmUpMs, warmUpTicks } from './course.ts';
import type { Estimate } from './estimate.ts';
import { effectiveCount, judge, unlessTooFew, withInterval, type Window } from './judge.ts';
import type { Load, Trial } from './load.ts';
import type { Level, Objective } from './report.ts';
import { queuesOf } from './queue.ts';
import { ticksPerSlice, type Slice } from './slice.ts';
import {
  connectionsOf,
  countsOf,
  joined,
  largest,
  meanOverTime,
  messagesOf,
  quantiles,
  sessionsOf,
  partsOf,
  errorRatio,
  sumErrors,
  total,
} from './totals.ts';
import { streamCountsApart, streamOf, type Pricing } from './stream.ts';
import { invalidReasons } from './validity.ts';

export interface MeasureOptions {
  readonly objectives: readonly Objective[];
  /** From the start of the run to the start of the trial. */
  readonly startMs: number;
  /** How long the load was held; slices that start later are the wait for the last answers. */
  readonly heldMs: number;
  readonly spentMs: number;
  readonly stoppedEarly: Level['stoppedEarly'];
  /** The target runs in the threads of the generator: it is a function. False when left out. */
  readonly inThread?: boolean;
  /** Means over the trial of what was seen of the target's processes. */
  readonly target?: Partial<Level['target']>;
  readonly generatorFds?: number | null;
  /** Requests sent once more because the target had closed the kept connection; 0 when left out. */
  readonly retried?: number;
  /** Of chat completions; null or left out where they are not priced. */
  readonly pricing?: Pricing | null;
}

/** What a trial measured. @param slices in order, the joined slices of all workers */
export function measure(trial: Trial, slices: readonly Slice[], options: MeasureOptions): Level {
  const load: Load = slices.some(({ sessions }) => sessions !== null)
    ? { ...trial.load, of: 'sessions' }
    : trial.load;
  const held = slices.filter((slice) => slice.startMs < options.heldMs - 1);
  const closed = trial.load.kind === 'closed';
  // What was recorded is no steady load: all of it counts, and it may end on a burst.
  const replayed = trial.load.kind === 'open' && trial.load.arrivals === 'replay';
  const sliceMs = held[0]?.durationMs ?? 1000;

  const isWhole = (slice: Slice): boolean => Math.abs(slice.durationMs - sliceMs) < 1;
  const ticks = held.filter(isWhole).flatMap((slice) => slice.goodTicks);
  const start = closed ? steadyStart(ticks) : null;
  const tickMs = sliceMs / ticksPerSlice;
  const cutMs = closed
    ? warmUpMs(held, Math.min(warmUpTicks(ticks, start?.discard ?? 0, held) * tickMs, options.heldMs / 2))
    : replayed
      ? 0
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
  const lag = joined(judged.map((slice) => slice.lag));
  const requests = {
    due: total(slices, (slice) => slice.due),
    sent,
    done,
    failed: total(slices, (slice) => slice.failed),
    dropped: total(slices, (slice) => slice.dropped),
    unfinished: sent - done,
    retried: options.retried ?? 0,
  };
  const growing = !closed && !replayed && pilesUp(held);
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
      inThread: options.inThread === true,
      errors: sumErrors(slices),
      awayMs: held.filter(away).reduce((sum, { durationMs }) => sum + durationMs, 0),
    },
    options.objectives,
  );
  const heldSeconds = options.heldMs / 1000;
  return {
    load,
    purpose: trial.purpose,
    variant: trial.variant ?? null,
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
    sessions: sessionsOf(slices, judged, steadyHeld.filter(isWhole), throughput?.value ?? null),
    steps: partsOf('steps', slices, judged),
    scenarios: partsOf('scenarios', slices, judged),
    counts: countsOf(slices, heldSeconds).filter(({ name }) => !streamCountsApart.has(name)),
    stream: streamOf(slices, judged, heldSeconds, options.pricing),
    messages: messagesOf(slices),
    queues: queuesOf(slices, options.heldMs),
    throughput,
    response: quantiles(response),
    responseP95: withInterval(response, 0.95, clustered),
    service: quantiles(service),
    firstByte: quantiles(joined(judged.map((slice) => slice.firstByte))),
    lag: quantiles(lag),
    connections: connectionsOf(slices, held),
    errors: {
      ratio: errorRatio(slices),
      byKind: sumErrors(slices),
    },
    objectives: options.objectives.map((objective) => {
      const judged = judge(objective, window);
      return trial.alone === true ? unlessTooFew(judged, throughput) : judged;
    }),
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
      rssGrowthBytes: null,
      threads: null,
      fds: null,
      diskReadBytesPerSecond: null,
      diskWriteBytesPerSecond: null,
      networkInBytesPerSecond:
        heldSeconds === 0 ? null : total(held, (slice) => slice.bytesSent) / heldSeconds,
      networkOutBytesPerSecond:
        heldSeconds === 0 ? null : total(held, (slice) => slice.bytesReceived) / heldSeconds,
      ...options.target,
      cpuMsPerSession: cpuPerSession(
        options,
        total(held, ({ sessions }) => sessions?.done ?? 0),
      ),
    },
  };
}

/** What a session of a function costs; null where that is not known, or where the target is elsewhere. */
function cpuPerSession({ inThread, target, heldMs }: MeasureOptions, done: number): number | null {
  const cores = target?.cpuCores ?? null;
  return inThread !== true || cores === null || done === 0 ? null : (cores * heldMs) / done;
}
