/** What came back of the rate that was offered, and how fast. */
import type { Report } from '../../model/report.ts';
import { formatMs, formatNumber } from '../format.ts';
import { roundAxis, xAxis, yAxis } from './chart/frame.ts';
import type { Option } from './chart/echarts.ts';
import type { Draw, Drawing } from './chart/live.ts';
import { marksSeries, type ChartMark } from './chart/marks.ts';
import { points } from './chart/points.ts';
import { tipAlongX } from './chart/tip.ts';
import { whiskers } from './chart/whiskers.ts';
import { levelTip, nearest } from './levelTip.ts';
import type { OpenLevel } from './openLevels.ts';
import { msRange, objectiveMarks, onLog } from './responseChart.ts';
import { rateUnit } from '../words.ts';
import { outcome } from './words.ts';

function rateMarks({ capacity }: Report, { palette }: Drawing): ChartMark[] {
  if (capacity === null) return [];
  const { safeLoad, sustainable, atLeast } = capacity;
  const marks: ChartMark[] = [];
  if (safeLoad !== null && safeLoad.value > 0) {
    marks.push({
      across: 'x',
      at: safeLoad.value,
      name: `safe ${formatNumber(safeLoad.value)}`,
      color: palette.safe,
      dash: 'solid',
    });
  }
  if (sustainable !== null && sustainable.value > 0) {
    marks.push({
      across: 'x',
      at: sustainable.value,
      low: sustainable.low,
      high: sustainable.high,
      name: `${atLeast ? 'held' : 'most'} ${formatNumber(sustainable.value)}`,
      color: palette.ink,
      dash: 'dashed',
    });
  }
  return marks;
}

const unitOf = (levels: readonly OpenLevel[]): string => rateUnit(levels[0]?.level.load ?? {});

/** Both charts: their frame, the axis of offered rates and the pointer. */
function base(drawing: Drawing, levels: readonly OpenLevel[]): { option: Option; top: number } {
  const { max, interval } = roundAxis(
    Math.max(...levels.map(({ rate }) => rate)) * 1.03,
    drawing.width < 420 ? 4 : 5,
  );
  return {
    top: max,
    option: {
      grid: { left: 58, right: 24, top: 48, bottom: 44, outerBoundsMode: 'none' },
      xAxis: xAxis(drawing, { name: `offered, ${unitOf(levels)}`, type: 'value', min: 0, max, interval }),
      tooltip: tipAlongX(drawing, (x) => {
        const entry = nearest(levels, x, false);
        return entry === null ? null : levelTip(entry);
      }),
    },
  };
}

export function achievedChart(report: Report, levels: readonly OpenLevel[]): Draw {
  return (drawing) => {
    const { palette } = drawing;
    const { top, option } = base(drawing, levels);
    const measured = levels.filter(({ level }) => level.throughput !== null);
    const highest = Math.max(
      0,
      ...measured.map(({ level }) => level.throughput?.high ?? level.throughput?.value ?? 0),
    );
    const { max, interval } = roundAxis(highest * 1.05);
    const end = Math.min(top, max);
    return {
      ...option,
      yAxis: yAxis(drawing, { name: unitOf(levels), type: 'value', min: 0, max, interval }),
      series: [
        {
          type: 'line',
          data: [
            [0, 0],
            [end, end],
          ],
          showSymbol: false,
          silent: true,
          lineStyle: { color: palette.context, width: 1, type: [5, 3] },
        },
        whiskers(
          palette.measured,
          measured.map(({ rate, level }) => ({
            x: rate,
            low: level.throughput?.low ?? null,
            high: level.throughput?.high ?? null,
          })),
        ),
        points(
          drawing,
          palette.measured,
          measured.map(({ rate, level }) => ({
            x: rate,
            y: level.throughput?.value ?? 0,
            outcome: outcome(level),
          })),
        ),
        marksSeries(drawing, rateMarks(report, drawing)),
      ],
    };
  };
}

export function offeredResponseChart(report: Report, levels: readonly OpenLevel[]): Draw {
  return (drawing) => {
    const { palette } = drawing;
    const { option } = base(drawing, levels);
    const measured = levels.filter(({ level }) => level.response.p95 !== null);
    const range = msRange(
      measured.map(({ level }) => ({ ...level, response: { ...level.response, p50: null, p99: null } })),
      report.objectives,
    );
    return {
      ...option,
      yAxis: yAxis(drawing, { name: 'p95', type: 'log', ...range, format: (ms) => formatMs(ms) }),
      series: [
        whiskers(
          palette.response,
          measured.map(({ rate, level }) => ({
            x: rate,
            low: onLog(level.responseP95?.low ?? null),
            high: onLog(level.responseP95?.high ?? null),
          })),
        ),
        points(
          drawing,
          palette.response,
          measured.map(({ rate, level }) => ({
            x: rate,
            y: onLog(level.response.p95) ?? 0,
            outcome: outcome(level),
          })),
        ),
        marksSeries(drawing, [...rateMarks(report, drawing), ...objectiveMarks(report, drawing)]),
      ],
    };
  };
}
