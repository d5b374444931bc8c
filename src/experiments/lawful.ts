/** The scaling law of the levels that were measured: which of them one smooth law can describe, and how surely. */
import { fitScaling, type Scaling as Law } from '../maths/usl/choice.ts';
import { type Range, type ScalingPoint } from '../maths/usl/fit.ts';
import type { Level } from '../model/report.ts';
import { random } from '../random.ts';
import type { Cliff } from './cliff.ts';
import { goodput } from './experiment.ts';
import { usersOf } from './plateau.ts';

/** @param points valid levels, by users */
export function lawOf(
  points: readonly Level[],
  cliff: Cliff | null,
  errorLimit: number,
  seed: number,
): Law | null {
  return noSurerThanCounts(
    fitScaling(lawfulPoints(points, cliff, errorLimit), {
      random: random(seed, 77),
      bandUsers: bandUsers(points),
    }),
  );
}

/** Where a falling law has its peak, in users; null where the levels show none. */
export function peakOf(points: readonly Level[], cliff: Cliff | null, errorLimit: number): number | null {
  return fitScaling(lawfulPoints(points, cliff, errorLimit), { replicates: 0 })?.peak?.users.value ?? null;
}

/**
 * Few points can agree with a law by luck. The weights are what counts of independent answers would scatter by; where the
 * residuals are smaller than that, the intervals are those of the counts.
 */
function noSurerThanCounts(law: Law | null): Law | null {
  const scatter = law?.residualStandardError ?? null;
  if (law === null || scatter === null || scatter >= 1) return law;
  const factor = 1 / Math.max(scatter, 1e-3);
  const wider = (value: number, range: Range | null): Range | null =>
    range === null ? null : [value - (value - range[0]) * factor, value + (range[1] - value) * factor];
  return {
    ...law,
    intervals: {
      gamma: wider(law.gamma, law.intervals.gamma),
      alpha: wider(law.alpha, law.intervals.alpha),
      beta: wider(law.beta, law.intervals.beta),
    },
    band: law.band.map((each) => ({
      ...each,
      low: each.low === null ? null : Math.max(0, each.value - (each.value - each.low) * factor),
      high: each.high === null ? null : each.value + (each.high - each.value) * factor,
    })),
  };
}

/** Throughput that falls little by little over several levels is a law of its own (retrograde), not one step. */
function retrograde(points: readonly Level[]): boolean {
  const best = Math.max(...points.map(goodput));
  const peak = points.findIndex((level) => goodput(level) === best);
  return (
    points.slice(peak + 1).filter((level) => goodput(level) < 0.97 * best && goodput(level) > 0.6 * best)
      .length >= 2
  );
}

/** The levels that one smooth law can describe: without those that fail, and without those behind a step. */
function lawfulPoints(points: readonly Level[], cliff: Cliff | null, errorLimit: number): ScalingPoint[] {
  const answered = points
    .filter((level) => (level.errors.ratio ?? 0) < errorLimit)
    .map((level) => ({
      users: usersOf(level),
      throughput: goodput(level),
      // A count of n answers scatters by about its root: longer levels, and slower ones, are known better.
      weight: (level.durationMs - level.warmupMs) / 1000 / goodput(level),
    }));
  if (cliff === null || cliff.kind !== 'throughput') return answered;
  const scatter = fitScaling(answered, { replicates: 0 })?.residualStandardError ?? null;
  const smooth = retrograde(points) || (scatter !== null && scatter < mostScatter);
  return smooth ? answered : answered.filter(({ users }) => users < cliff.users);
}

/** Residuals of a law that holds, in the scatter that counts have; more, and there is a step in the data. */
const mostScatter = 2;

/** Where the fitted law is drawn: 40 numbers of users, evenly spaced on a logarithmic axis. */
function bandUsers(points: readonly Level[]): number[] {
  const most = Math.max(1, ...points.map(usersOf));
  return Array.from({ length: 41 }, (_, i) => most ** (i / 40));
}
