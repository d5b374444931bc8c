/**
 * Whether a trial met its objectives.
 *
 * 1. A quantile is met where no more requests broke its limit than it allows; what never came back broke every limit.
 * 2. Failures count wherever in the trial they fall, times without the warm-up.
 * 3. Where more comes in than goes out, no objective on response time is met.
 * 4. Of numbered messages as well, over the whole trial: unknown where none came.
 * 5. Of the time of a queue, jobs that are left broke the limit (queue.ts). They are of the whole trial: the objective is broken
 *    where it is with the warm-up and without it, and unknown where only one of them says so or those jobs could still have been
 *    in time.
 */
import { dependence, quantileRanks } from '../maths/intervals.ts';
import type { Histogram, SparseHistogram } from '../maths/histogram.ts';
import type { Estimate } from './estimate.ts';
import { isMessageMetric, quantileOf, stepOf, type MessageMetric } from './objectives.ts';
import { leftOf } from './queue.ts';
import type { Level, Objective } from './report.ts';
import type { Slice } from './slice.ts';
import { joined, judgedOf } from './totals.ts';

type ObjectiveResult = Level['objectives'][number];

/**
 * The number of independent requests that `of` judged ones are worth: neighbours in time share a queue.
 * Compares the scatter of the bad share between slices with that of independent requests (design effect), and divides
 * by how many neighbouring slices are worth one.
 */
export function effectiveCount(bad: readonly number[], of: readonly number[]): number {
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

export interface Window {
  /** Of the whole trial: failures count wherever they fall. */
  readonly all: readonly Slice[];
  readonly slices: readonly Slice[];
  readonly unfinished: number;
  readonly response: Histogram;
  readonly service: Histogram;
  readonly throughput: number | null;
  readonly backlog: boolean;
}

/** What was lost is a share of what should have come; copies and what came out of order, of what did. */
function messagesJudged({ messages }: Slice, metric: MessageMetric): { bad: number; of: number } {
  if (messages === null) return { bad: 0, of: 0 };
  const { numbered, lost, duplicated } = messages;
  return { bad: messages[metric], of: metric === 'lost' ? numbered - duplicated + lost : numbered };
}

export function judge(objective: Objective, window: Window): ObjectiveResult {
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
    const failed = window.all.map((slice) => judgedOf(slice).failed);
    const done = window.all.map((slice) => judgedOf(slice).done);
    const bad = failed.reduce((sum, each) => sum + each, 0);
    const of = done.reduce((sum, each) => sum + each, 0);
    return of === 0
      ? result(null, null, null, null)
      : result(bad / of, bad, of, effectiveCount(failed, done));
  }
  if (isMessageMetric(metric)) {
    const counts = window.all.map((slice) => messagesJudged(slice, metric));
    const bad = Math.max(
      0,
      counts.reduce((sum, each) => sum + each.bad, 0),
    );
    const of = counts.reduce((sum, each) => sum + each.of, 0);
    if (of <= 0) return result(null, null, null, null);
    // What comes late is taken back in a later slice.
    const ofEach = counts.map((each) => Math.max(0, each.of));
    const badEach = counts.map((each, i) => Math.min(Math.max(0, each.bad), ofEach[i] ?? 0));
    return result(bad / of, bad, of, effectiveCount(badEach, ofEach));
  }
  const step = stepOf(metric);
  const pick = metric.startsWith('service') ? 'service' : 'response';
  const timesOf = (slice: Slice): SparseHistogram | undefined =>
    step === null ? slice[pick] : slice.steps[step]?.response;
  const histogram =
    step === null ? window[pick] : joined(window.slices.flatMap((slice) => timesOf(slice) ?? []));
  const left = step === null ? { jobs: 0, young: 0 } : leftOf(step, window.all, limit);
  const unfinished = step === null ? window.unfinished : left.jobs;
  const quantile = quantileOf(metric);
  if (quantile === null) {
    const isMean = metric.endsWith('.mean');
    const judged = result(isMean ? histogram.meanMs() : histogram.maxMs(), null, null, null);
    if (left.jobs === 0) return judged;
    const isBroken = isMean
      ? judged.met === false && left.young === 0
      : judged.met === false || left.jobs > left.young;
    return { ...judged, value: null, met: isBroken ? false : null };
  }
  const each = window.slices.map((slice) => joined(timesOf(slice) === undefined ? [] : [timesOf(slice)!]));
  const bad = each.map((slice) => slice.countAbove(limit));
  const of = each.map((slice) => slice.count);
  const allBad = bad.reduce((sum, count) => sum + count, 0) + unfinished;
  const all = histogram.count + unfinished;
  if (all === 0) return result(null, null, null, null);
  const rank = Math.ceil(quantile * all);
  const value = rank > histogram.count ? null : histogram.valueAtRankMs(rank);
  const judged = result(value, allBad, all, effectiveCount(bad, of));
  const met = value === null ? false : judged.met;
  if (met !== false || left.jobs === 0) return { ...judged, met };
  const breaks = (times: Histogram): boolean =>
    times.countAbove(limit) + left.jobs - left.young > (1 - quantile) * (times.count + left.jobs);
  const whole = joined(window.all.flatMap((slice) => timesOf(slice) ?? []));
  return { ...judged, met: breaks(histogram) && breaks(whole) ? false : null };
}

/**
 * The same, where nothing else speaks for it: a quantile that so few requests do not have, and a throughput whose interval
 * holds the limit, are unknown. Errors are what they were: that few requests show little of them is told as a finding.
 */
export function unlessTooFew(judged: ObjectiveResult, throughput: Estimate | null): ObjectiveResult {
  const { metric, of, limit, met } = judged;
  if (metric === 'throughput') {
    const [low, high] = [throughput?.low ?? null, throughput?.high ?? null];
    return (low ?? 0) <= limit && (high ?? Infinity) >= limit ? { ...judged, met: null } : judged;
  }
  const quantile = quantileOf(metric);
  const few = quantile !== null && of !== null && met === true && of * (1 - quantile) < 1 - 1e-9;
  return few ? { ...judged, met: null } : judged;
}

export function withInterval(histogram: Histogram, q: number, effective: number): Estimate | null {
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
