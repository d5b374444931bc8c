/** The trials of the run along the time axis: when, what, and whether they count. */
import type { Report } from '../../model/report.ts';
import { formatNumber } from '../format.ts';
import { rateUnit } from '../words.ts';
import { allLevels } from './words.ts';

export interface TrialSpan {
  readonly from: number;
  readonly to: number;
  readonly experiment: string;
  /** The load as a number, and its unit. */
  readonly load: string;
  readonly unit: string;
  readonly valid: boolean;
}

/** In seconds from the start of the run. */
export function trialSpans(report: Report): TrialSpan[] {
  return allLevels(report).map(({ level, experiment }) => ({
    from: level.startMs / 1000,
    to: (level.startMs + level.durationMs) / 1000,
    experiment,
    load: formatNumber(level.load.kind === 'closed' ? level.load.users : level.load.ratePerSecond),
    unit: level.load.kind === 'closed' ? 'users' : rateUnit(level.load),
    valid: level.valid,
  }));
}

export interface ExperimentSpan {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly unit: string;
}

export function experimentSpans(trials: readonly TrialSpan[]): ExperimentSpan[] {
  const spans: { from: number; to: number; name: string; unit: string }[] = [];
  for (const { from, to, experiment, unit } of trials) {
    const last = spans.at(-1);
    if (last?.name === experiment && last.unit === unit) last.to = Math.max(last.to, to);
    else spans.push({ from, to, name: experiment, unit });
  }
  return spans;
}
