/** Assesses one specimen in virtual time and holds the result against the truth. */
import { assessment } from '../../src/experiments/assessment.ts';
import { budgets, type BudgetName } from '../../src/experiments/budget.ts';
import { conductNow } from '../../src/experiments/experiment.ts';
import { simulated } from '../../src/experiments/simulated.ts';
import type { Specimen } from './zoo.ts';

export interface Grade {
  readonly name: string;
  readonly truth: number | null;
  readonly found: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** found / truth - 1 */
  readonly error: number | null;
  readonly covered: boolean | null;
  readonly mostError: number | null;
  readonly mostCovered: boolean | null;
  readonly kneeRatio: number | null;
  readonly cliff: 'right' | 'false' | 'missed';
  readonly lawCovered: boolean | null;
  readonly loadSeconds: number;
}

export function grade(each: Specimen, budget: BudgetName, seed: number): Grade {
  const perform = simulated(each.target, seed, { objectives: each.objectives });
  let spentMs = 0;
  const { scaling, capacity } = conductNow(
    assessment({
      budget: budgets[budget],
      objectives: each.objectives,
      maxUsers: 4000,
      maxRatePerSecond: 1_000_000,
      margin: 0.2,
      arrivals: 'poisson',
      seed,
      until: 'capacity',
    }),
    (trial) => {
      const level = perform(trial);
      spentMs += level.spentMs;
      return level;
    },
  );
  const found = capacity?.sustainable ?? null;
  const most = scaling?.maxThroughput ?? null;
  const within = (truth: number | null, low: number | null | undefined, high: number | null | undefined) =>
    truth === null ? null : truth >= (low ?? 0) && truth <= (high ?? Number.POSITIVE_INFINITY);
  const ratio = (value: number | null | undefined, truth: number | null) =>
    truth === null || value === null || value === undefined ? null : value / truth - 1;
  const law = scaling?.law ?? null;
  const inside = (range: readonly [number, number] | null | undefined, truth: number) =>
    range !== null && range !== undefined && truth >= range[0] && truth <= range[1];
  return {
    name: each.name,
    truth: each.capacity,
    found: found?.value ?? null,
    low: found?.low ?? null,
    high: found?.high ?? null,
    error: ratio(found?.value, each.capacity),
    covered: within(each.capacity, found?.low, found?.high),
    mostError: ratio(most?.value, each.maxThroughput),
    mostCovered: within(each.maxThroughput, most?.low, most?.high),
    kneeRatio:
      each.knee === null || scaling === null || scaling.knee === null ? null : scaling.knee.users / each.knee,
    cliff: gradeCliff(each.cliff, scaling?.cliff ?? null),
    lawCovered:
      each.law === null
        ? null
        : law?.law === 'usl' &&
          inside(law.intervals.alpha, each.law.alpha) &&
          inside(law.intervals.beta, each.law.beta),
    loadSeconds: spentMs / 1000,
  };
}

function gradeCliff(
  truth: readonly [number, number] | null,
  found: { users: number; below: number } | null,
): Grade['cliff'] {
  if (truth === null) return found === null ? 'right' : 'false';
  const openEnded = truth[1] === Number.POSITIVE_INFINITY;
  if (found === null) return openEnded ? 'right' : 'missed';
  return found.users >= truth[0] ? 'right' : 'false';
}
