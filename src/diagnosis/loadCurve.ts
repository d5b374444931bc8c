/**
 * A reading of the levels against their load: the shape behind a number that a finding names. Pure.
 *
 * 1. One kind of load to a curve, the one that the finding speaks of: users and rates have no common axis.
 * 2. Only valid levels; of two of the same load the one held longer.
 * 3. Fewer than three points are no shape: then there is no curve.
 */
import type { Curve, Level } from '../model/report.ts';

/** @param read null where a level has no such reading: it is then left out of the curve */
export function loadCurve(
  levels: readonly Level[],
  kind: Level['load']['kind'],
  read: (level: Level) => number | null,
): { curve?: Curve } {
  const longest = new Map<number, Level>();
  for (const level of levels) {
    if (!level.valid || level.load.kind !== kind) continue;
    const known = longest.get(amountOf(level));
    if (known === undefined || level.durationMs > known.durationMs) longest.set(amountOf(level), level);
  }
  const points = [...longest]
    .map(([load, level]) => ({ load, value: read(level) }))
    .filter((point): point is { load: number; value: number } => point.value !== null)
    .sort((one, other) => one.load - other.load);
  return points.length < 3 ? {} : { curve: { against: kind === 'closed' ? 'users' : '1/s', points } };
}

function amountOf({ load }: Level): number {
  return load.kind === 'closed' ? load.users : load.ratePerSecond;
}
