/** Several series over time, one strip under the other on one time axis. */
import type { LineSeriesOption } from 'echarts/charts';
import { clockText } from '../words.ts';
import type { TrialSpan } from '../trials.ts';
import type { Series } from './echarts.ts';
import { formatTick, logRange, margins, roundAxis, xAxis, yAxis } from './frame.ts';
import { heat, type HeatCell } from './heat.ts';
import type { Draw, Drawing } from './live.ts';
import { marksSeries, type ChartMark } from './marks.ts';
import { tipAlongX, type Tip } from './tip.ts';
import { trialShades } from './trialShades.ts';

export interface StripLine {
  readonly name: string;
  readonly color: string;
  /** One value for each second of the run. */
  readonly values: readonly (number | null)[];
  readonly width?: number;
  readonly dash?: readonly number[];
  /** Held from one second to the next, as a load is. */
  readonly stepped?: boolean;
  readonly filled?: boolean;
}

export interface Strip {
  readonly name: string;
  /** Drawn behind the lines. */
  readonly cells?: readonly HeatCell[];
  /** Of the cells. */
  readonly color?: string;
  readonly lines: readonly StripLine[];
  readonly height: number;
  readonly format?: (value: number) => string;
  /** A logarithmic axis, where values are far apart. */
  readonly log?: boolean;
  readonly marks?: readonly ChartMark[];
}

export interface Strips {
  readonly strips: readonly Strip[];
  /** Seconds from the start of the run, for each value. */
  readonly times: readonly number[];
  readonly trials: readonly TrialSpan[];
  readonly tip: (index: number) => Tip | null;
  /** Names of trials and experiments above the first strip. */
  readonly named: boolean;
  readonly zoom: boolean;
}

const gap = 30;
const head = (named: boolean): number => (named ? 66 : 24);
const foot = (zoom: boolean): number => (zoom ? 78 : 44);

export function stripsHeight(heights: readonly number[], named: boolean, zoom: boolean): number {
  return head(named) + heights.reduce((sum, height) => sum + height + gap, -gap) + foot(zoom);
}

/** Round steps of time: seconds, minutes. */
function timeStep(seconds: number, parts: number): number {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];
  return steps.find((step) => step >= seconds / parts) ?? Math.ceil(seconds / parts / 3600) * 3600;
}

function line(
  times: readonly number[],
  given: StripLine,
  strip: number,
  { palette }: Drawing,
): LineSeriesOption {
  return {
    type: 'line',
    name: given.name,
    xAxisIndex: strip,
    yAxisIndex: strip,
    data: times.map((time, at) => [time, given.values[at] ?? null]),
    ...(given.stepped === true ? { step: 'middle' as const } : {}),
    showSymbol: false,
    symbol: 'none',
    z: 3,
    lineStyle: {
      color: given.color,
      width: given.width ?? 1.6,
      ...(given.dash === undefined ? {} : { type: [...given.dash] }),
    },
    itemStyle: { color: given.color },
    ...(given.filled === true ? { areaStyle: { color: given.color, opacity: 0.22 } } : {}),
    emphasis: { disabled: true },
    // Lines of one second between gaps would be invisible without this.
    connectNulls: false,
    textStyle: { color: palette.ink },
  } as LineSeriesOption;
}

export function stripsChart({ strips, times, trials, tip, named, zoom }: Strips): Draw {
  return (drawing) => {
    const { palette, width } = drawing;
    const end = Math.max(1, (times.at(-1) ?? 0) + 0.5);
    const tops = strips.reduce<number[]>(
      (found, _, at) => [
        ...found,
        at === 0 ? head(named) : (found[at - 1] ?? 0) + (strips[at - 1]?.height ?? 0) + gap,
      ],
      [],
    );
    const last = strips.length - 1;
    const series: Series[] = strips.flatMap((strip, at) => [
      trialShades(drawing, trials, at, named && at === 0),
      ...(strip.cells === undefined ? [] : [heat(strip.cells, strip.color ?? palette.response, at)]),
      ...strip.lines.map((given) => line(times, given, at, drawing)),
      ...(strip.marks === undefined
        ? []
        : [
            {
              ...marksSeries(drawing, strip.marks),
              xAxisIndex: at,
              yAxisIndex: at,
              encode: { x: [], y: [] },
            },
          ]),
    ]);
    return {
      grid: strips.map((strip, at) => ({
        ...margins(width),
        top: tops[at] ?? 0,
        height: strip.height,
        outerBoundsMode: 'none' as const,
      })),
      xAxis: strips.map((_, at) => {
        const axis = xAxis(drawing, {
          name: at === last ? 'time of the run, min:s' : '',
          type: 'value',
          min: 0,
          max: end,
          interval: timeStep(end, width < 500 ? 4 : 9),
          format: (seconds) => clockText(seconds * 1000),
        });
        return {
          ...axis,
          gridIndex: at,
          axisLabel: { ...axis.axisLabel, show: at === last, showMaxLabel: false },
          axisTick: { ...axis.axisTick, show: at === last },
          axisLine: { ...axis.axisLine, lineStyle: { color: at === last ? palette.quiet : palette.line } },
        } as typeof axis;
      }),
      yAxis: strips.map((strip, at) => {
        const values = [
          ...strip.lines.flatMap(({ values: all }) => all.flatMap((value) => value ?? [])),
          ...(strip.cells ?? []).flatMap(({ low, high }) => [low, high]),
        ];
        const marked = (strip.marks ?? []).map((mark) => mark.at);
        const highest = values.reduce((most, value) => Math.max(most, value), 0);
        const range =
          strip.log === true
            ? { type: 'log' as const, ...logRange(extremes([...values, ...marked])) }
            : { type: 'value' as const, min: 0, ...roundAxis(highest * 1.05, 3) };
        const axis = yAxis(drawing, { name: '', ...range, format: strip.format ?? formatTick });
        return {
          ...axis,
          gridIndex: at,
          name: strip.name,
          nameGap: 8,
          nameTextStyle: {
            color: palette.ink,
            fontSize: 12,
            fontWeight: 600,
            align: 'left',
            padding: [0, 0, 0, 4 - margins(width).left],
          },
          axisLabel: { ...axis.axisLabel, hideOverlap: true },
        } as typeof axis;
      }),
      axisPointer: { link: [{ xAxisIndex: 'all' }] },
      tooltip: tipAlongX(drawing, (seconds) => tip(nearestIndex(times, seconds))),
      ...(zoom
        ? {
            dataZoom: [
              {
                type: 'slider',
                xAxisIndex: strips.map((_, at) => at),
                ...margins(width),
                bottom: 6,
                height: 18,
                filterMode: 'none' as const,
                showDataShadow: false,
                brushSelect: false,
                borderColor: palette.line,
                backgroundColor: palette.field,
                fillerColor: `${palette.measured}22`,
                handleStyle: { color: palette.paper, borderColor: palette.measured },
                moveHandleStyle: { color: palette.measured, opacity: 0.5 },
                textStyle: { color: palette.quiet },
                labelFormatter: (seconds: number) => clockText(seconds * 1000),
              },
            ],
          }
        : {}),
      series,
    };
  };
}

const extremes = (values: readonly number[]): number[] => {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return [];
  return [
    positive.reduce((least, value) => Math.min(least, value)),
    positive.reduce((most, value) => Math.max(most, value)),
  ];
};

function nearestIndex(times: readonly number[], seconds: number): number {
  let best = 0;
  times.forEach((time, at) => {
    if (Math.abs(time - seconds) < Math.abs((times[best] ?? 0) - seconds)) best = at;
  });
  return best;
}
