/** A heat map over time: cells between two instants and two values, the fuller the darker. */
import type { CustomSeriesOption } from 'echarts/charts';
import { rectShape } from './shapes.ts';

/** A cell of a heat map: from when to when, from what to what value, and how full, 0 to 1. */
export interface HeatCell {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
  readonly share: number;
}

/** Below this nothing could be seen. */
const faintest = 0.08;

export function heat(cells: readonly HeatCell[], color: string, strip: number): CustomSeriesOption {
  return {
    type: 'custom',
    coordinateSystem: 'cartesian2d',
    xAxisIndex: strip,
    yAxisIndex: strip,
    data: cells.map(({ from, to, low, high, share }) => [from, to, low, high, share]),
    encode: { x: [0, 1], y: [2, 3] },
    silent: true,
    z: 2,
    clip: true,
    renderItem: (_, api) => {
      const [left = 0, bottom = 0] = api.coord([api.value(0), api.value(2)]);
      const [right = 0, top = 0] = api.coord([api.value(1), api.value(3)]);
      const box = {
        x: left,
        y: top,
        width: Math.max(0.5, right - left),
        height: Math.max(0.5, bottom - top),
      };
      const opacity = faintest + (1 - faintest) * Number(api.value(4));
      return rectShape(box, color, opacity);
    },
  };
}
