/** The course of a trial over time: its warm-up, its rate, its silences, and whether work piles up. */
import { differ } from '../maths/steady.ts';
import type { Trial } from './load.ts';
import { ticksPerSlice, type Slice } from './slice.ts';
import { joined, total } from './totals.ts';

/**
 * The warm-up that may be left out: nothing, where it holds failures or a second without an answer. An outage is no
 * warm-up, however steady the time after it. Nor is a good beginning, however steady the outage after it: nothing is left
 * out either where answers were far shorter than a second, and then a second has requests in flight and no good answer.
 */
export function warmUpMs(held: readonly Slice[], wantedMs: number): number {
  const cut = held.filter((slice) => slice.startMs < wantedMs);
  const isBroken = cut.some((slice, i) => slice.failed > 0 || (i > 0 && slice.done === 0));
  const answerMs = joined(cut.map(({ service }) => service)).meanMs() ?? Number.POSITIVE_INFINITY;
  const isSilent = held.some(
    ({ startMs, durationMs, done, failed, inFlightMs }) =>
      startMs >= wantedMs && done === failed && inFlightMs > 0 && 10 * answerMs < durationMs,
  );
  return isBroken || isSilent ? 0 : wantedMs;
}

/**
 * The cut of MSER where it matters: where what it would cut differs from what it would leave by more than chance. Else
 * only the time in which the first answers were on their way, for a cut costs data: of short trials about half.
 */
export function warmUpTicks(ticks: readonly number[], wanted: number, held: readonly Slice[]): number {
  if (wanted === 0 || differ(ticks.slice(0, wanted), ticks.slice(wanted))) return wanted;
  const tickMs = (held[0]?.durationMs ?? 1000) / ticksPerSlice;
  const answerMs = joined(held.map(({ service }) => service)).meanMs() ?? 0;
  return Math.min(wanted, 1 + Math.ceil(answerMs / tickMs));
}

/**
 * Whether nobody listened in this stretch: every connection was refused, and what was under way broke. A target that has
 * too much to do refuses some, or lets them wait.
 */
export function away({ done, failed, errors }: Slice): boolean {
  const gone = (errors['connect.refused'] ?? 0) + (errors['reset'] ?? 0) + (errors['closed'] ?? 0);
  return done > 0 && failed === done && (errors['connect.refused'] ?? 0) > 0 && gone === failed;
}

/** The longest time without one good answer while requests were in flight, to a tenth of a slice. */
export function longestSilenceMs(held: readonly Slice[]): number {
  let longest = 0;
  let silent = 0;
  for (const slice of held) {
    const tickMs = slice.durationMs / ticksPerSlice;
    for (const good of slice.goodTicks) {
      silent = good > 0 || slice.inFlightMs === 0 ? 0 : silent + tickMs;
      longest = Math.max(longest, silent);
    }
  }
  return longest;
}

/** Below so many turns of every user, it matters where in a turn the window begins and ends. */
const manyTurns = 100;

/**
 * Good answers per second. Users of closed load may march in step, so that answers come in bursts of all users: a count
 * over few turns is off by up to one burst. The slope of the cumulative count (least squares) is off by much less.
 */
export function perSecond(ticks: readonly number[], tickMs: number, trial: Trial): number {
  const good = ticks.reduce((sum, tick) => sum + tick, 0);
  const seconds = (ticks.length * tickMs) / 1000;
  const turns = trial.load.kind === 'closed' ? good / trial.load.users : Number.POSITIVE_INFINITY;
  if (turns >= manyTurns || turns < 2 || ticks.length < 10) return good / seconds;
  const middle = (ticks.length - 1) / 2;
  let sum = 0;
  let covariance = 0;
  let variance = 0;
  for (const [i, tick] of ticks.entries()) {
    sum += tick;
    covariance += (i - middle) * sum;
    variance += (i - middle) ** 2;
  }
  return ((covariance / variance) * 1000) / tickMs;
}

/**
 * Does more come in than goes out, in the second half of an open trial and beyond chance? Then the load is not carried,
 * however fast the answers still are. Counts of n scatter by about their root, arrivals and departures both.
 */
export function pilesUp(held: readonly Slice[]): boolean {
  const half = held.slice(Math.floor(held.length / 2));
  if (held.length < 2) return false;
  const came = total(half, ({ sessions, sent }) => sessions?.started ?? sent);
  const went = total(half, ({ sessions, done }) => sessions?.done ?? done);
  return came - went > Math.max(3 * Math.sqrt(came), 0.1 * came);
}
