/**
 * Token streams and WebSockets against a target that knows what it did: times of a paced stream, tokens, chats that were
 * hung up on, messages lost, copied and swapped, and how many connections are taken. Each is one `run` of a scenario (scenarios/) through the command.
 *
 * 1. Counts are exact or missed. Times may be off by 1 ms or 2 %, whichever is more.
 * 2. Truth is what the target counted, and the constants of streamTruth.ts; never a report of Plimsoll.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Level, Report } from '../src/model/report.ts';
import { gradeCalls } from './calls.ts';
import { launchStreams, plimsoll, type Pinning } from './launch.ts';
import { reportIn, type StallRow } from './stall.ts';
import { cap, heldKibibytes, tokenEveryMs, tokenFirstMs, type StreamTruth } from './streamTruth.ts';

const tolerance = { leastMs: 1, share: 0.02 } as const;
/** More than the target takes. */
const capUsers = 60;

type Graded = (level: Level | null, truth: StreamTruth, report: Report | null) => StallRow[];

interface Part {
  readonly name: string;
  /** What is loaded at this URL. */
  readonly loaded: (url: string) => readonly string[];
  readonly args: readonly string[];
  readonly graded: Graded;
}

function time(name: string, expected: number, found: number | null): StallRow {
  const allowed = Math.max(tolerance.leastMs, tolerance.share * expected);
  const met = found !== null && Math.abs(found - expected) <= allowed;
  return { name, expected, found, unit: 'ms', met };
}

function count(name: string, expected: number, found: number | null | undefined): StallRow {
  return { name, expected, found: found ?? null, unit: '', met: found === expected };
}

const tokens: Graded = (level, truth) => {
  const of = (name: string): Level['steps'][number]['response'] | null =>
    level?.steps.find((step) => step.name === name)?.response ?? null;
  const total = (name: string): number | null =>
    level?.counts.find((each) => each.name === name)?.total ?? null;
  return [
    time('ttft p50', tokenFirstMs, of('ttft')?.p50 ?? null),
    time('ttft p95', tokenFirstMs, of('ttft')?.p95 ?? null),
    time('tpot p50', tokenEveryMs, of('tpot')?.p50 ?? null),
    time('tpot p95', tokenEveryMs, of('tpot')?.p95 ?? null),
    time('itl p50', tokenEveryMs, of('itl')?.p50 ?? null),
    count('answers', truth.chats, level?.requests.done),
    count('input tokens', truth.inputTokens, total('input tokens')),
    count('output tokens', truth.outputTokens, total('output tokens')),
  ];
};

const hangingUp: Graded = (level, truth) => {
  const stream = level?.stream ?? null;
  const errors = Object.values(level?.errors.byKind ?? {});
  return [
    count('chats', truth.chats, stream?.chats),
    count('cancelled chats', truth.cut, stream?.cancelled.chats),
    count('tokens of cancelled chats', truth.cutTokens, stream?.cancelled.output),
    count('wasted tokens', truth.cutTokens, stream?.tokens.wasted),
    count('output tokens', truth.outputTokens, stream?.tokens.output),
    count('requests done', truth.chats, level?.requests.done),
    count('requests failed', 0, level?.requests.failed),
    count('errors of any kind', 0, errors.length),
    count('whole answers timed', truth.chats - truth.cut, wholeAnswers(level)),
    time('ttft p50', tokenFirstMs, stream?.ttft.p50 ?? null),
    time('tpot p50', tokenEveryMs, stream?.tpot.p50 ?? null),
  ];
};

/** How many times the report has of whole answers. */
const wholeAnswers = (level: Level | null): number | undefined =>
  level?.steps.find(({ name }) => name === 'e2e')?.done;

const sequence: Graded = (level, truth) => {
  const messages = level?.messages ?? null;
  return [
    count('messages sent', truth.heard, messages?.sent),
    count('numbered messages received', truth.numbered, messages?.numbered),
    count('lost', truth.lost, messages?.lost),
    count('duplicated', truth.duplicated, messages?.duplicated),
    count('reordered', truth.reordered, messages?.reordered),
    count('channels closed with code 1012', truth.closed, messages?.closedByTarget['1012']),
  ];
};

const capped: Graded = (level, truth) => [
  count('connections that were taken', cap, level?.connections.opened),
  count('connections that were refused', truth.refused, level?.errors.byKind['http.503']),
];

/** Of a connection its socket and its WebSocket take some memory besides, some KiB in Node. */
const memoryTolerance = 0.07;

const memory: Graded = (_level, _truth, report) => {
  const bytes = report?.connectionMemory?.bytes ?? null;
  const found = bytes === null ? null : bytes.value / 1024;
  const met = found !== null && Math.abs(found / heldKibibytes - 1) <= memoryTolerance;
  return [{ name: 'memory of a connection', expected: heldKibibytes, found, unit: 'KiB', met }];
};

/** A file of scenarios/ against the target. */
const scenario =
  (name: string): Part['loaded'] =>
  (url) => [fileURLToPath(new URL(`scenarios/${name}.ts`, import.meta.url)), '--base-url', url];

const parts: readonly Part[] = [
  { name: 'tokens', loaded: scenario('tokens'), args: ['--users', '6', '--duration', '15s'], graded: tokens },
  {
    name: 'hangingUp',
    loaded: scenario('hangingUp'),
    args: ['--users', '6', '--duration', '12s'],
    graded: hangingUp,
  },
  {
    name: 'llm',
    loaded: (url) => [url.replace('http', 'llm'), '--model', 'known', '--output-tokens', '25'],
    args: ['--cancel-share', '0.4', '--cancel-after', '6', '--users', '6', '--duration', '10s'],
    graded: hangingUp,
  },
  {
    name: 'sequence',
    loaded: scenario('sequence'),
    args: ['--users', '8', '--duration', '6s', '--workers', '2'],
    graded: sequence,
  },
  {
    name: 'cap',
    loaded: scenario('cap'),
    args: ['--users', String(capUsers), '--duration', '2s'],
    graded: capped,
  },
  {
    name: 'hold',
    loaded: scenario('hold'),
    args: ['--profile', 'ramp', '--users', '300', '--duration', '2s', '--workers', '1'],
    graded: memory,
  },
];

export async function gradeStreams(bin: string, out: string, pinning: Pinning | null): Promise<StallRow[]> {
  const rows: StallRow[] = [];
  for (const { name, loaded, args, graded } of parts) {
    const target = await launchStreams(pinning, cap);
    try {
      const ended = await plimsoll(
        bin,
        // prettier-ignore
        ['run', ...loaded(target.url), ...args, '--json', '--out', join(out, name), '--seed', '1'],
        pinning,
        120,
      );
      const report = reportIn(ended.stdout);
      const level = report?.experiments[0]?.levels[0] ?? null;
      const truth = await target.count();
      for (const row of graded(level, truth, report)) rows.push({ ...row, name: `${name}: ${row.name}` });
    } finally {
      await target.stop();
    }
  }
  rows.push(...(await gradeCalls(bin, out, pinning)));
  return rows;
}
