/**
 * Calls of gRPC against a target that counts them: each method, each status, each message of a stream, to the last one.
 *
 * Counts are exact or missed. Truth is what the target counted (grpcTarget.ts); never a report of Plimsoll.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Level } from '../src/model/report.ts';
import { launchCalls, plimsoll, type Pinning } from './launch.ts';
import { reportIn, type StallRow } from './stall.ts';

export async function gradeCalls(bin: string, out: string, pinning: Pinning | null): Promise<StallRow[]> {
  const target = await launchCalls(1, pinning);
  try {
    const file = fileURLToPath(new URL('scenarios/calls.ts', import.meta.url));
    const ended = await plimsoll(
      bin,
      // prettier-ignore
      [
        'run', file, '--base-url', target.url, '--users', '6', '--duration', '6s', '--workers', '2',
        '--json', '--out', join(out, 'calls'), '--seed', '1',
      ],
      pinning,
      120,
    );
    const level: Level | null = reportIn(ended.stdout)?.experiments[0]?.levels[0] ?? null;
    const truth = await target.truth();
    const row = (what: string, expected: number, found: number | null | undefined): StallRow => {
      return { name: `calls: ${what}`, expected, found: found ?? null, unit: '', met: found === expected };
    };
    const step = (name: string): Level['steps'][number] | undefined =>
      level?.steps.find((each) => each.name === `harbour.Harbour/${name}`);
    const calls = truth.Greet + truth.Watch + truth.Load + truth.Radio;
    return [
      row('all', calls, level?.requests.done),
      ...(['Greet', 'Watch', 'Load', 'Radio'] as const).map((name) =>
        row(name, truth[name], step(name)?.done),
      ),
      row('FAILED_PRECONDITION', truth.refused, level?.errors.byKind['grpc.FAILED_PRECONDITION']),
      row('other failures', 0, (level?.requests.failed ?? Number.NaN) - truth.refused),
      row('messages sent', truth.heard, level?.messages?.sent),
      row('messages received', truth.told, level?.messages?.received),
    ];
  } finally {
    await target.stop();
  }
}
