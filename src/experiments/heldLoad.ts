/** One load, held for a fixed time: the experiment named `run`. */
import type { Load } from '../model/load.ts';
import type { Level } from '../model/report.ts';
import type { Experiment } from './experiment.ts';

export function* heldLoad(
  load: Load,
  durationMs: number,
  maxInFlight: number,
  maxRatePerSecond: number,
): Experiment<Level> {
  const wholeMs = Math.max(1000, Math.ceil(durationMs / 1000) * 1000);
  return yield {
    experiment: 'run',
    purpose: load.kind === 'closed' ? `holding ${load.users} users` : `holding ${load.ratePerSecond} req/s`,
    load,
    durationMs: wholeMs,
    minDone: 0,
    maxDurationMs: wholeMs,
    alone: true,
    maxInFlight,
    maxRatePerSecond,
  };
}
