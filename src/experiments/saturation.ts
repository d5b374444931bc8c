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
  const alone = { seconds: base.cycleMs / 1000, answers: answersOf(base.level) };
  const idle = withLightLevels(alone, points, maxThroughput.value, base);
  const { seconds } = idle;
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
    throughput: Math.min(maxThroughput.value, users / seconds),
    ...kneeInterval(users, maxThroughput, base, idle.answers),
    method: ['operational law N* = Xmax R0', ...others].join('; '),
  };
}

interface Cycle {
  /** From one answer of a user to its next. */
  readonly seconds: number;
  /** Answers that it is the mean of. */
  readonly answers: number;
}

/** Up to this share of the knee users hardly meet. */
const lightShare = 1 / 3;

const answersOf = ({ sessions, requests }: Level): number => {
  const { done, failed } = sessions ?? requests;
  return done - failed;
};

/**
 * One user alone gives few answers in its seconds. Levels far below the knee give more, and by Little's law their cycle is
 * users over throughput; they join where it differs from that of one user by no more than chance.
 */
function withLightLevels(
  alone: Cycle,
  points: readonly Level[],
  mostPerSecond: number,
  base: BaselineResult,
): Cycle {
  const variation = base.serviceVariation ?? 1;
  const light = points
    .map((level) => ({
      users: usersOf(level),
      seconds: usersOf(level) / goodput(level),
      answers: answersOf(level),
    }))
    .filter(({ users, seconds, answers }) => {
      const chance = 3 * alone.seconds * Math.sqrt(variation / alone.answers + variation / answers);
      const far = Math.abs(seconds - alone.seconds) > chance;
      return users > 1 && users <= lightShare * mostPerSecond * seconds && !far;
    });
  const all = [alone, ...light];
  const answers = all.reduce((sum, cycle) => sum + cycle.answers, 0);
  return { seconds: all.reduce((sum, cycle) => sum + cycle.seconds * cycle.answers, 0) / answers, answers };
}

/** The interval of a product: relative errors of Xmax and of R0, added in quadrature. */
function kneeInterval(
  users: number,
  maxThroughput: Estimate,
  base: BaselineResult,
  answers: number,
): { low: number | null; high: number | null } {
  const { mean, deviation } = base.level.service;
  const { value, low, high } = maxThroughput;
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
