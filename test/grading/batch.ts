/** Grades the specimens FROM up to TO of SEED with a budget, one JSON line each. Entry of a process of its own: it is work for minutes. */
import { grade, type Grade } from './grade.ts';
import type { BudgetName } from '../../src/experiments/budget.ts';
import { specimen } from './zoo.ts';

export interface Row extends Grade {
  readonly tolerance: number;
  /** Whether theory knows a knee, and a cliff between two numbers of users. */
  readonly hasKnee: boolean;
  readonly hasCliff: boolean;
}

const [seed = 0, from = 0, to = 0] = process.argv.slice(2, 5).map(Number);
const budget = process.argv[5] as BudgetName;

for (let n = from; n < to; n++) {
  const each = specimen(seed, n);
  const row: Row = {
    ...grade(each, budget, n),
    tolerance: each.tolerance,
    hasKnee: each.knee !== null,
    hasCliff: each.cliff !== null && Number.isFinite(each.cliff[1]),
  };
  process.stdout.write(`${JSON.stringify(row)}\n`);
}
