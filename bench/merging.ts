/** What it costs one process to join the seconds of a thousand workers, once a second. */
import { Histogram, type SparseHistogram } from '../src/maths/histogram.ts';
import { acrossAll, emptySlice, type Slice } from '../src/model/slice.ts';
import { exponential, random } from '../src/random.ts';
import { fixed, median, say, whole } from './sitting.ts';

const workers = 1000;
const perSecond = 1000;

function times(draw: () => number, count: number): SparseHistogram {
  const histogram = new Histogram();
  for (let i = 0; i < count; i++) histogram.record(exponential(draw, 40));
  return histogram.toSparse();
}

/** A second of one worker, as it comes over a wire. */
function second(worker: number): Slice {
  const draw = random(3, worker);
  const some = (): SparseHistogram => times(draw, perSecond);
  const counts = { due: perSecond, sent: perSecond, done: perSecond };
  return {
    ...emptySlice(0, 1000),
    ...counts,
    response: some(),
    service: some(),
    firstByte: some(),
    lag: some(),
  };
}

export function merging(runs: number): string {
  const slices = Array.from({ length: workers }, (_, worker) => second(worker));
  const shares: number[] = [];
  for (let run = 0; run < runs + 2; run++) {
    const from = performance.now();
    const joined = acrossAll(slices);
    if (joined.done !== workers * perSecond) throw new Error('the sum is wrong');
    if (run >= 2) shares.push((performance.now() - from) / 1000);
  }
  const share = median(shares);
  say(`merging: ${fixed(100 * share, 1)} % of a core`);
  return `## Joining workers\n\nThe seconds of ${whole(workers)} workers, each of ${whole(perSecond)} requests in four histograms, joined once a second: ${fixed(100 * share, 1)} % of a core.`;
}
