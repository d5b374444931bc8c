/** The verdict in one sentence, why it may be believed in one line, and the load scale at its side. */
import type { Report } from '../../model/report.ts';
import { formatDuration, formatEstimate, formatPercent } from '../format.ts';
import { loadScale } from './loadScale.ts';
import { LoadScale } from './LoadScale.tsx';
import { ScaleKey } from './ScaleKey.tsx';
import { loadsOf, heldText, rateText, rulesText, shareText } from '../words.ts';
import { limitText } from './words.ts';

const verdicts = {
  pass: { sign: '✓', text: 'Objectives met' },
  fail: { sign: '✕', text: 'Objectives not met' },
  inconclusive: { sign: '?', text: 'Inconclusive' },
} as const;

/** Objective, interval, what limits and how sure that is. */
export function reasonLine(report: Report): string {
  const { capacity, objectives, findings } = report;
  if (capacity === null) return `Judged by ${rulesText(objectives)}.`;
  const { sustainable, safeLoad, limitedBy, atLeast, confirmed } = capacity;
  const parts: string[] = [];
  if (sustainable === null) {
    parts.push(`No load was found that holds ${heldText(report)}.`);
  } else if (sustainable.value === 0) {
    parts.push(`Even the lowest load tried does not hold ${heldText(report)}.`);
  } else {
    const rests =
      safeLoad === null ? formatEstimate(sustainable, { atLeast }) : shareText(safeLoad.value, capacity);
    const most = atLeast
      ? 'which it carried'
      : safeLoad === null
        ? 'found by the search'
        : 'the most it carries';
    parts.push(`${rests}, ${most} with ${heldText(report)}.`);
  }
  if (limitedBy !== null) {
    const cause = findings.find(({ code }) => code.startsWith('bottleneck.'));
    const sure = cause?.confidence == null ? '' : `, confidence ${formatPercent(cause.confidence)}`;
    parts.push(`Limited by ${limitText(limitedBy)}${sure}.`);
  }
  if (confirmed !== null) {
    const held = confirmed.held ? 'Held' : 'Did not hold';
    parts.push(
      `${held} ${rateText(confirmed.ratePerSecond, loadsOf(report))} for ${formatDuration(confirmed.durationMs)}.`,
    );
  }
  return parts.join(' ');
}

export function Verdict({ report }: { report: Report }) {
  const { sign, text } = verdicts[report.verdict];
  const scale = loadScale(report);
  return (
    <section class="verdict" aria-labelledby="verdict">
      <div class="verdict-words">
        <p class={`judged judged-${report.verdict}`}>
          <span aria-hidden="true">{sign}</span> {text}
        </p>
        <h1 id="verdict" class={report.summary.length > 64 ? 'long' : ''}>
          {report.summary}
        </h1>
        <p class="reason">{reasonLine(report)}</p>
        {report.capacity !== null && report.capacity.statement !== report.summary && (
          <p class="reason quiet">{report.capacity.statement}</p>
        )}
      </div>
      {scale !== null && (
        <figure class="verdict-scale">
          <LoadScale scale={scale} />
          <ScaleKey scale={scale} />
        </figure>
      )}
    </section>
  );
}
