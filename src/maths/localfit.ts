/**
 * Where a rising share of bad outcomes crosses a limit: logistic regression, turned round.
 *
 *     share bad = 1 / (1 + e^−(a + bx)),  crossing = (ln(limit/(1−limit)) − a) / b
 *
 * Near saturation the logarithm of the share that is too slow is nearly straight in the load (M/M/c: e^−(cμ−λ)t), so
 * a straight line on the logistic scale serves as a local model. It is local: give it points near the crossing,
 * within 15 % or so. What bends over a wider range counts as scatter: it widens the interval and shifts the value.
 *
 * 1. The interval is by likelihood ratio, not by standard errors, so it also holds where the data part cleanly into good
 *    and bad loads and the slope has no upper bound; with 4 points or more a bootstrap over points may widen it.
 * 2. A bound that the data do not give is null: a slope not shown to be above 0 gives none.
 * 3. Points that scatter more than their counts explain widen the interval (quasi-binomial, never below binomial).
 * 4. No NaN in a result.
 *
 * Absent on purpose: any other link, curved models, and any judgement on which points are near enough.
 */
import { random } from '../random.ts';
import type { Random } from '../random.ts';
import { normalQuantile, tQuantile } from './distributions.ts';
import { percentileOf } from './order.ts';

export interface CountedPoint {
  /** For example the load, per second. */
  readonly x: number;
  /** Number of bad outcomes, 0 to total. */
  readonly bad: number;
  /** Number of outcomes, above 0. */
  readonly total: number;
  /** How many independent outcomes they are worth, above 0, at most total; total where left out. */
  readonly effective?: number | undefined;
}

export interface Crossing {
  /** x at which the share of bad outcomes reaches the limit; null where the fitted share does not rise. */
  readonly value: number | null;
  /** 95 % interval; null where the data do not bound it. */
  readonly low: number | null;
  readonly high: number | null;
  /** The value lies outside the x that were measured. */
  readonly extrapolated: boolean;
  /** Scatter between points over what counts explain, at least 1. */
  readonly overdispersion: number;
}

export interface CrossingOptions {
  /** Chance for the bootstrap; from a fixed seed where left out. */
  readonly random?: Random | undefined;
  readonly replicates?: number | undefined;
}

/** A penalty on the squared slope, per standard deviation of x: keeps data that part cleanly finite. */
const ridge = 1e-4;

/** The slope, per standard deviation of x, below which a line does not rise: rounding alone makes such slopes. */
const flattest = 1e-6;

/** One point on the scale of the fit. */
interface Scaled {
  readonly z: number;
  readonly bad: number;
  readonly count: number;
}

interface Line {
  readonly height: number;
  readonly slope: number;
}

/**
 * Where the share of bad outcomes crosses a limit.
 * @param limit above 0, below 1 @returns null with fewer than 2 different x
 */
export function crossing(
  points: readonly CountedPoint[],
  limit: number,
  options: CrossingOptions = {},
): Crossing | null {
  const { random: draw = random(1), replicates = 1000 } = options;
  const usable = points.filter(
    ({ x, bad, total }) => total > 0 && bad >= 0 && bad <= total && Number.isFinite(x + bad + total),
  );
  const xs = usable.map((point) => point.x);
  if (new Set(xs).size < 2) return null;
  const centre = xs.reduce((a, b) => a + b, 0) / xs.length;
  const spread = Math.sqrt(xs.reduce((sum, x) => sum + (x - centre) ** 2, 0) / xs.length);
  const scaled = usable.map(({ x, bad, total, effective = total }) => {
    const count = Math.min(effective, total);
    return { z: (x - centre) / spread, bad: (bad / total) * count, count };
  });
  const nowhere = { value: null, low: null, high: null, extrapolated: false };
  // all good, or all bad: no slope is likelier than another, and what Newton ends on is its own start
  const first = usable[0]?.bad === 0 ? 0 : 1;
  if (usable.every(({ bad, total }) => bad === first * total)) return { ...nowhere, overdispersion: 1 };
  const line = logistic(scaled);
  const overdispersion = scatter(scaled, line);
  if (!(line.slope > flattest)) return { ...nowhere, overdispersion };
  const aim = logit(limit);
  const value = centre + (spread * (aim - line.height)) / line.slope;
  const likely = likelihoodBounds(scaled, line, aim, overdispersion);
  const again =
    usable.length >= fewestToRedraw && likely.low !== null && likely.high !== null
      ? bootstrap(scaled, aim, draw, replicates)
      : [];
  const wider = (
    pick: (a: number, b: number) => number,
    bound: number | null,
    percentile: number,
  ): number | null =>
    bound === null ? null : centre + spread * pick(bound, percentileOf(again, percentile) ?? bound);
  return {
    value,
    low: wider(Math.min, likely.low, 0.025),
    high: wider(Math.max, likely.high, 0.975),
    extrapolated: value < Math.min(...xs) || value > Math.max(...xs),
    overdispersion,
  };
}

/** With fewer points a bootstrap only redraws the same few lines. */
const fewestToRedraw = 4;

function logit(probability: number): number {
  return Math.log(probability / (1 - probability));
}

function share(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

/** Penalised binomial log likelihood, up to a constant. */
function logLikelihood(points: readonly Scaled[], { height, slope }: Line): number {
  let sum = (-ridge / 2) * slope * slope;
  for (const { z, bad, count } of points) {
    const score = height + slope * z;
    // bad·ln p + (count−bad)·ln(1−p), with ln(1−p) = −ln(1+e^score)
    sum += bad * score - count * (Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))));
  }
  return sum;
}

