/** The columns of the table of levels: what is shown, what it is sorted by. */
import { formatBytes, formatEstimate, formatMs, formatNumber, formatPercent } from '../format.ts';
import { levelText } from '../words.ts';
import { outcome, type NumberedLevel } from './words.ts';

export interface LevelColumn {
  readonly name: string;
  readonly title: string;
  readonly text: (entry: NumberedLevel) => string;
  /** null sorts last. */
  readonly order: (entry: NumberedLevel) => number | string | null;
  readonly align: 'left' | 'right';
  /** Left out on paper, which is too narrow for everything. */
  readonly screen?: boolean;
}

const outcomes = { held: '✓ held', failed: '✕ not held', invalid: '○ invalid' } as const;

function outcomeText({ level }: NumberedLevel): string {
  const judged = level.objectives.some(({ met }) => met !== null);
  const found = outcome(level);
  return [
    found === 'held' && !judged ? '–' : outcomes[found],
    level.steady ? '' : 'not steady',
    level.stoppedEarly === null ? '' : `stopped: ${level.stoppedEarly}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

const offered = ({ level: { load } }: NumberedLevel): number =>
  load.kind === 'closed' ? load.users : load.ratePerSecond;

const errorKinds = ({ level }: NumberedLevel): string =>
  Object.entries(level.errors.byKind)
    .sort(([, one], [, other]) => other - one)
    .map(([kind, count]) => `${kind}\u00a0${formatNumber(count)}`)
    .join(', ');

const number = (
  name: string,
  title: string,
  order: (entry: NumberedLevel) => number | null,
  text: (entry: NumberedLevel) => string,
): LevelColumn => ({ name, title, order, text, align: 'right' });

const ms = (name: string, title: string, of: (entry: NumberedLevel) => number | null): LevelColumn =>
  number(name, title, of, (entry) => formatMs(of(entry)));

const onScreen = (column: LevelColumn): LevelColumn => ({ ...column, screen: true });

export const levelColumns: readonly LevelColumn[] = [
  number(
    '#',
    'Order of measuring',
    ({ index }) => index,
    ({ index }) => String(index + 1),
  ),
  {
    name: 'experiment',
    title: 'Experiment it belongs to',
    text: ({ experiment }) => experiment,
    order: ({ experiment }) => experiment,
    align: 'left',
  },
  number('load', 'Users, or requests offered per second', offered, ({ level }) => levelText(level)),
  {
    name: 'objectives',
    title: 'Whether the objectives held, and what speaks against the level',
    text: outcomeText,
    order: outcomeText,
    align: 'left',
  },
  number(
    'throughput',
    'Successful answers per second, with 95 % interval',
    ({ level }) => level.throughput?.value ?? null,
    ({ level }) => (level.throughput === null ? '–' : formatEstimate(level.throughput)),
  ),
  ms('p50', 'Median response time', ({ level }) => level.response.p50),
  number(
    'p95',
    'Response time p95, with 95 % interval',
    ({ level }) => level.response.p95,
    ({ level }) =>
      level.responseP95 === null ? formatMs(level.response.p95) : formatEstimate(level.responseP95),
  ),
  ms('p99', 'Response time p99', ({ level }) => level.response.p99),
  onScreen(ms('max', 'Longest response time', ({ level }) => level.response.max)),
  onScreen(
    ms('service p95', 'Time from sending to the end of the answer, p95', ({ level }) => level.service.p95),
  ),
  number(
    'errors',
    'Share of answers that failed',
    ({ level }) => level.errors.ratio,
    ({ level }) => formatPercent(level.errors.ratio),
  ),
  {
    name: 'error kinds',
    title: 'Kinds of errors, with their counts',
    text: (entry) => errorKinds(entry) || '–',
    order: (entry) => errorKinds(entry),
    align: 'left',
    screen: true,
  },
  onScreen(
    number(
      'in flight',
      'Mean number of requests in flight',
      ({ level }) => level.inFlight,
      ({ level }) => formatNumber(level.inFlight),
    ),
  ),
  number(
    'efficiency',
    'Throughput over linear scaling from one user',
    ({ level }) => level.efficiency,
    ({ level }) => formatPercent(level.efficiency),
  ),
  number(
    'target CPU',
    'Cores that the target used',
    ({ level }) => level.target.cpuCores,
    ({ level }) =>
      level.target.cpuCores === null ? '–' : `${formatNumber(level.target.cpuCores)}\u00a0cores`,
  ),
  onScreen(
    number(
      'memory',
      'Resident memory of the target',
      ({ level }) => level.target.rssBytes,
      ({ level }) => formatBytes(level.target.rssBytes),
    ),
  ),
  onScreen(ms('lag p99', 'How late the generator itself was', ({ level }) => level.generator.lagP99Ms)),
  number(
    'generator CPU',
    'Busy share of the busiest worker thread',
    ({ level }) => level.generator.cpu,
    ({ level }) => formatPercent(level.generator.cpu),
  ),
];

export function sortLevels(
  levels: readonly NumberedLevel[],
  column: LevelColumn,
  descending: boolean,
): NumberedLevel[] {
  const sign = descending ? -1 : 1;
  return [...levels].sort((one, other) => {
    const [a, b] = [column.order(one), column.order(other)];
    if (a === null || b === null) return a === b ? one.index - other.index : a === null ? 1 : -1;
    const compared =
      typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
    return compared === 0 ? one.index - other.index : sign * compared;
  });
}

/** Exact values, for a spreadsheet. */
export function levelsTsv(levels: readonly NumberedLevel[]): string {
  const head = [
    'experiment',
    'load_kind',
    'load',
    'valid',
    'steady',
    'duration_ms',
    'throughput_per_s',
    'throughput_low',
    'throughput_high',
    'response_p50_ms',
    'response_p95_ms',
    'response_p95_low',
    'response_p95_high',
    'response_p99_ms',
    'response_max_ms',
    'service_p95_ms',
    'error_ratio',
    'due',
    'sent',
    'done',
    'failed',
    'dropped',
    'unfinished',
    'in_flight',
    'efficiency',
    'target_cpu_cores',
    'target_rss_bytes',
    'lag_p99_ms',
    'generator_cpu',
  ];
  const rows = levels.map((entry) => {
    const { level, experiment } = entry;
    const { requests, response } = level;
    return [
      experiment,
      level.load.kind,
      offered(entry),
      level.valid,
      level.steady,
      level.durationMs,
      level.throughput?.value,
      level.throughput?.low,
      level.throughput?.high,
      response.p50,
      response.p95,
      level.responseP95?.low,
      level.responseP95?.high,
      response.p99,
      response.max,
      level.service.p95,
      level.errors.ratio,
      requests.due,
      requests.sent,
      requests.done,
      requests.failed,
      requests.dropped,
      requests.unfinished,
      level.inFlight,
      level.efficiency,
      level.target.cpuCores,
      level.target.rssBytes,
      level.generator.lagP99Ms,
      level.generator.cpu,
    ].map((cell) => (cell === null || cell === undefined ? '' : String(cell)));
  });
  return [head, ...rows].map((row) => row.join('\t')).join('\n');
}
