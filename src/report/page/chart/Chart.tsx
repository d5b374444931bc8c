/** One chart: heading, what it says in words, the drawing, and its numbers as a table. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { DataTable, type Numbers } from '../DataTable.tsx';
import { place, type Draw, type Live } from './live.ts';

interface ChartProps {
  readonly title: string;
  /** What is drawn, for those who do not see it. */
  readonly description: string;
  readonly height: number;
  /** Lower on paper, so that charts that belong together share a page. */
  readonly elastic?: boolean;
  readonly draw: Draw;
  readonly numbers?: Numbers;
  readonly group?: string;
  /** Half as wide as the page, where there is room. */
  readonly half?: boolean;
  /** The key, between heading and drawing. */
  readonly children?: ComponentChildren;
}

export function Chart({
  title,
  description,
  height,
  elastic,
  draw,
  numbers,
  group,
  half,
  children,
}: ChartProps) {
  const element = useRef<HTMLDivElement>(null);
  const live = useRef<Live | null>(null);
  useEffect(() => {
    if (element.current === null) return;
    const made = place(element.current, draw, group ?? null);
    live.current = made;
    return () => made.dispose();
    // The drawing itself is renewed below.
  }, [group]);
  useEffect(() => live.current?.redraw(draw), [draw]);
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        {children}
      </figcaption>
      <div
        ref={element}
        class={elastic === true ? 'chart-place elastic' : 'chart-place'}
        style={{ '--height': `${height}px` }}
        role="img"
        aria-label={description}
        data-half={half}
      />
      {numbers !== undefined && <DataTable name={title} numbers={numbers} />}
    </figure>
  );
}
