/** The run second by second: traffic, and under it, aligned, the machines. */
import { useMemo } from 'preact/hooks';
import type { Report } from '../../model/report.ts';
import { formatBytes, formatMs, formatNumber, formatPercent } from '../format.ts';
import { Chart } from './chart/Chart.tsx';
import { Key, type KeyEntry } from './chart/Key.tsx';
import type { Draw } from './chart/live.ts';
import { stripsChart, stripsHeight, type Strip } from './chart/strips.ts';
import type { Numbers } from './DataTable.tsx';
import { light, type Palette } from './palette.ts';
import { machineStrips, secondTip, trafficStrips } from './timeline.ts';
import { trialSpans } from './trials.ts';
import { loadsOf, rateUnit } from '../words.ts';
import { clockText } from './words.ts';

/** A run longer than this can be zoomed into. */
const zoomFromSeconds = 300;

const traffic = ({ timeline, ...report }: Report): Numbers => ({
  columns: [
    'time',
    'users',
    `offered, ${rateUnit(loadsOf(report))}`,
    `throughput, ${rateUnit(loadsOf(report))}`,
    'failures per s',
    'p50',
    'p95',
    'p99',
    'in flight',
  ],
  rows: () =>
    timeline.map((second) => [
      clockText(second.atMs),
      formatNumber(second.users),
      formatNumber(second.ratePerSecond),
      formatNumber(second.throughput),
      formatNumber(second.failedPerSecond),
      formatMs(second.p50Ms),
      formatMs(second.p95Ms),
      formatMs(second.p99Ms),
      formatNumber(second.inFlight),
    ]),
});

const machines = ({ timeline }: Report): Numbers => ({
  columns: ['time', 'target CPU, cores', 'target memory', 'threads', 'descriptors', 'generator CPU'],
  rows: () =>
    timeline.map((second) => [
      clockText(second.atMs),
      formatNumber(second.targetCpuCores),
      formatBytes(second.targetRssBytes),
      formatNumber(second.targetThreads),
      formatNumber(second.targetFds),
      formatPercent(second.generatorCpu),
    ]),
});

interface TimeChart {
  readonly draw: Draw;
  readonly height: number;
}

export function OverTime({ report }: { report: Report }) {
  const charts = useMemo(() => {
    const times = report.timeline.map(({ atMs, durationMs }) => (atMs + durationMs / 2) / 1000);
    const trials = trialSpans(report);
    const tip = secondTip(report);
    const zoom = (times.at(-1) ?? 0) > zoomFromSeconds;
    const chart = (
      of: (report: Report, palette: Palette) => Strip[],
      named: boolean,
      zoomable: boolean,
    ): TimeChart => ({
      draw: (drawing) =>
        stripsChart({ strips: of(report, drawing.palette), times, trials, tip, named, zoom: zoomable })(
          drawing,
        ),
      height: stripsHeight(
        of(report, light).map(({ height }) => height),
        named,
        zoomable,
      ),
    });
    return {
      traffic: chart(trafficStrips, true, zoom),
      machines: chart(machineStrips, false, zoom),
      watched: machineStrips(report, light).length > 0,
      invalid: trials.some(({ valid }) => !valid),
    };
  }, [report]);
  if (report.timeline.length === 0) return null;
  const key: KeyEntry[] = charts.invalid ? [{ sign: 'hatch', color: 'context', text: 'invalid trial' }] : [];
  return (
    <section aria-labelledby="over-time">
      <h2 id="over-time">The run, second by second</h2>
      <Chart
        title="Load and answers"
        description="Load, throughput, failures and response time for each second of the run, with the trials named."
        height={charts.traffic.height}
        draw={charts.traffic.draw}
        group="time"
        numbers={traffic(report)}
      >
        {key.length > 0 && <Key entries={key} />}
      </Chart>
      {charts.watched && (
        <Chart
          title="Target and generator"
          description="Processor, memory, descriptors and threads of the target, and processor of the generator, for each second."
          height={charts.machines.height}
          draw={charts.machines.draw}
          group="time"
          numbers={machines(report)}
        />
      )}
    </section>
  );
}
