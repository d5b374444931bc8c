/**
 * What the terminal shows while a run goes on: one block of a fixed number of lines, so that nothing jumps.
 *
 *   Finding the capacity  halving the bracket                            trial 12
 *   http://localhost:3000/api/chat  p95 < 500 ms and errors < 1 %
 *   (a note, or nothing)
 *   load      203 req/s   throughput    201 req/s   in flight            14
 *   p95         96.2 ms   errors            0.04 %   generator     22 % CPU
 *   throughput  ▁▂▃▅▆▇█  1 to 128 users, at most 212 req/s
 *   capacity    between 203 and 214 req/s, where p95 < 500 ms breaks
 *   ━━━━━━━━━━━━━━━━━━────────────────  52 %, about 41 s left
 *   Ctrl-C stops and writes what was measured
 *
 * 1. Always `frameLines` lines, each below the width of the terminal. 2. Unknown is a dash. Pure.
 */
import type { Load } from '../model/load.ts';
import { asciiTwin, inert, spaced } from './characters.ts';
import { formatCount, formatDuration, formatMs, formatNumber, formatPercent } from './format.ts';
import { clip, padLeft, padRight, widthOf } from './layout.ts';
import { paints, type Paint } from './paint.ts';
import { loadText, rateText, rulesText, usersText, type Rule } from './words.ts';

export const frameLines = 9;

/** What one second of the run measured. */
export interface LiveSecond {
  readonly load: Load;
  readonly throughput: number | null;
  readonly p95Ms: number | null;
  readonly errorRatio: number | null;
  readonly inFlight: number | null;
  /** Busy share of the busiest worker thread, 0 to 1. */
  readonly generatorCpu: number | null;
  readonly elapsedMs: number;
}

/** What a finished trial measured. */
export interface LiveLevel {
  readonly load: Load;
  readonly throughput: number | null;
  readonly p95Ms: number | null;
  /** Whether the objectives held; null where they could not be judged. */
  readonly met: boolean | null;
  /** Why the load was not held, as a clause: "p95 < 500 ms breaks". Empty where it was. */
  readonly broken: string;
  /** Where it is false, `broken` says why; the generator, where that is empty. */
  readonly valid: boolean;
}

/** A finished trial and the experiment it belonged to. */
export interface PlacedLiveLevel extends LiveLevel {
  readonly experiment: string;
}

export interface LiveState {
  readonly target: string;
  readonly objectives: readonly Rule[];
  readonly budgetMs: number;
  readonly elapsedMs: number;
  readonly experiment: string;
  readonly purpose: string;
  readonly load: Load | null;
  /** Trials begun so far. */
  readonly trials: number;
  readonly second: LiveSecond | null;
  readonly levels: readonly PlacedLiveLevel[];
  readonly note: string;
}

export interface FrameOptions {
  readonly columns: number;
  readonly colour: boolean;
  readonly ascii: boolean;
}

const phases: Record<string, string> = {
  baseline: 'Measuring one user',
  scaling: 'Finding the knee',
  capacity: 'Finding the capacity',
  run: 'Holding the load',
};

/** An experiment in words: "Finding the knee". */
export const phaseText = (experiment: string): string => phases[experiment] ?? experiment;

interface Pane {
  /** Columns that may be written to, the margin included. */
  readonly width: number;
  readonly ascii: boolean;
  readonly paint: Paint;
  readonly shown: (text: string) => string;
}

const margin = '  ';

export function frame(state: LiveState, { columns, colour, ascii }: FrameOptions): string[] {
  const pane: Pane = {
    // A full last column makes some terminals begin a new line.
    width: Math.max(columns - 1, 20),
    ascii,
    paint: paints(colour),
    shown: (text) => (ascii ? asciiTwin(inert(text)) : inert(text)),
  };
  return [
    headLine(state, pane),
    quietLine(`${state.target}  ${rulesText(state.objectives)}`, pane),
    state.note === '' ? '' : margin + pane.paint.knee(fitted(state.note, pane)),
    ...readingLines(state, pane),
    growthLine(state, pane),
    bracketLine(state, pane),
    progressLine(state, pane),
    quietLine('Ctrl-C stops and writes what was measured', pane),
  ].map((line) => spaced(line).trimEnd());
}

