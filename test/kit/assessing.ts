/** Experiments in virtual time, as tests want them: with every trial and level written down, and ended when told to. */
import type { AssessmentPlan } from '../../src/experiments/assessment.ts';
import { budgets } from '../../src/experiments/budget.ts';
import { simulated, type SimulatedTarget } from '../../src/experiments/simulated.ts';
import type { Trial } from '../../src/model/load.ts';
import { parseObjectives } from '../../src/model/objectives.ts';
import type { Level, Objective } from '../../src/model/report.ts';

export function planOf(slo: string, change: Partial<AssessmentPlan> = {}): AssessmentPlan {
  return {
    budget: budgets.quick,
    objectives: parseObjectives(slo),
    maxUsers: 4000,
    maxRatePerSecond: 1_000_000,
    margin: 0.2,
    arrivals: 'poisson',
    seed: 3,
    until: 'capacity',
    ...change,
  };
}

/** A simulated target with a notebook. */
export class Notebook {
  readonly trials: Trial[] = [];
  readonly levels: Level[] = [];
  readonly perform: (trial: Trial) => Level;

  /** @param interruptedAt the number of the trial, from 1, during which the run is stopped; never when left out */
  constructor(
    target: SimulatedTarget,
    objectives: readonly Objective[],
    seed = 17,
    interruptedAt = Number.POSITIVE_INFINITY,
  ) {
    const hold = simulated(target, seed, { objectives });
    this.perform = (trial) => {
      this.trials.push(trial);
      const level = this.trials.length > interruptedAt ? cutOff(hold(trial), 1) : hold(trial);
      const told = this.trials.length === interruptedAt ? cutOff(level, level.durationMs) : level;
      this.levels.push(told);
      return told;
    };
  }

  get spentMs(): number {
    return this.levels.reduce((sum, level) => sum + level.spentMs, 0);
  }

  /** Levels of one experiment. */
  of(experiment: string): Level[] {
    return this.levels.filter((_, i) => this.trials[i]?.experiment === experiment);
  }
}

/** What the engine gives for a trial that was stopped. */
function cutOff(level: Level, durationMs: number): Level {
  return { ...level, stoppedEarly: 'interrupt', durationMs };
}
