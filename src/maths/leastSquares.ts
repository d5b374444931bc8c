/**
 * Nonlinear least squares with bounds and weights.
 *
 * Two ways down, the lower end counts: Levenberg-Marquardt of our own (Marquardt's scaling, bounds held by an active
 * set, last a few plain Gauss-Newton steps) from the start itself, and the same from where the library
 * (ml-levenberg-marquardt) leads. The library alone stops short of the bottom: it damps all parameters alike and
 * accepts steps that make things worse; from the far start of MGH09 it ends in another valley.
 *
 * 1. The residual sum of squares of the result is never above that of the start.
 * 2. Every parameter is within its bounds; one that rests on a bound is marked and has no standard error.
 * 3. degreesOfFreedom counts all parameters, also those on a bound.
 * 4. No NaN in a result: what cannot be computed is null.
 *
 * Absent on purpose: robust loss functions, global search (the caller brings good starts), more than one regressor.
 * Held to the certified values of NIST StRD Misra1a and MGH09 (leastSquares.test.ts).
 */
import { levenbergMarquardt } from 'ml-levenberg-marquardt';

/** x → prediction, for given parameters. */
export type Model = (parameters: readonly number[]) => (x: number) => number;

export interface Problem {
  readonly x: readonly number[];
  /** As long as x. */
  readonly y: readonly number[];
  /** Relative precision of each y, proportional to 1/variance, above 0. All 1 where left out. */
  readonly weights?: readonly number[] | undefined;
  readonly model: Model;
  readonly start: readonly number[];
  readonly lower?: readonly number[] | undefined;
  readonly upper?: readonly number[] | undefined;
}

export interface Fit {
  readonly parameters: readonly number[];
  /** True for a parameter that rests on one of its bounds. */
  readonly onBound: readonly boolean[];
  /** Square root of the diagonal of covariance; null on a bound, without degrees of freedom, or if singular. */
  readonly standardErrors: readonly (number | null)[];
  /** s²(JᵀWJ)⁻¹ with zero rows for parameters on a bound; null without degrees of freedom, or if singular. */
  readonly covariance: readonly (readonly number[])[] | null;
  /** Σ weight·(y − prediction)² */
  readonly residualSumOfSquares: number;
  /** Number of points less number of parameters; may be 0 or below. */
  readonly degreesOfFreedom: number;
  /** √(residualSumOfSquares / degreesOfFreedom); null without degrees of freedom. */
  readonly residualStandardError: number | null;
  /** y − prediction, unweighted. */
  readonly residuals: readonly number[];
}

/** The best fit from the given start. */
export function leastSquares(problem: Problem): Fit {
  const own = refine(problem);
  const led = refine({ ...problem, start: roughFit(problem) });
  return led.residualSumOfSquares < own.residualSumOfSquares ? led : own;
}

/** Our own way down alone. */
function refine(problem: Problem): Fit {
  const bottom = descend(problem, clamp(problem, problem.start));
  return describe(problem, bottom);
}

/** The library's answer, in parameters scaled to their start so that its single damping suits all of them. */
function roughFit(problem: Problem): number[] {
  const start = clamp(problem, problem.start);
  if (problem.x.length < 2) return start;
  const scale = start.map((value) => (value === 0 ? 1 : Math.abs(value)));
  const unscale = (scaled: readonly number[]): number[] =>
    clamp(
      problem,
      scaled.map((value, k) => value * (scale[k] ?? 1)),
    );
  const yScale = Math.max(...problem.y.map(Math.abs)) || 1;
  try {
    const { parameterValues } = levenbergMarquardt(
      { x: problem.x, y: problem.y.map((y) => y / yScale) },
      (scaled) => {
        const predict = problem.model(unscale(scaled));
        return (x) => predict(x) / yScale;
      },
      {
        initialValues: start.map((value, k) => value / (scale[k] ?? 1)),
        minValues: start.map((_, k) => lowerBound(problem, k) / (scale[k] ?? 1)),
        maxValues: start.map((_, k) => upperBound(problem, k) / (scale[k] ?? 1)),
        weights: problem.y.map((_, i) => 1 / Math.sqrt(problem.weights?.[i] ?? 1)),
        gradientDifference: 1e-4,
        centralDifference: true,
        maxIterations: 60,
        errorTolerance: 1e-24,
      },
    );
    const rough = unscale(parameterValues);
    return sumOfSquares(problem, rough) < sumOfSquares(problem, start) ? rough : start;
  } catch {
    return start; // a singular matrix on the way: our own steps begin at the start instead
  }
}

