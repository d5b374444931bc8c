import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aSlice, timesOf } from '../../test/kit/slices.ts';
import { across, acrossAll, along, emptySlice, type Slice } from './slice.ts';

const times = fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 12 }).map(timesOf);
const share = fc.option(fc.integer({ min: 0, max: 64 }).map((n) => n / 64));

const codes = fc.dictionary(fc.constantFrom('1001', '1006'), fc.integer({ min: 1, max: 5 }));
const messages = fc.option(
  fc.record({
    sent: fc.nat(900),
    received: fc.nat(900),
    numbered: fc.nat(800),
    lost: fc.integer({ min: -7, max: 70 }),
    duplicated: fc.nat(9),
    reordered: fc.nat(11),
    closedByTarget: codes,
    slowChannels: fc.nat(7),
    slowPausedMs: fc.nat(5000),
    slowLost: fc.integer({ min: -3, max: 30 }),
    slowClosedByTarget: codes,
  }),
);

const queues = fc.dictionary(
  fc.constantFrom('completion', 'thumbnails'),
  fc.record({
    enqueued: fc.nat(90),
    completed: fc.nat(90),
    completedTicks: fc.array(fc.nat(9), { minLength: 10, maxLength: 10 }),
  }),
);

/** Whole milliseconds and dyadic shares, so that sums of them are exact in any order. */
const slices: fc.Arbitrary<Slice> = fc
  .record({
    sent: fc.nat(500),
    dropped: fc.nat(40),
    unfinished: fc.nat(30),
    failures: fc.dictionary(fc.constantFrom('timeout', 'reset', 'http.503'), fc.integer({ min: 1, max: 9 })),
    goodTicks: fc.array(fc.nat(20), { minLength: 10, maxLength: 10 }),
    inFlightMs: fc.nat(60_000),
    inFlightEnd: fc.nat(60),
    response: times,
    service: times,
    firstByte: times,
    lag: times,
    bytesSent: fc.nat(9_000),
    bytesReceived: fc.nat(90_000),
    busy: share,
    loopLagMs: share,
    messages,
    queues,
    openChannels: fc.option(fc.nat(300)),
  })
  .map(({ unfinished, failures, ...each }) => {
    const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
    const done = Math.max(failed, each.sent - unfinished);
    return aSlice({ ...each, errors: { ...failures }, due: each.sent + each.dropped, done, failed });
  });

/** What may not depend on how slices were joined. */
function counted(slice: Slice) {
  const good = slice.goodTicks.reduce((sum, tick) => sum + tick, 0);
  return { ...slice, busy: null, goodTicks: [], good };
}

describe('workers in the same second', () => {
  it('may be joined in any grouping', () => {
    fc.assert(
      fc.property(slices, slices, slices, (a, b, c) => {
        expect(across(across(a, b), c)).toEqual(across(a, across(b, c)));
      }),
    );
  });

  it('may be joined all at once', () => {
    fc.assert(
      fc.property(fc.array(slices, { minLength: 1, maxLength: 6 }), (all) => {
        expect(acrossAll(all)).toEqual(all.reduce(across));
      }),
    );
  });

  it('may be joined in any order', () => {
    fc.assert(
      fc.property(slices, slices, (a, b) => {
        expect(across(a, b)).toEqual(across(b, a));
      }),
    );
  });

  it('lose nothing to a worker that did nothing', () => {
    fc.assert(
      fc.property(slices, (a) => {
        expect(across(a, emptySlice(0, 1000))).toEqual(a);
      }),
    );
  });

  it('are as busy as the busiest of them, and as late as the latest', () => {
    const joined = across(aSlice({ busy: 0.31, loopLagMs: 9 }), aSlice({ busy: 0.72, loopLagMs: 2 }));
    expect(joined).toMatchObject({ busy: 0.72, loopLagMs: 9 });
    expect(across(aSlice({ busy: null }), aSlice({ busy: 0.2 })).busy).toBe(0.2);
  });
});

describe('neighbours in time', () => {
  it('conserve every count', () => {
    fc.assert(
      fc.property(slices, slices, (a, b) => {
        const joined = along(a, b);
        for (const key of ['due', 'sent', 'done', 'failed', 'dropped', 'inFlightMs', 'bytesSent'] as const) {
          expect(joined[key]).toBe(a[key] + b[key]);
        }
        expect(joined.due).toBe(joined.sent + joined.dropped);
        expect(Object.values(joined.errors).reduce((sum, n) => sum + n, 0)).toBe(joined.failed);
        expect(joined.response.count).toBe(a.response.count + b.response.count);
        expect(counted(joined).good).toBe(counted(a).good + counted(b).good);
      }),
    );
  });

  it('may be joined before the workers are, or after', () => {
    fc.assert(
      fc.property(slices, slices, slices, slices, (a, b, c, d) => {
        const seconds = along(across(a, b), across(c, d));
        const workers = across(along(a, c), along(b, d));
        expect(counted(seconds)).toEqual(counted(workers));
        expect(seconds.goodTicks).toEqual(workers.goodTicks);
      }),
    );
  });

  it('end with as many in flight as the later one', () => {
    const joined = along(aSlice({ inFlightEnd: 7 }), aSlice({ startMs: 1000, inFlightEnd: 3 }));
    expect(joined).toMatchObject({ startMs: 0, durationMs: 2000, inFlightEnd: 3 });
  });

  it('join ticks in pairs, so that a tick is twice as long', () => {
    const first = aSlice({ goodTicks: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] });
    const second = aSlice({ goodTicks: [20, 0, 0, 0, 0, 0, 0, 0, 0, 5] });
    expect(along(first, second).goodTicks).toEqual([3, 7, 11, 15, 19, 20, 0, 0, 0, 5]);
  });

  it('are as busy as the mean over their time', () => {
    const joined = along(aSlice({ busy: 0.2, durationMs: 1000 }), aSlice({ busy: 0.8, durationMs: 3000 }));
    expect(joined.busy).toBeCloseTo(0.65, 12);
  });
});
