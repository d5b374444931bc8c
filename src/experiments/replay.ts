/** Arrivals as they were recorded, held to the last of them: an experiment named `run`, as one held load is. */
import type { Level } from '../model/report.ts';
import type { Replay } from '../model/replay.ts';
import type { Experiment } from './experiment.ts';

export function* replay(given: Replay, maxInFlight: number): Experiment<Level> {
  const { dueMs, durationMs } = given;
  const wholeMs = Math.max(1000, Math.ceil((durationMs + 1) / 1000) * 1000);
  return yield {
    experiment: 'run',
    purpose: `replaying ${dueMs.length} arrivals`,
    load: { kind: 'open', ratePerSecond: (1000 * dueMs.length) / wholeMs, arrivals: 'replay' },
    dueMs,
    durationMs: wholeMs,
    minDone: 0,
    maxDurationMs: wholeMs,
    alone: true,
    maxInFlight,
  };
}
