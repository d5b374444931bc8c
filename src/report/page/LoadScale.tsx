/** The load scale: the side of a hull with its marks. The ring and its line stand at the safe load. */
import { formatNumber } from '../format.ts';
import { useNarrow } from './appearance.ts';
import { scaleText, type Band, type BandKind, type Mark, type Scale } from './loadScale.ts';
import { spread } from './spread.ts';

interface Geometry {
  readonly width: number;
  readonly usersRight: number;
  readonly rateAt: number;
  readonly plateLeft: number;
  readonly plateRight: number;
  readonly labelLeft: number;
  readonly ring: number;
}

const wide: Geometry = {
  width: 470,
  usersRight: 48,
  rateAt: 88,
  plateLeft: 112,
  plateRight: 258,
  labelLeft: 302,
  ring: 21,
};
const small: Geometry = {
  width: 328,
  usersRight: 22,
  rateAt: 46,
  plateLeft: 60,
  plateRight: 138,
  labelLeft: 168,
  ring: 16,
};

const height = 480;
const topEdge = 40;
const bottomEdge = 462;

const bandNames: Record<BandKind, string> = {
  safe: 'safe',
  carried: 'carried',
  margin: 'margin',
  waiting: 'waiting',
  over: 'too much',
  unknown: 'not explored',
};

const fills: Record<BandKind, string> = {
  safe: 'var(--hull-safe)',
  carried: 'var(--hull-carried)',
  margin: 'url(#hull-margin)',
  waiting: 'url(#hull-margin)',
  over: 'url(#hull-over)',
  unknown: 'url(#hull-unknown)',
};

/** What is painted in the bands: each differs by its strokes, not only by its colour. */
function Patterns() {
  return (
    <defs>
      <pattern
        id="hull-margin"
        width="8"
        height="8"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect width="8" height="8" fill="var(--hull)" />
        <rect width="1.5" height="8" fill="var(--hull-margin)" opacity="0.75" />
      </pattern>
      <pattern
        id="hull-over"
        width="7"
        height="7"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect width="7" height="7" fill="var(--hull)" />
        <rect width="1.6" height="7" fill="var(--hull-over)" opacity="0.8" />
        <rect width="7" height="1.6" fill="var(--hull-over)" opacity="0.8" />
      </pattern>
      <pattern id="hull-unknown" width="9" height="9" patternUnits="userSpaceOnUse">
        <rect width="9" height="9" fill="var(--hull)" />
        <circle cx="4.5" cy="4.5" r="0.9" fill="var(--paint)" opacity="0.35" />
      </pattern>
    </defs>
  );
}

function BandName({ band, x, y }: { band: Band; x: number; y: number }) {
  const name = bandNames[band.kind];
  return (
    <g>
      <rect
        x={x - 5}
        y={y - 9}
        width={name.length * 6.4 + 10}
        height={18}
        rx={2}
        fill={band.kind === 'safe' || band.kind === 'carried' ? fills[band.kind] : 'var(--hull)'}
      />
      <text x={x} y={y} dy="0.34em" class="scale-band">
        {name}
      </text>
    </g>
  );
}

function MarkLabel({ mark, y, labelY, at }: { mark: Mark; y: number; labelY: number; at: Geometry }) {
  const edge = at.plateRight;
  return (
    <g class={`scale-mark scale-${mark.kind}`}>
      <path
        d={`M${edge - 8} ${y}H${edge + (at === wide ? 20 : 14)}L${at.labelLeft - 14} ${labelY}H${at.labelLeft - 6}`}
        class="scale-leader"
      />
      <text x={at.labelLeft} y={labelY - 2} class="scale-title">
        {mark.title}
      </text>
      <text x={at.labelLeft} y={labelY + 13} class="scale-detail">
        {mark.detail}
      </text>
    </g>
  );
}

/** The interval of the limit, as a bracket on the edge of the plate. */
function Interval({ mark, yOf, x }: { mark: Mark; yOf: (value: number) => number; x: number }) {
  if (mark.low === null || mark.high === null) return null;
  const [top, bottom] = [yOf(mark.high), yOf(mark.low)];
  if (bottom - top < 2) return null;
  return <path d={`M${x} ${top}h8M${x + 4} ${top}V${bottom}M${x} ${bottom}h8`} class="scale-interval" />;
}

/** Which numbers of users can be written without touching: the fewest users and the most count first. */
function written(ticks: Scale['userTicks'], yOf: (value: number) => number): Scale['userTicks'] {
  const shown: { at: number; users: number }[] = [];
  for (const tick of [...ticks].sort((one, other) => one.users - other.users)) {
    if (shown.every(({ at }) => Math.abs(yOf(at) - yOf(tick.at)) >= 12)) shown.push(tick);
  }
  return shown;
}

