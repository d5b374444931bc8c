/** Response time against users: p50, p95, p99 on a logarithmic axis, with the objectives. */
import type { LineSeriesOption } from 'echarts/charts';
import type { Level, Report } from '../../model/report.ts';
import { formatMs } from '../format.ts';
import { frame, logRange, xAxis, yAxis } from './chart/frame.ts';
import type { Draw, Drawing } from './chart/live.ts';
import { marksSeries, type ChartMark } from './chart/marks.ts';
import { tipAlongX } from './chart/tip.ts';
import { whiskers } from './chart/whiskers.ts';
import { curve, type ClosedLevel, type UserAxis } from './closedLevels.ts';
import { levelTip, nearest } from './levelTip.ts';
import { userMarks } from './throughputChart.ts';
import { ruleText } from '../words.ts';

export const quantileLines = [
  { name: 'p50', width: 1.2, dash: 'solid', symbol: 'circle', hollow: true },
  { name: 'p95', width: 2.4, dash: 'solid', symbol: 'circle', hollow: false },
  { name: 'p99', width: 1.2, dash: [5, 3], symbol: 'triangle', hollow: true },
] as const;

export function objectiveMarks({ objectives }: Report, { palette }: Drawing, named = true): ChartMark[] {
  return objectives
    .filter(({ metric, unit }) => unit === 'ms' && metric.startsWith('response.'))
    .map((objective) => ({
      across: 'y' as const,
      at: objective.limit,
      name: named ? `objective ${ruleText(objective)}` : '',
      color: palette.cliff,
      dash: 'dashed' as const,
    }));
}

/** 0 has no place on a logarithmic axis: the fastest answers stand at a hundredth of a millisecond. */
export const onLog = (ms: number | null): number | null => (ms === null ? null : Math.max(ms, 0.01));

export function msRange(
  levels: readonly Level[],
  objectives: Report['objectives'],
): { min: number; max: number } {
  const times = levels.flatMap(({ response, responseP95 }) => [
    response.p50,
    response.p95,
    response.p99,
    responseP95?.high ?? null,
  ]);
  const limits = objectives.filter(({ unit }) => unit === 'ms').map(({ limit }) => limit);
  return logRange([...times, ...limits].flatMap((ms) => onLog(ms) ?? []));
}

export function responseChart(report: Report, levels: readonly ClosedLevel[], axis: UserAxis): Draw {
  const line = curve(levels);
  return (drawing) => {
    const { palette } = drawing;
    const lines = quantileLines.map(({ name, width, dash, symbol, hollow }): LineSeriesOption => ({
      type: 'line',
      name,
      data: line.map(({ users, level }) => [users, onLog(level.response[name])]),
      symbol,
      symbolSize: name === 'p95' ? 7 : 6,
      // Where points would touch, the line alone is clearer.
      showSymbol: line.length <= 48,
      showAllSymbol: true,
      z: 3,
      clip: false,
      cursor: 'default',
      itemStyle: {
        color: hollow ? palette.paper : palette.response,
        borderColor: palette.response,
        borderWidth: hollow ? 1.5 : 0,
      },
      lineStyle: { color: palette.response, width, type: dash as 'solid' },
      endLabel: {
        show: true,
        formatter: name,
        color: palette.response,
        fontSize: 12,
        fontWeight: name === 'p95' ? 'bold' : 'normal',
        distance: 6,
      },
      labelLayout: { moveOverlap: 'shiftY' },
      emphasis: { disabled: true },
    }));
    return {
      grid: frame(drawing, 26, 44),
      xAxis: xAxis(drawing, { name: 'users', type: axis.log ? 'log' : 'value', base: 2, ...axis }),
      yAxis: yAxis(drawing, {
        name: 'time',
        type: 'log',
        ...msRange(
          line.map(({ level }) => level),
          report.objectives,
        ),
        format: (ms) => formatMs(ms),
      }),
      tooltip: tipAlongX(drawing, (x) => {
        const entry = nearest(levels, x, axis.log);
        return entry === null ? null : levelTip(entry);
      }),
      series: [
        ...lines,
        whiskers(
          palette.response,
          line.map(({ users, level }) => ({
            x: users,
            low: onLog(level.responseP95?.low ?? null),
            high: onLog(level.responseP95?.high ?? null),
          })),
        ),
        marksSeries(drawing, userMarks(report, drawing, false)),
        marksSeries(drawing, objectiveMarks(report, drawing)),
      ],
    };
  };
}
