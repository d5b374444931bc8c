/** What all charts share: margins that keep them aligned, axes, grid lines, numbers. */
import { formatNumber } from '../../format.ts';
import type { Option, XAxis, YAxis } from './echarts.ts';
import type { Drawing } from './live.ts';

/** Charts as wide as the page have the same margins, so that equal x lie under each other. */
export function margins(width: number): { left: number; right: number } {
  return width < 500 ? { left: 52, right: 28 } : { left: 58, right: 44 };
}

export function frame(drawing: Drawing, top: number, bottom: number): NonNullable<Option['grid']> {
  return { ...margins(drawing.width), top, bottom, outerBoundsMode: 'none' };
}

const numberStyle = ({ palette, width }: Drawing) => ({
  color: palette.quiet,
  fontSize: width < 500 ? 11 : 12,
});

export interface AxisWish {
  readonly name: string;
  readonly type: 'value' | 'log';
  readonly min: number;
  readonly max: number;
  readonly base?: number;
  readonly format?: (value: number) => string;
  readonly interval?: number;
  /** Where the numbers stand, when that is not left to the chart. */
  readonly ticks?: readonly number[];
}

export function xAxis(drawing: Drawing, wish: AxisWish): XAxis {
  const { palette } = drawing;
  const custom = wish.ticks === undefined ? {} : { customValues: [...wish.ticks] };
  return {
    type: wish.type,
    min: wish.min,
    max: wish.max,
    ...(wish.type === 'log' ? { logBase: wish.base ?? 10 } : {}),
    ...(wish.interval === undefined ? {} : { interval: wish.interval }),
    name: wish.name,
    nameLocation: 'middle',
    nameGap: 26,
    nameTextStyle: { color: palette.quiet, fontSize: 12 },
    axisLine: { show: true, onZero: false, lineStyle: { color: palette.quiet } },
    axisTick: { show: true, lineStyle: { color: palette.quiet }, length: 4, ...custom },
    axisLabel: {
      ...numberStyle(drawing),
      hideOverlap: true,
      formatter: wish.format ?? formatTick,
      ...custom,
    },
    splitLine: { show: false },
    axisPointer: { label: { show: false } },
  };
}

export function yAxis(drawing: Drawing, wish: AxisWish): YAxis {
  const { palette } = drawing;
  return {
    type: wish.type,
    min: wish.min,
    max: wish.max,
    ...(wish.type === 'log' ? { logBase: wish.base ?? 10 } : {}),
    ...(wish.interval === undefined ? {} : { interval: wish.interval }),
    name: wish.name,
    nameLocation: 'end',
    nameGap: 10,
    nameTextStyle: { color: palette.quiet, fontSize: 12, align: 'right', padding: [0, 8, 0, 0] },
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { ...numberStyle(drawing), formatter: wish.format ?? formatTick },
    splitLine: { show: true, lineStyle: { color: palette.line } },
    axisPointer: { show: false },
  };
}

export const formatTick = (value: number): string => formatNumber(Number(value.toPrecision(6)), {}, 4);

/** The end of an axis from 0, round and a little above what it has to hold, and the step of its numbers. */
export function roundAxis(most: number, parts = 5): { max: number; interval: number } {
  if (!(most > 0)) return { max: 1, interval: 0.5 };
  const rough = most / parts;
  const power = 10 ** Math.floor(Math.log10(rough));
  const interval = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  return { max: Math.ceil((most / interval) * 0.999) * interval, interval };
}

/** Powers of ten around values on a logarithmic axis. */
export function logRange(values: readonly number[]): { min: number; max: number } {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return { min: 1, max: 10 };
  const min = 10 ** Math.floor(Math.log10(Math.min(...positive)));
  const max = 10 ** Math.ceil(Math.log10(Math.max(...positive) * 1.001));
  return { min, max: max === min ? min * 10 : max };
}
