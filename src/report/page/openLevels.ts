/** The levels of open load, in order of the rate offered. */
import type { Report } from '../../model/report.ts';
import { allLevels, type NumberedLevel } from './words.ts';

export interface OpenLevel extends NumberedLevel {
  readonly rate: number;
}

export function openLevels(report: Report): OpenLevel[] {
  return allLevels(report)
    .flatMap((entry) =>
      entry.level.load.kind === 'open' ? [{ ...entry, rate: entry.level.load.ratePerSecond }] : [],
    )
    .sort((one, other) => one.rate - other.rate);
}