function lowerBound(problem: Problem, k: number): number {
  return problem.lower?.[k] ?? Number.NEGATIVE_INFINITY;
}
function upperBound(problem: Problem, k: number): number {
  return problem.upper?.[k] ?? Number.POSITIVE_INFINITY;
}
function clamp(problem: Problem, parameters: readonly number[]): number[] {
  return parameters.map((value, k) =>
    Math.min(Math.max(value, lowerBound(problem, k)), upperBound(problem, k)),
  );
}

function sumOfSquares(problem: Problem, parameters: readonly number[]): number {
  const predict = problem.model(parameters);
  let sum = 0;
  for (let i = 0; i < problem.x.length; i++) {
    const miss = (problem.y[i] as number) - predict(problem.x[i] as number);
    sum += (problem.weights?.[i] ?? 1) * miss * miss;
  }
  return Number.isNaN(sum) ? Number.POSITIVE_INFINITY : sum;
}

/** The sum of squares is known no better than this. */
const finest = 1e-14;

interface NormalEquations {
  /** JᵀWJ */
  readonly matrix: number[][];
  /** JᵀW(y − prediction): points to where the sum of squares falls. */
  readonly gradient: number[];
}

function normalEquations(problem: Problem, parameters: readonly number[]): NormalEquations {
  const count = parameters.length;
  const predict = problem.model(parameters);
  // central differences; a probe never leaves the bounds, where a model may not be defined
  const probes = parameters.map((value, k) => {
    const step = Math.cbrt(Number.EPSILON) * Math.max(Math.abs(value), 1e-4);
    const above = Math.min(value + step, upperBound(problem, k));
    const below = Math.max(value - step, lowerBound(problem, k));
    return {
      above: problem.model(parameters.map((p, j) => (j === k ? above : p))),
      below: problem.model(parameters.map((p, j) => (j === k ? below : p))),
      distance: above - below,
    };
  });
  const matrix = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  const gradient = new Array<number>(count).fill(0);
  const slopes = new Array<number>(count).fill(0);
  for (let i = 0; i < problem.x.length; i++) {
    const x = problem.x[i] as number;
    const weight = problem.weights?.[i] ?? 1;
    const miss = (problem.y[i] as number) - predict(x);
    probes.forEach((probe, k) => {
      slopes[k] = probe.distance > 0 ? (probe.above(x) - probe.below(x)) / probe.distance : 0;
    });
    for (let k = 0; k < count; k++) {
      const weighted = weight * (slopes[k] as number);
      gradient[k] = (gradient[k] as number) + weighted * miss;
      const row = matrix[k] as number[];
      for (let j = 0; j < count; j++) row[j] = (row[j] as number) + weighted * (slopes[j] as number);
    }
  }
  return { matrix, gradient };
}

/** Parameters that may move: not on a bound, or on one with the way down leading inward. */
function freeParameters(
  problem: Problem,
  parameters: readonly number[],
  gradient: readonly number[],
): number[] {
  return parameters.flatMap((value, k) => {
    const slope = gradient[k] as number;
    const stuck =
      (value <= lowerBound(problem, k) && slope <= 0) || (value >= upperBound(problem, k) && slope >= 0);
    return stuck ? [] : [k];
  });
}

/**
 * Parameters only, close enough for a bootstrap: stops when a step lowers the sum of squares by less than a millionth.
 * The start should be close.
 */
export function roughly(problem: Problem): readonly number[] {
  return descend(problem, clamp(problem, problem.start), 1e-6);
}

/** @param grain stop where a step lowers the sum of squares by no more than this share of it */
function descend(problem: Problem, start: number[], grain = finest): number[] {
  let parameters = start;
  let sum = sumOfSquares(problem, parameters);
  let damping = 1e-3;
  for (let iteration = 0; iteration < 500 && sum > 0; iteration++) {
    const equations = normalEquations(problem, parameters);
    const free = freeParameters(problem, parameters, equations.gradient);
    if (free.length === 0) break;
    let moved = false;
    while (!moved && damping < 1e16) {
      const next = stepFrom(problem, parameters, equations, free, damping);
      const nextSum = next === null ? Number.POSITIVE_INFINITY : sumOfSquares(problem, next);
      if (next !== null && nextSum < sum) {
        moved = true;
        parameters = next;
        damping = Math.max(damping / 10, 1e-14);
        if (sum - nextSum <= grain * sum) damping = 1e16; // below the grain of the sum: leave to the last steps
        sum = nextSum;
      } else {
        damping *= 10;
      }
    }
    if (damping >= 1e16) break;
  }
  if (grain > finest) return parameters;
  // The sum of squares is flat to rounding within 1e-8 of its bottom; plain steps look at the slope and get closer.
  for (let last = 0; last < 4; last++) {
    const equations = normalEquations(problem, parameters);
    const free = freeParameters(problem, parameters, equations.gradient);
    const next = stepFrom(problem, parameters, equations, free, 0);
    if (next === null || !(sumOfSquares(problem, next) <= sum * (1 + 1e-12))) break;
    parameters = next;
  }
  return parameters;
}

