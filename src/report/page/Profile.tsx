/** What the stages of a profile prove. */
import type { Report } from '../../model/report.ts';
import { checkColumns, checkRows } from '../profileTable.ts';
import { WordTable } from './WordTable.tsx';

const tones = { met: 'tone-good', missed: 'tone-bad', unknown: 'tone-caution' } as const;

export function Profile({ report }: { report: Report }) {
  const rows = checkRows(report);
  if (rows === null) return null;
  const tone = (row: number, column: number): string => {
    if (column < checkColumns.length - 1) return '';
    const met = rows[row]?.met ?? null;
    return tones[met === null ? 'unknown' : met ? 'met' : 'missed'];
  };
  return (
    <section aria-labelledby="profile">
      <h2 id="profile">What the {report.profile?.name} profile shows</h2>
      <WordTable
        columns={checkColumns}
        rows={rows.map(({ cells }) => cells)}
        labelledBy="profile"
        tone={tone}
      />
    </section>
  );
}