/** What a sum of logarithms loses to rounding: a step that seems to lose less may still be the right one. */
function rounding(likelihood: number): number {
  return 1e-12 * (1 + Math.abs(likelihood));
}

/** The most likely line: Newton steps (iteratively reweighted least squares), halved where they overshoot. */
function logistic(points: readonly Scaled[]): Line {
  const bad = points.reduce((sum, point) => sum + point.bad, 0);
  const count = points.reduce((sum, point) => sum + point.count, 0);
  const mean = (bad + 0.5) / (count + 1);
  let line: Line = { height: Math.log(mean / (1 - mean)), slope: 0 };
  let best = logLikelihood(points, line);
  for (let iteration = 0; iteration < 100; iteration++) {
    const h = { aa: 1e-9, ab: 0, bb: ridge };
    const g = { a: 0, b: -ridge * line.slope };
    for (const point of points) {
      const p = share(line.height + line.slope * point.z);
      const weight = point.count * p * (1 - p);
      const miss = point.bad - point.count * p;
      h.aa += weight;
      h.ab += weight * point.z;
      h.bb += weight * point.z * point.z;
      g.a += miss;
      g.b += miss * point.z;
    }
    const determinant = h.aa * h.bb - h.ab * h.ab;
    if (!(determinant > 0)) break;
    const step = { a: (h.bb * g.a - h.ab * g.b) / determinant, b: (h.aa * g.b - h.ab * g.a) / determinant };
    let length = 1;
    let next = line;
    let better = best;
    for (; length > 1e-6; length /= 2) {
      next = { height: line.height + length * step.a, slope: line.slope + length * step.b };
      better = logLikelihood(points, next);
      if (better >= best - rounding(best)) break;
    }
    if (!(better >= best - rounding(best))) break;
    line = next;
    best = better;
    // by the step, not by the gain: where the data hardly speak, a step that gains next to nothing moves the line far
    if (Math.hypot(step.a, step.b) <= 1e-9 * (1 + Math.hypot(line.height, line.slope))) break;
  }
  return line;
}

/** Pearson's χ² over its degrees of freedom, at least 1. */
function scatter(points: readonly Scaled[], { height, slope }: Line): number {
  if (points.length < 3) return 1;
  const square = points.reduce((sum, { z, bad, count }) => {
    const p = share(height + slope * z);
    // a cell that expects next to nothing must not decide: half an outcome is the grain of a count
    return sum + (bad - count * p) ** 2 / Math.max(count * p * (1 - p), 0.5);
  }, 0);
  return Math.max(1, square / (points.length - 2));
}

/**
 * z of all crossings that the data do not speak against: 2·(ln L_max − ln L(crossing)) ≤ overdispersion·quantile².
 * A bound is null where the likelihood does not fall far enough in its direction.
 */
function likelihoodBounds(
  points: readonly Scaled[],
  fitted: Line,
  aim: number,
  overdispersion: number,
): { low: number | null; high: number | null } {
  const quantile = overdispersion > 1 ? tQuantile(0.975, points.length - 2) : normalQuantile(0.975);
  const floor = logLikelihood(points, fitted) - (overdispersion * quantile ** 2) / 2;
  const allowed = (z: number): boolean => bestThrough(points, aim, z) >= floor;
  const value = (aim - fitted.height) / fitted.slope;
  const bound = (direction: 1 | -1): number | null => {
    let inside = value;
    let step = 1e-3;
    while (allowed(value + direction * step)) {
      inside = value + direction * step;
      step *= 2;
      if (step > 1e4) return null;
    }
    let outside = value + direction * step;
    for (let halving = 0; halving < 60; halving++) {
      const middle = (inside + outside) / 2;
      if (allowed(middle)) inside = middle;
      else outside = middle;
    }
    return outside;
  };
  return { low: bound(-1), high: bound(1) };
}

/** The greatest likelihood of a rising line that crosses the aim at z: concave in the slope, so halving finds it. */
function bestThrough(points: readonly Scaled[], aim: number, z: number): number {
  const rises = (slope: number): boolean =>
    points.reduce(
      (sum, point) => sum + (point.z - z) * (point.bad - point.count * share(aim + slope * (point.z - z))),
      0,
    ) -
      ridge * slope >
    0;
  const through = (slope: number): number => logLikelihood(points, { height: aim - slope * z, slope });
  if (!rises(0)) return through(0);
  let low = 0;
  let high = 1e-3;
  while (rises(high) && high < 1e9) high *= 2;
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2;
    if (rises(middle)) low = middle;
    else high = middle;
  }
  return through(low);
}

/** Crossings of points drawn anew; draws that do not rise say nothing of where the crossing is and are left out. */
function bootstrap(points: readonly Scaled[], aim: number, draw: Random, replicates: number): number[] {
  const found: number[] = [];
  for (let replicate = 0; replicate < replicates; replicate++) {
    const redrawn = points.map(() => points[Math.floor(draw() * points.length)] as Scaled);
    if (redrawn.every((point) => point.z === redrawn[0]?.z)) continue;
    const line = logistic(redrawn);
    if (line.slope > flattest) found.push((aim - line.height) / line.slope);
  }
  return found.length < replicates / 2 ? [] : found;
}
