/** The steps of a scenario. */
import type { Report } from '../../model/report.ts';
import { stepColumns, stepsOf } from '../stepsTable.ts';
import { WordTable } from './WordTable.tsx';

export function Steps({ report }: { report: Report }) {
  const steps = stepsOf(report);
  if (steps === null) return null;
  return (
    <section aria-labelledby="steps">
      <h2 id="steps">Steps of a session, at {steps.load}</h2>
      <WordTable columns={stepColumns} rows={steps.rows} labelledBy="steps" />
      {steps.messages === '' ? null : <p>{steps.messages}</p>}
    </section>
  );
}
