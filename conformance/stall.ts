/**
 * Ground truth GT16: a target that stands still for one second in each twenty, asked 200 times a second.
 *
 * A generator that waits for answers (coordinated omission) sees a p99 of 5 ms. Who arrives during the stall waits on
 * average half a second, and that is one request in twenty: p90 5, p96 205, p99 805, p99.9 985 ms.
 *
 * Open trials do not judge their first tenth: 66 s leave the 60 s that hold three stalls, which begin at 9.5, 29.5 and
 * 49.5 s after the first request.
 */
import type { Report } from '../src/model/report.ts';
import { format } from './grade.ts';
import { launch, plimsoll, type Pinning } from './launch.ts';

const baseMs = 5;
const stallMs = 1000;
const stalls = 3;
/** The target is late by this at most where nothing stalls (see the verification in docs/conformance.md). */
const overheadMs = 0.7;
const tolerance = 0.03;

export interface StallRow {
  readonly name: string;
  readonly expected: number;
  readonly found: number | null;
  readonly unit: 'ms' | 's' | '/s' | 'KiB' | '';
  readonly met: boolean;
}

/** Response at a quantile when this share of the requests arrives in a stall. */
export function stalledQuantileMs(quantile: number, stalledShare: number): number {
  const share = 1 - quantile;
  return share >= stalledShare ? baseMs : baseMs + stallMs * (1 - share / stalledShare);
}

export async function gradeStall(bin: string, out: string, pinning: Pinning | null): Promise<StallRow[]> {
  const target = await launch({ kind: 'stall', baseMs, stallMs, everyMs: 20_000 }, 1, pinning);
  try {
    const ended = await plimsoll(
      bin,
      // prettier-ignore
      ['run', target.url, '--rate', '200', '--arrivals', 'even', '--duration', '66s', '--json', '--out', out, '--seed', '1'],
      pinning,
      120,
    );
    const level = reportIn(ended.stdout)?.experiments[0]?.levels[0] ?? null;
    const judgedSeconds = level === null ? 60 : (level.durationMs - level.warmupMs) / 1000;
    const share = (stalls * stallMs) / 1000 / judgedSeconds;
    const counted = await target.count();
    const wanted = [
      ['p50', 0.5],
      ['p90', 0.9],
      ['p99', 0.99],
      ['p999', 0.999],
    ] as const;
    return [
      ...wanted.map(([name, quantile]) => {
        const expectedMs = stalledQuantileMs(quantile, share);
        const foundMs = level?.response[name] ?? null;
        const off = foundMs === null ? Number.POSITIVE_INFINITY : Math.abs(foundMs - expectedMs);
        return {
          name,
          expected: expectedMs,
          found: foundMs,
          unit: 'ms' as const,
          met: off <= Math.max(overheadMs, tolerance * expectedMs),
        };
      }),
      {
        name: 'generator healthy (1 is yes)',
        expected: 1,
        unit: '' as const,
        found: level === null ? null : Number(level.valid),
        met: level?.valid === true,
      },
      {
        name: 'requests',
        expected: counted?.answered ?? Number.NaN,
        found: level?.requests.done ?? null,
        unit: '' as const,
        met: counted?.answered === level?.requests.done,
      },
    ];
  } finally {
    await target.stop();
  }
}

export function describeStall(row: StallRow): string {
  return `${row.name}: ${format(row.found)} ${row.unit}, expected ${format(row.expected)} ${row.unit}${row.met ? '' : ' (MISSED)'}`;
}

/** The report on standard output; null when there is none. */
export function reportIn(stdout: string): Report | null {
  try {
    return JSON.parse(stdout) as Report;
  } catch {
    return null;
  }
}
