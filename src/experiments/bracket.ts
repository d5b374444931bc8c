/**
 * The bracket of the capacity search: which loads bound the capacity so far (MLRsearch), and which to try next.
 */
import { classifyLoad, relevantBounds, type SearchGoal } from '../maths/mlrsearch.ts';
import type { Phase } from './budget.ts';
import { goodput } from './experiment.ts';
import { worstExcess, type Held } from './judging.ts';

/** Any trial length decides, as much time as there is. */
export const lenient: Phase = { trialMs: 1000, minDone: 0, sumMs: 1000, width: 0 };

function goalOf(phase: Phase): SearchGoal {
  return {
    lossRatio: 0.5,
    exceedRatio: 0.5,
    finalTrialSeconds: phase.trialMs / 1000 - 0.001,
    durationSumSeconds: phase.sumMs / 1000,
  };
}

export interface Bounds {
  readonly lower: number | null;
  readonly upper: number | null;
  /** Loads that were tried and need more time before they bound anything. */
  readonly undecided: readonly number[];
}

export function boundsOf(held: readonly Held[], phase: Phase): Bounds {
  const goal = goalOf(phase);
  const rates = [...new Set(held.map((entry) => entry.rate))];
  const loads = rates.map((rate) => ({
    load: rate,
    class: classifyLoad(
      held
        .filter((entry) => entry.rate === rate)
        .map((entry) => ({
          // What is far beyond every limit needs no longer look.
          durationSeconds: entry.gross ? Math.max(entry.seconds, phase.sumMs / 1000) : entry.seconds,
          lossRatio: entry.good ? 0 : 1,
        })),
      goal,
    ),
  }));
  const { lower, upper } = relevantBounds(loads);
  return {
    lower,
    upper,
    undecided: loads.filter((each) => each.class === 'undecided').map((each) => each.load),
  };
}

const leastStep = 0.03;

interface Aims {
  readonly first: number;
  readonly ceiling: number | null;
  readonly growth: number;
  readonly maxRate: number;
}

/** What to try next in a phase; null when the phase has reached its width, or can go no further. */
export function nextRate(
  held: readonly Held[],
  bounds: Bounds,
  phase: Phase,
  aims: Aims,
): { rate: number; purpose: string } | null {
  const { lower, upper } = bounds;
  const aim = (rate: number, purpose: string) => ({ rate: Math.min(rate, aims.maxRate), purpose });
  if (held.length === 0) return aim(aims.first, 'the first guess');
  if (lower !== null && upper !== null) {
    if (upper / lower - 1 <= phase.width * 1.0001) return null;
    const inside = bounds.undecided.find((rate) => rate > lower && rate < upper);
    if (inside !== undefined) return aim(inside, 'longer at the same load');
    return aim(Math.sqrt(lower * upper), 'halving the bracket');
  }
  // A coarser phase has left loads that this phase wants to see for longer: the likely bounds first.
  const likely = boundsOf(held, lenient);
  for (const rate of [likely.lower, likely.upper]) {
    if (rate !== null && bounds.undecided.includes(rate)) return aim(rate, 'longer at the same load');
  }
  if (lower !== null) {
    if (lower >= 0.999 * aims.maxRate) return null;
    if (aims.ceiling !== null && lower >= 0.995 * aims.ceiling) return null;
    const step = lower * (1 + aims.growth);
    return aim(
      aims.ceiling !== null && step > aims.ceiling ? Math.max(aims.ceiling, lower * 1.01) : step,
      'looking higher',
    );
  }
  if (upper !== null) {
    if (upper < aims.first / 100) return null;
    const tried = held.filter((entry) => entry.rate === upper);
    // A load that held at times is near the limit: a small step will do.
    const growth = tried.some((entry) => entry.good) ? 2 * Math.max(phase.width, leastStep) : aims.growth;
    return aim(lowerFrom(upper, upper / (1 + growth), tried, held), 'looking lower');
  }
  const only = held[held.length - 1];
  return only === undefined ? null : aim(only.rate, 'longer at the same load');
}

/**
 * The next load below one that failed. What got through is a good guess where a limit cuts the rest off; where failures
 * thin out with the load, their share tells how far to go: it falls about with the fourth power of the load.
 */
function lowerFrom(upper: number, step: number, bad: readonly Held[], held: readonly Held[]): number {
  const share = Math.max(...bad.map((entry) => worstExcess(entry.level)));
  const through = Math.max(...bad.map((entry) => goodput(entry.level)));
  if (share <= 1) return step;
  const thinned = upper * Math.max(0.3, (1 / share) ** 0.25);
  const firstFailure = held.length === bad.length;
  if (firstFailure && through > 0) return Math.min(step, Math.max(0.97 * through, upper / 20));
  return Math.min(step, thinned);
}
