/**
 * A log-linear histogram of times: constant memory, exact merging, bounded relative error.
 *
 * Layout (after G. Tene's HdrHistogram): values are whole microseconds. Below 1,024 each value has a
 * bucket of its own; above, every power of two is cut into 512 equal buckets.
 *
 *   0 .. 1023 | 1024 .. 2047 in steps of 2 | 2048 .. 4095 in steps of 4 | ...  up to 2^36 us (19 hours)
 *
 * 1. A reported quantile lies within 0.1 % of a recorded value (half a bucket), or within 0.5 us.
 * 2. Adding histograms is exact and order never matters.
 * 3. A quantile of q is the smallest recorded value with at least ceil(q n) values at or below it.
 * 4. `max` and `mean` are exact to the microsecond, not of buckets.
 *
 * Deliberately absent: back-filling of samples that were never sent (schedule them instead), and
 * averaging of percentiles.
 */
const halfBuckets = 512;
const linearEnd = 2 * halfBuckets;
const octaves = 26;
const bucketCount = linearEnd + octaves * halfBuckets;

/** What is left of a histogram on its way between threads: bucket numbers with their counts. */
export interface SparseHistogram {
  readonly count: number;
  readonly sumUs: number;
  /** Sum of squares in ms². */
  readonly squares: number;
  readonly maxUs: number;
  readonly buckets: Uint16Array;
  readonly counts: Uint32Array;
}

export const emptySparse: SparseHistogram = {
  count: 0,
  sumUs: 0,
  squares: 0,
  maxUs: 0,
  buckets: new Uint16Array(0),
  counts: new Uint32Array(0),
};

/** The sum of two sparse histograms, exactly. */
export function mergeSparse(left: SparseHistogram, right: SparseHistogram): SparseHistogram {
  if (left.count === 0) return right;
  if (right.count === 0) return left;
  const buckets = new Uint16Array(left.buckets.length + right.buckets.length);
  const counts = new Uint32Array(buckets.length);
  let at = 0;
  let l = 0;
  let r = 0;
  while (l < left.buckets.length || r < right.buckets.length) {
    const fromLeft = left.buckets[l] ?? bucketCount;
    const fromRight = right.buckets[r] ?? bucketCount;
    buckets[at] = Math.min(fromLeft, fromRight);
    if (fromLeft <= fromRight) counts[at] = left.counts[l++] ?? 0;
    if (fromRight <= fromLeft) counts[at] = (counts[at] ?? 0) + (right.counts[r++] ?? 0);
    at++;
  }
  return {
    count: left.count + right.count,
    sumUs: left.sumUs + right.sumUs,
    squares: left.squares + right.squares,
    maxUs: Math.max(left.maxUs, right.maxUs),
    buckets: buckets.slice(0, at),
    counts: counts.slice(0, at),
  };
}

export const cellsPerDecade = 8;

/**
 * The counts of a histogram in coarse cells of equal width on a logarithmic axis: cell k holds 10^(k/8) ms up to
 * 10^((k+1)/8) ms. Ascending by k; empty cells are left out. What is below a microsecond counts as one.
 */
export function byDecade({ buckets, counts }: SparseHistogram): [cell: number, count: number][] {
  const cells: [number, number][] = [];
  for (const [at, bucket] of buckets.entries()) {
    // The lower edge of a power of ten must not fall into the cell below by the last bit.
    const cell = Math.floor(cellsPerDecade * Math.log10(Math.max(1, valueOf(bucket)) / 1000) + 1e-9);
    const last = cells.at(-1);
    if (last !== undefined && last[0] === cell) last[1] += counts[at] ?? 0;
    else cells.push([cell, counts[at] ?? 0]);
  }
  return cells;
}

function bucketOf(valueUs: number): number {
  if (valueUs < linearEnd) return valueUs;
  if (valueUs < 2147483648) {
    const octave = 22 - Math.clz32(valueUs);
    return halfBuckets * octave + (valueUs >>> octave);
  }
  const exponent = 31 - Math.clz32(valueUs >= 4294967296 ? valueUs / 4194304 : valueUs);
  const octave = (valueUs >= 4294967296 ? exponent + 22 : exponent) - 9;
  const bucket = halfBuckets * octave + Math.floor(valueUs / 2 ** octave);
  return bucket < bucketCount ? bucket : bucketCount - 1;
}

/** The middle of a bucket, in microseconds. */
function valueOf(bucket: number): number {
  if (bucket < linearEnd) return bucket;
  const octave = Math.floor(bucket / halfBuckets) - 1;
  const lowest = (bucket - halfBuckets * octave) * 2 ** octave;
  return lowest + (2 ** octave - 1) / 2;
}

export class Histogram {
  // Hot: written once per recorded value.
  #counts = new Uint32Array(bucketCount);
  #count = 0;
  #sumUs = 0;
  #squares = 0;
  #maxUs = 0;
  #lowest = bucketCount;
  #highest = -1;

  /** How many values were recorded. */
  get count(): number {
    return this.#count;
  }

