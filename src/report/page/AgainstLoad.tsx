/** The charts against the number of users, one under the other on one x axis. */
import { useMemo, useState } from 'preact/hooks';
import type { Report, Scaling } from '../../model/report.ts';
import { formatEstimate, formatMs, formatNumber, formatPercent } from '../format.ts';
import { Chart } from './chart/Chart.tsx';
import { Key, type KeyEntry } from './chart/Key.tsx';
import { closedLevels, userAxis, type ClosedLevel } from './closedLevels.ts';
import type { Numbers } from './DataTable.tsx';
import { efficiencyChart } from './efficiencyChart.ts';
import { responseChart } from './responseChart.ts';
import { throughputChart } from './throughputChart.ts';

const laws: Record<Scaling['law'], string> = {
  linear: 'linear law',
  amdahl: 'Amdahl’s law',
  usl: 'universal scalability law',
};

function throughputKey(report: Report, levels: readonly ClosedLevel[]): KeyEntry[] {
  const entries: KeyEntry[] = [{ sign: 'point', color: 'measured', text: 'measured, with 95 % interval' }];
  if (levels.some(({ level }) => !level.valid)) {
    entries.push({ sign: 'hollow', color: 'context', text: 'invalid, in no fit' });
  }
  if (report.scaling !== null) {
    entries.push({ sign: 'line', color: 'measured', text: `fitted ${laws[report.scaling.law]}` });
    entries.push({ sign: 'band', color: 'measured', text: '95 % band' });
  }
  entries.push({ sign: 'dashed', color: 'context', text: 'linear scaling', width: 1 });
  return entries;
}

const numbers = (levels: readonly ClosedLevel[]): Numbers => ({
  columns: ['users', 'throughput', 'p50', 'p95', 'p99', 'efficiency', 'valid'],
  rows: () =>
    levels.map(({ users, level }) => [
      formatNumber(users),
      level.throughput === null ? '–' : formatEstimate(level.throughput),
      formatMs(level.response.p50),
      level.responseP95 === null ? formatMs(level.response.p95) : formatEstimate(level.responseP95),
      formatMs(level.response.p99),
      formatPercent(level.efficiency),
      level.valid ? 'yes' : 'no',
    ]),
});

function AxisChoice({ log, choose }: { log: boolean; choose: (log: boolean) => void }) {
  return (
    <div class="choice" role="group" aria-label="Axis of users">
      <button type="button" aria-pressed={!log} onClick={() => choose(false)}>
        linear
      </button>
      <button type="button" aria-pressed={log} onClick={() => choose(true)}>
        doubling
      </button>
    </div>
  );
}

export function AgainstLoad({ report }: { report: Report }) {
  const levels = useMemo(() => closedLevels(report), [report]);
  const different = new Set(levels.map(({ users }) => users));
  const [first = 1, last = 1] = [levels[0]?.users, levels.at(-1)?.users];
  // Levels that double lie evenly on a doubling axis; on a linear one the first half of them is one dot.
  const [log, setLog] = useState(first >= 1 && last / first >= 32);
  const charts = useMemo(() => {
    const axis = userAxis(levels, log);
    return {
      throughput: throughputChart(report, levels, axis),
      response: responseChart(report, levels, axis),
      efficiency: efficiencyChart(report, levels, axis),
    };
  }, [report, levels, log]);
  if (different.size < 2) return null;
  const range = `${formatNumber(first)} to ${formatNumber(last)} users`;
  const table = numbers(levels);
  const known = levels.some(({ level }) => level.efficiency !== null);
  return (
    <section aria-labelledby="against-load">
      <div class="section-head">
        <h2 id="against-load">Against the number of users</h2>
        {first >= 1 && <AxisChoice log={log} choose={setLog} />}
      </div>
      <Chart
        title="Throughput"
        description={`Throughput against ${range}; the numbers are in the table below it.`}
        height={380}
        elastic
        draw={charts.throughput}
        group="users"
      >
        <Key entries={throughputKey(report, levels)} />
      </Chart>
      <Chart
        title="Response time"
        description={`Response time p50, p95 and p99 against ${range}, logarithmic.`}
        height={280}
        elastic
        draw={charts.response}
        group="users"
      >
        <Key
          entries={[
            { sign: 'line', color: 'response', text: 'p50', width: 1.2 },
            { sign: 'line', color: 'response', text: 'p95, with 95 % interval', width: 2.6 },
            { sign: 'dashed', color: 'response', text: 'p99', width: 1.2 },
          ]}
        />
      </Chart>
      {known && (
        <Chart
          title="Efficiency"
          description={`Efficiency against ${range}, in percent of linear scaling.`}
          height={190}
          elastic
          draw={charts.efficiency}
          group="users"
          numbers={table}
        >
          <Key
            entries={[{ sign: 'bar', color: 'measured', text: 'throughput, as a share of linear scaling' }]}
          />
        </Chart>
      )}
    </section>
  );
}
