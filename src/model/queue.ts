/**
 * The queues that a scenario puts work into: backlog, and how fast it drains when the load has ended.
 *
 * 1. Backlog is what was taken and is not known to be done. A job whose session was given up stays in it.
 * 2. Draining begins when the load ends, and is over in the tenth of a second in which the last job was done: that tenth is the
 *    interval of the time until empty. Its rate leaves that last tenth out, in which workers have too little to do.
 * 3. Where the wait for the last answers ended first, nobody knows when it would have been empty; the rate until then is known.
 *    Where all sessions ended by themselves, nothing was waited for any more: what is left was never told to be done.
 * 4. A job that is left took longer than any limit, unless it was taken within that limit before the end and a session was given
 *    up then: it could still have been in time.
 */
import { rateInterval } from '../maths/intervals.ts';
import type { Estimate } from './estimate.ts';
import type { Level } from './report.ts';
import { ticksPerSlice, type Slice } from './slice.ts';
import { sliceMs } from './tally.ts';

type Queue = Level['queues'][number];

/** With fewer of them no rate is told. */
const fewestTicks = 5;
const fewestJobs = 10;

/** @param all slices of the trial @param heldMs when the load ended */
export function queuesOf(all: readonly Slice[], heldMs: number): Queue[] {
  const names = [...new Set(all.flatMap(({ queues }) => Object.keys(queues)))];
  return names.map((name) => queueOf(name, all, heldMs));
}

/** The jobs of a queue that are not known to be done. */
export interface Left {
  readonly jobs: number;
  /** Part of jobs, at most: they could still have been done within the limit. */
  readonly young: number;
}

/** @param all slices of the trial; what is no queue has nothing left */
export function leftOf(name: string, all: readonly Slice[], limitMs: number): Left {
  const last = all.at(-1);
  const sum = (some: readonly Slice[], what: 'enqueued' | 'completed'): number =>
    some.reduce((so, { queues }) => so + (queues[name]?.[what] ?? 0), 0);
  const jobs = Math.max(0, sum(all, 'enqueued') - sum(all, 'completed'));
  if (last === undefined || givenUp(all) === 0) return { jobs, young: 0 };
  const sinceMs = last.startMs + last.durationMs - limitMs;
  const latest = all.filter(({ startMs, durationMs }) => startMs + durationMs > sinceMs);
  return { jobs, young: Math.min(jobs, sum(latest, 'enqueued')) };
}

/** Sessions that had not ended when the wait for the last answers did. */
const givenUp = (all: readonly Slice[]): number =>
  all.reduce((sum, { sessions }) => sum + (sessions?.started ?? 0) - (sessions?.done ?? 0), 0);

function queueOf(name: string, all: readonly Slice[], heldMs: number): Queue {
  let [enqueued, completed, backlog, mostBacklog] = [0, 0, 0, 0];
  const drained: Tick[] = [];
  for (const slice of all) {
    const queue = slice.queues[name];
    enqueued += queue?.enqueued ?? 0;
    completed += queue?.completed ?? 0;
    mostBacklog = Math.max(mostBacklog, enqueued - completed);
    if (slice.startMs < heldMs - 1) backlog = enqueued - completed;
    else drained.push(...ticksOf(slice, name));
  }
  const left = enqueued - completed;
  const drain = drainOf(drained, left, heldMs, givenUp(all) > 0);
  return { name, enqueued, completed, backlog, mostBacklog, drain };
}

interface Tick {
  readonly endMs: number;
  readonly ms: number;
  readonly completed: number;
}

/** The tenths of a slice; of the last one, which may be shorter, those that it has. */
function ticksOf({ startMs, durationMs, queues }: Slice, name: string): Tick[] {
  const seconds = Math.max(1, durationMs / sliceMs - 1e-3);
  const ms = (sliceMs * 2 ** Math.ceil(Math.log2(seconds))) / ticksPerSlice;
  const count = Math.min(ticksPerSlice, Math.ceil(durationMs / ms - 1e-6));
  return Array.from({ length: count }, (_, i) => ({
    endMs: startMs + (i + 1) * ms,
    ms,
    completed: queues[name]?.completedTicks[i] ?? 0,
  }));
}

function drainOf(ticks: readonly Tick[], left: number, heldMs: number, wasGivenUp: boolean): Queue['drain'] {
  const lastAt = ticks.findLastIndex(({ completed }) => completed > 0);
  const last = ticks[lastAt];
  const during = left === 0 ? ticks.slice(0, Math.max(0, lastAt)) : ticks;
  const perSecond = rateOf(during);
  if (left > 0) {
    const were = left === 1 ? 'job was' : 'jobs were';
    const undetermined = wasGivenUp
      ? `${left} ${were} not known to be done when the wait for the last answers ended`
      : `${left} ${were} never told to be done by sessions that had ended`;
    return { perSecond, seconds: null, left, undetermined };
  }
  const endMs = last === undefined ? heldMs : last.endMs;
  const seconds: Estimate = {
    value: Math.max(0, endMs - heldMs - (last?.ms ?? 0) / 2) / 1000,
    low: Math.max(0, endMs - heldMs - (last?.ms ?? 0)) / 1000,
    high: Math.max(0, endMs - heldMs) / 1000,
    unit: 's',
    method: 'tenths of a second',
  };
  return { perSecond, seconds, left, undetermined: null };
}

/** Null for too few to tell. */
function rateOf(ticks: readonly Tick[]): Estimate | null {
  const jobs = ticks.reduce((sum, { completed }) => sum + completed, 0);
  const [first] = ticks;
  if (first === undefined || ticks.length < fewestTicks || jobs < fewestJobs) return null;
  const same = ticks.filter(({ ms }) => ms === first.ms);
  const rate = rateInterval(
    same.map(({ completed }) => completed),
    first.ms / 1000,
  );
  if (rate === null) return null;
  // However even the tenths are: a job more or less lies at either end.
  const one = 1000 / (same.length * first.ms);
  return {
    value: rate.value,
    low: Math.max(0, Math.min(rate.low, rate.value - one)),
    high: Math.max(rate.high, rate.value + one),
    unit: '1/s',
    method: 'batch means',
  };
}
