/** What the slices of a trial add up to. Counts and times are of exactly the slices that are given; nothing is judged. */
import { Histogram, type SparseHistogram } from '../maths/histogram.ts';
import type { Level, Quantiles } from './report.ts';
import { sumMessages, type SessionSlice, type Slice } from './slice.ts';

export function joined(histograms: readonly SparseHistogram[]): Histogram {
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

export function total(slices: readonly Slice[], count: (slice: Slice) => number): number {
  return slices.reduce((sum, slice) => sum + count(slice), 0);
}

/**
 * What the errors of a stretch are a share of: requests; of a scenario its sessions, which fail with any request, check or
 * fault in them. A session that found no row left in its data is neither: the run ends there.
 */
export function judgedOf({ sessions, errors, done, failed }: Slice): { done: number; failed: number } {
  if (sessions === null) return { done, failed };
  const without = errors['data'] ?? 0;
  return { done: sessions.done - without, failed: Math.max(0, sessions.failed - without) };
}

/** Null where nothing ended. */
export function errorRatio(slices: readonly Slice[]): number | null {
  const done = total(slices, (slice) => judgedOf(slice).done);
  return done === 0 ? null : total(slices, (slice) => judgedOf(slice).failed) / done;
}

export const sumOf = (errors: Slice['errors']): number =>
  Object.values(errors).reduce((sum, each) => sum + each, 0);

export function sumErrors(slices: readonly Slice[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const slice of slices) {
    for (const [kind, count] of Object.entries(slice.errors)) sum[kind] = (sum[kind] ?? 0) + count;
  }
  return sum;
}

export function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** A mean weighted by the time each slice lasted; null where no slice knows. */
export function meanOverTime(
  slices: readonly Slice[],
  value: (slice: Slice) => number | null,
): number | null {
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
 * Of the throughput, the part that good sessions make up: of the sessions that went well in the same window, how many were
 * good. So it is never above the throughput. Null where that is not known.
 * @param steady whole slices of the window that the throughput is of
 */
function goodPerSecond(steady: readonly Slice[], throughput: number | null): number | null {
  const good = total(steady, ({ sessions }) => sessions?.good ?? 0);
  const well = total(steady, ({ goodTicks }) => goodTicks.reduce((sum, tick) => sum + tick, 0));
  if (throughput === null || throughput === 0) return throughput;
  return well === 0 ? null : throughput * Math.min(1, good / well);
}

/**
 * Counts of the whole trial, times without the warm-up, good sessions per second of the window of the throughput.
 * @param steady as of goodPerSecond
 */
export function sessionsOf(
  all: readonly Slice[],
  judged: readonly Slice[],
  steady: readonly Slice[],
  throughput: number | null,
): Level['sessions'] {
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
    good: sum((part) => part.good),
    goodPerSecond: goodPerSecond(steady, throughput),
    dropped: sum((part) => part.dropped),
    unfinished: started - done,
    duration: quantiles(joined(judged.flatMap(({ sessions }) => sessions?.duration ?? []))),
  };
}

/** Counts of the whole trial by name, times without the warm-up. */
export function partsOf(
  kind: 'steps' | 'scenarios',
  all: readonly Slice[],
  judged: readonly Slice[],
): Level['steps'] {
  const names = [...new Set(all.flatMap((slice) => Object.keys(slice[kind])))];
  return names.map((name) => ({
    name,
    done: total(all, (slice) => slice[kind][name]?.done ?? 0),
    failed: total(all, (slice) => slice[kind][name]?.failed ?? 0),
    response: quantiles(joined(judged.flatMap((slice) => slice[kind][name]?.response ?? []))),
  }));
}

/** Of the whole trial, and over the time that the load was held. */
export function countsOf(all: readonly Slice[], heldSeconds: number): Level['counts'] {
  const names = [...new Set(all.flatMap(({ counts }) => Object.keys(counts)))];
  return names.map((name) => {
    const sum = total(all, ({ counts }) => counts[name] ?? 0);
    return { name, total: sum, perSecond: heldSeconds > 0 ? sum / heldSeconds : 0 };
  });
}

/** Of the whole trial. What of numbered messages is not known where none was. */
export function messagesOf(all: readonly Slice[]): Level['messages'] {
  const sum = all.map(({ messages }) => messages).reduce(sumMessages, null);
  if (sum === null) return null;
  const { sent, received, numbered, closedByTarget, slowChannels } = sum;
  const isNumbered = numbered > 0 || sum.lost !== 0;
  return {
    sent,
    received,
    numbered,
    // What was missing when the last trial ended, and came in this one, is no message of this one.
    lost: isNumbered ? Math.max(0, sum.lost) : null,
    duplicated: isNumbered ? sum.duplicated : null,
    reordered: isNumbered ? sum.reordered : null,
    closedByTarget,
    slow:
      slowChannels === 0
        ? null
        : {
            channels: slowChannels,
            pausedMs: sum.slowPausedMs,
            lost: isNumbered ? Math.max(0, sum.slowLost) : null,
            closedByTarget: sum.slowClosedByTarget,
          },
  };
}

/** @param held slices of the time that the load was held */
export function connectionsOf(all: readonly Slice[], held: readonly Slice[]): Level['connections'] {
  const connect = joined(all.map((slice) => slice.connect));
  const handshake = joined(all.map((slice) => slice.handshake));
  return {
    opened: connect.count,
    mostPerSecond: largest(
      all
        .filter(({ durationMs }) => durationMs > 500)
        .map((slice) => (1000 * slice.connect.count) / slice.durationMs),
    ),
    channels: meanOverTime(held, ({ openChannels }) => openChannels),
    connect: quantiles(connect),
    handshake: quantiles(handshake),
  };
}
