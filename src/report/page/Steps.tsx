/** The steps of a scenario. */
import type { Report } from '../../model/report.ts';
import { stepColumns, stepsOf } from '../stepsTable.ts';

export function Steps({ report }: { report: Report }) {
  const steps = stepsOf(report);
  if (steps === null) return null;
  return (
    <section aria-labelledby="steps">
      <h2 id="steps">Steps of a session, at {steps.load}</h2>
      <div class="scroll" tabIndex={0} role="region" aria-labelledby="steps">
        <table class="levels">
          <thead>
            <tr>
              {stepColumns.map(({ title, align }) => (
                <th key={title} scope="col" class={align}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {steps.rows.map((cells) => (
              <tr key={cells[0]}>
                {cells.map((cell, at) => (
                  <td key={stepColumns[at]?.title} class={stepColumns[at]?.align}>
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
