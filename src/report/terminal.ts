/**
 * The report as the last lines in a terminal: sentences first, then what speaks against them, then what to do.
 *
 * 1. No line is wider than asked for, but for a command to copy; 80 columns is the measure, more only helps.
 * 2. Colour repeats what the words say, and is off unless asked for.
 * 3. No text of the target can steer the terminal.
 */
import type { Finding, Report } from '../model/report.ts';
import { asciiTwin, inert, spaced } from './characters.ts';
import { closingRows, generatorRow, type Row } from './closing.ts';
import { formatCount, formatDuration } from './format.ts';
import { clip, padRight, tableCells, widthOf, wrap, type Column } from './layout.ts';
import { judgedRows, levelColumns, levelRows, type LevelRow } from './levelsTable.ts';
import { measuredRows } from './measuredRows.ts';
import { paints, type Meaning, type Paint } from './paint.ts';
import { checkColumns, checkRows, metText, type CheckRow } from './profileTable.ts';
import { stepColumns, stepsOf } from './stepsTable.ts';
import { glued, placedLevels, targetText } from './words.ts';

export interface TerminalOptions {
  /** Width in columns; 80 when left out. */
  readonly columns?: number | undefined;
  readonly colour?: boolean | undefined;
  /** Only characters below 128. */
  readonly ascii?: boolean | undefined;
}

interface Page {
  readonly width: number;
  readonly paint: Paint;
  /** Text as it may be shown: inert, and in ASCII where asked for. */
  readonly shown: (text: string) => string;
}

const margin = '  ';
const labelWidth = 12;
const widestValue = 24;
/** A reason in fewer columns than this stands below its value. */
const narrowestReason = 32;
const pairGap = '        ';
/** Longer lines are hard to read. */
const widestLine = 110;

function pageOf({ columns = 80, colour = false, ascii = false }: TerminalOptions): Page {
  return {
    width: Math.min(Math.max(columns, 30), widestLine),
    paint: paints(colour),
    shown: (text) => (ascii ? asciiTwin(glued(inert(text))) : glued(inert(text))),
  };
}

/** The closing block: of an assessment its findings in rows, of `run` its levels. Ends with a line break. */
export function terminal(report: Report, options: TerminalOptions = {}): string {
  const page = pageOf(options);
  const assessed = report.capacity !== null || report.scaling !== null;
  const body = assessed
    ? [rowLines(closingRows(report), page), stepLines(report, page)]
    : [
        levelLines(report, page),
        checkLines(report, page),
        stepLines(report, page),
        judgedLines(report, page),
        rowLines([generatorRow(report)], page),
      ];
  return joined([headLines(report, page), ...body, doubtLines(report, page), findingLines(report, page)]);
}

/** Every level, a line each. Ends with a line break. */
export function levelsTable(report: Report, options: TerminalOptions = {}): string {
  return joined([levelLines(report, pageOf(options))]);
}

/** A sentence beside the report, in the lines of its page. Ends with a line break. */
export function paragraph(text: string, options: TerminalOptions = {}): string {
  const { width, shown } = pageOf(options);
  return joined([wrap(shown(text), width - margin.length).map((line) => margin + line)]);
}

/** The whole summary as plain text, for `--format txt`. */
export function plainText(report: Report, options: Omit<TerminalOptions, 'colour'> = {}): string {
  const page = pageOf({ ...options, colour: false });
  const assessed = report.capacity !== null || report.scaling !== null;
  const levels = assessed ? [['  Levels', '', ...levelLines(report, page)]] : [];
  const notes = report.findings.filter(({ gravity }) => gravity === 'note');
  return joined([
    terminal(report, { ...options, colour: false })
      .trimEnd()
      .split('\n'),
    noteLines(notes, page),
    ...levels,
    ['  How this was measured', '', ...rowLines(measuredRows(report), page)],
  ]);
}

const joined = (blocks: readonly (readonly string[])[]): string =>
  blocks
    .filter((block) => block.length > 0)
    .map((block) => `${block.map((line) => spaced(line).trimEnd()).join('\n')}\n`)
    .join('\n');

const verdictMeaning: Record<Report['verdict'], Meaning> = {
  pass: 'safe',
  fail: 'cliff',
  inconclusive: 'knee',
};

const stops: Record<NonNullable<Report['run']['stopped']>, string> = {
  interrupt: 'interrupted',
  'time-limit': 'ended by the time limit',
  'data-ended': 'ended with its data',
  'target-died': 'ended because the target stopped answering',
};

