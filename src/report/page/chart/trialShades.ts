/** Trials behind a strip of the timeline: every second one shaded, invalid ones hatched, names above the first strip. */
import type { CustomSeriesOption } from 'echarts/charts';
import { experimentSpans, type TrialSpan } from '../trials.ts';
import type { Drawing } from './live.ts';
import { pathShape, rectShape, textShape, type Box, type Shape } from './shapes.ts';

const fontSize = 11;
const fits = (text: string, width: number): boolean => text.length * fontSize * 0.58 + 4 <= width;

/** Strokes from lower left to upper right, cut at the edges of the box. */
function hatch({ x, y, width, height }: Box): string {
  const strokes: string[] = [];
  for (let start = -height; start < width; start += 6) {
    const from = Math.max(0, start);
    const to = Math.min(width, start + height);
    strokes.push(`M${x + from} ${y + height - (from - start)}L${x + to} ${y + height - (to - start)}`);
  }
  return strokes.join('');
}

export function trialShades(
  { palette }: Drawing,
  trials: readonly TrialSpan[],
  strip: number,
  named: boolean,
): CustomSeriesOption {
  const experiments = experimentSpans(trials);
  return {
    type: 'custom',
    coordinateSystem: 'cartesian2d',
    xAxisIndex: strip,
    yAxisIndex: strip,
    data: trials.length === 0 ? [] : [[trials[0]?.from ?? 0, 0]],
    // It is drawn wherever the zoom stands, so it belongs to no axis.
    encode: { x: [], y: [] },
    silent: true,
    z: 0,
    clip: false,
    renderItem: (params, api) => {
      const area = params.coordSys as unknown as Box;
      const end = area.x + area.width;
      const span = (from: number, to: number): { x: number; width: number } => {
        const x = Math.max(area.x, Math.min(end, api.coord([from, 0])[0] ?? 0));
        return { x, width: Math.max(0, Math.min(end, api.coord([to, 0])[0] ?? 0) - x) };
      };
      const shapes: Shape[] = [];
      // Names of only some trials would mislead: most have to fit, or none is written.
      const room = trials.filter(({ from, to, load }) => fits(load, span(from, to).width)).length;
      const writes = named && room >= 0.6 * trials.filter(({ from, to }) => span(from, to).width > 0).length;
      trials.forEach(({ from, to, valid, load }, index) => {
        const box = { ...area, ...span(from, to) };
        if (box.width <= 0) return;
        if (index % 2 === 0) shapes.push(rectShape(box, palette.field));
        if (!valid) shapes.push(pathShape(hatch(box), palette.context, 0.6));
        if (!writes || !fits(load, box.width)) return;
        const look = { color: palette.quiet, fontSize, align: 'center' as const };
        shapes.push(textShape(load, box.x + box.width / 2, area.y - 6, look));
      });
      for (const { from, to, name, unit } of named ? experiments : []) {
        const { x, width } = span(from, to);
        const y = area.y - 24;
        if (width < 3) continue;
        shapes.push(pathShape(`M${x + 1} ${y + 4}V${y}H${x + width - 1}V${y + 4}`, palette.quiet));
        const text = [`${name}, ${unit}`, name].find((wish) => fits(wish, width + 12));
        if (text === undefined) continue;
        const look = { color: palette.ink, fontSize: 12, bold: true, align: 'center' as const };
        shapes.push(textShape(text, x + width / 2, y - 4, look));
      }
      return { type: 'group', children: shapes };
    },
  };
}
