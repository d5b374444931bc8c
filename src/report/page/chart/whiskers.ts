/** Intervals as whiskers: a line from low to high with caps. */
import type { CustomSeriesOption } from 'echarts/charts';
import { lineShape } from './shapes.ts';

export interface Whisker {
  readonly x: number;
  readonly low: number | null;
  readonly high: number | null;
}

export function whiskers(color: string, data: readonly Whisker[]): CustomSeriesOption {
  const bounded = data.flatMap(({ x, low, high }) => (low === null || high === null ? [] : [[x, low, high]]));
  return {
    type: 'custom',
    coordinateSystem: 'cartesian2d',
    data: bounded,
    encode: { x: 0, y: [1, 2] },
    silent: true,
    z: 3,
    clip: true,
    renderItem: (_, api) => {
      const [x = 0, top = 0] = api.coord([api.value(0), api.value(2)]);
      const [, bottom = 0] = api.coord([api.value(0), api.value(1)]);
      const line = (x1: number, y1: number, x2: number, y2: number) => lineShape(x1, y1, x2, y2, color, 1.4);
      return {
        type: 'group',
        children: [line(x, top, x, bottom), line(x - 4, top, x + 4, top), line(x - 4, bottom, x + 4, bottom)],
      };
    },
  };
}