const fitted = (text: string, { width, shown }: Pane): string =>
  clip(shown(text), width - margin.length, shown('…'));

const quietLine = (text: string, pane: Pane): string => margin + pane.paint.quiet(fitted(text, pane));

function headLine({ experiment, purpose, trials }: LiveState, pane: Pane): string {
  const { width, paint, shown } = pane;
  const phase = fitted(experiment === '' ? 'Starting' : phaseText(experiment), pane);
  const room = width - margin.length - widthOf(phase) - 2;
  const counter = trials === 0 ? '' : shown(`trial ${formatCount(trials)}`);
  const words = clip(shown(purpose), Math.max(room, 1), shown('…'));
  const free = room - widthOf(words) - widthOf(counter);
  const end = free >= 2 ? ' '.repeat(free) + paint.quiet(counter) : '';
  return `${margin}${paint.strong(phase)}  ${room < 2 ? '' : words}${end}`;
}

/** The readings of the last second in two lines of pairs, the third pair only where there is room. */
function readingLines({ load, second }: LiveState, { width, paint, shown }: Pane): string[] {
  const at = load ?? second?.load ?? null;
  const inFlight = second === null || second.inFlight === null ? '–' : formatNumber(second.inFlight);
  const cpu = formatPercent(second?.generatorCpu ?? null);
  const lines = [
    [
      { name: 'load', value: at === null ? '–' : loadText(at), paint: paint.strong },
      {
        name: 'throughput',
        value: rateText(second?.throughput ?? null, at ?? {}),
        paint: paint.measured,
      },
      { name: 'in flight', value: inFlight, paint: paint.plain },
    ],
    [
      { name: 'p95', value: formatMs(second?.p95Ms ?? null), paint: paint.response },
      { name: 'errors', value: formatPercent(second?.errorRatio ?? null), paint: paint.plain },
      { name: 'generator', value: cpu === '–' ? cpu : `${cpu}\u00a0CPU`, paint: paint.quiet },
    ],
  ];
  // Columns keep their width from second to second unless a number outgrows it.
  const widths = [4, 10, 9].map((name, at) => ({
    name,
    value: Math.max(at === 2 ? 10 : 12, ...lines.map((cells) => widthOf(shown(cells[at]?.value ?? '')))),
  }));
  const gap = width >= 74 ? '     ' : ' ';
  let used = margin.length - gap.length;
  const pairs = widths.filter(({ name, value }) => (used += gap.length + name + 1 + value) <= width);
  return lines.map(
    (cells) =>
      margin +
      pairs
        .map(({ name, value }, at) => {
          const cell = cells[at] ?? { name: '', value: '', paint: String };
          return `${paint.quiet(padRight(cell.name, name))} ${cell.paint(padLeft(shown(cell.value), value))}`;
        })
        .join(gap),
  );
}

const bars = { unicode: '▁▂▃▄▅▆▇█', ascii: '_.:-=+*#' };

/** One mark for each value, from nothing to the most. @param most how many marks at most; the highest of neighbours stays */
export function sparkline(values: readonly number[], most: number, ascii: boolean): string {
  const marks = ascii ? bars.ascii : bars.unicode;
  const count = Math.min(values.length, most);
  const top = Math.max(...values, 0);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * values.length) / count);
    const to = Math.floor(((i + 1) * values.length) / count);
    const value = Math.max(...values.slice(from, to));
    const step = top === 0 ? 0 : Math.min(marks.length - 1, Math.floor((value / top) * marks.length));
    return marks[step] ?? '';
  }).join('');
}

/** How much a load is: users, or arrivals per second. */
export const offered = (load: Load): number => (load.kind === 'closed' ? load.users : load.ratePerSecond);

