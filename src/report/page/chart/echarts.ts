/** The parts of ECharts that the page uses: only these are in the bundle. */
import { CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import type { CustomSeriesOption, LineSeriesOption, ScatterSeriesOption } from 'echarts/charts';
import { DataZoomSliderComponent, GridComponent, TooltipComponent } from 'echarts/components';
import type {
  DataZoomComponentOption,
  GridComponentOption,
  TooltipComponentOption,
} from 'echarts/components';
import { connect, init, use } from 'echarts/core';
import type { ComposeOption, ECharts } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';

use([
  LineChart,
  ScatterChart,
  CustomChart,
  GridComponent,
  TooltipComponent,
  DataZoomSliderComponent,
  LabelLayout,
  SVGRenderer,
]);

export type Option = ComposeOption<
  | LineSeriesOption
  | ScatterSeriesOption
  | CustomSeriesOption
  | GridComponentOption
  | TooltipComponentOption
  | DataZoomComponentOption
>;
export type Series = LineSeriesOption | ScatterSeriesOption | CustomSeriesOption;
export type RenderItem = NonNullable<CustomSeriesOption['renderItem']>;
export type XAxis = Exclude<NonNullable<Option['xAxis']>, readonly unknown[]>;
export type YAxis = Exclude<NonNullable<Option['yAxis']>, readonly unknown[]>;

export { connect, init };
export type { ECharts };
