/** What the stages of a profile prove. */
import type { Report } from '../../model/report.ts';
import { checkColumns, checkRows } from '../profileTable.ts';

const tones = { met: 'tone-good', missed: 'tone-bad', unknown: 'tone-caution' } as const;

export function Profile({ report }: { report: Report }) {
  const rows = checkRows(report);
  if (rows === null) return null;
  return (
    <section aria-labelledby="profile">
      <h2 id="profile">What the {report.profile?.name} profile shows</h2>
      <div class="scroll" tabIndex={0} role="region" aria-labelledby="profile">
        <table class="levels">
          <thead>
            <tr>
              {checkColumns.map(({ title, align }) => (
                <th key={title} scope="col" class={align}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ cells, met }) => (
              <tr key={cells[0]}>
                {cells.map((cell, at) => (
                  <td
                    key={checkColumns[at]?.title}
                    class={`${checkColumns[at]?.align} ${at === 3 ? tones[met === null ? 'unknown' : met ? 'met' : 'missed'] : ''}`}
                  >
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
