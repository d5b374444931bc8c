/**
 * Validity: whether the generator falsified a level, or the target was away in the middle of it. Then the level says nothing
 * of what the target carries. Thresholds: docs/method.md, "Is the generator healthy".
 *
 * Requests that were dropped because too many were in flight are no sign: that is the target's doing.
 *
 * A function runs in the generator's own threads. There a busy thread is the target at work, and a call that waits for the
 * thread waits for the target: neither its lateness nor the time that its thread is busy speaks against a level. What does is
 * the share of the thread that the function could not have: what the generator takes for itself, and the time in which the
 * thread was ready and others had the core.
 */
import type { Level, Objective, Reason } from './report.ts';
import { responseLimitMs } from './objectives.ts';

export interface GeneratorSigns {
  readonly lagP99Ms: number | null;
  /** Busy share of the busiest worker, 0 to 1; where the target runs in it, the share of its time that the target lost. */
  readonly cpu: number | null;
  /** The target runs in the threads of the generator. False when left out. */
  readonly inThread?: boolean;
  readonly errors: Readonly<Record<string, number>>;
  /** For how long the target refused every connection. */
  readonly awayMs: number;
}

export const targetAway = 'target.away';
export const busiestAllowed = 0.85;
/** Of a thread in which the target runs, what it may lose to the generator and to others: as much as it keeps of one that it has not. */
export const lostShareAllowed = 0.15;

/** How late the generator may be at p99 before its level counts for nothing, in milliseconds. */
export function lagLimitMs(objectives: readonly Objective[]): number {
  return Math.max(5, 0.05 * (responseLimitMs(objectives) ?? 0));
}

export function invalidReasons(signs: GeneratorSigns, objectives: readonly Objective[]): Reason[] {
  const reasons: Reason[] = [];
  const add = (code: string, statement: string): void => void reasons.push({ code, statement });
  const lagLimit = lagLimitMs(objectives);
  const inThread = signs.inThread === true;
  if (!inThread && signs.lagP99Ms !== null && signs.lagP99Ms > lagLimit) {
    add(
      'generator.lag',
      `requests left ${signs.lagP99Ms.toFixed(1)} ms late at p99, more than the ${lagLimit.toFixed(0)} ms allowed`,
    );
  }
  if (inThread && signs.cpu !== null && signs.cpu > lostShareAllowed) {
    add(
      'generator.cpu',
      `the function lost ${(signs.cpu * 100).toFixed(0)} % of its thread to the generator itself and to other processes, more than the ${lostShareAllowed * 100} % allowed`,
    );
  }
  if (!inThread && signs.cpu !== null && signs.cpu > busiestAllowed) {
    add(
      'generator.cpu',
      `a worker thread of the generator was ${(signs.cpu * 100).toFixed(0)} % busy, more than the ${busiestAllowed * 100} % allowed`,
    );
  }
  if ((signs.errors['connect.descriptors'] ?? 0) + (signs.errors['spawn.EMFILE'] ?? 0) > 0) {
    add(
      'generator.descriptors',
      'the generator ran out of file descriptors (raise it with: ulimit -n 65536)',
    );
  }
  if ((signs.errors['connect.ports'] ?? 0) > 0) {
    add('generator.ports', 'the generator ran out of local ports');
  }
  if (signs.awayMs > 0) {
    add(targetAway, `the target was away: it refused every connection for ${secondsText(signs.awayMs)}`);
  }
  return reasons;
}

/** Seconds are counted by slices, whose ends are not known to more than a tenth. */
function secondsText(ms: number): string {
  return ms < 100 ? 'less than 0.1 s' : `${Number((ms / 1000).toFixed(1))} s`;
}

/** Why the target was away during a level; null where it was not. */
export function awayReason({ invalidReasons: reasons }: Pick<Level, 'invalidReasons'>): Reason | null {
  return reasons.find(({ code }) => code === targetAway) ?? null;
}
