/**
 * The report as a comment on a pull request: the verdict, five figures, the findings, and the rest folded away.
 *
 * 1. Text of the target cannot become markup, a link, a mention or a cell of a table.
 * 2. GitHub, GitLab and plain readers all show it: tables, lists, <details>.
 */
import type { Finding, Report } from '../model/report.ts';
import { inert } from './characters.ts';
import { generatorRow, isTested, singleRows, type Row } from './closing.ts';
import { formatPercent, formatValue } from './format.ts';
import { judgedRows, levelColumns, levelRows } from './levelsTable.ts';
import { checkColumns, checkRows } from './profileTable.ts';
import { stepColumns, stepsOf } from './stepsTable.ts';
import { measuredRows } from './measuredRows.ts';
import { glued, targetText } from './words.ts';

/** A word joiner behind @ and # keeps them from calling people and naming issues. */
const joiner = '\u2060';
const address = /(?:https?:\/\/|www\.)[^\s<>"]*[^\s<>".,;:!?)\]}']/gi;

/** Text as text: nothing in it is markup, and addresses are code, so that none becomes a link. */
export function escaped(text: string): string {
  const whole = inert(text);
  let out = '';
  let from = 0;
  for (const found of whole.matchAll(address)) {
    out += escapedPlain(whole.slice(from, found.index)) + code(found[0].replaceAll('|', '%7C'));
    from = found.index + found[0].length;
  }
  return out + escapedPlain(whole.slice(from));
}

function escapedPlain(text: string): string {
  return glued(text)
    .replace(/[\\`*_[\]~|]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[@#]/g, `$&${joiner}`);
}

/** Text in a code span, as long a fence around it as it needs. */
function code(text: string): string {
  const plain = inert(text);
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = plain.startsWith('`') || plain.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${plain}${pad}${fence}`;
}

export function markdown(report: Report): string {
  const assessed = report.capacity !== null || report.scaling !== null;
  return [
    `### ${escaped(report.summary)}`,
    `**${report.verdict}** for ${code(targetText(report.target))}`,
    ...doubts(report),
    ...(assessed ? [figures(report)] : [levels(report), judged(report)]),
    checks(report),
    steps(report),
    findings(report.findings.filter(({ gravity }) => gravity !== 'note')),
    assessed ? folded('Every level', levels(report)) : '',
    notes(report.findings.filter(({ gravity }) => gravity === 'note')),
    folded('How this was measured', measured(report)),
  ]
    .filter((block) => block !== '')
    .join('\n\n')
    .concat('\n');
}

const folded = (title: string, body: string): string =>
  `<details>\n<summary>${title}</summary>\n\n${body}\n\n</details>`;

function doubts({ validity }: Report): string[] {
  if (validity.reasons.length === 0) return [];
  return [validity.reasons.map(({ statement }) => `> **Not valid:** ${escaped(statement)}`).join('\n>\n')];
}

function table(
  head: readonly string[],
  aligns: readonly ('left' | 'right')[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    line(aligns.map((align) => (align === 'right' ? '---:' : ':---'))),
    ...rows.map(line),
  ].join('\n');
}

/** A figure a row; what was not tested is named below, not shown as one. */
function figures(report: Report): string {
  const rows = singleRows(report);
  const missing = rows.filter((row) => !isTested(row)).map(({ label }) => label.toLowerCase());
  const shown = table(
    ['', 'measured', 'what it means'],
    ['left', 'left', 'left'],
    rows
      .filter(isTested)
      .map(({ label, value, because }) => [label, `**${escaped(value)}**`, escaped(because)]),
  );
  return missing.length === 0 ? shown : `${shown}\n\nNot tested in this run: ${missing.join(', ')}.`;
}

function levels(report: Report): string {
  const rows = levelRows(report);
  const several = new Set(rows.map(({ experiment }) => experiment)).size > 1;
  return table(
    [...(several ? ['experiment'] : []), ...levelColumns.map(({ title }) => title), 'remarks'],
    [...(several ? (['left'] as const) : []), ...levelColumns.map(({ align }) => align), 'left'],
    rows.map(({ experiment, cells, notes: remarks }) => [
      ...(several ? [escaped(experiment)] : []),
      ...cells.map(escaped),
      escaped(remarks.join('; ')),
    ]),
  );
}

function checks(report: Report): string {
  const rows = checkRows(report);
  if (rows === null) return '';
  return table(
    checkColumns.map(({ title }) => title),
    checkColumns.map(({ align }) => align),
    rows.map(({ cells }) => cells.map(escaped)),
  );
}

function steps(report: Report): string {
  const found = stepsOf(report);
  if (found === null) return '';
  const rows = table(
    stepColumns.map(({ title }) => title),
    stepColumns.map(({ align }) => align),
    found.rows.map((cells) => cells.map(escaped)),
  );
  const below = found.messages === '' ? '' : `\n\n${escaped(found.messages)}`;
  return `Steps of a session, at ${escaped(found.load)}:\n\n${rows}${below}`;
}

function judged(report: Report): string {
  const rows = judgedRows(report);
  const generator: Row = generatorRow(report);
  const words = { true: 'met', false: '**not met**', null: 'not judged' } as const;
  return [
    rows.length === 0
      ? 'No objective was set.'
      : table(
          ['load', 'objective', 'measured', ''],
          ['right', 'left', 'right', 'left'],
          rows.map(({ load, rule, value, met }) => [
            escaped(load),
            escaped(rule),
            escaped(value),
            words[`${met}`],
          ]),
        ),
    `Generator ${escaped(generator.value)}: ${escaped(generator.because)}.`,
  ].join('\n\n');
}

const gravities = { failure: 'Failure', warning: 'Warning', note: 'Note' } as const;
const byGravity = ['failure', 'warning', 'note'] as const;

function findings(found: readonly Finding[]): string {
  return byGravity
    .flatMap((gravity) => found.filter((finding) => finding.gravity === gravity))
    .map(findingItem)
    .join('\n');
}

function findingItem({ gravity, statement, remedy, evidence, confidence }: Finding): string {
  const rests = [
    ...evidence.map(({ series, value, unit }) => `${escaped(series)} ${escaped(formatValue(value, unit))}`),
    ...(confidence === null ? [] : [`confidence ${escaped(formatPercent(confidence))}`]),
  ];
  return [
    `- **${gravities[gravity]}:** ${escaped(statement)}`,
    ...(remedy === '' ? [] : [`  <br>→ ${escaped(remedy)}`]),
    ...(rests.length === 0 ? [] : [`  <br><sub>${rests.join('; ')}</sub>`]),
  ].join('\n');
}

const notes = (found: readonly Finding[]): string =>
  found.length === 0
    ? ''
    : folded(found.length === 1 ? 'One note' : `${found.length} notes`, findings(found));

function measured(report: Report): string {
  return measuredRows(report)
    .map(({ label, value }) => `- ${label}: ${label === 'Repeat' ? code(value) : escaped(value)}`)
    .join('\n');
}