/** The verdict in one sentence, and under it on what it was passed. */
function headLines(report: Report, { width, paint, shown }: Page): string[] {
  const { run, target, verdict } = report;
  const levels = placedLevels(report).length;
  const after = [
    formatDuration(run.durationMs),
    `${formatCount(levels)}\u00a0${levels === 1 ? 'level' : 'levels'}`,
    ...(run.stopped === null ? [] : [stops[run.stopped]]),
  ].join(', ');
  const inner = width - margin.length;
  const sentence = wrap(shown(report.summary), inner).map((line) => margin + paint.strong(line));
  const tail = shown(`, ${after}`);
  const room = inner - widthOf(verdict) - 2 - widthOf(tail);
  const name = clip(shown(targetText(target)), Math.max(room, 16), shown('…'));
  const [first = '', ...others] = wrap(`${name}${tail}`, inner - widthOf(verdict) - 2);
  const indent = margin + ' '.repeat(widthOf(verdict) + 2);
  return [
    ...sentence,
    `${margin}${paint[verdictMeaning[verdict]](verdict)}  ${paint.quiet(first)}`,
    ...others.map((line) => indent + paint.quiet(line)),
  ];
}

/** Label, value and reason side by side where there is room for the reason, else below each other. */
function rowLines(rows: readonly Row[], page: Page): string[] {
  const { width, shown } = page;
  const left = margin.length + labelWidth;
  const sided = rows
    .filter(({ because }) => because !== '')
    .map(({ value }) => widthOf(shown(value)))
    .filter((each) => each <= widestValue);
  const valueWidth = Math.max(0, ...sided) + 3;
  return rows.flatMap((row) => {
    if (row.beside !== undefined) return pairLines(row, row.beside, page);
    const fits = widthOf(shown(row.value)) <= widestValue && width - left - valueWidth >= narrowestReason;
    return oneRow(row, page, row.because !== '' && fits ? valueWidth : null);
  });
}

/** @param valueWidth where the reason begins; null to put it below */
function oneRow(
  { label, value, because, meaning, whole }: Row,
  page: Page,
  valueWidth: number | null,
): string[] {
  const { width, paint, shown } = page;
  const left = margin.length + labelWidth;
  const lead = margin + paint.quiet(padRight(label, labelWidth));
  const coloured =
    because === '' ? paint[meaning] : (text: string): string => paint.strong(paint[meaning](text));
  const hang = (lines: readonly string[], indent: number): string[] =>
    lines.map((line) => ' '.repeat(indent) + line);
  if (valueWidth !== null) {
    const [first = '', ...others] = wrap(shown(because), width - left - valueWidth);
    const text = shown(value);
    return [
      `${lead}${coloured(text)}${' '.repeat(valueWidth - widthOf(text))}${first}`,
      ...hang(others, left + valueWidth),
    ];
  }
  const lines = whole === true ? [shown(value)] : wrap(shown(value), width - left);
  const [first = '', ...others] = lines;
  const below = because === '' ? [] : wrap(shown(because), width - left);
  return [lead + coloured(first), ...hang(others.map(coloured), left), ...hang(below, left)];
}

/** Two short rows on one line where they fit. */
function pairLines(one: Row, other: Row, page: Page): string[] {
  const first = oneRow(one, page, null);
  const used = margin.length + labelWidth + widthOf(page.shown(one.value)) + widthOf(pairGap);
  const second = `${page.paint.quiet(other.label)}  ${page.paint[other.meaning](page.shown(other.value))}`;
  const fits = used + widthOf(`${other.label}  ${page.shown(other.value)}`) <= page.width;
  return first.length === 1 && fits
    ? [`${first[0] ?? ''}${pairGap}${second}`]
    : [...first, ...oneRow(other, page, null)];
}

/** A label in its colour, its text hanging beside it. */
function hanging(label: string, meaning: Meaning, lines: readonly string[], { paint }: Page): string[] {
  return lines.map((line, at) =>
    at === 0
      ? margin + paint[meaning](padRight(label, labelWidth)) + line
      : ' '.repeat(margin.length + labelWidth) + line,
  );
}

const hangingWidth = ({ width }: Page): number => width - margin.length - labelWidth;

/** Why the measurement may not be believed. */
function doubtLines(report: Report, page: Page): string[] {
  return report.validity.reasons.flatMap(({ statement }) =>
    hanging('Not valid', 'knee', wrap(page.shown(statement), hangingWidth(page)), page),
  );
}

const gravities: Record<'warning' | 'failure', { label: string; meaning: Meaning }> = {
  warning: { label: 'Warning', meaning: 'knee' },
  failure: { label: 'Failure', meaning: 'cliff' },
};

function findingLines(report: Report, page: Page): string[] {
  return (['failure', 'warning'] as const).flatMap((gravity) => {
    const { label, meaning } = gravities[gravity];
    return report.findings
      .filter((finding) => finding.gravity === gravity)
      .flatMap((finding) => hanging(label, meaning, statementAndRemedy(finding, page), page));
  });
}

const noteLines = (notes: readonly Finding[], page: Page): string[] =>
  notes.flatMap((finding) => hanging('Note', 'quiet', statementAndRemedy(finding, page), page));