export function LoadScale({ scale }: { scale: Scale }) {
  const at = useNarrow(620) ? small : wide;
  const yOf = (value: number): number => bottomEdge - (value / scale.top) * (bottomEdge - topEdge);
  const plateWidth = at.plateRight - at.plateLeft;
  const numbers = Array.from(
    { length: Math.floor(scale.top / scale.step) + 1 },
    (_, n) => n * scale.step,
  ).filter((value) => yOf(value) > topEdge + 8);
  const thousands = scale.top >= 100_000;
  const marks = [...scale.marks].sort((one, other) => other.at - one.at);
  const labelYs = spread(
    marks.map((mark) => yOf(mark.at)),
    40,
    topEdge + 8,
    bottomEdge - 14,
  );
  const safe = marks.find(({ kind, at: value }) => kind === 'safe' && value > 0);
  const ringX = at.plateRight - at.ring - (at === wide ? 22 : 12);
  const hull = `M${at.plateLeft} ${topEdge}H${at.plateRight}V${bottomEdge - 46}Q${at.plateRight} ${bottomEdge} ${at.plateRight - 46} ${bottomEdge}H${at.plateLeft}Z`;
  return (
    <svg
      class={at === wide ? 'scale' : 'scale small'}
      viewBox={`0 0 ${at.width} ${height}`}
      role="img"
      aria-label={scaleText(scale)}
    >
      <Patterns />
      <clipPath id="hull-shape">
        <path d={hull} />
      </clipPath>
      <text x={at.usersRight + 12} y={16} class="scale-head" text-anchor="end">
        {scale.userTicks.length > 0 ? 'users' : ''}
      </text>
      <text x={at.rateAt} y={16} class="scale-head" text-anchor="middle">
        {scale.rateTicks.length > 0 && at === wide ? 'tried' : ''}
      </text>
      <text x={at.plateLeft + 8} y={16} class="scale-head scale-unit">
        {thousands ? `1000 ${scale.unit}` : scale.unit}
      </text>
      {scale.above > 0 && (
        <text x={at.rateAt} y={topEdge - 8} class="scale-head" text-anchor="middle">
          +{scale.above} ↑
        </text>
      )}
      <g clip-path="url(#hull-shape)">
        {scale.bands.map((band) => (
          <rect
            key={band.kind}
            x={at.plateLeft}
            y={yOf(band.to)}
            width={plateWidth}
            height={yOf(band.from) - yOf(band.to)}
            fill={fills[band.kind]}
          />
        ))}
        <rect
          x={at.plateLeft}
          y={topEdge}
          width={at === wide ? 58 : 46}
          height={bottomEdge - topEdge}
          fill="var(--hull)"
        />
        {numbers.map((value) => (
          <g key={value}>
            <path d={`M${at.plateLeft} ${yOf(value)}h7`} class="scale-draft" />
            <text
              x={at.plateLeft + 11}
              y={yOf(value)}
              dy={value === 0 ? '-0.5em' : '0.34em'}
              class="scale-number"
            >
              {formatNumber(thousands ? value / 1000 : value)}
            </text>
          </g>
        ))}
        {at === wide &&
          scale.bands
            .filter((band) => yOf(band.from) - yOf(band.to) >= 26)
            .map((band) => (
              <BandName
                key={band.kind}
                band={band}
                x={at.plateLeft + 66}
                y={(yOf(band.from) + yOf(band.to)) / 2}
              />
            ))}
      </g>
      <path d={hull} class="scale-edge" />
      {scale.userTicks.map(({ at: value }, index) => (
        <path key={index} d={`M${at.usersRight + 3} ${yOf(value)}h9`} class="scale-tick" />
      ))}
      {written(scale.userTicks, yOf).map(({ at: value, users }) => (
        <text key={users} x={at.usersRight} y={yOf(value)} dy="0.34em" text-anchor="end" class="scale-users">
          {formatNumber(users)}
        </text>
      ))}
      {scale.rateTicks.map((tick, index) => (
        <RatePoint key={index} x={at.rateAt} y={yOf(tick.at)} outcome={tick.outcome} />
      ))}
      {marks.map((mark, index) => (
        <MarkLabel key={index} mark={mark} y={yOf(mark.at)} labelY={labelYs[index] ?? 0} at={at} />
      ))}
      {marks.map((mark) => (
        <Interval key={mark.kind} mark={mark} yOf={yOf} x={at.plateRight + 3} />
      ))}
      {safe !== undefined && (
        <g class="scale-ring">
          <circle cx={ringX} cy={yOf(safe.at)} r={at.ring} />
          <path d={`M${at.plateLeft} ${yOf(safe.at)}H${at.plateRight}`} />
        </g>
      )}
    </svg>
  );
}

function RatePoint({
  x,
  y,
  outcome,
}: {
  x: number;
  y: number;
  outcome: Scale['rateTicks'][number]['outcome'];
}) {
  if (outcome === 'held') return <circle cx={x} cy={y} r={4} class="scale-held" />;
  if (outcome === 'failed') return <path d={`M${x - 4} ${y - 4}l8 8m0-8l-8 8`} class="scale-failed" />;
  return <circle cx={x} cy={y} r={3.5} class="scale-invalid" />;
}
