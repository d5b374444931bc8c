/** Why: each finding as a card of sentence, evidence, remedy and confidence. */
import type { Finding, Report } from '../../model/report.ts';
import { formatPercent, formatValue } from '../format.ts';
import { loadsOf } from '../words.ts';
import { EvidenceCurve } from './EvidenceCurve.tsx';

const gravities: Record<Finding['gravity'], { sign: string; text: string }> = {
  failure: { sign: '✕', text: 'Failure' },
  warning: { sign: '▲', text: 'Warning' },
  note: { sign: '○', text: 'Note' },
};
const order: readonly Finding['gravity'][] = ['failure', 'warning', 'note'];

function Evidence({ evidence, report }: Pick<Finding, 'evidence'> & { report: Report }) {
  if (evidence.length === 0) return null;
  const kneeUsers = report.capacity?.knee?.users ?? null;
  return (
    <dl class="evidence">
      {evidence.map(({ series, value, unit, curve }, index) => (
        <div key={index}>
          <dt>{series}</dt>
          <dd>{value === null ? 'not measured' : formatValue(value, unit)}</dd>
          {curve !== undefined && (
            <dd>
              <EvidenceCurve curve={curve} unit={unit} kneeUsers={kneeUsers} loadsOf={loadsOf(report)} />
            </dd>
          )}
        </div>
      ))}
    </dl>
  );
}

function Card({ finding, report }: { finding: Finding; report: Report }) {
  const { sign, text } = gravities[finding.gravity];
  return (
    <li class={`finding finding-${finding.gravity}`}>
      <p class="finding-head">
        <span class="finding-gravity">
          <span aria-hidden="true">{sign}</span> {text}
        </span>
        <code>{finding.code}</code>
        <span class="finding-confidence">
          {finding.confidence === null
            ? 'confidence not stated'
            : `confidence ${formatPercent(finding.confidence)}`}
        </span>
      </p>
      <h3>{finding.statement}</h3>
      <Evidence evidence={finding.evidence} report={report} />
      {finding.remedy !== '' && (
        <p class="remedy">
          <b>Remedy.</b> {finding.remedy}
        </p>
      )}
    </li>
  );
}

export function Findings({ report }: { report: Report }) {
  const sorted = [...report.findings].sort(
    (one, other) => order.indexOf(one.gravity) - order.indexOf(other.gravity),
  );
  return (
    <section aria-labelledby="why">
      <h2 id="why">Why</h2>
      {sorted.length === 0 && <p class="quiet">Nothing was found that needs a remedy.</p>}
      <ul class="findings">
        {sorted.map((finding, index) => (
          <Card key={index} finding={finding} report={report} />
        ))}
      </ul>
    </section>
  );
}
