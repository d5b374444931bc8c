import type { Report } from '../../model/report.ts';
import { figures, type Figure, type Tone } from './figures.ts';

const signs: Record<Tone, string> = { good: '✓', caution: '▲', bad: '✕', none: '' };

function FigureCell({ figure }: { figure: Figure }) {
  const untested = figure.value === 'not tested' || figure.value === 'not found';
  const look = untested ? 'untested' : figure.value === 'none seen' ? 'plain' : '';
  // The unit as the smaller part, so that a long one stays on the line.
  const [, amount = figure.value, unit = ''] = /^(.*\d)(\u00a0\D+)$/.exec(figure.value) ?? [];
  return (
    <li class={`figure figure-${figure.kind}`}>
      <span class="figure-name">{figure.name}</span>
      <strong class={`figure-value ${look}`}>
        {amount}
        <span class="figure-unit">{unit}</span>
      </strong>
      <span class="figure-detail">{figure.detail}</span>
      {!untested && (
        <span class={`figure-judgement tone-${figure.tone}`}>
          <span aria-hidden="true">{signs[figure.tone]}</span> {figure.judgement}
        </span>
      )}
    </li>
  );
}

export function Figures({ report }: { report: Report }) {
  const cells = figures(report);
  if (cells.length === 0) return null;
  return (
    <section aria-label="Figures">
      <ul class="figures">
        {cells.map((figure) => (
          <FigureCell key={figure.name} figure={figure} />
        ))}
      </ul>
    </section>
  );
}
