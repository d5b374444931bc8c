/**
 * Baseline: what one user sees on an idle target, after it was warmed up.
 *
 * A look with one user (does it answer at all?), a short warm-up with a few, then one user again, repeated while
 * the response still changes: caches, pools and compilers slow the first seconds of most services.
 */
import type { Trial } from '../model/load.ts';
import type { Level } from '../model/report.ts';
import type { Budget } from './budget.ts';
import { goodput, measured, stopped, type Experiment } from './experiment.ts';

export interface BaselineResult {
  /** Mean service time of one user, in milliseconds; null when nothing succeeded. */
  readonly responseMs: number | null;
  /** Squared coefficient of variation of the service time of one user; null when that is unknown. */
  readonly serviceVariation: number | null;
  /** Good answers that both are of. */
  readonly answers: number;
  readonly throughputPerSecond: number;
  /** How long one user takes from one unit of load to the next: the response, or a session with its thinking. */
  readonly cycleMs: number | null;
  /** The level of one user that counts. */
  readonly level: Level;
  /** `failing`: no request succeeded. `silent`: nothing answered at all. */
  readonly health: 'answers' | 'failing' | 'silent';
  /** Load time that it took. */
  readonly spentMs: number;
  readonly stopped: boolean;
}

const warmUpUsers = 4;
const mostRepeats = 3;

export function* baseline(
  budget: Budget['baseline'],
  maxRatePerSecond = Number.POSITIVE_INFINITY,
): Experiment<BaselineResult> {
  const trial = (users: number, purpose: string, trialMs = budget.trialMs): Trial => ({
    experiment: 'baseline',
    purpose,
    load: { kind: 'closed', users },
    durationMs: trialMs,
    minDone: users === 1 ? budget.minDone : 1,
    maxDurationMs: users === 1 ? Math.max(trialMs, budget.maxTrialMs) : trialMs,
    maxInFlight: users,
    maxRatePerSecond,
  });
  let spentMs = 0;
  let ended = false;
  let settled: Level[] = [];
  const result = (level: Level): BaselineResult => ({
    ...pooled(settled.includes(level) ? settled : [level]),
    throughputPerSecond: goodput(level),
    cycleMs: cycleOf(level, settled.includes(level) ? settled : [level]),
    level,
    health: healthOf(level),
    spentMs,
    stopped: ended,
  });

  let level = yield trial(1, 'a first look: 1 user', 1000);
  spentMs += level.spentMs;
  ended = stopped(level);
  if (ended || result(level).health !== 'answers') return result(level);
  const warm = yield trial(warmUpUsers, `warming up: ${warmUpUsers} users`, Math.min(budget.trialMs, 5_000));
  spentMs += warm.spentMs;
  ended = stopped(warm);
  if (ended) return result(level);
  for (let repeat = 0; repeat < mostRepeats; repeat++) {
    const before = level;
    level = yield* measured(trial(1, 'the baseline: 1 user'), 3 * budget.maxTrialMs);
    spentMs += level.spentMs;
    ended = stopped(level);
    if (ended || level.service.mean === null) return result(level.service.mean === null ? before : level);
    settled = alike(before, level) ? [before, level] : [level];
    if (settled.length > 1) break;
  }
  return result(level);
}

function healthOf(level: Level): BaselineResult['health'] {
  const { sessions, service } = level;
  if (sessions !== null && sessions.done > 0 && sessions.failed === sessions.done) return 'failing';
  if (service.mean !== null) return 'answers';
  return onlySilence(level) ? 'silent' : 'failing';
}

/** Nothing came back but time-outs and closed connections. */
function onlySilence(level: Level): boolean {
  return !Object.keys(level.errors.byKind).some((kind) => kind.startsWith('http.'));
}

/** Service time over levels of one user, weighted by their answers. */
function pooled(
  levels: readonly Level[],
): Pick<BaselineResult, 'responseMs' | 'serviceVariation' | 'answers'> {
  let sum = 0;
  let squares = 0;
  let answers = 0;
  for (const { service, requests } of levels) {
    const good = requests.done - requests.failed;
    if (service.mean === null) continue;
    sum += service.mean * good;
    squares += (service.mean ** 2 + (service.deviation ?? 0) ** 2) * good;
    answers += good;
  }
  const mean = answers === 0 ? null : sum / answers;
  const known = mean !== null && mean > 0 && answers > 1;
  return {
    responseMs: mean,
    serviceVariation: known ? Math.max(0, squares / answers / mean ** 2 - 1) : null,
    answers,
  };
}

function cycleOf(level: Level, levels: readonly Level[]): number | null {
  if (level.sessions === null) return pooled(levels).responseMs;
  return goodput(level) > 0 ? 1000 / goodput(level) : null;
}

function alike(before: Level, after: Level): boolean {
  const [was, is] = [before.service.p50, after.service.p50];
  return was !== null && is !== null && (is > 0.9 * was || was - is < 0.2);
}
