/**
 * The report as JUnit XML, for CI: one suite, a test case for the verdict, each objective and each gate.
 *
 * 1. A suite without failures is a run with the verdict "pass", and the other way round.
 * 2. Names of test cases stay the same from run to run; what was measured stands inside.
 * 3. What could not be judged is skipped, with the reason.
 * 4. No text breaks the XML: characters that XML 1.0 does not know are replaced.
 */
import type { Capacity, Level, Report } from '../model/report.ts';
import { isTested, levelAtRate, safeLoadRow, singleRows } from './closing.ts';
import { formatEstimate, formatValue } from './format.ts';
import { asciiTwin, spaced } from './characters.ts';
import { levelText, placedLevels, ruleText, unitOf, type Rule } from './words.ts';
import { checkRows, isFigure } from './profileTable.ts';

interface Case {
  readonly name: string;
  readonly seconds: number;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** What was measured, or why it failed or was skipped. */
  readonly message: string;
}

export function junit(report: Report): string {
  const cases = [
    verdictCase(report),
    ...(report.profile === null ? objectiveCases(report) : checkCases(report)),
    ...validityCase(report),
    ...capacityCase(report),
  ];
  const count = (result: Case['result']): number => cases.filter((each) => each.result === result).length;
  const seconds = (report.run.durationMs / 1000).toFixed(3);
  const totals = `tests="${cases.length}" failures="${count('failed')}" errors="0" skipped="${count('skipped')}" time="${seconds}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="plimsoll" ${totals}>`,
    `  <testsuite name="${xml(`plimsoll ${report.target.name}`)}" timestamp="${xml(report.run.startedAt)}" ${totals}>`,
    '    <properties>',
    ...properties(report).map(([name, value]) => `      <property name="${name}" value="${xml(value)}"/>`),
    '    </properties>',
    ...cases.map(caseText),
    `    <system-out>${xml(told(report))}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function properties({ run, tool, verdict }: Report): [string, string][] {
  return [
    ['run', run.id],
    ['version', tool.version],
    ['seed', String(run.seed)],
    ['command', run.command],
    ['verdict', verdict],
  ];
}

/** The closing rows, as a log shows them. */
function told(report: Report): string {
  const assessed = report.capacity !== null || report.scaling !== null;
  const rows = assessed ? singleRows(report) : [];
  const lines = rows.map(
    ({ label, value, because }) => `${label}: ${[value, because].filter(Boolean).join(', ')}`,
  );
  return [report.summary, ...lines].join('\n');
}

function verdictCase({ verdict, summary, run }: Report): Case {
  return {
    name: 'verdict',
    seconds: run.durationMs / 1000,
    result: verdict === 'pass' ? 'passed' : 'failed',
    message: `${verdict}: ${summary}`,
  };
}

interface Gate {
  /** Where the objectives have to hold, in words that stay the same from run to run. */
  readonly where: string;
  readonly level: Level;
}

/** The load line as it was held, else the highest load that held; of `run` every level. */
function gates(report: Report): Gate[] {
  const { capacity } = report;
  if (capacity === null) {
    return placedLevels(report).map(({ level }) => ({ where: asciiTwin(levelText(level)), level }));
  }
  const places: [string, number | null][] = [
    ['the load line', capacity.confirmed?.ratePerSecond ?? null],
    ['the highest load that held', capacity.bracket.highestGood],
  ];
  for (const [where, rate] of places) {
    const level = rate === null ? null : levelAtRate(report, rate);
    if (level !== null) return [{ where, level }];
  }
  return [];
}

function objectiveCases(report: Report): Case[] {
  const { capacity, objectives, verdict } = report;
  const found = gates(report);
  if (found.length === 0) {
    const message = 'there is no load line to judge it at';
    return objectives.map((each) => ({ name: ruleText(each), seconds: 0, result: 'skipped', message }));
  }
  const demands = capacity === null ? [] : objectives.filter((each) => each.metric === 'throughput');
  const held = found.flatMap(({ where, level }) =>
    level.objectives.map((each): Case => {
      const measured = `${formatValue(each.value, unitOf(each.metric))} at ${levelText(level)}`;
      return {
        name: `${ruleText(each)} at ${where}`,
        seconds: level.durationMs / 1000,
        ...judged(each.met, verdict, measured),
      };
    }),
  );
  return [...held, ...demands.map((each) => throughputCase(each, capacity, verdict))];
}

/** The verdict knows more than one level does: what it lets pass is no failure here. */
function judged(
  met: boolean | null,
  verdict: Report['verdict'],
  measured: string,
): Pick<Case, 'result' | 'message'> {
  if (met === null) return { result: 'skipped', message: `could not be judged: ${measured}` };
  return { result: met || verdict === 'pass' ? 'passed' : 'failed', message: measured };
}

/** A lower limit of throughput is about what the target can carry, not about the load it was held at. */
function throughputCase(rule: Rule, capacity: Capacity | null, verdict: Report['verdict']): Case {
  const sustainable = capacity?.sustainable ?? null;
  const low = sustainable?.low ?? 0;
  const high = sustainable?.high ?? Number.POSITIVE_INFINITY;
  const met = low >= rule.limit ? true : high < rule.limit ? false : null;
  return { name: ruleText(rule), seconds: 0, ...judged(met, verdict, formatEstimate(sustainable)) };
}

/** Of a profile its checks count, and not each stage: some stages are there to break. */
function checkCases(report: Report): Case[] {
  return (checkRows(report) ?? [])
    .filter((row) => !isFigure(row))
    .map(({ cells: [name = '', found = '', limit = ''], met }) => ({
      name: asciiTwin(name),
      seconds: 0,
      ...judged(met, report.verdict, `${found}, ${limit}`),
    }));
}

function validityCase({ validity, verdict }: Report): Case[] {
  const failed = !validity.ok && verdict !== 'pass';
  return [
    {
      name: 'validity of the measurement',
      seconds: 0,
      result: failed ? 'failed' : 'passed',
      message: validity.reasons.map(({ statement }) => statement).join('; '),
    },
  ];
}

function capacityCase(report: Report): Case[] {
  if (report.capacity === null) return [];
  const row = safeLoadRow(report);
  const { safeLoad, confirmed } = report.capacity;
  const found = safeLoad !== null && safeLoad.value > 0 && confirmed?.held !== false;
  const passed = found || report.verdict === 'pass';
  return [
    {
      name: 'capacity',
      seconds: 0,
      result: !isTested(row) ? 'skipped' : passed ? 'passed' : 'failed',
      message: `safe load ${row.value}${row.because === '' ? '' : `: ${row.because}`}`,
    },
  ];
}

function caseText({ name, seconds, result, message }: Case): string {
  const head = `    <testcase classname="plimsoll" name="${xml(name)}" time="${seconds.toFixed(3)}"`;
  if (result === 'failed') {
    return `${head}>\n      <failure type="plimsoll" message="${xml(message)}">${xml(message)}</failure>\n    </testcase>`;
  }
  if (result === 'skipped') return `${head}>\n      <skipped message="${xml(message)}"/>\n    </testcase>`;
  return message === ''
    ? `${head}/>`
    : `${head}>\n      <system-out>${xml(message)}</system-out>\n    </testcase>`;
}

const unknownToXml = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text for an attribute or an element; line breaks survive in both. */
export function xml(text: string): string {
  return spaced(text)
    .replace(unknownToXml, '\ufffd')
    .replace(/[&<>"']/g, (char) => entities[char] ?? char)
    .replace(/[\t\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}
