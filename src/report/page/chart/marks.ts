/** Lines across a chart with their names on it: load line, knee, cliff, objective. Names never lie on each other. */
import type { CustomSeriesOption } from 'echarts/charts';
import { lineShape, rectShape, textShape, type Box, type Shape } from './shapes.ts';
import type { Drawing } from './live.ts';

export interface ChartMark {
  readonly across: 'x' | 'y';
  readonly at: number;
  readonly name: string;
  readonly color: string;
  readonly dash: 'solid' | 'dashed' | 'dotted';
  /** Name at the right end of a line across y; at the left otherwise. */
  readonly nameRight?: boolean;
  /** An interval around `at`, shaded. */
  readonly low?: number | null;
  readonly high?: number | null;
}

const fontSize = 12;
const rowHeight = 16;
const dashes = { solid: [], dashed: [6, 4], dotted: [2, 3] };
const textWidth = (text: string): number => text.length * fontSize * 0.58 + 10;

/** Middle and row of each name above the chart: at its line, in the first row where it is free. */
function nameRows(names: readonly { x: number; name: string }[], area: Box): { x: number; row: number }[] {
  const taken: [from: number, to: number][][] = [];
  return names.map(({ x, name }) => {
    const width = textWidth(name);
    const from = Math.max(area.x - 30, Math.min(x - width / 2, area.x + area.width + 30 - width));
    let row = 0;
    while ((taken[row] ?? []).some(([left, right]) => from < right && from + width > left)) row++;
    (taken[row] ??= []).push([from, from + width]);
    return { x: from + width / 2, row };
  });
}

export function marksSeries({ palette }: Drawing, marks: readonly ChartMark[]): CustomSeriesOption {
  return {
    type: 'custom',
    coordinateSystem: 'cartesian2d',
    data: marks.length === 0 ? [] : [[0, 0]],
    // Drawn once for all of its marks, so it belongs to no value of an axis.
    encode: { x: [], y: [] },
    silent: true,
    // Without names they are only a background for what is drawn on them.
    z: marks.some(({ name }) => name !== '') ? 5 : 1,
    clip: false,
    renderItem: (params, api) => {
      const area = params.coordSys as unknown as Box;
      const xOf = (value: number): number => api.coord([value, 1])[0] ?? 0;
      const yOf = (value: number): number => api.coord([1, value])[1] ?? 0;
      const [right, bottom] = [area.x + area.width, area.y + area.height];
      const shown = marks
        .map((mark) => ({ mark, at: mark.across === 'x' ? xOf(mark.at) : yOf(mark.at) }))
        .filter(({ mark, at }) =>
          mark.across === 'x' ? at >= area.x - 1 && at <= right + 1 : at >= area.y - 1 && at <= bottom + 1,
        );
      const upright = shown.filter(({ mark }) => mark.across === 'x');
      const rows = nameRows(
        upright.map(({ mark, at }) => ({ x: at, name: mark.name })),
        area,
      );
      const name = (mark: ChartMark, x: number, y: number, align: 'left' | 'center' | 'right'): Shape =>
        textShape(mark.name, x, y, { color: mark.color, halo: palette.paper, fontSize, bold: true, align });
      const shapes: Shape[] = [];
      for (const { mark, at } of shown) {
        const dash = dashes[mark.dash];
        if (mark.across === 'y') {
          shapes.push(lineShape(area.x, at, right, at, mark.color, 1.5, dash));
          if (mark.nameRight === true) shapes.push(name(mark, right - 4, at - 4, 'right'));
          else shapes.push(name(mark, area.x + 6, at - 4, 'left'));
          continue;
        }
        if (mark.low != null && mark.high != null) {
          const from = Math.max(area.x, xOf(mark.low));
          const to = Math.min(right, xOf(mark.high));
          shapes.push(rectShape({ ...area, x: from, width: Math.max(0, to - from) }, mark.color, 0.1));
        }
        const place = rows[upright.findIndex((entry) => entry.mark === mark)] ?? { x: at, row: 0 };
        const y = area.y - 6 - place.row * rowHeight;
        shapes.push(lineShape(at, mark.name === '' ? area.y : y + 2, at, bottom, mark.color, 1.5, dash));
        shapes.push(name(mark, place.x, y, 'center'));
      }
      return { type: 'group', children: shapes };
    },
  };
}
