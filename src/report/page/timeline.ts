/** The seconds of the run as strips: what was asked and answered, and what the machines did meanwhile. */
import { cellsPerDecade } from '../../maths/histogram.ts';
import type { Report, Second } from '../../model/report.ts';
import { formatBytes, formatMs, formatNumber, formatPercent, formatRate } from '../format.ts';
import type { HeatCell } from './chart/heat.ts';
import type { Strip, StripLine } from './chart/strips.ts';
import type { Tip } from './chart/tip.ts';
import type { Palette } from './palette.ts';
import { objectiveMarks } from './responseChart.ts';
import { loadsOf, loadText, rateText, rateUnit } from '../words.ts';
import { allLevels, clockText } from './words.ts';

type Values = readonly (number | null)[];

const any = (values: Values): boolean => values.some((value) => value !== null);
const anyAbove = (values: Values): boolean => values.some((value) => value !== null && value > 0);
const mib = (bytes: number | null): number | null => (bytes === null ? null : bytes / 1_048_576);

/** Far apart when the largest is thirty times the median. */
function farApart(values: Values): boolean {
  const sorted = values
    .flatMap((value) => (value === null || value <= 0 ? [] : [value]))
    .sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return (sorted.at(-1) ?? 0) > 30 * median;
}

const column = (seconds: readonly Second[], key: Exclude<keyof Second, 'responseCells'>): Values =>
  seconds.map((second) => second[key]);

/** Throughput, left open between trials where nothing was asked for. */
const throughput = (seconds: readonly Second[]): Values =>
  seconds.map((second) => (second.level === null && second.throughput === 0 ? null : second.throughput));

/** Load, throughput, failures and response time. */
export function trafficStrips(report: Report, palette: Palette): Strip[] {
  const of = (key: Parameters<typeof column>[1]): Values => column(report.timeline, key);
  const rate: StripLine = {
    name: 'offered',
    color: palette.context,
    values: of('ratePerSecond'),
    stepped: true,
    width: 1.2,
  };
  const strips: Strip[] = [];
  if (any(of('users'))) {
    strips.push({
      name: 'users',
      height: 70,
      lines: [{ name: 'users', color: palette.context, values: of('users'), stepped: true, filled: true }],
    });
  }
  strips.push({
    name: any(rate.values)
      ? `${rateUnit(loadsOf(report))}: throughput, and the rate offered (thin)`
      : `throughput, ${rateUnit(loadsOf(report))}`,
    height: 130,
    lines: [
      ...(any(rate.values) ? [rate] : []),
      { name: 'throughput', color: palette.measured, values: throughput(report.timeline) },
    ],
  });
  if (anyAbove(of('failedPerSecond'))) {
    strips.push({
      name: 'failures per second',
      height: 56,
      lines: [{ name: 'failures', color: palette.cliff, values: of('failedPerSecond'), filled: true }],
    });
  }
  const far = farApart(of('p95Ms'));
  strips.push({
    name: 'response time: p95, and p50 (thin)',
    height: 120,
    log: far,
    format: (ms) => formatMs(ms),
    lines: [
      { name: 'p50', color: palette.response, values: of('p50Ms'), width: 1 },
      { name: 'p95', color: palette.response, values: of('p95Ms') },
    ],
    marks: objectiveMarks(report, { palette, width: 0 }),
  });
  const cells = heatCells(report.timeline);
  if (cells.length > 0) {
    strips.push({
      name: 'response time: darker is more answers',
      height: 120,
      log: true,
      format: (ms) => formatMs(ms),
      cells,
      color: palette.response,
      lines: [],
    });
  }
  return strips;
}

/** More columns than this no screen shows, and each cell is a shape to draw. */
const mostColumns = 240;

/** How the answers of a stretch of time were spread. The root makes rare ones visible. */
function heatCells(seconds: readonly Second[]): HeatCell[] {
  const together = Math.ceil(seconds.length / mostColumns);
  const columns = Array.from({ length: Math.ceil(seconds.length / together) }, (_, at) =>
    seconds.slice(at * together, (at + 1) * together),
  );
  return columns.flatMap((column) => {
    const [first, last] = [column[0], column.at(-1)];
    if (first === undefined || last === undefined) return [];
    const counts = new Map<number, number>();
    for (const [cell, count] of column.flatMap(({ responseCells }) => responseCells)) {
      counts.set(cell, (counts.get(cell) ?? 0) + count);
    }
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
    return [...counts].map(([cell, count]) => ({
      from: first.atMs / 1000,
      to: (last.atMs + last.durationMs) / 1000,
      low: 10 ** (cell / cellsPerDecade),
      high: 10 ** ((cell + 1) / cellsPerDecade),
      share: Math.sqrt(count / all),
    }));
  });
}

/** The target, and the generator under it. Series that nobody measured are left out. */
export function machineStrips({ timeline }: Report, palette: Palette): Strip[] {
  const of = (key: Parameters<typeof column>[1]): Values => column(timeline, key);
  const strips: Strip[] = [
    {
      name: 'target CPU, cores',
      height: 84,
      lines: [{ name: 'CPU', color: palette.measured, values: of('targetCpuCores') }],
    },
    {
      name: 'target memory, MiB',
      height: 84,
      lines: [{ name: 'memory', color: palette.measured, values: of('targetRssBytes').map(mib) }],
    },
    {
      name: 'target descriptors, and threads (dashed)',
      height: 84,
      lines: [
        { name: 'descriptors', color: palette.measured, values: of('targetFds') },
        { name: 'threads', color: palette.ink, values: of('targetThreads'), dash: [5, 3], width: 1.2 },
      ],
    },
    {
      name: 'generator CPU, % of one core',
      height: 70,
      lines: [
        {
          name: 'CPU',
          color: palette.context,
          values: of('generatorCpu').map((share) => (share === null ? null : share * 100)),
        },
      ],
    },
  ];
  return strips.filter(({ lines }) => lines.some(({ values }) => any(values)));
}

export function secondTip(report: Report): (index: number) => Tip | null {
  const levels = allLevels(report);
  return (index) => {
    const second = report.timeline[index];
    if (second === undefined) return null;
    const entry = second.level === null ? undefined : levels[second.level];
    const rows: [string, string][] = [
      [
        'trial',
        entry === undefined ? 'between trials' : `${entry.experiment}, ${loadText(entry.level.load)}`,
      ],
      ['throughput', rateText(second.throughput, loadsOf(report))],
      ['failures', formatRate(second.failedPerSecond)],
      ['p50', formatMs(second.p50Ms)],
      ['p95', formatMs(second.p95Ms)],
      ['p99', formatMs(second.p99Ms)],
      ['in flight', formatNumber(second.inFlight)],
      ['target CPU', second.targetCpuCores === null ? '–' : `${formatNumber(second.targetCpuCores)} cores`],
      ['target memory', formatBytes(second.targetRssBytes)],
      ['threads', formatNumber(second.targetThreads)],
      ['descriptors', formatNumber(second.targetFds)],
      ['generator CPU', formatPercent(second.generatorCpu)],
    ];
    return { title: clockText(second.atMs), rows: rows.filter(([, value]) => value !== '–') };
  };
}
