/** The assessment: baseline, scaling and capacity, one after the other, each with what the one before learnt. */
import type { Objective } from '../model/report.ts';
import { baseline, type BaselineResult } from './baseline.ts';
import type { Budget } from './budget.ts';
import { capacity, type CapacityResult } from './capacity.ts';
import type { Experiment } from './experiment.ts';
import { scaling, type ScalingResult } from './scaling.ts';

export interface AssessmentPlan {
  readonly budget: Budget;
  readonly objectives: readonly Objective[];
  readonly maxUsers: number;
  readonly maxRatePerSecond: number;
  readonly margin: number;
  readonly arrivals: 'even' | 'poisson';
  readonly seed: number;
  /** Leaves the later ones out. */
  readonly until: 'baseline' | 'scaling' | 'capacity';
}

const leastShare = 0.7;

export interface Assessment {
  readonly baseline: BaselineResult;
  readonly scaling: ScalingResult | null;
  readonly capacity: CapacityResult | null;
}

export function* assessment(plan: AssessmentPlan): Experiment<Assessment> {
  const base = yield* baseline(plan.budget.baseline, plan.maxRatePerSecond);
  if (base.stopped || base.health !== 'answers' || plan.until === 'baseline') {
    return { baseline: base, scaling: null, capacity: null };
  }
  const scaled = yield* scaling(base, { ...plan, budget: plan.budget.scaling });
  if (plan.until === 'scaling') return { baseline: base, scaling: scaled, capacity: null };
  const leftMs = plan.budget.totalMs - base.spentMs - scaled.spentMs;
  // Where waits for late answers made the scaling longer, the search gives some of it back.
  const totalMs = Math.max(leastShare * plan.budget.capacity.totalMs, leftMs);
  const found = yield* capacity(base, scaled, { ...plan, budget: { ...plan.budget.capacity, totalMs } });
  return { baseline: base, scaling: scaled, capacity: found };
}
