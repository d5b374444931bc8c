/** How much time each experiment may take, and how long its trials are. Load time, without start and report. */

/** One phase of the capacity search (MLRsearch's targets: each is finer and longer than the one before). */
export interface Phase {
  readonly trialMs: number;
  /** Requests that a trial should have, where its time allows. */
  readonly minDone: number;
  /** Time in full trials that decides a load. */
  readonly sumMs: number;
  /** Goal: the bracket is not wider than this, relative to its lower end. */
  readonly width: number;
}

export interface Budget {
  /** Of all experiments together: what the earlier ones leave, the capacity search may use. */
  readonly totalMs: number;
  readonly baseline: { readonly trialMs: number; readonly minDone: number; readonly maxTrialMs: number };
  readonly scaling: {
    readonly totalMs: number;
    readonly trialMs: number;
    readonly minDone: number;
    readonly maxTrialMs: number;
    /** Answers wanted of the plateau held at the end. */
    readonly plateauDone: number;
    /** Levels measured around the knee after the climb. */
    readonly refinements: number;
  };
  readonly capacity: {
    readonly totalMs: number;
    readonly phases: readonly Phase[];
    readonly maxTrialMs: number;
    readonly confirmMs: number;
  };
}

export const budgets = {
  quick: {
    totalMs: 79_000,
    baseline: { trialMs: 3_000, minDone: 20, maxTrialMs: 6_000 },
    scaling: {
      totalMs: 34_000,
      trialMs: 2_000,
      minDone: 200,
      maxTrialMs: 4_000,
      plateauDone: 5_000,
      refinements: 2,
    },
    capacity: {
      totalMs: 34_000,
      phases: [
        { trialMs: 3_000, minDone: 150, sumMs: 3_000, width: 0.25 },
        { trialMs: 6_000, minDone: 400, sumMs: 6_000, width: 0.08 },
        { trialMs: 10_000, minDone: 1_000, sumMs: 10_000, width: 0.03 },
      ],
      maxTrialMs: 12_000,
      confirmMs: 6_000,
    },
  },
  standard: {
    totalMs: 450_000,
    baseline: { trialMs: 5_000, minDone: 100, maxTrialMs: 20_000 },
    scaling: {
      totalMs: 130_000,
      trialMs: 6_000,
      minDone: 1_000,
      maxTrialMs: 12_000,
      plateauDone: 20_000,
      refinements: 4,
    },
    capacity: {
      totalMs: 300_000,
      phases: [
        { trialMs: 5_000, minDone: 200, sumMs: 5_000, width: 0.25 },
        { trialMs: 10_000, minDone: 1_000, sumMs: 10_000, width: 0.08 },
        { trialMs: 20_000, minDone: 2_000, sumMs: 20_000, width: 0.04 },
        { trialMs: 30_000, minDone: 3_000, sumMs: 30_000, width: 0.02 },
      ],
      maxTrialMs: 45_000,
      confirmMs: 30_000,
    },
  },
  thorough: {
    totalMs: 2_600_000,
    baseline: { trialMs: 20_000, minDone: 500, maxTrialMs: 60_000 },
    scaling: {
      totalMs: 600_000,
      trialMs: 20_000,
      minDone: 5_000,
      maxTrialMs: 60_000,
      plateauDone: 100_000,
      refinements: 6,
    },
    capacity: {
      totalMs: 1_900_000,
      phases: [
        { trialMs: 10_000, minDone: 500, sumMs: 10_000, width: 0.25 },
        { trialMs: 15_000, minDone: 1_500, sumMs: 15_000, width: 0.08 },
        { trialMs: 30_000, minDone: 3_000, sumMs: 30_000, width: 0.04 },
        { trialMs: 60_000, minDone: 6_000, sumMs: 180_000, width: 0.01 },
      ],
      maxTrialMs: 120_000,
      confirmMs: 120_000,
    },
  },
} as const satisfies Record<string, Budget>;

export type BudgetName = keyof typeof budgets;
