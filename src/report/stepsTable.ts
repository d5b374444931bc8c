/** The steps of a scenario as a table of words: of the last valid level that has any, for whole sessions and each step. */
import type { Level, Report } from '../model/report.ts';
import { formatCount, formatMs } from './format.ts';
import type { Column } from './layout.ts';
import { loadText, placedLevels } from './words.ts';

export const stepColumns: readonly Column[] = [
  { title: 'step', align: 'left', spare: 0 },
  { title: 'done', align: 'right', spare: 1 },
  { title: 'failed', align: 'right', spare: 0 },
  { title: 'p50', align: 'right', spare: 2 },
  { title: 'p95', align: 'right', spare: 0 },
  { title: 'p99', align: 'right', spare: 3 },
];

export interface Steps {
  /** The load that they were measured at, in words. */
  readonly load: string;
  readonly rows: readonly (readonly string[])[];
}

/** Null where no scenario was played. */
export function stepsOf(report: Report): Steps | null {
  const levels = placedLevels(report).map(({ level }) => level);
  const level = levels.findLast(({ sessions, valid }) => sessions !== null && valid);
  if (level === undefined || level.sessions === null) return null;
  const { sessions, steps } = level;
  return {
    load: loadText(level.load),
    rows: [
      row('whole session', sessions.done, sessions.failed, sessions.duration),
      ...steps.map(({ name, done, failed, response }) => row(name, done, failed, response)),
    ],
  };
}

function row(name: string, done: number, failed: number, times: Level['response']): string[] {
  const { p50, p95, p99 } = times;
  return [name, formatCount(done), formatCount(failed), formatMs(p50), formatMs(p95), formatMs(p99)];
}
