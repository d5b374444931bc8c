/**
 * Whether one user alone breaks an objective, by more than chance: then no open load can hold it, and a search is idle.
 * Pure.
 */
import { clopperPearsonInterval } from '../maths/intervals.ts';
import { isMessageMetric } from '../model/objectives.ts';
import type { Level, Objective } from '../model/report.ts';
import type { BaselineResult } from './baseline.ts';
import { goodput } from './experiment.ts';
import { allowedShare } from './judging.ts';
import type { ScalingResult } from './scaling.ts';

/** The objective that no open load can hold; null where one may. */
export function brokenAtOneUser(
  base: BaselineResult,
  scaled: ScalingResult,
  objectives: readonly Objective[],
): Objective | null {
  return brokenByItself(base, objectives) ?? brokenByErrors(base, scaled, objectives);
}

/** Times, and what becomes of messages: more users make neither better. */
function brokenByItself(base: BaselineResult, objectives: readonly Objective[]): Objective | null {
  const broken = objectives.find((objective, i) => {
    const judged = base.level.objectives[i];
    if (judged?.met !== false) return false;
    if (objective.unit !== 'ms' && !isMessageMetric(objective.metric)) return false;
    return judged.bad === null || beyondChance(judged, objective);
  });
  return broken ?? null;
}

/**
 * The errors objective, where it fails at one user and the errors do not come from the load: a rate limit, which refuses
 * even one user that never pauses, gives no more to several; a target that does gives the errors as well.
 */
function brokenByErrors(
  base: BaselineResult,
  scaled: ScalingResult,
  objectives: readonly Objective[],
): Objective | null {
  const at = objectives.findIndex(({ metric }) => metric === 'errors');
  const [objective, judged] = [objectives[at], base.level.objectives[at]];
  if (objective === undefined || judged === undefined || !beyondChance(judged, objective)) return null;
  const more = scaled.points.some((level) => goodput(level) > 1.5 * goodput(base.level));
  return more ? objective : null;
}

function beyondChance({ bad, of }: Level['objectives'][number], objective: Objective): boolean {
  if (bad === null || of === null) return false;
  return (clopperPearsonInterval(bad, of)?.low ?? 0) > (allowedShare(objective) ?? 0);
}
