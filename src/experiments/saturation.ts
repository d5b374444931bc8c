/** The knee: where more users only wait. */
import { kneeOf } from '../maths/knee.ts';
import type { Estimate } from '../model/estimate.ts';
import type { Level } from '../model/report.ts';
import type { BaselineResult } from './baseline.ts';
import { goodput } from './experiment.ts';
import { usersOf } from './plateau.ts';

export interface Knee {
  readonly users: number;
  readonly throughput: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly method: string;
}

/** The saturation point N* = Xmax R0 (operational law; Denning and Buzen 1978), where a plateau was seen. */
export function kneeFrom(
  points: readonly Level[],
  maxThroughput: Estimate | null,
  base: BaselineResult,
): Knee | null {
  if (maxThroughput === null || base.cycleMs === null) return null;
  const seconds = base.cycleMs / 1000;
  const seen = kneeOf(
    points.map((level) => ({ users: usersOf(level), throughput: goodput(level) })),
    seconds,
  );
  const users = Math.max(1, maxThroughput.value * seconds);
  // One worker is busy with one user: nothing to see in the curve, and still the knee.
  if (seen === null && users > 1.5) return null;
  const others = [
    ...(seen === null || seen.agree ? [] : [`power knee ${seen.powerKnee ?? 'unknown'}`]),
    ...(seen === null || seen.agree || seen.breakpoint === null
      ? []
      : [`two lines meet at ${seen.breakpoint.value.toFixed(1)}`]),
  ];
  return {
    users,
    throughput: Math.min(maxThroughput.value, base.throughputPerSecond * users),
    ...kneeInterval(users, maxThroughput, base),
    method: ['operational law N* = Xmax R0', ...others].join('; '),
  };
}

/** The interval of a product: relative errors of Xmax and of R0, added in quadrature. */
function kneeInterval(
  users: number,
  maxThroughput: Estimate,
  base: BaselineResult,
): { low: number | null; high: number | null } {
  const { mean, deviation } = base.level.service;
  const { value, low, high } = maxThroughput;
  const answers = base.level.requests.done - base.level.requests.failed;
  if (mean === null || deviation === null || answers < 2) return { low: null, high: null };
  const ofResponse = (1.96 * deviation) / Math.sqrt(answers) / mean;
  const reach = (bound: number | null): number | null =>
    bound === null ? null : users * Math.hypot((bound - value) / value, ofResponse);
  const [down, up] = [reach(low), reach(high)];
  return {
    low: down === null ? null : Math.max(1, users - down),
    high: up === null ? null : users + up,
  };
}
