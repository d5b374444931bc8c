/** The levels of closed load, in order of users: what the charts against users draw. */
import { roundAxis } from './chart/frame.ts';
import type { Report } from '../../model/report.ts';
import { allLevels, type NumberedLevel } from './words.ts';

export interface ClosedLevel extends NumberedLevel {
  readonly users: number;
}

export function closedLevels(report: Report): ClosedLevel[] {
  return allLevels(report)
    .flatMap((entry) =>
      entry.level.load.kind === 'closed' ? [{ ...entry, users: entry.level.load.users }] : [],
    )
    .sort((one, other) => one.users - other.users);
}

/** One valid level for each number of users, the one held longest: a line through them does not go back. */
export function curve(levels: readonly ClosedLevel[]): ClosedLevel[] {
  const best = new Map<number, ClosedLevel>();
  for (const entry of levels) {
    const known = best.get(entry.users);
    if (entry.level.valid && (known === undefined || entry.level.durationMs > known.level.durationMs)) {
      best.set(entry.users, entry);
    }
  }
  return [...best.values()];
}

/** The x axis of the charts against users, with room at both ends for what stands on the first and the last. */
export interface UserAxis {
  readonly log: boolean;
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
}

export function userAxis(levels: readonly ClosedLevel[], log: boolean): UserAxis {
  const users = levels.map((entry) => entry.users);
  const most = Math.max(2, ...users);
  if (!log) return { log, min: 0, max: most * 1.03, ticks: linearTicks(most) };
  const least = Math.max(1, Math.min(...users));
  const edge = (most / least) ** 0.03;
  const [from, to] = [Math.ceil(Math.log2(least)), Math.floor(Math.log2(most))];
  const ticks = Array.from({ length: to - from + 1 }, (_, at) => 2 ** (from + at));
  return { log, min: least / edge, max: most * edge, ticks };
}

function linearTicks(most: number): number[] {
  const { interval } = roundAxis(most, 8);
  const step = Math.max(1, interval);
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, at) => at * step);
}