/** The statement, and under it the remedy behind an arrow. */
function statementAndRemedy({ statement, remedy }: Finding, page: Page): string[] {
  const arrow = page.shown('→ ');
  const width = hangingWidth(page);
  const below = remedy === '' ? [] : wrap(page.shown(remedy), width - widthOf(arrow));
  return [
    ...wrap(page.shown(statement), width),
    ...below.map((line, at) => (at === 0 ? arrow : ' '.repeat(widthOf(arrow))) + line),
  ];
}

const outcomeMeaning = { held: 'safe', 'not held': 'cliff', invalid: 'knee' } as const;

function levelLines(report: Report, page: Page): string[] {
  const { width, paint, shown } = page;
  const rows = levelRows(report);
  if (rows.length === 0) return [`${margin}no level was measured`];
  const several = new Set(rows.map(({ experiment }) => experiment)).size > 1;
  const { kept, lines } = tableCells(
    levelColumns,
    rows.map(({ cells }) => cells.map(shown)),
    width - margin.length,
  );
  const [head = [], ...body] = lines;
  const noteIndent = `${margin}  ${' '.repeat(widthOf(head[0] ?? ''))}`;
  const styled = (row: LevelRow, cells: readonly string[]): string =>
    cells.map((cell, at) => paint[cellMeaning(row, kept[at] ?? 0)](cell)).join('  ');
  const dropped = levelColumns.map(({ title }, at) => ({ title, at })).filter(({ at }) => !kept.includes(at));
  let experiment = '';
  return [
    margin + paint.quiet(head.join('  ')),
    ...rows.flatMap((row, at) => {
      const isNew = several && row.experiment !== experiment;
      experiment = row.experiment;
      const untold = dropped.flatMap(({ title, at: column }) => {
        if (title === 'objectives') return row.outcome ?? [];
        return title === 'p95' ? `p95 ${row.cells[column] ?? ''}` : [];
      });
      const notes = [...untold, ...row.notes].join('; ');
      return [
        ...(isNew ? [margin + paint.quiet(shown(row.experiment))] : []),
        margin + styled(row, body[at] ?? []),
        ...(notes === ''
          ? []
          : wrap(shown(notes), width - noteIndent.length).map((line) => noteIndent + paint.quiet(line))),
      ];
    }),
  ];
}

function cellMeaning({ outcome }: LevelRow, column: number): Meaning {
  const title = levelColumns[column]?.title;
  if (outcome === 'invalid' && title !== 'objectives') return 'quiet';
  if (title === 'objectives') return outcome === null ? 'quiet' : outcomeMeaning[outcome];
  return title === 'throughput'
    ? 'measured'
    : title === 'p50' || title === 'p95' || title === 'p99'
      ? 'response'
      : 'plain';
}

/** Each objective at each level: the rule, what was measured, whether it was met. */
function stepLines(report: Report, { width, paint, shown }: Page): string[] {
  const steps = stepsOf(report);
  if (steps === null) return [];
  const rows = steps.rows.map((cells) => cells.map(shown));
  const [head = [], ...body] = tableCells(stepColumns, rows, width - margin.length).lines;
  return [
    `${margin}${paint.quiet(shown(`Steps of a session, at ${steps.load}`))}`,
    margin + paint.quiet(head.join('  ')),
    ...body.map((cells) => margin + cells.join('  ')),
    ...(steps.messages === '' ? [] : wrap(shown(steps.messages), width - margin.length)).map(
      (line) => margin + line,
    ),
  ];
}

function judgedLines(report: Report, page: Page): string[] {
  const rows = judgedRows(report);
  if (report.objectives.length === 0) return [`${margin}no objective was set`];
  if (rows.length === 0) return [];
  return outcomeLines(
    [
      { title: 'load', align: 'right', spare: placedLevels(report).length > 1 ? 0 : 1 },
      { title: 'objective', align: 'left', spare: 0 },
      { title: 'measured', align: 'right', spare: 0 },
      { title: '', align: 'left', spare: 0 },
    ],
    rows.map(({ load, rule, value, met }) => ({ cells: [load, rule, value, metText(met)], met })),
    page,
  );
}

/** What a profile shows: a line for each check. */
function checkLines(report: Report, page: Page): string[] {
  const rows = checkRows(report);
  return rows === null ? [] : outcomeLines(checkColumns, rows, page);
}

/** A table whose last column says whether something was met, in its colour. */
function outcomeLines(
  columns: readonly Column[],
  rows: readonly CheckRow[],
  { width, paint, shown }: Page,
): string[] {
  const cells = rows.map((row) => row.cells.map(shown));
  const { kept, lines } = tableCells(columns, cells, width - margin.length);
  const [head = [], ...body] = lines;
  return [
    margin + paint.quiet(head.join('  ')),
    ...body.map((line, at) => {
      const met = rows[at]?.met ?? null;
      const meaning = met === null ? 'knee' : met ? 'safe' : 'cliff';
      const isOutcome = (column: number): boolean => kept[column] === columns.length - 1;
      return (
        margin + line.map((cell, column) => (isOutcome(column) ? paint[meaning](cell) : cell)).join('  ')
      );
    }),
  ];
}
