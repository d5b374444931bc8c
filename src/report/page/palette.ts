/** The colours of LOOK.md: one meaning, one colour, in light and in dark. The style sheet gets them from here. */

export interface Palette {
  readonly ink: string;
  readonly paper: string;
  readonly quiet: string;
  readonly line: string;
  /** A field slightly off the paper. */
  readonly field: string;
  /** Throughput, the measured. */
  readonly measured: string;
  /** Response time. */
  readonly response: string;
  readonly safe: string;
  readonly knee: string;
  readonly cliff: string;
  /** The generator, and what is only context. */
  readonly context: string;
  /** The hull of the load scale: its plate, what is painted on it, and its safe part. */
  readonly hull: string;
  readonly paint: string;
  readonly hullSafe: string;
  readonly hullCarried: string;
  readonly hullMargin: string;
  readonly hullOver: string;
}

export const light: Palette = {
  ink: '#14213D',
  paper: '#FFFFFF',
  quiet: '#5B6678',
  line: '#E3E7EE',
  field: '#F6F8FA',
  measured: '#0B6E99',
  response: '#7A3E9D',
  safe: '#00806A',
  knee: '#9F5F00',
  cliff: '#C2303A',
  context: '#667080',
  hull: '#14213D',
  paint: '#FFFFFF',
  hullSafe: '#00735F',
  hullCarried: '#0B6289',
  hullMargin: '#D9A441',
  hullOver: '#F0727A',
};

export const dark: Palette = {
  ink: '#E6EAF2',
  paper: '#10151F',
  quiet: '#93A0B4',
  line: '#263042',
  field: '#171E2B',
  measured: '#59B8E0',
  response: '#C193E0',
  safe: '#3CCFB4',
  knee: '#F0B355',
  cliff: '#FF7B7B',
  context: '#8D97A6',
  hull: '#27344D',
  paint: '#FFFFFF',
  hullSafe: '#0A6F5E',
  hullCarried: '#1B6285',
  hullMargin: '#F0B355',
  hullOver: '#FF7B7B',
};

/** On paper the hull is drawn in lines: ink is dear and often black. */
const printed: Palette = {
  ...light,
  hull: '#FFFFFF',
  paint: '#14213D',
  hullSafe: '#D5E8E4',
  hullCarried: '#D6E6EE',
  hullMargin: '#9F5F00',
  hullOver: '#C2303A',
};

const properties = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, value]) => `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}:${value}`)
    .join(';');

/** The palettes as custom properties: --ink, --paper, --hull-safe ... */
export const paletteStyle = `
:root{color-scheme:light;${properties(light)}}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${properties(dark)}}}
@media screen{:root[data-theme=dark]{color-scheme:dark;${properties(dark)}}}
@media print{:root{${properties(printed)}}}
`;
