/** Arrivals as they were recorded, held to the last of them: an experiment named `run`, as one held load is. */
import type { Level } from '../model/report.ts';
import type { Recording } from '../model/recording.ts';
import type { Experiment } from './experiment.ts';

export function* replay(recording: Recording, maxInFlight: number): Experiment<Level> {
  const { dueMs, durationMs } = recording;
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
