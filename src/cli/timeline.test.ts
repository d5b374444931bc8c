import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aSlice, secondOf } from '../../test/kit/slices.ts';
import { Timeline } from './timeline.ts';

const nothingSeen = { target: null, generator: null };
const load = { kind: 'closed', users: 7 } as const;

describe('the timeline', () => {
  it('keeps hours in bounded memory, and loses no request', () => {
    const timeline = new Timeline();
    const slice = aSlice({ done: 8, failed: 1, inFlightMs: 6_900 });
    let largest = 0;
    for (let second = 0; second < 20_000; second++) {
      timeline.add(second * 1000, Math.floor(second / 500), load, slice, nothingSeen);
      largest = Math.max(largest, timeline.seconds.length);
    }
    expect(largest).toBeLessThanOrEqual(3600);
    const succeeded = timeline.seconds.reduce(
      (sum, each) => sum + (each.throughput * each.durationMs) / 1000,
      0,
    );
    expect(succeeded).toBeCloseTo(7 * 20_000, 3);
    const lasted = timeline.seconds.reduce((sum, each) => sum + each.durationMs, 0);
    expect(lasted).toBe(20_000_000);
  });

  it('joins the milliseconds of the last answers to the second before, so that no rate jumps', () => {
    const timeline = new Timeline();
    const whole = secondOf(
      0,
      Array.from({ length: 80 }, () => 12),
    );
    const rest = { ...secondOf(1, [15, 15, 15]), durationMs: 4 };
    timeline.add(0, 0, load, whole, nothingSeen);
    timeline.add(1000, 0, load, rest, nothingSeen);
    const [only, none] = timeline.seconds;
    expect(none).toBeUndefined();
    expect(only?.throughput).toBeCloseTo((83 * 1000) / 1004, 6);
    expect(only?.durationMs).toBe(1004);
  });

  it('never joins seconds of two levels, and stays in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 300, max: 2000 }), { minLength: 3, maxLength: 6 }),
        (lengths) => {
          const timeline = new Timeline();
          let atMs = 0;
          for (const [level, length] of lengths.entries()) {
            for (let second = 0; second < length; second++, atMs += 1000) {
              timeline.add(atMs, level, load, aSlice({ done: level + 1 }), nothingSeen);
            }
          }
          for (const [level, length] of lengths.entries()) {
            const own = timeline.seconds.filter((each) => each.level === level);
            expect(own.reduce((sum, each) => sum + each.durationMs, 0)).toBe(1000 * length);
            for (const each of own) expect(each.throughput).toBeCloseTo(level + 1, 9);
          }
          const starts = timeline.seconds.map((each) => each.atMs);
          expect(starts).toEqual([...starts].sort((a, b) => a - b));
        },
      ),
      { numRuns: 6 },
    );
  });

  it('keeps the worse of two response times, and the mean of two rates', () => {
    const timeline = new Timeline();
    for (let second = 0; second < 3601; second++) {
      const ms = second % 2 === 0 ? 20 : 90;
      timeline.add(second * 1000, 0, load, secondOf(0, [ms, ...(second % 2 === 0 ? [ms] : [])]), nothingSeen);
    }
    const [joined] = timeline.seconds;
    expect(joined).toMatchObject({ durationMs: 2000, throughput: 1.5 });
    expect(joined?.p50Ms).toBeCloseTo(90, 0);
  });

  it('says null of what was not seen, and not 0', () => {
    const timeline = new Timeline();
    const second = timeline.add(0, 0, load, aSlice(), nothingSeen);
    expect(second).toMatchObject({
      p95Ms: null,
      targetCpuCores: null,
      ratePerSecond: null,
      users: 7,
      throughput: 0,
    });
  });
});