function stepFrom(
  problem: Problem,
  parameters: readonly number[],
  equations: NormalEquations,
  free: readonly number[],
  damping: number,
): number[] | null {
  const matrix = free.map((k) =>
    free.map((j) => (equations.matrix[k]?.[j] as number) * (j === k ? 1 + damping : 1)),
  );
  const inverse = invertMatrix(matrix);
  if (inverse === null) return null;
  const next = [...parameters];
  free.forEach((k, row) => {
    let change = 0;
    free.forEach((j, column) => {
      change += (inverse[row]?.[column] as number) * (equations.gradient[j] as number);
    });
    next[k] = (next[k] as number) + change;
  });
  return next.every(Number.isFinite) ? clamp(problem, next) : null;
}

function describe(problem: Problem, parameters: readonly number[]): Fit {
  const predict = problem.model(parameters);
  const residuals = problem.y.map((y, i) => y - predict(problem.x[i] as number));
  const residualSumOfSquares = sumOfSquares(problem, parameters);
  const degreesOfFreedom = problem.x.length - parameters.length;
  const onBound = parameters.map((p, k) => p <= lowerBound(problem, k) || p >= upperBound(problem, k));
  const free = parameters.flatMap((_, k) => (onBound[k] === true ? [] : [k]));
  const { matrix } = normalEquations(problem, parameters);
  const inverse = invertMatrix(free.map((k) => free.map((j) => matrix[k]?.[j] as number)));
  const variance = degreesOfFreedom > 0 ? residualSumOfSquares / degreesOfFreedom : null;
  const covariance =
    inverse === null || variance === null
      ? null
      : parameters.map((_, k) =>
          parameters.map((__, j) => variance * (inverse[free.indexOf(k)]?.[free.indexOf(j)] ?? 0)),
        );
  return {
    parameters,
    onBound,
    standardErrors: parameters.map((_, k) =>
      covariance === null || onBound[k] === true ? null : Math.sqrt(Math.max(covariance[k]?.[k] ?? 0, 0)),
    ),
    covariance,
    residualSumOfSquares,
    degreesOfFreedom,
    residualStandardError: variance === null ? null : Math.sqrt(variance),
    residuals,
  };
}

/** Inverse of a small symmetric positive matrix, scaled to a unit diagonal first; null if singular. */
function invertMatrix(matrix: readonly (readonly number[])[]): number[][] | null {
  const size = matrix.length;
  const scale = matrix.map((row, k) => Math.sqrt(row[k] as number));
  if (scale.some((s) => !(s > 0) || !Number.isFinite(s))) return null;
  // Gauss-Jordan with row pivoting on [scaled matrix | identity]
  const rows = matrix.map((row, k) => [
    ...row.map((value, j) => value / ((scale[k] as number) * (scale[j] as number))),
    ...row.map((_, j) => (j === k ? 1 : 0)),
  ]);
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let k = column + 1; k < size; k++) {
      if (Math.abs(rows[k]?.[column] as number) > Math.abs(rows[pivot]?.[column] as number)) pivot = k;
    }
    const pivotRow = rows[pivot] as number[];
    const divisor = pivotRow[column] as number;
    if (!(Math.abs(divisor) > 1e-14)) return null;
    rows[pivot] = rows[column] as number[];
    rows[column] = pivotRow.map((value) => value / divisor);
    rows.forEach((row, k) => {
      if (k === column) return;
      const factor = row[column] as number;
      rows[k] = row.map((value, j) => value - factor * (rows[column]?.[j] as number));
    });
  }
  return rows.map((row, k) =>
    row.slice(size).map((value, j) => value / ((scale[k] as number) * (scale[j] as number))),
  );
}
