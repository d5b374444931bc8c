/** Throughput against users: measured points, the fitted law with its band, linear scaling, and the marks. */
import type { CustomSeriesOption, LineSeriesOption } from 'echarts/charts';
import type { Report } from '../../model/report.ts';
import { frame, roundAxis, xAxis, yAxis } from './chart/frame.ts';
import type { Draw, Drawing } from './chart/live.ts';
import { marksSeries, type ChartMark } from './chart/marks.ts';
import { points } from './chart/points.ts';
import { tipAlongX } from './chart/tip.ts';
import { whiskers } from './chart/whiskers.ts';
import type { ClosedLevel, UserAxis } from './closedLevels.ts';
import { levelTip, nearest } from './levelTip.ts';
import { loadsOf, rateText, rateUnit, usersText } from '../words.ts';

/** Vertical marks of knee and cliff: the same on every chart against users. */
export function userMarks({ capacity }: Report, { palette }: Drawing, named: boolean): ChartMark[] {
  const marks: ChartMark[] = [];
  const { knee, cliff } = capacity ?? { knee: null, cliff: null };
  if (knee !== null) {
    marks.push({
      across: 'x',
      at: knee.users,
      name: named ? `knee, ${usersText(knee.users)}` : '',
      color: palette.knee,
      dash: 'dashed',
    });
  }
  if (cliff !== null) {
    marks.push({
      across: 'x',
      at: cliff.users,
      name: named ? `cliff, ${usersText(cliff.users)}` : '',
      color: palette.cliff,
      dash: 'dotted',
    });
  }
  return marks;
}

function band(report: Report, color: string): CustomSeriesOption {
  const rows = (report.scaling?.band ?? []).flatMap(({ users, low, high }) =>
    low === null || high === null ? [] : [{ users, low, high }],
  );
  return {
    type: 'custom',
    coordinateSystem: 'cartesian2d',
    data: rows.length < 2 ? [] : [[rows[0]?.users ?? 0, rows[0]?.low ?? 0]],
    silent: true,
    z: 1,
    clip: true,
    renderItem: (_, api) => ({
      type: 'polygon',
      shape: {
        points: [
          ...rows.map(({ users, high }) => api.coord([users, high])),
          ...rows.toReversed().map(({ users, low }) => api.coord([users, low])),
        ] as [number, number][],
      },
      style: { fill: color, opacity: 0.18 },
    }),
  };
}

/** Throughput of one user, by the law or else by the smallest level. */
function ofOneUser(report: Report, levels: readonly ClosedLevel[]): number | null {
  if (report.scaling !== null) return report.scaling.gamma;
  const first = levels.find(({ level }) => level.valid && level.throughput !== null);
  return first?.level.throughput == null ? null : first.level.throughput.value / first.users;
}

function linear(gamma: number, axis: UserAxis, top: number, { palette }: Drawing): LineSeriesOption {
  const end = Math.min(axis.max, top / gamma);
  const from = Math.min(axis.log ? Math.max(1, axis.min) : 0, end);
  const users = Array.from({ length: 65 }, (_, at) =>
    axis.log ? from * (end / from) ** (at / 64) : from + ((end - from) * at) / 64,
  );
  return {
    type: 'line',
    data: users.map((number) => [number, gamma * number]),
    showSymbol: false,
    silent: true,
    z: 2,
    lineStyle: { color: palette.context, width: 1, type: [5, 3] },
  };
}

export function throughputChart(report: Report, levels: readonly ClosedLevel[], axis: UserAxis): Draw {
  return (drawing) => {
    const { palette } = drawing;
    const measured = levels.filter(({ level }) => level.throughput !== null);
    const highest = Math.max(
      0,
      ...measured.map(({ level }) => level.throughput?.high ?? level.throughput?.value ?? 0),
      ...(report.scaling?.band ?? []).map(({ value, high }) => high ?? value),
      report.capacity?.safeLoad?.value ?? 0,
    );
    const { max, interval } = roundAxis(highest * 1.06);
    const safe = report.capacity?.safeLoad ?? null;
    const gamma = ofOneUser(report, levels);
    const marks = userMarks(report, drawing, true);
    if (safe !== null && safe.value > 0) {
      marks.push({
        across: 'y',
        at: safe.value,
        name: `load line, ${report.capacity?.atLeast === true ? 'at least ' : ''}${rateText(safe.value, loadsOf(report))}`,
        color: palette.safe,
        dash: 'solid',
        // On a linear axis the curve rises at the left.
        nameRight: !axis.log,
      });
    }
    return {
      grid: frame(drawing, 52, 44),
      xAxis: xAxis(drawing, { name: 'users', type: axis.log ? 'log' : 'value', base: 2, ...axis }),
      yAxis: yAxis(drawing, { name: rateUnit(loadsOf(report)), type: 'value', min: 0, max, interval }),
      tooltip: tipAlongX(drawing, (x) => {
        const entry = nearest(levels, x, axis.log);
        return entry === null ? null : levelTip(entry);
      }),
      series: [
        band(report, palette.measured),
        ...(gamma === null || gamma <= 0 ? [] : [linear(gamma, axis, max, drawing)]),
        {
          type: 'line',
          data: (report.scaling?.band ?? []).map(({ users, value }) => [users, value]),
          showSymbol: false,
          silent: true,
          z: 2,
          lineStyle: { color: palette.measured, width: 2 },
        },
        whiskers(
          palette.measured,
          measured
            .filter(({ level }) => level.valid)
            .map(({ users, level }) => ({
              x: users,
              low: level.throughput?.low ?? null,
              high: level.throughput?.high ?? null,
            })),
        ),
        points(
          drawing,
          palette.measured,
          measured.map(({ users, level }) => ({
            x: users,
            y: level.throughput?.value ?? 0,
            outcome: level.valid ? 'held' : 'invalid',
          })),
        ),
        marksSeries(drawing, marks),
      ],
    };
  };
}
