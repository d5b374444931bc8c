/**
 * The shape behind a number of a finding: its reading at each load, small, beside the words.
 *
 * 1. The x axis is that of the main chart, logarithmic; the y axis starts at 0.
 * 2. Points are joined and not smoothed; the first and the last load are written under them, the largest value above.
 * 3. The title of the picture lists the same points: that is what a screen reader reads.
 */
import type { Curve } from '../../model/report.ts';
import { formatValue } from '../format.ts';
import type { Load } from '../../model/load.ts';
import { rateText, usersText } from '../words.ts';

const width = 168;
const height = 58;
const [left, right, top, bottom] = [4, 164, 14, 44] as const;

interface Props {
  readonly curve: Curve;
  readonly unit: string;
  readonly kneeUsers: number | null;
  readonly loadsOf: Pick<Load, 'of'>;
}

export function EvidenceCurve({ curve, unit, kneeUsers, loadsOf }: Props) {
  const { points, against } = curve;
  const [first, last] = [points[0]?.load ?? 1, points.at(-1)?.load ?? 1];
  const most = Math.max(...points.map(({ value }) => value));
  const xOf = (load: number): number =>
    last <= first ? left : left + ((right - left) * Math.log(load / first)) / Math.log(last / first);
  const yOf = (value: number): number => bottom - ((bottom - top) * value) / (most > 0 ? most : 1);
  const loadText = (load: number): string =>
    against === 'users' ? usersText(load) : rateText(load, loadsOf);
  const placed = points.map(({ load, value }) => `${xOf(load).toFixed(1)} ${yOf(value).toFixed(1)}`);
  const knee = against === 'users' && kneeUsers !== null && kneeUsers > first && kneeUsers < last;
  const peak = points.find(({ value }) => value === most);
  const peakX = xOf(peak?.load ?? first);
  return (
    <svg class="evidence-curve" viewBox={`0 0 ${width} ${height}`} role="img">
      <title>
        {points.map(({ load, value }) => `${loadText(load)}: ${formatValue(value, unit)}`).join('; ')}
      </title>
      <path class="curve-zero" d={`M${left} ${bottom}H${right}`} />
      {knee && <path class="curve-knee" d={`M${xOf(kneeUsers).toFixed(1)} ${top - 4}V${bottom}`} />}
      <path class="curve-line" d={`M${placed.join('L')}`} />
      {points.map(({ load, value }) => (
        <circle key={load} class="curve-point" cx={xOf(load)} cy={yOf(value)} r={1.8} />
      ))}
      <text
        class="curve-text"
        x={peakX}
        y={9}
        text-anchor={peakX > 110 ? 'end' : peakX < 58 ? 'start' : 'middle'}
      >
        {formatValue(most, unit)}
      </text>
      <text class="curve-text" x={left} y={height - 3}>
        {loadText(first)}
      </text>
      <text class="curve-text" x={right} y={height - 3} text-anchor="end">
        {loadText(last)}
      </text>
    </svg>
  );
}
