/** What limits belief in this run: a stop before its end, and everything that made measurements invalid. */
import type { Report } from '../../model/report.ts';

const stops: Record<NonNullable<Report['run']['stopped']>, string> = {
  interrupt: 'The run was interrupted: what was measured until then is shown.',
  'time-limit': 'The run reached its time limit before it was complete.',
  'data-ended': 'The rows of the data were all given before the run was complete.',
  'target-died': 'The target stopped answering during the run.',
};

export function Notices({ report }: { report: Report }) {
  const notices = [
    ...(report.run.stopped === null ? [] : [{ code: 'stopped', statement: stops[report.run.stopped] }]),
    ...report.validity.reasons,
  ];
  if (notices.length === 0) return null;
  return (
    <section class="notices" aria-labelledby="notices">
      <h2 id="notices">{report.validity.ok ? 'Mind' : 'Not fully valid'}</h2>
      <ul>
        {notices.map(({ code, statement }, index) => (
          <li key={index}>
            {statement} <code>{code}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}
