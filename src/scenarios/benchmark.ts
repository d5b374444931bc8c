/**
 * What a person writes to measure a component by itself: a function that does one operation.
 *
 *     import { benchmark } from 'plimsoll';
 *     import { parseOrder } from './order.ts';
 *
 *     export default benchmark('parse order', { target: 50_000, acceptable: 20_000 }, () => parseOrder(text));
 *
 * A file exports one as default, or a list of them; `plimsoll bench FILE` measures each at several loads. The load is how many
 * operations are under way at a time.
 *
 * 1. One call is one operation. It fails where the function throws or its promise is rejected.
 * 2. What the operation gives back is dropped; a promise is awaited.
 */
export interface BenchmarkOptions {
  /** Operations per second that are wished for, above 0; the ratio to it is told, and nothing else follows from it. */
  readonly target?: number;
  /** Operations per second below which the benchmark has failed, above 0. */
  readonly acceptable?: number;
  /** Operations under way at a time, whole, 1 to 10,000; 1, 10, 100 and 1000 when left out. Each is judged. */
  readonly loads?: readonly number[];
}

export type Operation = () => unknown;

const brand = Symbol.for('plimsoll.benchmark');

export interface Benchmark {
  readonly name: string;
  readonly target: number | null;
  readonly acceptable: number | null;
  readonly loads: readonly number[];
  readonly run: Operation;
}

export const usualLoads: readonly number[] = [1, 10, 100, 1000];
const mostLoad = 10_000;

/** @throws TypeError for what means nothing */
export function benchmark(name: string, run: Operation): Benchmark;
export function benchmark(name: string, options: BenchmarkOptions, run: Operation): Benchmark;
export function benchmark(name: string, given: BenchmarkOptions | Operation, last?: Operation): Benchmark {
  const options = typeof given === 'function' ? {} : given;
  const run = typeof given === 'function' ? given : last;
  if (typeof name !== 'string' || name === '' || typeof run !== 'function')
    throw new TypeError('benchmark(name, options, () => { ... }) needs a name and a function');
  const wrong = (what: string): TypeError => new TypeError(`benchmark "${name}": ${what}`);
  const unknown = Object.keys(options).find((key) => !['target', 'acceptable', 'loads'].includes(key));
  if (unknown !== undefined)
    throw wrong(`there is no option "${unknown}"; there are target, acceptable and loads`);
  const { target = null, acceptable = null, loads = usualLoads } = options;
  for (const [what, rate] of Object.entries({ target, acceptable })) {
    if (rate !== null && !(rate > 0 && Number.isFinite(rate)))
      throw wrong(`${what} ${rate} is no number of operations per second`);
  }
  const isLoad = (load: number): boolean => Number.isInteger(load) && load >= 1 && load <= mostLoad;
  if (!Array.isArray(loads) || loads.length === 0 || !loads.every(isLoad))
    throw wrong(`loads ${JSON.stringify(loads)} are no numbers of operations under way, 1 to ${mostLoad}`);
  return Object.freeze({ [brand]: true, name, target, acceptable, loads: [...new Set(loads)], run });
}

/** Whatever module the file took `benchmark` from. */
export function isBenchmark(value: unknown): value is Benchmark {
  return typeof value === 'object' && value !== null && brand in value;
}
