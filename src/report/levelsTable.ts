/** The levels as a table of words: what each load gave, whether it held, and what speaks against it. */
import type { Level, Report } from '../model/report.ts';
import { formatEstimate, formatMs, formatPercent, formatValue } from './format.ts';
import type { Column } from './layout.ts';
import { metricWords } from '../model/objectives.ts';
import { errorKinds, levelText, outcomeOf, placedLevels, ruleText, unitOf } from './words.ts';

export interface LevelRow {
  readonly experiment: string;
  readonly cells: readonly string[];
  readonly outcome: ReturnType<typeof outcomeOf>;
  /** What the cells do not say, each a short clause. */
  readonly notes: readonly string[];
}

export const levelColumns: readonly Column[] = [
  { title: 'load', align: 'right', spare: 0 },
  { title: 'throughput', align: 'right', spare: 0 },
  { title: 'p50', align: 'right', spare: 4 },
  { title: 'p95', align: 'right', spare: 1 },
  { title: 'p99', align: 'right', spare: 5 },
  { title: 'errors', align: 'right', spare: 3 },
  { title: 'objectives', align: 'left', spare: 2 },
];

export function levelRows(report: Report): LevelRow[] {
  return placedLevels(report).map(({ experiment, level }) => {
    const outcome = outcomeOf(level);
    return {
      experiment,
      cells: [
        levelText(level),
        level.throughput === null ? '–' : formatEstimate(level.throughput),
        formatMs(level.response.p50),
        formatMs(level.response.p95),
        formatMs(level.response.p99),
        formatPercent(level.errors.ratio),
        outcome ?? '–',
      ],
      outcome,
      notes: notesOf(level),
    };
  });
}

const ends: Record<NonNullable<Level['stoppedEarly']>, string> = {
  backlog: 'ended early: requests piled up',
  interrupt: 'ended early: interrupted',
  'time-limit': 'ended early: time limit',
  'data-ended': 'ended early: no data left',
  'target-died': 'ended early: the target stopped answering',
};

/** A metric that has a column of its own needs no note. */
const columnMetrics = ['response.p50', 'response.p95', 'response.p99', 'errors', 'throughput'];

function notesOf(level: Level): string[] {
  const kinds = errorKinds(level.errors.byKind);
  const broken = level.objectives
    .filter(({ metric, met }) => met === false && !columnMetrics.includes(metric))
    .map((each) => `${ruleText(each)} broken: ${formatValue(each.value, unitOf(each.metric))}`);
  return [
    ...level.invalidReasons.map(({ statement }) => statement),
    ...broken,
    ...(kinds === '' ? [] : [kinds]),
    ...(level.stoppedEarly === null ? [] : [ends[level.stoppedEarly]]),
    ...(level.growing && level.stoppedEarly !== 'backlog' ? ['more came in than went out, to the end'] : []),
    ...(level.steady || level.stoppedEarly !== null ? [] : ['never became steady']),
  ];
}

/** One rule at one level: the value stands beside the limit. */
export interface JudgedRow {
  readonly load: string;
  readonly rule: string;
  readonly value: string;
  readonly met: boolean | null;
}

export function judgedRows(report: Report): JudgedRow[] {
  return placedLevels(report).flatMap(({ level }) =>
    level.objectives.map((each) => ({
      load: levelText(level),
      rule: ruleText(each),
      value: valueOf(level, each.metric, each.value),
      met: each.met,
    })),
  );
}

function valueOf(level: Level, metric: string, value: number | null): string {
  const text = formatValue(value, unitOf(metric));
  // An interval that too few answers leave open says less than the value.
  const { responseP95 } = level;
  if (metric === 'response.p95' && responseP95 !== null && responseP95.high !== null)
    return formatEstimate(responseP95);
  return metricWords(metric) === 'throughput' && level.throughput !== null
    ? formatEstimate(level.throughput)
    : text;
}
