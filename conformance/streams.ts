/**
 * Token streams and WebSockets against a target that knows what it did: times of a paced stream, tokens, messages lost, copied
 * and swapped, and how many connections are taken. Each is one `run` of a scenario (scenarios/) through the command.
 *
 * 1. Counts are exact or missed. Times may be off by 1 ms or 2 %, whichever is more.
 * 2. Truth is what the target counted, and the constants of streamTruth.ts; never a report of Plimsoll.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Level } from '../src/model/report.ts';
import { gradeCalls } from './calls.ts';
import { launchStreams, plimsoll, type Pinning } from './launch.ts';
import { reportIn, type StallRow } from './stall.ts';
import { cap, tokenEveryMs, tokenFirstMs, type StreamTruth } from './streamTruth.ts';

const tolerance = { leastMs: 1, share: 0.02 } as const;
/** More than the target takes. */
const capUsers = 60;

type Graded = (level: Level | null, truth: StreamTruth) => StallRow[];

interface Part {
  readonly scenario: string;
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

const parts: readonly Part[] = [
  { scenario: 'tokens', args: ['--users', '6', '--duration', '15s'], graded: tokens },
  { scenario: 'sequence', args: ['--users', '8', '--duration', '6s', '--workers', '2'], graded: sequence },
  { scenario: 'cap', args: ['--users', String(capUsers), '--duration', '2s'], graded: capped },
];

export async function gradeStreams(bin: string, out: string, pinning: Pinning | null): Promise<StallRow[]> {
  const rows: StallRow[] = [];
  for (const { scenario, args, graded } of parts) {
    const target = await launchStreams(pinning, cap);
    try {
      const file = fileURLToPath(new URL(`scenarios/${scenario}.ts`, import.meta.url));
      const ended = await plimsoll(
        bin,
        // prettier-ignore
        ['run', file, '--base-url', target.url, ...args, '--json', '--out', join(out, scenario), '--seed', '1'],
        pinning,
        120,
      );
      const level = reportIn(ended.stdout)?.experiments[0]?.levels[0] ?? null;
      const truth = await target.count();
      for (const row of graded(level, truth)) rows.push({ ...row, name: `${scenario}: ${row.name}` });
    } finally {
      await target.stop();
    }
  }
  rows.push(...(await gradeCalls(bin, out, pinning)));
  return rows;
}
