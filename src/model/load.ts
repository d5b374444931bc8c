/** Load and trial: what an experiment asks for. Plain data. */

/** A number of users, each sending its next request as soon as the last one ended. */
export interface ClosedLoad {
  readonly kind: 'closed';
  readonly users: number;
  /** What users do again and again, where it is not single requests. */
  readonly of?: 'sessions';
}

/** Arrivals that do not wait for the target. */
export interface OpenLoad {
  readonly kind: 'open';
  readonly ratePerSecond: number;
  /** `replay`: as they were recorded; the rate is then their mean. */
  readonly arrivals: 'even' | 'poisson' | 'replay';
  /** What arrives, where it is not single requests. */
  readonly of?: 'sessions';
}

export type Load = ClosedLoad | OpenLoad;

/**
 * What is sent in the place of the usual: bodies of so many bytes, or another mix of the scenarios. In the heavy mix those that
 * are marked `heavy` play most of the sessions.
 */
export type Variant =
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'mix'; readonly mix: 'usual' | 'heavy' };

/** One load, held until it is measured well enough. */
export interface Trial {
  /** Name of the experiment it belongs to, as in the report: `baseline`, `scaling`, `capacity`, `run`. */
  readonly experiment: string;
  /** What it is for, in words for the live view: "finding the knee: 16 users". */
  readonly purpose: string;
  readonly load: Load;
  /** What is sent; the usual when left out. */
  readonly variant?: Variant;
  /** Of arrivals that are replayed: when each is due, from the start, ascending. */
  readonly dueMs?: Float64Array;
  /** Quiet time before it, so that what the trial before left behind can settle. 0 when left out. */
  readonly restMs?: number;
  /** How long to hold the load, at least. */
  readonly durationMs: number;
  /** Hold on until this many requests are done ... */
  readonly minDone: number;
  /** ... but never longer than this. At least durationMs. */
  readonly maxDurationMs: number;
  /** Closed load: users wait for their turn, so that no more begin in a second. Without bound when left out. */
  readonly maxRatePerSecond?: number;
  /**
   * No search weighs its verdict against others: an objective that too few requests were judged by is then unknown, not met.
   */
  readonly alone?: true;
  /** Open load only: never more in flight; what is due above it is dropped, and the trial ends if that lasts. */
  readonly maxInFlight: number;
}
