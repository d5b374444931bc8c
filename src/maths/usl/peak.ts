/**
 * Where a fitted law peaks, if that can be told: by the delta method, and by a bootstrap of its residuals where that is wider.
 *
 * No peak is told beyond 1.3 times the largest measured N, nor one whose standard error is above a quarter of it.
 */
import type { Random } from '../../random.ts';
import { tQuantile } from '../distributions.ts';
import type { Bounded } from '../intervals.ts';
import { roughly } from '../leastSquares.ts';
import { percentileOf } from '../order.ts';
import { bandAt, problemOf, quadraticForm, toCoefficients, type LawFit, type ScalingPoint } from './fit.ts';
import { amdahlLimit, peakUsers, throughputAt } from './law.ts';

const furthestPeak = 1.3;
const mostPeakError = 0.25;

export interface Peak {
  readonly users: Bounded;
  /** Per second. */
  readonly throughput: Bounded;
  /** √((1−α)/β) by the delta method, in users. */
  readonly standardErrorUsers: number;
}

export type NoPeak =
  /** The law that was chosen has no peak. */
  | 'law'
  /** The fitted peak lies beyond 1.3 times the largest measured number of users. */
  | 'beyond'
  /** Its standard error is above a quarter of it, or cannot be told. */
  | 'uncertain';

interface PeakOptions {
  readonly draw: Random;
  readonly confidence: number;
  readonly replicates: number;
}

export function peakOf(
  fit: LawFit,
  points: readonly ScalingPoint[],
  largest: number,
  options: PeakOptions,
): { peak: Peak | null; noPeak: NoPeak | null } {
  const users = peakUsers(fit);
  if (fit.law !== 'usl' || users === null) return { peak: null, noPeak: 'law' };
  if (users > furthestPeak * largest) return { peak: null, noPeak: 'beyond' };
  const slopes = [-users / (2 * (1 - fit.alpha)), -users / (2 * fit.beta), 0];
  const error =
    fit.covariance === null || fit.alpha >= 1 ? null : Math.sqrt(quadraticForm(fit.covariance, slopes));
  if (error === null || !(error / users <= mostPeakError)) return { peak: null, noPeak: 'uncertain' };

  const throughput = throughputAt(fit, users);
  const t = tQuantile((1 + options.confidence) / 2, fit.degreesOfFreedom);
  // at the peak ∂X/∂N = 0, so the error of N does not enter that of X
  const band = bandAt(fit, users, options.confidence);
  const again = bootstrapPeaks(fit, points, options);
  const tail = (1 - options.confidence) / 2;
  return {
    noPeak: null,
    peak: {
      standardErrorUsers: error,
      users: {
        value: users,
        low: Math.max(1, wider(Math.min, users - t * error, percentileOf(again.users, tail))),
        high: finite(wider(Math.max, users + t * error, percentileOf(again.users, 1 - tail))),
      },
      throughput: {
        value: throughput,
        low: wider(Math.min, band.low ?? throughput, percentileOf(again.throughput, tail)),
        high: finite(wider(Math.max, band.high ?? throughput, percentileOf(again.throughput, 1 - tail))),
      },
    },
  };
}

function wider(pick: (a: number, b: number) => number, delta: number, bootstrap: number | null): number {
  return bootstrap === null ? delta : pick(delta, bootstrap);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Peaks of the law refitted to its own values with residuals drawn anew; infinite where a refit has no peak. */
function bootstrapPeaks(
  fit: LawFit,
  points: readonly ScalingPoint[],
  { draw, replicates }: PeakOptions,
): { users: number[]; throughput: number[] } {
  // residuals are smaller than errors, by √(n/(n−k)); weighted ones are put on one scale before they are exchanged
  const inflate = Math.sqrt(points.length / fit.degreesOfFreedom);
  const roots = points.map((point) => Math.sqrt(point.weight ?? 1));
  const pool = fit.residuals.map((residual, i) => residual * (roots[i] ?? 1) * inflate);
  const centre = pool.reduce((a, b) => a + b, 0) / pool.length;
  const fitted = points.map((point) => throughputAt(fit, point.users));
  const problem = problemOf('usl', points, [fit.alpha, fit.beta, fit.gamma]);
  const found = { users: [] as number[], throughput: [] as number[] };
  for (let replicate = 0; replicate < replicates; replicate++) {
    const y = fitted.map(
      (value, i) => value + ((pool[Math.floor(draw() * pool.length)] ?? 0) - centre) / (roots[i] ?? 1),
    );
    const again = toCoefficients('usl', roughly({ ...problem, y }));
    const users = peakUsers(again);
    found.users.push(users ?? Number.POSITIVE_INFINITY);
    found.throughput.push(
      users === null ? (amdahlLimit(again) ?? Number.POSITIVE_INFINITY) : throughputAt(again, users),
    );
  }
  return found;
}
