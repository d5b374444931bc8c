/**
 * Objectives: what a load must hold to be called good, as people write it and as a trial is judged by it.
 *
 *   p95<500ms            response.p95, the same as  response.p95<500ms
 *   service.p99<2s       mean<80ms    max<3s
 *   errors<1%            throughput>100/s
 *   ttft.p95<300ms       of a scenario: the step, or the time that it measures, of that name
 *   lost<0.1%            of its numbered messages: duplicated and reordered as well
 *
 * Throughput is a demand: on `run` it is judged like the others, on an assessment the capacity must reach it. No trial of
 * a search is judged by it, for the load of a trial is the search's own choice.
 *
 * A quantile is judged by counting: of all requests at most the share 1 - q may be slower than the limit.
 */
import { PlimsollError } from '../errors.ts';
import { parseDurationMs, parseRatePerSecond } from '../units.ts';
import type { Objective } from './report.ts';

export const defaultObjectives: readonly Objective[] = [
  { metric: 'response.p95', op: '<', limit: 500, unit: 'ms' },
  { metric: 'errors', op: '<', limit: 0.01, unit: 'ratio' },
];

/** What may happen to numbered messages, and have an objective. */
const messageMetrics = ['lost', 'duplicated', 'reordered'] as const;
export type MessageMetric = (typeof messageMetrics)[number];

export const isMessageMetric = (metric: string): metric is MessageMetric =>
  (messageMetrics as readonly string[]).includes(metric);

/** Whether a metric is a share of what was counted, and not a time or a rate. */
export const isShare = (metric: string): boolean => metric === 'errors' || isMessageMetric(metric);

/** Before the name of a step, in a metric of it. */
const stepMetric = 'step.';

/** The step that a metric is about; null for others. */
export function stepOf(metric: string): string | null {
  if (!metric.startsWith(stepMetric)) return null;
  return metric.slice(stepMetric.length).replace(/\.p\d+\.\d+$|\.[^.]+$/, '');
}

/** `p95`, `service p99`, `ttft p95`: a metric as people say it. */
export function metricWords(metric: string): string {
  const step = stepOf(metric);
  if (step !== null) return `${step} ${metric.slice(stepMetric.length + step.length + 1)}`;
  return metric.replace(/^response\./, '').replace(/^service\./, 'service ');
}

const timeMetric = /^(?:(.+)\.)?(p\d+(?:\.\d+)?|mean|max)$/;

/** The quantile that a metric such as `response.p99.9` or `p999` names, in (0, 1); null for other metrics. */
export function quantileOf(metric: string): number | null {
  const digits = /\.p(\d+(?:\.\d+)?)$/.exec(metric)?.[1];
  if (digits === undefined) return null;
  // p999 means p99.9, as every tool writes it; p100 and p101 mean nothing.
  const percent = /^9\d{2,}$/.test(digits) ? `${digits.slice(0, 2)}.${digits.slice(2)}` : digits;
  return Number(percent) / 100;
}

