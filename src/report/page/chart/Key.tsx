/** What the lines and points of a chart mean, drawn as they are in it. */

export interface KeyEntry {
  readonly sign:
    'line' | 'dashed' | 'dotted' | 'band' | 'point' | 'cross' | 'hollow' | 'whisker' | 'hatch' | 'bar';
  readonly color: string;
  readonly text: string;
  readonly width?: number;
}

function Sign({ sign, color, width = 2 }: KeyEntry) {
  const stroke = { fill: 'none', stroke: `var(--${color})`, 'stroke-width': width };
  const fill = `var(--${color})`;
  return (
    <svg viewBox="0 0 24 12" width="24" height="12" aria-hidden="true">
      {sign === 'line' && <path d="M1 6h22" {...stroke} />}
      {sign === 'dashed' && <path d="M1 6h22" {...stroke} stroke-dasharray="5 3" />}
      {sign === 'dotted' && <path d="M1 6h22" {...stroke} stroke-dasharray="1.5 3" />}
      {sign === 'band' && <rect x="1" y="1" width="22" height="10" fill={fill} opacity="0.18" />}
      {sign === 'bar' && <rect x="8" y="1" width="8" height="10" fill={fill} />}
      {sign === 'point' && <circle cx="12" cy="6" r="4" fill={fill} />}
      {sign === 'hollow' && <circle cx="12" cy="6" r="3.5" {...stroke} />}
      {sign === 'cross' && <path d="M8 2l8 8m0-8l-8 8" {...stroke} />}
      {sign === 'whisker' && <path d="M9 1h6M12 1v10M9 11h6" {...stroke} stroke-width="1.4" />}
      {sign === 'hatch' && (
        <path d="M1 11l5-10M6 11l5-10M11 11l5-10M16 11l5-10" {...stroke} stroke-width="1.2" />
      )}
    </svg>
  );
}

export function Key({ entries }: { entries: readonly KeyEntry[] }) {
  return (
    <ul class="key">
      {entries.map((entry) => (
        <li key={entry.text}>
          <Sign {...entry} />
          {entry.text}
        </li>
      ))}
    </ul>
  );
}
