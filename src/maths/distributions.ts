/**
 * The probability distributions that intervals and tests need. The only file that knows jstat.
 *
 * 1. Every function answers for its whole stated range; outside of it the answer is not defined.
 * 2. Relative error at most 1e-9 against published tables (jstat alone stops its continued fraction at 3e-7 and after
 *    100 terms, too soon for counts of 100 000; so the fraction is ours and jstat gives the first guess).
 * 3. Upper tails are computed as such, never as 1 minus a lower tail: a p of 1e-98 is 1e-98.
 *
 * Absent on purpose: densities and samplers (random.ts draws).
 */
import jstat from 'jstat';

/**
 * Regularised incomplete beta function I_x(a, b): the probability that a Beta(a, b) variable is at most x.
 * Modified Lentz evaluation of the continued fraction (Press et al., Numerical Recipes, 3rd ed., eq. 6.4.5).
 * @param x 0 to 1 @param a above 0 @param b above 0
 */
export function betaRegularized(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - betaFraction(1 - x, b, a, Math.log1p(-x), Math.log(x));
  return betaFraction(x, a, b, Math.log(x), Math.log1p(-x));
}

/** I_x(a, b) by the continued fraction alone; converges fast for x below (a+1)/(a+b+2). */
function betaFraction(x: number, a: number, b: number, logX: number, logRest: number): number {
  const tiny = 1e-300;
  const keepAway = (v: number): number => (Math.abs(v) < tiny ? tiny : v);
  let c = 1;
  let d = 1 / keepAway(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / keepAway(1 + even * d);
    c = keepAway(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / keepAway(1 + odd * d);
    c = keepAway(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return Math.exp(logBetaFront(a, b, logX, logRest)) * (fraction / a);
}

/** ln of x^a (1-x)^b / B(a, b). */
function logBetaFront(a: number, b: number, logX: number, logRest: number): number {
  return jstat.gammaln(a + b) - jstat.gammaln(a) - jstat.gammaln(b) + a * logX + b * logRest;
}

/**
 * The x with I_x(a, b) = p: the p quantile of Beta(a, b).
 * @param p 0 to 1 @param a above 0 @param b above 0
 */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  const guess = jstat.ibetainv(p, a, b);
  return invert((x) => betaRegularized(x, a, b), p, Number.isFinite(guess) ? guess : 0.5, 0, 1);
}

/** The root of rising(x) = p within [low, high], from a guess: secant steps that never leave the bracket. */
function invert(
  rising: (x: number) => number,
  p: number,
  guess: number,
  lowest: number,
  highest: number,
): number {
  let low = lowest;
  let high = highest;
  let x = guess > low && guess < high ? guess : (low + high) / 2;
  for (let step = 0; step < 200; step++) {
    const miss = rising(x) - p;
    if (miss === 0) return x;
    if (miss < 0) low = x;
    else high = x;
    const nudge = Math.max(Math.abs(x) * 1e-6, 1e-300);
    const slope = (rising(x + nudge) - rising(x - nudge)) / (2 * nudge);
    const newton = x - miss / slope;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= 1e-14 * Math.abs(x) || next === x) return next;
    x = next;
  }
  return x;
}

/** The p quantile of the standard normal distribution. @param p above 0, below 1 */
export function normalQuantile(p: number): number {
  return p === 0.5 ? 0 : jstat.normal.inv(p, 0, 1);
}

/**
 * The p quantile of Student's t. For a two-sided 95 % interval take p = .975.
 * @param p above 0, below 1 @param degreesOfFreedom above 0
 */
export function tQuantile(p: number, degreesOfFreedom: number): number {
  if (p === 0.5) return 0;
  if (p < 0.5) return -tQuantile(1 - p, degreesOfFreedom);
  // P(|T| > t) = I_{df/(df+t²)}(df/2, 1/2)
  const tail = (t: number): number =>
    betaRegularized(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5) / 2;
  const guess = Math.max(jstat.studentt.inv(p, degreesOfFreedom), 1e-12);
  return invert((t) => 1 - tail(t), p, guess, 0, guess * 2 + 1);
}

/**
 * P(F > f) of the F distribution, the p value of a nested F test.
 * @param f 0 or more @param numerator degrees of freedom above 0 @param denominator degrees of freedom above 0
 */
export function fUpperTail(f: number, numerator: number, denominator: number): number {
  if (f <= 0) return 1;
  if (f === Number.POSITIVE_INFINITY) return 0;
  return betaRegularized(denominator / (denominator + numerator * f), denominator / 2, numerator / 2);
}

/** The p quantile of chi-square. @param p above 0, below 1 @param degreesOfFreedom above 0 */
export function chiSquareQuantile(p: number, degreesOfFreedom: number): number {
  return jstat.chisquare.inv(p, degreesOfFreedom);
}

/** P(K ≤ k) for K the number of successes in n trials of probability p. @param k whole number, below 0 gives 0 */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return betaRegularized(1 - p, n - k, k + 1);
}

/** The smallest whole k with P(K ≤ k) ≥ probability. @param n whole, 0 or more @param p 0 to 1 */
export function binomialQuantile(probability: number, n: number, p: number): number {
  let low = -1;
  let high = n;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (binomialCdf(middle, n, p) >= probability) high = middle;
    else low = middle;
  }
  return high;
}
