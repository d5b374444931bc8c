/**
 * A chart in its place on the page.
 *
 * 1. Drawn when it comes near the window, or when the browser idles: never in the way of the first paint.
 * 2. Drawn anew when its width or the appearance changes.
 * 3. On paper: always there, light, as wide as the paper, and finished before the browser looks.
 */
import { currentPalette, isPrinting, onAppearance } from '../appearance.ts';
import type { Palette } from '../palette.ts';
import { fontFamily } from './font.ts';
import { connect, init, type ECharts, type Option } from './echarts.ts';

export interface Drawing {
  readonly palette: Palette;
  readonly width: number;
}

export type Draw = (drawing: Drawing) => Option;

export interface Live {
  redraw(draw: Draw): void;
  dispose(): void;
}

/** The width between the margins of A4, in CSS pixels. */
const paperWidth = 680;
/** A chart in a pair: half of it, less half the gap. */
const paperHalfWidth = 330;
/** What remains of the height of an elastic chart; the style sheet says the same. */
const paperShrink = 0.78;

/** Charts that wait for a free moment: one at a time, and none before the page has been painted. */
const waiting: (() => void)[] = [];

const soon = (work: () => void): void => {
  if ('requestIdleCallback' in window) requestIdleCallback(work, { timeout: 3000 });
  else setTimeout(work, 100);
};

function drawNext(): void {
  waiting.shift()?.();
  if (waiting.length > 0) soon(drawNext);
}

function whenIdle(work: () => void): void {
  waiting.push(work);
  if (waiting.length === 1) requestAnimationFrame(() => setTimeout(() => soon(drawNext)));
}

/** @param group charts of one group share the pointer and the zoom */
export function place(element: HTMLElement, first: Draw, group: string | null): Live {
  let draw = first;
  let chart: ECharts | null = null;
  let disposed = false;
  let drawnWidth = 0;

  const paint = (): void => {
    if (disposed) return;
    const half = element.dataset['half'] !== undefined;
    const width = isPrinting() ? (half ? paperHalfWidth : paperWidth) : element.clientWidth;
    if (width === 0) return;
    const shrink = isPrinting() && element.classList.contains('elastic') ? paperShrink : 1;
    const height = Math.round(element.clientHeight * shrink);
    if (chart === null) {
      chart = init(element, null, { renderer: 'svg', width, height });
      if (group !== null) {
        chart.group = group;
        connect(group);
      }
    } else {
      chart.resize({ width, height });
    }
    drawnWidth = width;
    chart.setOption(
      {
        animation: false,
        textStyle: { fontFamily: fontFamily(), color: currentPalette().ink },
        ...draw({ palette: currentPalette(), width }),
      },
      { notMerge: true },
    );
    chart.getZr().flush();
  };

  const near = new IntersectionObserver(
    (entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) begin();
    },
    { rootMargin: '400px' },
  );
  const sized = new ResizeObserver(() => {
    if (chart !== null && !isPrinting() && element.clientWidth !== drawnWidth) paint();
  });
  function begin(): void {
    near.disconnect();
    if (chart === null) paint();
  }
  near.observe(element);
  sized.observe(element);
  whenIdle(begin);
  const unsubscribe = onAppearance(() => {
    if (chart !== null || isPrinting()) paint();
  });

  return {
    redraw: (next) => {
      draw = next;
      if (chart !== null) paint();
    },
    dispose: () => {
      disposed = true;
      unsubscribe();
      near.disconnect();
      sized.disconnect();
      chart?.dispose();
    },
  };
}
