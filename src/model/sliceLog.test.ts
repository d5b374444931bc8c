import fc from 'fast-check';
import { expect, it } from 'vitest';
import { aSlice, secondOf, sumOf, timesIn } from '../../test/kit/slices.ts';
import { SliceLog } from './sliceLog.ts';

const second = (n: number) =>
  aSlice({
    startMs: n * 1000,
    due: 3,
    sent: 2,
    dropped: 1,
    done: 2,
    goodTicks: [2, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  });

it('keeps a day of seconds in constant memory', () => {
  const most = 120;
  const log = new SliceLog(most);
  let largest = 0;
  for (let n = 0; n < 100_000; n++) {
    log.push(second(n));
    // Reading costs; the bound is looked at often enough to meet every size of the unit.
    if (n < 1000 || n % 499 === 0) largest = Math.max(largest, log.slices.length);
  }
  expect(largest).toBeLessThanOrEqual(2 * most);
  expect(log.slices.length).toBeGreaterThanOrEqual(most / 2);
  expect(sumOf(log.slices, (slice) => slice.due)).toBe(300_000);
  expect(sumOf(log.slices, (slice) => slice.durationMs)).toBe(100_000_000);
});

it('loses no count, no time and no order, whatever was pushed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 16, max: 40 }),
      fc.array(fc.nat(4), { maxLength: 700, size: 'max' }),
      (most, counts) => {
        const log = new SliceLog(most);
        for (const [n, count] of counts.entries()) {
          log.push(
            secondOf(
              n,
              Array.from({ length: count }, (_, i) => 5 + 3 * i),
            ),
          );
          if (log.slices.length > 2 * most)
            throw new Error(`${log.slices.length} slices kept after ${n + 1}`);
        }
        const all = counts.reduce((sum, count) => sum + count, 0);
        expect(sumOf(log.slices, (slice) => slice.done)).toBe(all);
        expect(sumOf(log.slices, (slice) => slice.goodTicks.reduce((sum, tick) => sum + tick, 0))).toBe(all);
        expect(timesIn(log.slices, 'response').count).toBe(all);
        let nextMs = 0;
        for (const slice of log.slices) {
          expect(slice.startMs).toBe(nextMs);
          nextMs += slice.durationMs;
        }
        expect(nextMs).toBe(1000 * counts.length);
      },
    ),
    { numRuns: 40 },
  );
});

it('keeps single seconds as long as there is room', () => {
  const log = new SliceLog(5);
  for (let n = 0; n < 10; n++) log.push(second(n));
  expect(log.slices.map((slice) => slice.durationMs)).toEqual(new Array<number>(10).fill(1000));
});