  /** @param valueMs at least 0; below 0 counts as 0 */
  record(valueMs: number, times = 1): void {
    const valueUs = valueMs > 0 ? Math.round(valueMs * 1000) : 0;
    const bucket = bucketOf(valueUs);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + times;
    this.#count += times;
    this.#sumUs += valueUs * times;
    this.#squares += (valueUs / 1000) * (valueUs / 1000) * times;
    if (valueUs > this.#maxUs) this.#maxUs = valueUs;
    if (bucket < this.#lowest) this.#lowest = bucket;
    if (bucket > this.#highest) this.#highest = bucket;
  }

  /** The mean in milliseconds; null when empty. */
  meanMs(): number | null {
    return this.#count === 0 ? null : this.#sumUs / this.#count / 1000;
  }

  /** The standard deviation in milliseconds; null below two values. */
  deviationMs(): number | null {
    if (this.#count < 2) return null;
    const mean = this.#sumUs / this.#count / 1000;
    return Math.sqrt(Math.max(0, this.#squares / this.#count - mean * mean));
  }

  /** The largest value in milliseconds; null when empty. */
  maxMs(): number | null {
    return this.#count === 0 ? null : this.#maxUs / 1000;
  }

  /** The value of rank `rank` (1 is the smallest) in milliseconds; null outside 1..count. */
  valueAtRankMs(rank: number): number | null {
    if (!(rank >= 1 && rank <= this.#count)) return null;
    let seen = 0;
    for (let bucket = this.#lowest; bucket <= this.#highest; bucket++) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= rank) return Math.min(valueOf(bucket), this.#maxUs) / 1000;
    }
    return this.#maxUs / 1000;
  }

  /** @param q in [0, 1]. @returns milliseconds; null when empty */
  quantileMs(q: number): number | null {
    return this.valueAtRankMs(Math.max(1, Math.ceil(q * this.#count - 1e-9)));
  }

  /** How many recorded values are above a limit (to the resolution of a bucket). */
  countAbove(limitMs: number): number {
    const limit = bucketOf(Math.max(0, Math.round(limitMs * 1000)));
    let above = 0;
    for (let bucket = Math.max(limit + 1, this.#lowest); bucket <= this.#highest; bucket++) {
      above += this.#counts[bucket] ?? 0;
    }
    return above;
  }

  add(other: Histogram): void {
    if (other.#count === 0) return;
    for (let bucket = other.#lowest; bucket <= other.#highest; bucket++) {
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + (other.#counts[bucket] ?? 0);
    }
    this.#absorb(other.#count, other.#sumUs, other.#squares, other.#maxUs, other.#lowest, other.#highest);
  }

  addSparse(sparse: SparseHistogram): void {
    if (sparse.count === 0) return;
    const { buckets, counts } = sparse;
    for (let at = 0; at < buckets.length; at++) {
      const bucket = buckets[at] ?? 0;
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + (counts[at] ?? 0);
    }
    const lowest = sparse.buckets[0] ?? 0;
    const highest = sparse.buckets[sparse.buckets.length - 1] ?? 0;
    this.#absorb(sparse.count, sparse.sumUs, sparse.squares, sparse.maxUs, lowest, highest);
  }

  toSparse(): SparseHistogram {
    let filled = 0;
    for (let bucket = this.#lowest; bucket <= this.#highest; bucket++) {
      if (this.#counts[bucket] !== 0) filled++;
    }
    const buckets = new Uint16Array(filled);
    const counts = new Uint32Array(filled);
    let at = 0;
    for (let bucket = this.#lowest; bucket <= this.#highest; bucket++) {
      const count = this.#counts[bucket] ?? 0;
      if (count === 0) continue;
      buckets[at] = bucket;
      counts[at++] = count;
    }
    return {
      count: this.#count,
      sumUs: this.#sumUs,
      squares: this.#squares,
      maxUs: this.#maxUs,
      buckets,
      counts,
    };
  }

  clear(): void {
    if (this.#highest >= 0) this.#counts.fill(0, this.#lowest, this.#highest + 1);
    this.#count = 0;
    this.#sumUs = 0;
    this.#squares = 0;
    this.#maxUs = 0;
    this.#lowest = bucketCount;
    this.#highest = -1;
  }

  #absorb(
    count: number,
    sumUs: number,
    squares: number,
    maxUs: number,
    lowest: number,
    highest: number,
  ): void {
    this.#count += count;
    this.#sumUs += sumUs;
    this.#squares += squares;
    if (maxUs > this.#maxUs) this.#maxUs = maxUs;
    if (lowest < this.#lowest) this.#lowest = lowest;
    if (highest > this.#highest) this.#highest = highest;
  }
}

/** The sum of many sparse histograms, exactly: as `mergeSparse` of one after the other, in a tenth of the time. */
export function mergeAll(sparse: readonly SparseHistogram[]): SparseHistogram {
  const filled = sparse.filter(({ count }) => count > 0);
  if (filled.length <= 2) return filled.reduce(mergeSparse, emptySparse);
  const whole = new Histogram();
  for (const each of filled) whole.addSparse(each);
  return whole.toSparse();
}
