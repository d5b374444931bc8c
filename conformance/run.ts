/**
 * Runs Plimsoll's command line against services with known answers, grades it, and writes docs/conformance.md.
 *
 *   npm run conformance -- [--budget quick|standard] [--only NAME,NAME] [--repeat N] [--cpus] [--no-stall]
 *                          [--no-streams] [--keep DIR] [--bin FILE] [--page FILE] [--list]
 *
 * 1. What is run is the command that a user runs, with the report on its standard output.
 * 2. Exit code 1 when a goal is missed. A part of the cases (--only) does not overwrite the page.
 * 3. Each report is kept, so that a miss can be looked into: DIR/NAME-REPEAT.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { missing } from '../test/kit/databases.ts';
import { cases, type Case } from './cases.ts';
import { format, grade, percent, verdictOf, type BudgetName, type Row } from './grade.ts';
import { has, launch, plimsoll, versionOf, type Pinning } from './launch.ts';
import { page } from './page.ts';
import { gradeQueue } from './queue.ts';
import { describeStall, gradeStall, reportIn, type StallRow } from './stall.ts';
import { gradeStreams } from './streams.ts';
import { verify } from './verify.ts';

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    budget: { type: 'string', default: 'quick' },
    only: { type: 'string' },
    repeat: { type: 'string', default: '1' },
    cpus: { type: 'boolean', default: os.availableParallelism() >= 2 && has('taskset') },
    stall: { type: 'boolean', default: true },
    streams: { type: 'boolean', default: true },
    keep: { type: 'string', default: join(os.tmpdir(), 'plimsoll-conformance') },
    bin: { type: 'string', default: fileURLToPath(new URL('../bin/plimsoll.js', import.meta.url)) },
    page: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});

const say = (text: string): void => void process.stdout.write(`${text}\n`);

if (options.budget !== 'quick' && options.budget !== 'standard')
  throw new Error('--budget is quick or standard');
const budget: BudgetName = options.budget;
const limitSeconds = budget === 'quick' ? 240 : 1200;
const pinning: Pinning | null = options.cpus ? { targetCpu: 0, plimsollCpu: 1 } : null;
const wanted = options.only?.split(',') ?? null;
const chosen = cases.filter(
  (each) =>
    (wanted === null || wanted.includes(each.name)) &&
    (each.target !== 'nginx' || has('nginx')) &&
    (each.target !== 'postgres' || missing.postgres === null),
);
const withStall = wanted === null ? options.stall : wanted.includes('stall');
const withStreams = wanted === null ? options.streams : wanted.includes('streams');

const columns = [18, 9, 9, 19, 8, 7, 11, 11, 8, 7, 6, 5] as const;
const laid = (cells: readonly string[]): string =>
  cells.map((cell, i) => (i === 0 ? cell.padEnd(columns[0]) : cell.padStart(columns[i] ?? 8))).join(' ');

async function runCase(each: Case, repeat: number): Promise<Row> {
  const target = await launch(each.target, 100 + repeat, pinning);
  try {
    const ended = await plimsoll(
      options.bin,
      // prettier-ignore
      [
        'assess', target.url, '--budget', budget, '--slo', each.slo, '--json',
        '--out', join(options.keep, `${each.name}-${repeat}`), '--seed', String(repeat),
        ...(target.flags ?? []),
      ],
      pinning,
      limitSeconds,
    );
    const report = reportIn(ended.stdout);
    writeFileSync(
      join(options.keep, `${each.name}-${repeat}.json`),
      report === null ? ended.stdout + ended.stderr : JSON.stringify(report, null, 1),
    );
    if (report === null) say(`  ${each.name}: ${ended.stderr.trim().slice(0, 300)}`);
    const counted = await target.count();
    return grade(each, budget, repeat, { report, counted, exit: ended.exit, wallSeconds: ended.wallSeconds });
  } finally {
    await target.stop();
  }
}

function told(row: Row): string {
  return laid([
    row.name,
    format(row.truth.capacityPerSecond),
    `${row.atLeast ? '≥' : ''}${format(row.found)}`,
    row.found === null ? '-' : `${format(row.low)}..${format(row.high)}`,
    row.error === null ? '-' : percent(row.error),
    row.covered === null ? '-' : row.covered ? 'yes' : 'NO',
    `${format(row.kneeFound)} (${format(row.truth.kneeUsers)})`,
    `${format(row.cliffFound)} (${row.truth.cliffAbove === null ? 'none' : format(row.truth.cliffAbove)})`,
    row.done === null ? '-' : format(row.done),
    format(row.loadSeconds === null ? null : Math.round(row.loadSeconds)),
    row.wallSeconds.toFixed(0),
    String(row.exit),
  ]);
}

async function main(): Promise<boolean> {
  if (options.list) {
    for (const each of chosen) say(`${each.name.padEnd(18)} ${each.slo.padEnd(24)} ${each.why}`);
    say(`${'stall'.padEnd(18)} ${''.padEnd(24)} GT16: one second in each twenty`);
    say(
      `${'streams'.padEnd(18)} ${''.padEnd(24)} token streams, WebSockets and gRPC, to the token and to the message`,
    );
    return true;
  }
  mkdirSync(options.keep, { recursive: true });
  const loadBefore = os.loadavg()[0] ?? 0;
  const verified = wanted === null ? await verify(pinning) : [];
  for (const { what, expected, found, unit, met } of verified) {
    say(`${met ? 'ok' : 'OFF'}  ${what}: ${found.toFixed(2)} ${unit}, expected ${format(expected)} ${unit}`);
  }
  say(
    laid([
      'case',
      'truth',
      'found',
      'interval',
      'error',
      'covers',
      'knee',
      'cliff',
      'done',
      'load s',
      'wall',
      'exit',
    ]),
  );
  const rows: Row[] = [];
  const repeats = Number(options.repeat);
  for (const each of chosen) {
    for (let repeat = 1; repeat <= repeats; repeat++) {
      const row = await runCase(each, repeat);
      rows.push(row);
      say(told(row));
      for (const { goal, statement } of row.misses) say(`    ${goal}: ${statement}`);
    }
  }
  let stall: StallRow[] = [];
  if (withStall) {
    stall = await gradeStall(options.bin, join(options.keep, 'stall'), pinning);
    for (const row of stall) say(`stall ${describeStall(row)}`);
  }
  let streams: StallRow[] = [];
  if (withStreams) {
    const kept = join(options.keep, 'streams');
    streams = [
      ...(await gradeStreams(options.bin, kept, pinning)),
      ...(await gradeQueue(options.bin, kept, pinning)),
    ];
    for (const row of streams) say(`streams ${describeStall(row)}`);
  }
  const verdict = verdictOf(cases, budget, rows);
  for (const line of verdict.lines) say(line);
  const file =
    options.page ??
    (wanted === null ? fileURLToPath(new URL('../docs/conformance.md', import.meta.url)) : null);
  if (file !== null) {
    const circumstances = {
      command: process.argv.slice(2).join(' '),
      date: new Date().toISOString().slice(0, 10),
      version: versionOf(),
      node: process.version,
      os: `${os.type()} ${os.release()}`,
      cpus: `${os.cpus().length} x ${os.cpus()[0]?.model.trim() ?? 'unknown'}`,
      pinned: pinning !== null,
      loadBefore,
      budget,
      repeats,
    };
    writeFileSync(file, page(circumstances, cases, { verified, rows, stall, streams, verdict }));
    say(`written: ${file}`);
  }
  return verdict.passed && [...stall, ...streams].every((row) => row.met);
}

process.exitCode = (await main()) ? 0 : 1;
