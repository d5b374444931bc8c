/**
 * Where more load begins to buy only waiting: four ways to find the knee of a throughput curve.
 *
 *     throughput                    (a) saturation point: where the two asymptotes cross, N* = Xmax·(R0 + Z)
 *       Xmax ┤      ╭────────       (b) power knee: the measured load with the greatest X/R = X²/N
 *            │    ╱ ┊               (c) two straight lines, joined, fitted to the points
 *            │  ╱   ┊               (d) Kneedle
 *            └─┴────┴──────── N
 *                   N*
 *
 * 1. (a) is the answer, by the operational laws; (b), (c) and (d) check it. Where (a), (b) and (c) differ by more than a
 *    factor of 2 `agree` is false, and all of them should be shown.
 * 2. Where the largest load still brings .9 of linear scaling, no knee has been seen.
 * 3. Only throughput is looked at. On response times Kneedle finds the range that was measured, not the system
 *    (M/M/1 measured to 80, 90, 95, 99 % of its capacity: "knee" at .56, .68, .76, .89).
 *
 * Absent on purpose: Kneedle's smoothing splines and its online mode.
 */
import { random } from '../random.ts';
import type { Random } from '../random.ts';
import type { Bounded } from './intervals.ts';
import { percentileOf } from './order.ts';

export interface KneePoint {
  /** N, above 0. */
  readonly users: number;
  /** X, per second, 0 or more, with its interval where one is known. */
  readonly throughput: number;
  readonly low?: number | null | undefined;
  readonly high?: number | null | undefined;
}

/**
 * The saturation point N* = Xmax·(R0 + Z), in users: beyond it some of them always wait.
 * (Denning and Buzen 1978, The operational analysis of queueing network models, §4.)
 * @param maxThroughput Xmax, per second @param baseResponseSeconds R0, at a load without waiting @param thinkSeconds Z
 */
export function saturationUsers(
  maxThroughput: number,
  baseResponseSeconds: number,
  thinkSeconds = 0,
): number {
  return maxThroughput * (baseResponseSeconds + thinkSeconds);
}

/** The measured load with the greatest X²/N, in users (Kleinrock's power X/R for users that do not think); null without points. */
export function powerKnee(points: readonly KneePoint[]): number | null {
  let best: KneePoint | null = null;
  const power = ({ users, throughput }: KneePoint): number => throughput ** 2 / users;
  for (const point of points) if (best === null || power(point) > power(best)) best = point;
  return best?.users ?? null;
}

// ---- Kneedle -------------------------------------------------------------------------------------------------------

export interface KneedleOptions {
  /** concave: a knee (throughput); convex: an elbow. */
  readonly curve: 'concave' | 'convex';
  readonly direction: 'increasing' | 'decreasing';
  /** How many mean steps of x the difference curve must fall below its maximum; 1 where left out. */
  readonly sensitivity?: number;
}

/**
 * Kneedle on the points themselves: the x at which a curve bends the most. Of several knees the first in the direction
 * of search. (Satopaa et al. 2011, Finding a "Kneedle" in a Haystack; steps and ties as in the Python package kneed,
 * interp_method "interp1d".)
 * @param x ascending @param y as long as x @returns null where there is none
 */
export function kneedle(x: readonly number[], y: readonly number[], options: KneedleOptions): number | null {
  const { curve, direction, sensitivity = 1 } = options;
  const across = toUnit(x);
  const up = toUnit(y);
  if (across === null || up === null) return null;
  // every kind of bend becomes a concave rising one; where that mirrors x the answer is mirrored back
  const mirrored = (curve === 'concave') === (direction === 'decreasing');
  const bend = curve === 'convex' ? up.map((value) => 1 - value) : up;
  const difference = mirrored
    ? bend.map((value, i) => value - (1 - (across[i] ?? 0))).reverse()
    : bend.map((value, i) => value - (across[i] ?? 0));
  const at = (i: number): number => difference[Math.min(Math.max(i, 0), difference.length - 1)] ?? 0;
  const meanStep = 1 / (x.length - 1);
  let threshold = 0;
  let candidate: number | null = null;
  for (let i = 0; i < x.length - 1; i++) {
    if (at(i) >= at(i - 1) && at(i) >= at(i + 1)) {
      threshold = at(i) - sensitivity * meanStep;
      candidate = i;
    }
    if (candidate === null) continue;
    if (at(i) <= at(i - 1) && at(i) <= at(i + 1)) threshold = 0;
    if (at(i + 1) < threshold) return x[mirrored ? x.length - 1 - candidate : candidate] ?? null;
  }
  return null;
}

