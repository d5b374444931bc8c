/**
 * Is a load below or above what a goal allows, judged from its trials? The rules of MLRsearch.
 *
 * A goal allows a trial to lose `lossRatio`, and allows the share `exceedRatio` of the measured time to be worse. Trials
 * shorter than the goal's final trial cannot show a load to be good; they can, where bad ones outweigh good ones, show it
 * to be bad. Unmeasured time, up to `durationSumSeconds`, counts as either.
 *
 * 1. A load is never a lower and an upper bound at once; more trials may turn one into the other.
 * 2. The relevant upper bound is the lowest one; the relevant lower bound is the highest one below it. So with results
 *    that go up and down with load the answer is on the safe side.
 *
 * Source: draft-ietf-bmwg-mlrsearch-15 (M. Konstantynowicz, V. Polák) and its code in FD.io CSIT. The draft's printed
 * tables differ from its own code in 2 of 24 cells (goal "20 % exceed", points 5 and 6); we follow the code.
 *
 * Absent on purpose: which load to measure next.
 */

export interface LoadTrial {
  /** How long the load was held, above 0. Planned durations add up exactly, measured ones may miss a sum by a hair. */
  readonly durationSeconds: number;
  /** Share of requests that were bad, 0 to 1. */
  readonly lossRatio: number;
}

export interface SearchGoal {
  /** A trial with more loss than this is bad. 0 to 1. */
  readonly lossRatio: number;
  /** Share of time that bad trials may take, 0 or more, below 1. */
  readonly exceedRatio: number;
  /** A trial at least this long is of full length. */
  readonly finalTrialSeconds: number;
  /** How much full-length time decides. */
  readonly durationSumSeconds: number;
}

export type LoadClass = 'lower' | 'upper' | 'undecided';

/** What the trials of one load say about it. An empty list says nothing: undecided. */
export function classifyLoad(trials: readonly LoadTrial[], goal: SearchGoal): LoadClass {
  const seconds = { fullGood: 0, fullBad: 0, shortGood: 0, shortBad: 0 };
  for (const { durationSeconds, lossRatio } of trials) {
    const good = lossRatio <= goal.lossRatio;
    if (durationSeconds >= goal.finalTrialSeconds) seconds[good ? 'fullGood' : 'fullBad'] += durationSeconds;
    else seconds[good ? 'shortGood' : 'shortBad'] += durationSeconds;
  }
  // short good trials make up for short bad ones, in the proportion that the goal allows; never for more
  const balance = (seconds.shortGood * goal.exceedRatio) / (1 - goal.exceedRatio);
  const bad = seconds.fullBad + Math.max(0, seconds.shortBad - balance);
  const whole = Math.max(seconds.fullGood + bad, goal.durationSumSeconds);
  const allowed = whole * goal.exceedRatio;
  const goodIfRestIsGood = bad <= allowed;
  const goodIfRestIsBad = whole - seconds.fullGood <= allowed;
  if (goodIfRestIsGood && goodIfRestIsBad) return 'lower';
  return goodIfRestIsGood || goodIfRestIsBad ? 'undecided' : 'upper';
}

export interface ClassifiedLoad {
  readonly load: number;
  readonly class: LoadClass;
}

export interface RelevantBounds {
  /** The highest lower bound below `upper`; null where there is none. */
  readonly lower: number | null;
  /** The lowest upper bound; null where there is none. */
  readonly upper: number | null;
}

/** The two loads between which the capacity lies. @param loads in any order, each load once */
export function relevantBounds(loads: readonly ClassifiedLoad[]): RelevantBounds {
  const uppers = loads.filter((entry) => entry.class === 'upper').map((entry) => entry.load);
  const upper = uppers.length === 0 ? null : Math.min(...uppers);
  const lowers = loads
    .filter((entry) => entry.class === 'lower' && (upper === null || entry.load < upper))
    .map((entry) => entry.load);
  return { lower: lowers.length === 0 ? null : Math.max(...lowers), upper };
}

/**
 * What got through at a load, in the unit of the load: load·(1 − loss) at the (1 − exceedRatio) quantile of loss over
 * full-length time, time that is missing from durationSumSeconds counted as all lost.
 * @param load 0 or more, for example per second
 */
export function conditionalThroughput(load: number, trials: readonly LoadTrial[], goal: SearchGoal): number {
  const full = trials
    .filter((trial) => trial.durationSeconds >= goal.finalTrialSeconds)
    .sort((a, b) => a.lossRatio - b.lossRatio);
  const measured = full.reduce((sum, trial) => sum + trial.durationSeconds, 0);
  let remaining = Math.max(measured, goal.durationSumSeconds) * (1 - goal.exceedRatio);
  let loss = full[0]?.lossRatio ?? 1;
  for (const trial of full) {
    if (remaining <= 0) break;
    loss = trial.lossRatio;
    remaining -= trial.durationSeconds;
  }
  return load * (1 - (remaining > 0 ? 1 : loss));
}