/** Throughput by load, ascending: over users where users were tried, else over rates. The last trial of a load counts. */
function growth(levels: readonly PlacedLiveLevel[]): { load: Load; throughput: number }[] {
  const kind = levels.some(({ load }) => load.kind === 'closed') ? 'closed' : 'open';
  const byLoad = new Map<number, { load: Load; throughput: number }>();
  for (const { load, throughput, valid } of levels) {
    if (load.kind === kind && valid && throughput !== null) byLoad.set(offered(load), { load, throughput });
  }
  return [...byLoad.values()].sort((one, other) => offered(one.load) - offered(other.load));
}

const captionWidth = 12;
const caption = (text: string, { paint }: Pane): string => margin + paint.quiet(padRight(text, captionWidth));

function growthLine({ levels }: LiveState, pane: Pane): string {
  const points = growth(levels);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return '';
  const values = points.map(({ throughput }) => throughput);
  const { width, paint, shown, ascii } = pane;
  const line = sparkline(values, width >= 74 ? 24 : 10, ascii);
  const range =
    last === first
      ? loadText(first.load)
      : last.load.kind === 'closed'
        ? `${formatCount(offered(first.load))} to ${usersText(last.load.users)}`
        : `${formatNumber(offered(first.load))} to ${loadText(last.load)}`;
  const room = width - margin.length - captionWidth - widthOf(line) - 2;
  const most = rateText(Math.max(...values), first.load);
  const words = [`${range}, at most ${most}`, `at most ${most}`].map(shown);
  const fitting = words.find((text) => widthOf(text) <= room) ?? '';
  return `${caption('throughput', pane)}${paint.measured(line)}  ${fitting}`;
}

/** Between which open loads the capacity lies: below every load that failed. */
export function bracketOf(levels: readonly PlacedLiveLevel[]): {
  readonly good: number | null;
  readonly bad: number | null;
  /** Why the lowest load that failed was not held. */
  readonly broken: string;
} {
  const tried = levels.flatMap(({ experiment, load, met, broken, valid }) =>
    experiment === 'capacity' && load.kind === 'open' && valid && met !== null
      ? [{ rate: load.ratePerSecond, met, broken }]
      : [],
  );
  const failed = tried.filter(({ met }) => !met).sort((one, other) => one.rate - other.rate)[0];
  const bad = failed?.rate ?? Number.POSITIVE_INFINITY;
  const good = Math.max(...tried.filter(({ rate, met }) => met && rate < bad).map(({ rate }) => rate));
  return {
    good: Number.isFinite(good) ? good : null,
    bad: failed?.rate ?? null,
    broken: failed?.broken ?? '',
  };
}

function bracketLine({ levels }: LiveState, pane: Pane): string {
  const { good, bad, broken } = bracketOf(levels);
  if (good === null && bad === null) return '';
  const of = levels.at(-1)?.load ?? {};
  const words =
    good === null
      ? `below ${rateText(bad, of)}`
      : bad === null
        ? `at least ${rateText(good, of)}`
        : `between ${formatNumber(good)} and ${rateText(bad, of)}`;
  const room = pane.width - margin.length - captionWidth;
  const longer = pane.shown(broken === '' ? words : `${words}, where ${broken}`);
  const fits = widthOf(longer) <= room ? longer : clip(pane.shown(words), room, pane.shown('…'));
  return caption('capacity', pane) + pane.paint.safe(fits);
}

function progressLine({ elapsedMs, budgetMs }: LiveState, { width, paint, shown, ascii }: Pane): string {
  const share = budgetMs > 0 ? Math.min(1, elapsedMs / budgetMs) : 0;
  const leftMs = Math.max(0, budgetMs - elapsedMs);
  const left =
    leftMs < 1000 ? 'about to end' : `about ${formatDuration(Math.round(leftMs / 1000) * 1000)} left`;
  const words = shown(`${formatPercent(Math.floor(share * 100) / 100)}, ${left}`);
  const cells = Math.min(40, width - margin.length - 30);
  if (cells < 8) return margin + clip(words, width - margin.length);
  const full = Math.floor(share * cells);
  const [done, open] = ascii ? ['#', '.'] : ['━', '─'];
  return `${margin}${paint.measured(done.repeat(full))}${paint.quiet(open.repeat(cells - full))}  ${words}`;
}
