/**
 * The levels as CSV (RFC 4180), one row each, for a spreadsheet or a script.
 *
 * 1. Units stand in the column names; numbers are exact, with a point; unknown is an empty cell.
 * 2. Columns are added at the end, never moved or renamed.
 * 3. A cell with text of the target never begins like a formula.
 */
import type { Level, Quantiles, Report } from '../model/report.ts';
import { outcomeOf, placedLevels, type PlacedLevel } from './words.ts';

export type Cell = string | number | boolean | null;

interface CsvColumn {
  readonly name: string;
  readonly of: (placed: PlacedLevel, report: Report) => Cell;
}

const column = (name: string, of: (level: Level) => Cell): CsvColumn => ({
  name,
  of: ({ level }) => of(level),
});

const times = (name: string, of: (level: Level) => Quantiles): CsvColumn[] =>
  (['p50', 'p90', 'p95', 'p99', 'p999', 'max', 'mean'] as const).map((quantile) =>
    column(`${name}_${quantile}_ms`, (level) => of(level)[quantile]),
  );

const columns: readonly CsvColumn[] = [
  { name: 'run', of: (_, report) => report.run.id },
  { name: 'target', of: (_, report) => report.target.name },
  { name: 'experiment', of: ({ experiment }) => experiment },
  column('purpose', (level) => level.purpose),
  column('load_kind', (level) => level.load.kind),
  column('users', ({ load }) => (load.kind === 'closed' ? load.users : null)),
  column('rate_per_s', ({ load }) => (load.kind === 'open' ? load.ratePerSecond : null)),
  column('arrivals', ({ load }) => (load.kind === 'open' ? load.arrivals : null)),
  column('start_ms', (level) => level.startMs),
  column('duration_ms', (level) => level.durationMs),
  column('warmup_ms', (level) => level.warmupMs),
  column('steady', (level) => level.steady),
  column('valid', (level) => level.valid),
  column('invalid_reasons', (level) => level.invalidReasons.map(({ code }) => code).join('; ')),
  column('stopped_early', (level) => level.stoppedEarly),
  column('objectives', outcomeOf),
  column('throughput_per_s', (level) => level.throughput?.value ?? null),
  column('throughput_low_per_s', (level) => level.throughput?.low ?? null),
  column('throughput_high_per_s', (level) => level.throughput?.high ?? null),
  ...times('response', (level) => level.response),
  column('response_p95_low_ms', (level) => level.responseP95?.low ?? null),
  column('response_p95_high_ms', (level) => level.responseP95?.high ?? null),
  ...times('service', (level) => level.service),
  column('first_byte_p95_ms', (level) => level.firstByte.p95),
  column('lag_p99_ms', (level) => level.lag.p99),
  ...(['due', 'sent', 'done', 'failed', 'dropped', 'unfinished'] as const).map((count) =>
    column(count, (level) => level.requests[count]),
  ),
  column('connections_opened', (level) => level.connections.opened),
  column('connect_p95_ms', (level) => level.connections.connect.p95),
  column('handshake_p95_ms', (level) => level.connections.handshake.p95),
  column('error_ratio', (level) => level.errors.ratio),
  column('errors_by_kind', (level) =>
    Object.entries(level.errors.byKind)
      .map(([kind, count]) => `${kind}=${count}`)
      .join('; '),
  ),
  column('in_flight', (level) => level.inFlight),
  column('efficiency_ratio', (level) => level.efficiency),
  column('generator_cpu_ratio', (level) => level.generator.cpu),
  column('generator_loop_lag_p99_ms', (level) => level.generator.loopLagP99Ms),
  column('target_cpu_cores', (level) => level.target.cpuCores),
  column('target_rss_bytes', (level) => level.target.rssBytes),
  column('target_threads', (level) => level.target.threads),
  column('target_fds', (level) => level.target.fds),
  column('target_cpu_ms_per_session', (level) => level.target.cpuMsPerSession),
  ...(['sent', 'received', 'numbered', 'lost', 'duplicated', 'reordered'] as const).map((count) =>
    column(`messages_${count}`, (level) => level.messages?.[count] ?? null),
  ),
  column('body_bytes', ({ variant }) => (variant?.kind === 'bytes' ? variant.bytes : null)),
  column('mix', ({ variant }) => (variant?.kind === 'mix' ? variant.mix : null)),
];

export function csv(report: Report): string {
  return csvOf(
    columns.map(({ name }) => name),
    placedLevels(report).map((placed) => columns.map(({ of }) => of(placed, report))),
  );
}

/** Lines of cells under a line of names, which are ours and stand as they are. */
export function csvOf(names: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [names, ...rows.map((row) => row.map(cellText))].map((cells) => `${cells.join(',')}\r\n`).join('');
}

/** Text that a spreadsheet would compute is kept text by an apostrophe (OWASP, CSV injection). */
const formula = /^[\s\0]*[=+\-@\t\r\n＝＋－＠]/;

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  const text = typeof cell === 'string' && formula.test(cell) ? `'${cell}` : String(cell);
  return /[",\r\n']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