function parseOne(text: string): Objective {
  const match = /^\s*([A-Za-z][^<>]*?)\s*([<>])=?\s*(\S.*?)\s*$/.exec(text);
  const [, name = '', op = '', limitText = ''] = match ?? [];
  if (match === null || (op !== '<' && op !== '>'))
    throw new PlimsollError('PLM_OBJECTIVE', `"${text.trim()}"`);
  const given = `"${text.trim()}"`;
  const bare = /^\d+(?:\.\d+)?$/.test(limitText);
  const time = timeMetric.exec(name);
  if (time !== null) {
    const of = time[1] ?? 'response';
    const isOwn = of === 'response' || of === 'service';
    const metric = `${isOwn ? of : stepMetric + of}.${time[2] ?? ''}`;
    const quantile = quantileOf(metric);
    if (quantile !== null && !(quantile > 0 && quantile < 1)) {
      throw new PlimsollError('PLM_OBJECTIVE', given, 'a percentile lies above p0 and below p100');
    }
    if (op !== '<') throw new PlimsollError('PLM_OBJECTIVE', given, 'a time needs an upper limit, with <');
    if (bare) throw new PlimsollError('PLM_OBJECTIVE_UNIT', given);
    return { metric, op, limit: parseDurationMs(limitText), unit: 'ms' };
  }
  if (isShare(name)) {
    if (op !== '<') throw new PlimsollError('PLM_OBJECTIVE', given, `${name} needs an upper limit, with <`);
    const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(limitText);
    if (percent === null) throw new PlimsollError(bare ? 'PLM_OBJECTIVE_UNIT' : 'PLM_OBJECTIVE', given);
    const limit = Number(percent[1]) / 100;
    if (!(limit > 0 && limit <= 1)) {
      throw new PlimsollError('PLM_OBJECTIVE', given, 'a share lies above 0 % and at most at 100 %');
    }
    return { metric: name, op, limit, unit: 'ratio' };
  }
  if (name === 'throughput') {
    if (op !== '>') throw new PlimsollError('PLM_OBJECTIVE', given, 'throughput needs a lower limit, with >');
    if (bare) throw new PlimsollError('PLM_OBJECTIVE_UNIT', given);
    return { metric: 'throughput', op, limit: parseRatePerSecond(limitText), unit: '1/s' };
  }
  throw new PlimsollError(
    'PLM_OBJECTIVE',
    given,
    'the metrics are p50 to p99.9, mean, max (of response, or with service. or the name of a step before), errors, lost, duplicated, reordered and throughput',
  );
}

/** @throws PLM_OBJECTIVE, PLM_OBJECTIVE_UNIT, PLM_DURATION, PLM_NUMBER */
export function parseObjectives(text: string): Objective[] {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  if (parts.length === 0) throw new PlimsollError('PLM_OBJECTIVE', `"${text}"`);
  return parts.map(parseOne);
}

/** What a load must hold, whatever its size: the objectives without demands, the usual ones where only demands are given. */
export function qualityOf(objectives: readonly Objective[]): readonly Objective[] {
  const quality = objectives.filter((each) => each.metric !== 'throughput');
  return quality.length === 0 ? defaultObjectives : quality;
}

/** The throughput that is demanded; null where none is. */
export function demandOf(objectives: readonly Objective[]): number | null {
  const limits = objectives.filter((each) => each.metric === 'throughput').map((each) => each.limit);
  return limits.length === 0 ? null : Math.max(...limits);
}

/** `p95 < 500 ms and errors < 1 %` */
export function describeObjectives(objectives: readonly Objective[]): string {
  return objectives.map(describeObjective).join(' and ');
}

export function describeObjective({ metric, op, limit, unit }: Objective): string {
  const name = metricWords(metric);
  const value =
    unit === 'ratio'
      ? `${Number((limit * 100).toPrecision(6))} %`
      : unit === '1/s'
        ? `${limit}/s`
        : limit >= 1000
          ? `${Number((limit / 1000).toPrecision(6))} s`
          : `${limit} ms`;
  return `${name} ${op} ${value}`;
}

/** How long one may take: a single request, and each step or time by its name. Infinity and no entry where nothing is said. */
export interface Limits {
  readonly responseMs: number;
  readonly serviceMs: number;
  readonly steps: Readonly<Record<string, number>>;
}

/**
 * What makes a single session a good one: nothing in it is slower than the limit of a quantile or of the longest. (A mean
 * says nothing of one.)
 */
export function limitsOf(objectives: readonly Objective[]): Limits {
  const limits = { responseMs: Number.POSITIVE_INFINITY, serviceMs: Number.POSITIVE_INFINITY };
  const steps: Record<string, number> = {};
  for (const { metric, limit, unit } of objectives) {
    if (unit !== 'ms' || metric.endsWith('.mean')) continue;
    const step = stepOf(metric);
    if (step !== null) steps[step] = Math.min(limit, steps[step] ?? limit);
    else if (metric.startsWith('service.')) limits.serviceMs = Math.min(limit, limits.serviceMs);
    else limits.responseMs = Math.min(limit, limits.responseMs);
  }
  return { ...limits, steps };
}

/** The shortest limit on response time among the objectives, in milliseconds; null when there is none. */
export function responseLimitMs(objectives: readonly Objective[]): number | null {
  const limits = objectives.filter((each) => each.unit === 'ms').map((each) => each.limit);
  return limits.length === 0 ? null : Math.min(...limits);
}
