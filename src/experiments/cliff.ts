/** The cliff: where goodput falls, or requests begin to fail. */
import type { Level } from '../model/report.ts';
import { fallen, plateauOf } from './plateau.ts';

export interface Cliff {
  readonly users: number;
  /** The most users at which nothing was wrong. */
  readonly below: number;
  readonly kind: 'throughput' | 'errors';
  /** Throughput there over the best. */
  readonly ratio: number;
  /** The commonest failure there, for kind `errors`. */
  readonly failure: string | null;
}

/** What is broken at a level, against the plateau of all; null where nothing is. */
export function brokenAt(level: Level, all: readonly Level[], errorLimit: number): Cliff['kind'] | null {
  if ((level.errors.ratio ?? 0) >= errorLimit && hasMany(level)) return 'errors';
  return fallen(level, plateauOf(all)) ? 'throughput' : null;
}

/** Enough failures that they are not one accident. */
function hasMany({ errors }: Level): boolean {
  return Object.values(errors.byKind).reduce((sum, each) => sum + each, 0) >= 3;
}

export function commonest(byKind: Readonly<Record<string, number>>): string | null {
  const kinds = Object.entries(byKind).sort((a, b) => b[1] - a[1]);
  return kinds[0]?.[0] ?? null;
}
