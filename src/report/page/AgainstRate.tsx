/** The search for the capacity: arrivals that do not wait, and what became of them. */
import { useMemo } from 'preact/hooks';
import type { Report } from '../../model/report.ts';
import { formatEstimate, formatMs, formatNumber, formatPercent } from '../format.ts';
import { Chart } from './chart/Chart.tsx';
import { Key, type KeyEntry } from './chart/Key.tsx';
import type { Numbers } from './DataTable.tsx';
import { openLevels, type OpenLevel } from './openLevels.ts';
import { achievedChart, offeredResponseChart } from './rateCharts.ts';
import { rateUnit, heldText } from '../words.ts';
import { outcome } from './words.ts';

const outcomes = { held: 'held', failed: 'not held', invalid: 'invalid' } as const;

const numbers = (levels: readonly OpenLevel[]): Numbers => ({
  columns: [
    `offered, ${rateUnit(levels[0]?.level.load ?? {})}`,
    'throughput',
    'p95',
    'p99',
    'errors',
    'objectives',
  ],
  rows: () =>
    levels.map(({ rate, level }) => [
      formatNumber(rate),
      level.throughput === null ? '–' : formatEstimate(level.throughput),
      level.responseP95 === null ? formatMs(level.response.p95) : formatEstimate(level.responseP95),
      formatMs(level.response.p99),
      formatPercent(level.errors.ratio),
      outcomes[outcome(level)],
    ]),
});

function key(levels: readonly OpenLevel[], color: string): KeyEntry[] {
  const entries: KeyEntry[] = [{ sign: 'point', color, text: 'held' }];
  if (levels.some(({ level }) => outcome(level) === 'failed')) {
    entries.push({ sign: 'cross', color: 'cliff', text: 'not held' });
  }
  if (levels.some(({ level }) => outcome(level) === 'invalid')) {
    entries.push({ sign: 'hollow', color: 'context', text: 'invalid' });
  }
  return entries;
}

export function AgainstRate({ report }: { report: Report }) {
  const levels = useMemo(() => openLevels(report), [report]);
  const charts = useMemo(
    () => ({ achieved: achievedChart(report, levels), response: offeredResponseChart(report, levels) }),
    [report, levels],
  );
  if (new Set(levels.map(({ rate }) => rate)).size < 2) return null;
  const table = numbers(levels);
  return (
    <section aria-labelledby="against-rate">
      <h2 id="against-rate">Against the rate offered</h2>
      <p class="section-line">
        Requests arrive whether or not earlier ones were answered. A rate holds when {heldText(report)}.
      </p>
      <div class="pair">
        <Chart
          title="Throughput"
          description="Throughput against the rate offered."
          height={320}
          elastic
          draw={charts.achieved}
          group="rate"
          half
        >
          <Key
            entries={[
              ...key(levels, 'measured'),
              { sign: 'dashed', color: 'context', text: 'all answered', width: 1 },
            ]}
          />
        </Chart>
        <Chart
          title="Response time p95"
          description="Response time p95 against the rate offered, logarithmic."
          height={320}
          elastic
          draw={charts.response}
          group="rate"
          numbers={table}
          half
        >
          <Key
            entries={[
              ...key(levels, 'response'),
              { sign: 'whisker', color: 'response', text: '95 % interval' },
            ]}
          />
        </Chart>
      </div>
    </section>
  );
}
