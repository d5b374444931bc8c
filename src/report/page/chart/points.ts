/** Measured points. Held, failed and invalid differ in shape as well as in colour. */
import type { ScatterSeriesOption } from 'echarts/charts';
import type { Outcome } from '../words.ts';
import type { Drawing } from './live.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly outcome: Outcome;
}

const cross = 'path://M-4,-4L4,4M4,-4L-4,4';

export function points({ palette }: Drawing, color: string, data: readonly Point[]): ScatterSeriesOption {
  return {
    type: 'scatter',
    z: 4,
    clip: false,
    cursor: 'default',
    data: data.map(({ x, y, outcome }) => ({
      value: [x, y],
      symbol: outcome === 'failed' ? cross : 'circle',
      symbolSize: outcome === 'failed' ? 9 : 8,
      itemStyle:
        outcome === 'held'
          ? { color, borderColor: palette.paper, borderWidth: 1 }
          : outcome === 'failed'
            ? { color: 'none', borderColor: palette.cliff, borderWidth: 2 }
            : { color: palette.paper, borderColor: palette.context, borderWidth: 1.5 },
    })),
    emphasis: { disabled: true },
  };
}
