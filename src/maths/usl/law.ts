/**
 * How throughput scales with the number of users: the law, and its inverses.
 *
 *     X(N) = γN / (1 + α(N−1) + βN(N−1))
 *
 * N users, X throughput per second, γ throughput of one user, α contention (the share that is serial), β coherency
 * (the price of keeping N users consistent with each other). β = 0 is Amdahl's law, α = β = 0 is linear scaling.
 * Source: N. J. Gunther, Guerrilla Capacity Planning (2007), ch. 4-6; three-parameter form as in the R package usl.
 *
 * 1. α, β in [0, 1] and γ ≥ 0, always.
 * 2. No NaN in a result: what the law does not tell is null.
 *
 * Absent on purpose: the older two-parameter form normalised by X(1), which gives other numbers.
 */

export interface Coefficients {
  /** Contention, 0 to 1. */
  readonly alpha: number;
  /** Coherency, 0 to 1. */
  readonly beta: number;
  /** Throughput of one user, per second, 0 or more. */
  readonly gamma: number;
}

/** X at N users, per second. @param users above 0 */
export function throughputAt({ alpha, beta, gamma }: Coefficients, users: number): number {
  return (gamma * users) / (1 + alpha * (users - 1) + beta * users * (users - 1));
}

/** Response at N users that do not think, seconds: N / X(N) (Little's law). Null where γ is 0. */
export function responseAt(law: Coefficients, users: number): number | null {
  return law.gamma > 0 ? users / throughputAt(law, users) : null;
}

/** Where the law peaks, in users, at least 1; null where it never does (β = 0). √((1−α)/β) */
export function peakUsers({ alpha, beta }: Coefficients): number | null {
  return beta > 0 ? Math.max(1, Math.sqrt((1 - alpha) / beta)) : null;
}

/** The whole number of users with the highest throughput: the floor of peakUsers or its ceiling, whichever is better. */
export function bestWholeUsers(law: Coefficients): number | null {
  const peak = peakUsers(law);
  if (peak === null) return null;
  const below = Math.floor(peak);
  return throughputAt(law, below) >= throughputAt(law, below + 1) ? below : below + 1;
}

/** γ/α, the throughput that contention alone would allow, per second; null where α is 0. */
export function amdahlLimit({ alpha, gamma }: Coefficients): number | null {
  return alpha > 0 ? gamma / alpha : null;
}

/** 1/α, where linear scaling reaches the limit of contention, in users; null where α is 0. The R package's "optimal" load. */
export function optimalUsers({ alpha }: Coefficients): number | null {
  return alpha > 0 ? 1 / alpha : null;
}

/**
 * The power knee: where X/R = X²/N is greatest, in users, at least 1; null for linear scaling, which has none.
 * N = (−(α−β) + √((α−β)² + 12β(1−α))) / 6β, for β = 0 (1−α)/α (Kleinrock's power, set in the law).
 */
export function powerKneeUsers({ alpha, beta }: Coefficients): number | null {
  if (beta === 0) return alpha > 0 ? Math.max(1, (1 - alpha) / alpha) : null;
  const excess = alpha - beta;
  // 2c/(b+√…) in place of (−b+√…)/2a: no cancellation as β goes to 0
  const root = Math.sqrt(excess * excess + 12 * beta * (1 - alpha));
  const users = excess >= 0 ? (2 * (1 - alpha)) / (excess + root) : (root - excess) / (6 * beta);
  return Math.max(1, users);
}

/**
 * The number of users at which the law answers in the given time: N of R(N) = (1 + α(N−1) + βN(N−1)) / γ.
 * @param responseSeconds above 0
 * @returns null where even one user waits longer, or where no number of users makes anybody wait that long
 */
export function usersAtResponse(
  { alpha, beta, gamma }: Coefficients,
  responseSeconds: number,
): number | null {
  if (!(gamma * responseSeconds >= 1)) return null;
  if (alpha === 0 && beta === 0) return null;
  // βN² + (α−β)N − (γR + α − 1) = 0, its positive root, written so that β = 0 is no special case
  const linear = alpha - beta;
  const root = Math.sqrt(linear * linear + 4 * beta * (gamma * responseSeconds + alpha - 1));
  return linear >= 0
    ? (2 * (gamma * responseSeconds + alpha - 1)) / (linear + root)
    : (root - linear) / (2 * beta);
}

/**
 * The throughput at which the law answers in the given time, per second:
 * X(R) = (β − α + √(α² + β² + 2β(2γR + α − 2))) / 2βR. Null as usersAtResponse.
 * (B. Schwartz's published form has α and β exchanged in its first term; his test, with α = β, does not see it.)
 */
export function throughputAtResponse(law: Coefficients, responseSeconds: number): number | null {
  const users = usersAtResponse(law, responseSeconds);
  return users === null ? null : users / responseSeconds;
}

/**
 * The fewest users that reach a throughput. @param throughput per second, above 0
 * @returns null where the law never reaches it: above the peak, or at or above the limit of Amdahl's law
 */
export function usersAtThroughput({ alpha, beta, gamma }: Coefficients, throughput: number): number | null {
  if (!(throughput > 0) || !(gamma > 0)) return null;
  // βN² − (γ/X − α + β)N + (1−α) = 0, the smaller root
  const linear = gamma / throughput - alpha + beta;
  const square = linear * linear - 4 * beta * (1 - alpha);
  if (!(linear > 0) || square < 0) return null;
  return (2 * (1 - alpha)) / (linear + Math.sqrt(square));
}

/**
 * Response at a throughput below the peak, seconds. Null where the law never reaches it.
 * (The published form (α−1)/(αX−γ) is that of Amdahl's law and forgets β.)
 */
export function responseAtThroughput(law: Coefficients, throughput: number): number | null {
  const users = usersAtThroughput(law, throughput);
  return users === null ? null : users / throughput;
}