/** Values scaled to 0..1; null where they do not differ. */
function toUnit(values: readonly number[]): number[] | null {
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  return span > 0 && Number.isFinite(span) ? values.map((value) => (value - low) / span) : null;
}

// ---- two lines -----------------------------------------------------------------------------------------------------

export interface Breakpoint extends Bounded {
  readonly slopeBefore: number;
  readonly slopeAfter: number;
  readonly residualSumOfSquares: number;
}

interface Curve {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/**
 * The x at which two straight lines that meet fit the points best (Hudson 1966, JASA 61:1097: exact, for each gap between
 * points the lines either side if they cross in it, else joined at a point), with a 95 % interval by residual bootstrap.
 * @returns null with fewer than 5 different x, or where the points lie on one line
 */
export function breakpoint(
  x: readonly number[],
  y: readonly number[],
  draw: Random = random(1),
  replicates = 300,
): Breakpoint | null {
  const order = x.map((_, i) => i).sort((a, b) => (x[a] ?? 0) - (x[b] ?? 0));
  const curve = { x: order.map((i) => x[i] ?? 0), y: order.map((i) => y[i] ?? 0) };
  if (new Set(curve.x).size < 5) return null;
  const best = twoLines(curve);
  if (best === null) return null;
  const inflate = Math.sqrt(curve.x.length / (curve.x.length - 4));
  const fitted = curve.x.map(best.predict);
  const residuals = curve.y.map((value, i) => (value - (fitted[i] ?? 0)) * inflate);
  const again: number[] = [];
  for (let replicate = 0; replicate < replicates; replicate++) {
    const redrawn = fitted.map((value) => value + (residuals[Math.floor(draw() * residuals.length)] ?? 0));
    const found = twoLines({ x: curve.x, y: redrawn });
    if (found !== null) again.push(found.at);
  }
  const low = percentileOf(again, 0.025);
  const high = percentileOf(again, 0.975);
  return {
    value: best.at,
    low: low === null ? null : Math.min(low, best.at),
    high: high === null ? null : Math.max(high, best.at),
    slopeBefore: best.before,
    slopeAfter: best.after,
    residualSumOfSquares: best.sum,
  };
}

interface TwoLines {
  readonly at: number;
  readonly before: number;
  readonly after: number;
  readonly sum: number;
  readonly predict: (x: number) => number;
}

function twoLines({ x, y }: Curve): TwoLines | null {
  let best: TwoLines | null = null;
  const offer = (at: number, height: number, before: number, after: number): void => {
    const predict = (value: number): number => height + (value < at ? before : after) * (value - at);
    const sum = x.reduce((total, value, i) => total + ((y[i] ?? 0) - predict(value)) ** 2, 0);
    if (best === null || sum < best.sum) best = { at, before, after, sum, predict };
  };
  for (let split = 2; split <= x.length - 2; split++) {
    const from = x[split - 1] ?? 0;
    const to = x[split] ?? 0;
    const left = line(x.slice(0, split), y.slice(0, split));
    const right = line(x.slice(split), y.slice(split));
    if (left === null || right === null || from === to) continue;
    const at = (right.height - left.height) / (left.slope - right.slope);
    if (at >= from && at <= to) offer(at, left.height + left.slope * at, left.slope, right.slope);
  }
  for (const at of new Set(x.slice(1, -1))) {
    const joined = hinge(x, y, at);
    if (joined !== null) offer(at, joined.height, joined.before, joined.after);
  }
  const found = best as TwoLines | null; // assigned in `offer`, which the compiler does not see
  const straight = line(x, y);
  if (found === null || straight === null) return null;
  const onLine = x.reduce(
    (sum, value, i) => sum + ((y[i] ?? 0) - straight.height - straight.slope * value) ** 2,
    0,
  );
  const grain = 1e-20 * y.reduce((sum, value) => sum + value * value, 0);
  return onLine <= grain ? null : found;
}

/** Least-squares line height + slope·x; null where x does not vary. */
function line(x: readonly number[], y: readonly number[]): { height: number; slope: number } | null {
  const meanX = x.reduce((a, b) => a + b, 0) / x.length;
  const meanY = y.reduce((a, b) => a + b, 0) / y.length;
  let square = 0;
  let product = 0;
  x.forEach((value, i) => {
    square += (value - meanX) ** 2;
    product += (value - meanX) * ((y[i] ?? 0) - meanY);
  });
  if (square === 0) return null;
  return { slope: product / square, height: meanY - (product / square) * meanX };
}

/** Least squares for two lines that meet at a given x. */
function hinge(
  x: readonly number[],
  y: readonly number[],
  at: number,
): { height: number; before: number; after: number } | null {
  // y = height + before·min(x−at, 0) + after·max(x−at, 0): normal equations, the two slopes apart from each other
  const sums = { n: x.length, l: 0, ll: 0, r: 0, rr: 0, y: 0, ly: 0, ry: 0 };
  x.forEach((value, i) => {
    const left = Math.min(value - at, 0);
    const right = Math.max(value - at, 0);
    const height = y[i] ?? 0;
    sums.l += left;
    sums.ll += left * left;
    sums.r += right;
    sums.rr += right * right;
    sums.y += height;
    sums.ly += left * height;
    sums.ry += right * height;
  });
  if (sums.ll === 0 || sums.rr === 0) return null;
  const divisor = sums.n - sums.l ** 2 / sums.ll - sums.r ** 2 / sums.rr;
  if (!(divisor > 1e-9)) return null;
  const height = (sums.y - (sums.l * sums.ly) / sums.ll - (sums.r * sums.ry) / sums.rr) / divisor;
  return {
    height,
    before: (sums.ly - height * sums.l) / sums.ll,
    after: (sums.ry - height * sums.r) / sums.rr,
  };
}

// ---- together ------------------------------------------------------------------------------------------------------

export interface Knee {
  /** N*, the saturation point, in users; its interval from those of Xmax and R0 where they are known. */
  readonly users: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Greatest measured throughput, per second. */
  readonly maxThroughput: number;
  /** The cross-checks, in users; null where one finds nothing. */
  readonly powerKnee: number | null;
  readonly breakpoint: Bounded | null;
  readonly kneedle: number | null;
  /** Saturation point, power knee and breakpoint, as far as known, lie within a factor of 2 of each other. */
  readonly agree: boolean;
}

export interface KneeOptions {
  /** Z, seconds; 0 where left out. */
  readonly thinkSeconds?: number | undefined;
  /** Interval of R0, seconds. */
  readonly baseResponseLow?: number | null | undefined;
  readonly baseResponseHigh?: number | null | undefined;
  /** Chance for the bootstrap; from a fixed seed where left out. */
  readonly random?: Random | undefined;
}

/** Throughput at or above this share of linear scaling at the largest load: no knee seen. */
const stillLinear = 0.9;

/**
 * The knee of measured loads.
 * @param points in any order @param baseResponseSeconds R0, above 0: mean response at a load without waiting
 * @returns null where no knee has been seen: fewer than 2 points, no throughput, or throughput still rises with load
 */
export function kneeOf(
  points: readonly KneePoint[],
  baseResponseSeconds: number,
  options: KneeOptions = {},
): Knee | null {
  const { thinkSeconds = 0, random: draw = random(1) } = options;
  const sorted = [...points].sort((a, b) => a.users - b.users);
  const largest = sorted.at(-1);
  const plateau = sorted.reduce<KneePoint | null>(
    (best, point) => (best === null || point.throughput > best.throughput ? point : best),
    null,
  );
  const baseSeconds = baseResponseSeconds + thinkSeconds;
  if (sorted.length < 2 || largest === undefined || plateau === null) return null;
  if (!(plateau.throughput > 0) || !(baseSeconds > 0)) return null;
  if (plateau.throughput > (stillLinear * largest.users) / baseSeconds) return null;

  const users = saturationUsers(plateau.throughput, baseResponseSeconds, thinkSeconds);
  const x = sorted.map((point) => point.users);
  const y = sorted.map((point) => point.throughput);
  const power = powerKnee(sorted);
  const broken = breakpoint(x, y, draw);
  const known = [users, power, broken?.value ?? null].filter((value) => value !== null);
  const reach = (
    throughput: number | null | undefined,
    response: number | null | undefined,
  ): number | null => {
    const shares = [
      throughput == null ? 0 : throughput / plateau.throughput - 1,
      response == null ? 0 : (response + thinkSeconds) / baseSeconds - 1,
    ];
    if (throughput == null && response == null) return null;
    return Math.hypot(...shares) * users;
  };
  const below = reach(plateau.low, options.baseResponseLow);
  const above = reach(plateau.high, options.baseResponseHigh);
  return {
    users,
    low: below === null ? null : Math.max(0, users - below),
    high: above === null ? null : users + above,
    maxThroughput: plateau.throughput,
    powerKnee: power,
    breakpoint: broken === null ? null : { value: broken.value, low: broken.low, high: broken.high },
    kneedle: kneedle(x, y, { curve: 'concave', direction: 'increasing' }),
    agree: Math.max(...known) <= 2 * Math.min(...known),
  };
}
