/** Why: each finding as a card of sentence, evidence, remedy and confidence. */
import type { Finding } from '../../model/report.ts';
import { formatPercent, formatValue } from '../format.ts';

const gravities: Record<Finding['gravity'], { sign: string; text: string }> = {
  failure: { sign: '✕', text: 'Failure' },
  warning: { sign: '▲', text: 'Warning' },
  note: { sign: '○', text: 'Note' },
};
const order: readonly Finding['gravity'][] = ['failure', 'warning', 'note'];

function Evidence({ evidence }: Pick<Finding, 'evidence'>) {
  if (evidence.length === 0) return null;
  return (
    <dl class="evidence">
      {evidence.map(({ series, value, unit }, index) => (
        <div key={index}>
          <dt>{series}</dt>
          <dd>{value === null ? 'not measured' : formatValue(value, unit)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Card({ finding }: { finding: Finding }) {
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
      <Evidence evidence={finding.evidence} />
      {finding.remedy !== '' && (
        <p class="remedy">
          <b>Remedy.</b> {finding.remedy}
        </p>
      )}
    </li>
  );
}

export function Findings({ findings }: { findings: readonly Finding[] }) {
  const sorted = [...findings].sort(
    (one, other) => order.indexOf(one.gravity) - order.indexOf(other.gravity),
  );
  return (
    <section aria-labelledby="why">
      <h2 id="why">Why</h2>
      {sorted.length === 0 && <p class="quiet">Nothing was found that needs a remedy.</p>}
      <ul class="findings">
        {sorted.map((finding, index) => (
          <Card key={index} finding={finding} />
        ))}
      </ul>
    </section>
  );
}
