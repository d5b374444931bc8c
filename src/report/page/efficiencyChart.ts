/** Efficiency of each level: throughput over what linear scaling from one user would give. */
import type { Report } from '../../model/report.ts';
import { formatPercent } from '../format.ts';
import { frame, roundAxis, xAxis, yAxis } from './chart/frame.ts';
import type { Draw } from './chart/live.ts';
import { marksSeries } from './chart/marks.ts';
import { rectShape, textShape } from './chart/shapes.ts';
import { tipAlongX } from './chart/tip.ts';
import { curve, type ClosedLevel, type UserAxis } from './closedLevels.ts';
import { levelTip, nearest } from './levelTip.ts';
import { userMarks } from './throughputChart.ts';

export function efficiencyChart(report: Report, levels: readonly ClosedLevel[], axis: UserAxis): Draw {
  const bars = curve(levels).filter(({ level }) => level.efficiency !== null);
  return (drawing) => {
    const { palette, width } = drawing;
    const thick = Math.max(2, Math.min(14, (width * 0.4) / Math.max(1, bars.length)));
    const numbered = bars.length <= (width < 500 ? 7 : 16);
    const most = Math.max(1, ...bars.map(({ level }) => level.efficiency ?? 0));
    const { max, interval } = most < 1.06 ? { max: 1.25, interval: 0.25 } : roundAxis(most * 1.18, 4);
    return {
      grid: frame(drawing, 26, 44),
      xAxis: xAxis(drawing, { name: 'users', type: axis.log ? 'log' : 'value', base: 2, ...axis }),
      yAxis: yAxis(drawing, {
        name: '%',
        type: 'value',
        min: 0,
        max,
        interval,
        format: (share) => String(Math.round(share * 100)),
      }),
      tooltip: tipAlongX(drawing, (x) => {
        const entry = nearest(levels, x, axis.log);
        return entry === null ? null : levelTip(entry);
      }),
      series: [
        {
          type: 'custom',
          coordinateSystem: 'cartesian2d',
          data: bars.map(({ users, level }) => [users, level.efficiency ?? 0]),
          z: 2,
          clip: false,
          renderItem: (_, api) => {
            const share = Number(api.value(1));
            const [x = 0, top = 0] = api.coord([api.value(0), share]);
            const [, bottom = 0] = api.coord([api.value(0), 0]);
            const text = formatPercent(Number(share.toPrecision(2))).replace(/\s?%/, '');
            const bar = rectShape(
              { x: x - thick / 2, y: top, width: thick, height: bottom - top },
              palette.measured,
            );
            const look = { color: palette.ink, halo: palette.paper, fontSize: 11, align: 'center' as const };
            return { type: 'group', children: numbered ? [bar, textShape(text, x, top - 3, look)] : [bar] };
          },
        },
        marksSeries(drawing, [
          ...userMarks(report, drawing, false),
          { across: 'y', at: 1, name: '', color: palette.context, dash: 'dashed' },
        ]),
      ],
    };
  };
}
