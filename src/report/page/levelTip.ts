/** What is told of a level under the pointer. */
import { formatEstimate, formatMs, formatPercent } from '../format.ts';
import type { Tip } from './chart/tip.ts';
import { levelText } from '../words.ts';
import { outcome, type NumberedLevel } from './words.ts';

const outcomes = { held: 'held', failed: 'not held', invalid: 'invalid' } as const;

export function levelTip({ level, experiment }: NumberedLevel): Tip {
  const { response, throughput, responseP95, efficiency, errors } = level;
  return {
    title: `${levelText(level)}, ${experiment}`,
    rows: [
      ['throughput', throughput === null ? '–' : formatEstimate(throughput)],
      ['p50', formatMs(response.p50)],
      ['p95', responseP95 === null ? formatMs(response.p95) : formatEstimate(responseP95)],
      ['p99', formatMs(response.p99)],
      ['errors', formatPercent(errors.ratio)],
      ...(efficiency === null ? [] : [['efficiency', formatPercent(efficiency)] as const]),
      ['objectives', outcomes[outcome(level)]],
    ],
  };
}

/** The level whose load lies nearest on the axis as it is drawn. */
export function nearest(levels: readonly NumberedLevel[], x: number, log: boolean): NumberedLevel | null {
  const on = (value: number): number => (log ? Math.log(Math.max(value, 1e-9)) : value);
  const load = ({ level }: NumberedLevel): number =>
    level.load.kind === 'closed' ? level.load.users : level.load.ratePerSecond;
  const distance = (entry: NumberedLevel): number => Math.abs(on(load(entry)) - on(x));
  return levels.reduce<NumberedLevel | null>(
    (best, entry) => (best === null || distance(entry) < distance(best) ? entry : best),
    null,
  );
}
