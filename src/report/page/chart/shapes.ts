/** The shapes that series of our own are made of. */
import type { CustomSeriesRenderItemReturn } from 'echarts';
import { fontFamily } from './font.ts';

export type Shape = Exclude<NonNullable<CustomSeriesRenderItemReturn>, { type: 'compoundPath' }>;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function lineShape(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  stroke: string,
  lineWidth: number,
  lineDash: number[] = [],
): Shape {
  return { type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke, lineWidth, lineDash } };
}

export function rectShape({ x, y, width, height }: Box, fill: string, opacity = 1): Shape {
  return { type: 'rect', shape: { x, y, width, height }, style: { fill, opacity } };
}

export function pathShape(pathData: string, stroke: string, opacity = 1): Shape {
  return { type: 'path', shape: { pathData }, style: { fill: 'none', stroke, lineWidth: 1, opacity } };
}

export interface TextLook {
  readonly color: string;
  readonly fontSize: number;
  readonly align: 'left' | 'center' | 'right';
  readonly bold?: boolean;
  /** Drawn around the letters, so that they stay legible on lines. */
  readonly halo?: string;
}

/** Its lower edge stands on y. */
export function textShape(text: string, x: number, y: number, look: TextLook): Shape {
  return {
    type: 'text',
    x,
    y: y - 0.6 * look.fontSize,
    style: {
      text,
      fill: look.color,
      fontFamily: fontFamily(),
      fontSize: look.fontSize,
      fontWeight: look.bold === true ? 600 : 400,
      align: look.align,
      verticalAlign: 'middle',
      ...(look.halo === undefined ? {} : { stroke: look.halo, lineWidth: 3 }),
    },
  };
}
