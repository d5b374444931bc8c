/** The plateau: which levels carry the most, how much that is, and what has fallen behind it. */
import type { Estimate } from '../model/estimate.ts';
import type { Level } from '../model/report.ts';
import type { Scaling as Law } from '../maths/usl/choice.ts';
import { goodput } from './experiment.ts';

/** At or below this share of the plateau, throughput has fallen. */
const cliffRatio = 0.9;

export const usersOf = (level: Level): number => (level.load.kind === 'closed' ? level.load.users : 0);

/**
 * The levels that carry the most. Of those that may be the best as far as their intervals can tell, the one that was
 * measured longest is the measure: of many short ones one is high by chance. With it go all that carried more, and
 * those of more users that may have.
 */
export function plateauOf(levels: readonly Level[]): Level[] {
  const surely = Math.max(...levels.map(({ throughput }) => throughput?.low ?? 0));
  const best = Math.max(...levels.map(goodput));
  const highest = (level: Level): number => Math.max(goodput(level), level.throughput?.high ?? 0);
  const longest = levels
    .filter((level) => goodput(level) >= 0.75 * best && highest(level) >= surely)
    .reduce<Level | null>((most, level) => {
      const longer = most === null ? 1 : measuredMs(level) - measuredMs(most);
      return longer > 0 || (longer === 0 && goodput(level) > goodput(most as Level)) ? level : most;
    }, null);
  if (longest === null) return [];
  return levels.filter(
    (level) =>
      goodput(level) >= goodput(longest) ||
      (usersOf(level) > usersOf(longest) &&
        goodput(level) >= 0.75 * best &&
        highest(level) >= goodput(longest)),
  );
}

const measuredMs = ({ durationMs, warmupMs }: Level): number => durationMs - warmupMs;

/** Is this level's throughput below the plateau by more than chance? */
export function fallen(level: Level, plateau: readonly Level[]): boolean {
  const best = pooled(plateau.filter((each) => each !== level));
  if (best === null || level.throughput === null) return false;
  const users = Math.min(...plateau.map(usersOf));
  if (usersOf(level) <= users || goodput(level) > cliffRatio * (best.low ?? 0)) return false;
  return (level.throughput.high ?? Number.POSITIVE_INFINITY) < (best.low ?? 0);
}

/** Where a falling law peaks between two levels, more than was seen is possible: the interval says so. */
export function withPeak(seen: Estimate | null, law: Law | null): Estimate | null {
  const peak = law?.peak?.throughput.high ?? null;
  if (seen === null || seen.high === null || peak === null || peak < seen.high || peak > 1.1 * seen.value)
    return seen;
  return { ...seen, high: peak };
}

/** Throughput pooled over levels, weighted by the time each was measured. */
export function pooled(levels: readonly Level[]): Estimate | null {
  let weightSum = 0;
  let sum = 0;
  let variance = 0;
  for (const level of levels) {
    const { throughput } = level;
    if (throughput === null) continue;
    const weight = level.durationMs - level.warmupMs;
    const halfWidth =
      throughput.low === null || throughput.high === null
        ? throughput.value
        : (throughput.high - throughput.low) / 2;
    weightSum += weight;
    sum += weight * throughput.value;
    variance += (weight * halfWidth) ** 2;
  }
  if (weightSum === 0) return null;
  const value = sum / weightSum;
  const halfWidth = Math.sqrt(variance) / weightSum;
  return {
    value,
    low: Math.max(0, value - halfWidth),
    high: value + halfWidth,
    unit: levels.find(({ throughput }) => throughput !== null)?.throughput?.unit ?? '1/s',
    method: levels.length > 1 ? 'mean of the plateau levels, batch means' : 'batch means of the best level',
  };
}
