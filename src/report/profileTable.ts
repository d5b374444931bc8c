/** The checks of a profile, and then its figures, as a table of words. */
import type { Report } from '../model/report.ts';
import type { Column } from './layout.ts';

export const checkColumns: readonly Column[] = [
  { title: 'check', align: 'left', spare: 0 },
  { title: 'found', align: 'right', spare: 0 },
  { title: 'wanted', align: 'right', spare: 1 },
  { title: '', align: 'left', spare: 0 },
];

export interface CheckRow {
  readonly cells: readonly string[];
  readonly met: boolean | null;
}

/** Figures have no limit to be met. */
export const isFigure = ({ cells }: CheckRow): boolean => cells.at(-1) === '';

/** Null where no profile was followed. */
export function checkRows({ profile }: Report): CheckRow[] | null {
  if (profile === null) return null;
  return [
    ...profile.checks.map((check) => ({
      cells: [check.name, check.found, check.wanted, metText(check.met)],
      met: check.met,
    })),
    ...profile.figures.map(({ name, found }) => ({ cells: [name, found, '', ''], met: null })),
  ];
}

export const metText = (met: boolean | null): string =>
  met === null ? 'not judged' : met ? 'met' : 'not met';
