/** The exact values under the pointer. Built of text nodes: nothing in a report can become markup. */
import type { Option } from './echarts.ts';
import type { Drawing } from './live.ts';

export interface Tip {
  readonly title: string;
  readonly rows: readonly (readonly [name: string, value: string])[];
}

function element({ title, rows }: Tip): HTMLElement {
  const root = document.createElement('div');
  root.className = 'tip';
  const head = document.createElement('strong');
  head.textContent = title;
  root.append(head);
  const list = document.createElement('dl');
  for (const [name, value] of rows) {
    const term = document.createElement('dt');
    term.textContent = name;
    const definition = document.createElement('dd');
    definition.textContent = value;
    list.append(term, definition);
  }
  root.append(list);
  return root;
}

/** A tooltip for whatever lies nearest to the pointer along the x axis. */
export function tipAlongX(
  { palette }: Drawing,
  at: (x: number) => Tip | null,
): NonNullable<Option['tooltip']> {
  return {
    trigger: 'axis',
    confine: true,
    transitionDuration: 0,
    backgroundColor: palette.paper,
    borderColor: palette.quiet,
    borderWidth: 1,
    padding: 10,
    extraCssText: 'box-shadow:none;border-radius:3px',
    textStyle: { color: palette.ink, fontSize: 12 },
    axisPointer: { type: 'line', lineStyle: { color: palette.quiet, width: 1, type: 'solid' } },
    formatter: (given) => {
      const first = (Array.isArray(given) ? given[0] : given) as { axisValue?: number | string } | undefined;
      const tip = at(Number(first?.axisValue));
      return tip === null ? '' : element(tip);
    },
  };
}
