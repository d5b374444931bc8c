/** Slices made by hand, for tests that need to know what is in them. */
import { Histogram, type SparseHistogram } from '../../src/maths/histogram.ts';
import { emptySlice, type Slice } from '../../src/model/slice.ts';

/** A histogram of these times. */
export function timesOf(valuesMs: readonly number[]): SparseHistogram {
  const histogram = new Histogram();
  for (const value of valuesMs) histogram.record(value);
  return histogram.toSparse();
}

export function aSlice(change: Partial<Slice> = {}): Slice {
  return { ...emptySlice(0, 1000), ...change };
}

/** The n-th second of a trial in which each of these requests was sent and succeeded after its time. */
export function secondOf(n: number, responsesMs: readonly number[], change: Partial<Slice> = {}): Slice {
  const count = responsesMs.length;
  const times = timesOf(responsesMs);
  return aSlice({
    startMs: n * 1000,
    due: count,
    sent: count,
    done: count,
    goodTicks: Array.from({ length: 10 }, (_, tick) => Math.floor((count + 9 - tick) / 10)),
    response: times,
    service: times,
    firstByte: times,
    lag: timesOf(responsesMs.map(() => 0)),
    ...change,
  });
}

export function sumOf(slices: readonly Slice[], count: (slice: Slice) => number): number {
  return slices.reduce((sum, slice) => sum + count(slice), 0);
}

/** Failures by kind over all slices. */
export function errorsOf(slices: readonly Slice[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { errors } of slices) {
    for (const [kind, count] of Object.entries(errors)) sum[kind] = (sum[kind] ?? 0) + count;
  }
  return sum;
}

/** One of the histograms of all slices together. */
export function timesIn(
  slices: readonly Slice[],
  which: 'response' | 'service' | 'firstByte' | 'lag' | 'connect' | 'handshake',
): Histogram {
  const whole = new Histogram();
  for (const slice of slices) whole.addSparse(slice[which]);
  return whole;
}
