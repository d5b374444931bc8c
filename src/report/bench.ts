/** Benchmarks as a table for the terminal, and as CSV. Pure. */
import type { BenchStage, BenchWishes } from '../model/bench.ts';
import { asciiTwin, inert } from './characters.ts';
import { csvOf, type Cell } from './csv.ts';
import { formatBytes, formatCount, formatEstimate, formatMs, formatNumber, formatPercent } from './format.ts';
import { tableCells, type Column } from './layout.ts';
import type { TerminalOptions } from './terminal.ts';

export interface BenchResult extends BenchWishes {
  readonly name: string;
  readonly stages: readonly BenchStage[];
}

const columns: readonly Column[] = [
  { title: 'load', align: 'right', spare: 0 },
  { title: 'operations/s', align: 'right', spare: 0 },
  { title: 'p50', align: 'right', spare: 3 },
  { title: 'p95', align: 'right', spare: 1 },
  { title: 'p99', align: 'right', spare: 4 },
  { title: 'CPU/1000', align: 'right', spare: 2 },
  { title: 'memory/1000', align: 'right', spare: 5 },
  { title: 'of target', align: 'right', spare: 0 },
  { title: 'of acceptable', align: 'left', spare: 0 },
];

/** Each benchmark with a line for each load. Ends with a line break. */
export function benchTable(results: readonly BenchResult[], options: TerminalOptions = {}): string {
  const shown = (text: string): string => (options.ascii === true ? asciiTwin(inert(text)) : inert(text));
  const width = Math.max(30, options.columns ?? 80) - 2;
  return results
    .map((result) => {
      const rows = result.stages.map((stage) => cellsOf(stage).map(shown));
      const { lines } = tableCells(columns, rows, width);
      const table = lines.map((cells) => `  ${cells.join('  ')}`.trimEnd());
      const notes = notesOf(result).map((note) => `  ${shown(note)}`);
      return [`  ${shown(headOf(result))}`, ...table, ...notes, ''].join('\n');
    })
    .join('\n');
}

function headOf({ name, target, acceptable }: BenchResult): string {
  const wishes = [
    ...(target === null ? [] : [`target ${formatCount(target)}/s`]),
    ...(acceptable === null ? [] : [`acceptable ${formatCount(acceptable)}/s`]),
  ];
  return wishes.length === 0 ? name : `${name} (${wishes.join(', ')})`;
}

/** "2.07 times": a ratio above one is no percentage to a reader. */
const times = (ratio: number | null): string => (ratio === null ? '–' : `${formatNumber(ratio)}x`);

function cellsOf(stage: BenchStage): string[] {
  const { perSecond, response, atLeast, verdict } = stage;
  // The unit stands above.
  const rate = perSecond === null ? '–' : formatEstimate({ ...perSecond, unit: '' }, { atLeast }).trim();
  return [
    `${formatCount(stage.load)}x`,
    rate,
    formatMs(response.p50),
    formatMs(response.p95),
    formatMs(response.p99),
    formatMs(stage.cpuMsPerThousand),
    bytesOf(stage.memoryBytesPerThousand),
    times(stage.ofTarget),
    [times(stage.ofAcceptable), ...(verdict === null ? [] : [verdict])].join(' '),
  ];
}

const bytesOf = (bytes: number | null): string =>
  bytes !== null && bytes < 0 ? `−${formatBytes(-bytes)}` : formatBytes(bytes);

function notesOf({ stages }: BenchResult): string[] {
  const failed = stages.reduce((sum, { operations }) => sum + operations.failed, 0);
  const unfinished = stages.reduce((sum, { operations }) => sum + operations.unfinished, 0);
  const said = stages.findLast(({ lastError }) => lastError !== '')?.lastError ?? '';
  return [
    ...(failed === 0 ? [] : [`${formatCount(failed)} operations failed, the last with: ${said}`]),
    ...(unfinished === 0 ? [] : [`${formatCount(unfinished)} operations never ended`]),
    ...boundsOf(stages),
    ...(stages.some(({ keepsThread, load }) => keepsThread && load > 1)
      ? ['keeps its thread: more at a time only wait for it']
      : []),
    ...(stages.some(({ memoryOf }) => memoryOf === 'rss') ? ['memory is of the whole process'] : []),
  ];
}

/** Why some rates are lower bounds. */
function boundsOf(stages: readonly BenchStage[]): string[] {
  const most = (of: (stage: BenchStage) => number | null): number =>
    Math.max(...stages.filter(({ atLeast }) => atLeast).map((stage) => of(stage) ?? 0));
  if (!stages.some(({ atLeast }) => atLeast)) return [];
  const own = formatPercent(most(({ ownShare }) => ownShare));
  const waited = formatPercent(most(({ waitedShare }) => waitedShare));
  return [`"at least": up to ${own} of the thread went to measuring, and up to ${waited} to other processes`];
}

interface Placed {
  readonly result: BenchResult;
  readonly stage: BenchStage;
}

const csvColumns: readonly { readonly name: string; readonly of: (placed: Placed) => Cell }[] = [
  { name: 'benchmark', of: ({ result }) => result.name },
  { name: 'load', of: ({ stage }) => stage.load },
  { name: 'operations_per_s', of: ({ stage }) => stage.perSecond?.value ?? null },
  { name: 'operations_low_per_s', of: ({ stage }) => stage.perSecond?.low ?? null },
  { name: 'operations_high_per_s', of: ({ stage }) => stage.perSecond?.high ?? null },
  { name: 'at_least', of: ({ stage }) => stage.atLeast },
  { name: 'steady', of: ({ stage }) => stage.steady },
  { name: 'response_p50_ms', of: ({ stage }) => stage.response.p50 },
  { name: 'response_p95_ms', of: ({ stage }) => stage.response.p95 },
  { name: 'response_p99_ms', of: ({ stage }) => stage.response.p99 },
  { name: 'cpu_ms_per_1000', of: ({ stage }) => stage.cpuMsPerThousand },
  { name: 'memory_bytes_per_1000', of: ({ stage }) => stage.memoryBytesPerThousand },
  { name: 'memory_of', of: ({ stage }) => stage.memoryOf },
  { name: 'target_per_s', of: ({ result }) => result.target },
  { name: 'of_target_ratio', of: ({ stage }) => stage.ofTarget },
  { name: 'acceptable_per_s', of: ({ result }) => result.acceptable },
  { name: 'of_acceptable_ratio', of: ({ stage }) => stage.ofAcceptable },
  { name: 'verdict', of: ({ stage }) => stage.verdict },
  { name: 'done', of: ({ stage }) => stage.operations.done },
  { name: 'failed', of: ({ stage }) => stage.operations.failed },
  { name: 'own_share_ratio', of: ({ stage }) => stage.ownShare },
  { name: 'waited_share_ratio', of: ({ stage }) => stage.waitedShare },
  { name: 'unfinished', of: ({ stage }) => stage.operations.unfinished },
];

/** A row for each benchmark and load. */
export function benchCsv(results: readonly BenchResult[]): string {
  const placed = results.flatMap((result) => result.stages.map((stage) => ({ result, stage })));
  return csvOf(
    csvColumns.map(({ name }) => name),
    placed.map((each) => csvColumns.map(({ of }) => of(each))),
  );
}
