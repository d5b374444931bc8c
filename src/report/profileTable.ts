/** The checks of a profile as a table of words. */
import type { Profile, Report } from '../model/report.ts';
import { formatNumber } from './format.ts';
import type { Column } from './layout.ts';

export const checkColumns: readonly Column[] = [
  { title: 'check', align: 'left', spare: 0 },
  { title: 'found', align: 'right', spare: 0 },
  { title: 'limit', align: 'right', spare: 1 },
  { title: '', align: 'left', spare: 0 },
];

export interface CheckRow {
  readonly cells: readonly string[];
  readonly met: boolean | null;
}

/** Null where no profile was followed. */
export function checkRows({ profile }: Report): CheckRow[] | null {
  if (profile === null) return null;
  return profile.checks.map((check) => ({
    cells: [
      check.name,
      foundText(check),
      `${check.op === '<=' ? 'at most' : 'at least'} ${formatNumber(check.limit)}`,
      metText(check.met),
    ],
    met: check.met,
  }));
}

/** "1.12 (0.98 to 1.27)" */
function foundText({ value, low, high }: Profile['checks'][number]): string {
  if (value === null) return '–';
  if (low === null || high === null) return formatNumber(value);
  return `${formatNumber(value)} (${formatNumber(low)} to ${formatNumber(high)})`;
}

export const metText = (met: boolean | null): string =>
  met === null ? 'not judged' : met ? 'met' : 'not met';
