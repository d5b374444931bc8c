import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorsOf, sumOf, timesIn } from '../../test/kit/slices.ts';
import type { Slice } from './slice.ts';
import { Tally } from './tally.ts';

function started(atMs: number): { tally: Tally; slices: Slice[] } {
  const slices: Slice[] = [];
  const tally = new Tally((slice) => slices.push(slice));
  tally.begin(atMs);
  return { tally, slices };
}

const step = fc.record({
  afterMs: fc.integer({ min: 0, max: 700 }),
  what: fc.constantFrom(
    'send',
    'send',
    'send',
    'drop',
    'answer',
    'answer',
    'fail',
    'stall',
    'hang up',
    'roll',
  ),
  lagMs: fc.nat(40),
  which: fc.nat(1000),
});

interface Request {
  readonly dueMs: number;
  readonly sentMs: number;
}

const goodIn = ({ goodTicks }: Slice): number => goodTicks.reduce((sum, n) => sum + n, 0);

describe('whatever happens, in whatever order', () => {
  it('counts balance at every moment, and the slices add up to all that happened', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.boolean(), (steps, givingUp) => {
        const originMs = 5_003;
        const { tally, slices } = started(originMs);
        const inFlight: Request[] = [];
        const totals = { due: 0, sent: 0, dropped: 0, done: 0, failed: 0, good: 0, flownMs: 0 };
        let nowMs = originMs;
        const end = (failure: string, which: number): void => {
          const request = inFlight.splice(which % inFlight.length, 1)[0];
          if (request === undefined) return;
          tally.done(request.dueMs, request.sentMs, nowMs, nowMs, failure, 10, 20);
          totals.done++;
          totals.flownMs += nowMs - request.sentMs;
          if (failure === '') totals.good++;
          else if (failure !== 'cancelled') totals.failed++;
        };
        for (const { afterMs, what, lagMs, which } of steps) {
          nowMs += afterMs;
          if (what === 'send') {
            inFlight.push({ dueMs: nowMs - lagMs, sentMs: nowMs });
            tally.sent(nowMs - lagMs, nowMs);
            totals.due++;
            totals.sent++;
          } else if (what === 'drop') {
            tally.dropped(nowMs);
            totals.due++;
            totals.dropped++;
          } else if (what === 'answer') end('', which);
          else if (what === 'fail') end('http.503', which);
          else if (what === 'stall') end('timeout', which);
          else if (what === 'hang up') end('cancelled', which);
          else tally.roll(nowMs);
          expect(tally.inFlight).toBe(totals.sent - totals.done);
          expect(tally.inFlight).toBe(inFlight.length);
        }
        for (const request of inFlight) totals.flownMs += nowMs - request.sentMs;
        const left = inFlight.length;
        tally.roll(nowMs);
        const closed = slices.length;
        if (givingUp) tally.abandon(nowMs);
        tally.end(nowMs);

        for (const slice of slices) {
          expect(slice.due).toBe(slice.sent + slice.dropped);
          expect(Object.values(slice.errors).reduce((sum, n) => sum + n, 0)).toBe(slice.failed);
          // The rest was cancelled on purpose.
          expect(goodIn(slice)).toBeLessThanOrEqual(slice.done - slice.failed);
        }
        expect(sumOf(slices, goodIn)).toBe(totals.good);
        expect(sumOf(slices, (slice) => slice.due)).toBe(totals.due);
        expect(sumOf(slices, (slice) => slice.sent)).toBe(totals.sent);
        expect(sumOf(slices, (slice) => slice.dropped)).toBe(totals.dropped);
        expect(sumOf(slices, (slice) => slice.done)).toBe(totals.done);
        expect(sumOf(slices, (slice) => slice.failed)).toBe(totals.failed);
        expect(sumOf(slices, (slice) => slice.bytesReceived)).toBe(20 * totals.done);
        expect(timesIn(slices, 'lag').count).toBe(totals.sent);
        expect(timesIn(slices, 'service').count).toBe(totals.good);
        expect(timesIn(slices, 'response').count).toBe(totals.good + (errorsOf(slices)['timeout'] ?? 0));
        // Time in flight is the same, summed over requests or over time (Little's law before it is divided).
        expect(sumOf(slices, (slice) => slice.inFlightMs)).toBe(totals.flownMs);
        // Given up at the very end of a slice, they are in no other: there is none.
        const gone = givingUp && slices.length > closed;
        expect(slices.at(-1)?.inFlightEnd ?? 0).toBe(gone || slices.length === 0 ? 0 : left);
        let nextMs = 0;
        for (const slice of slices) {
          expect(slice.startMs).toBe(nextMs);
          nextMs += slice.durationMs;
        }
        expect(nextMs).toBe(nowMs - originMs);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a slice', () => {
  it('lasts one second, also where nothing happened', () => {
    const { tally, slices } = started(250);
    tally.sent(250, 250);
    tally.roll(3400);
    expect(slices.map(({ startMs, durationMs, sent }) => [startMs, durationMs, sent])).toEqual([
      [0, 1000, 1],
      [1000, 1000, 0],
      [2000, 1000, 0],
    ]);
  });

  it('counts an answer in the tenth in which it came', () => {
    const { tally, slices } = started(0);
    tally.sent(0, 0);
    tally.sent(0, 0);
    tally.sent(0, 0);
    tally.done(0, 0, 90, 99.9, '', 0, 0);
    tally.done(0, 0, 300, 310, '', 0, 0);
    tally.done(0, 0, 950, 999.99, '', 0, 0);
    tally.roll(1000);
    expect(slices[0]?.goodTicks).toEqual([1, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
  });

  it('tells response from service time by when the request was due', () => {
    const { tally, slices } = started(0);
    tally.sent(100, 130);
    tally.done(100, 130, 150, 170, '', 0, 0);
    tally.end(400);
    const [slice] = slices;
    expect(timesIn(slices, 'response').maxMs()).toBe(70);
    expect(timesIn(slices, 'service').maxMs()).toBe(40);
    expect(timesIn(slices, 'firstByte').maxMs()).toBe(50);
    expect(timesIn(slices, 'lag').maxMs()).toBe(30);
    expect(slice?.durationMs).toBe(400);
  });

  it('keeps how long connections took, TLS apart, in the slice in which their request ended', () => {
    const { tally, slices } = started(0);
    tally.sent(0, 0);
    tally.connected(3, 0);
    tally.done(0, 0, 40, 50, '', 0, 0);
    tally.sent(990, 990);
    tally.roll(1000);
    tally.connected(5, 17);
    tally.done(990, 990, 1030, 1040, '', 0, 0);
    tally.end(1500);
    expect(slices.map(({ connect, handshake }) => [connect.count, handshake.count])).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(timesIn(slices, 'connect').meanMs()).toBe(4);
    expect(timesIn(slices, 'handshake').maxMs()).toBe(17);
  });

  it('keeps the time of a request that timed out, and not of one that was refused', () => {
    const { tally, slices } = started(0);
    tally.sent(0, 0);
    tally.sent(0, 0);
    tally.done(0, 0, 0, 3, 'http.429', 0, 0);
    tally.done(0, 0, 0, 700, 'timeout', 0, 0);
    tally.end(900);
    expect(timesIn(slices, 'response').count).toBe(1);
    expect(timesIn(slices, 'response').maxMs()).toBe(700);
    expect(slices[0]?.errors).toEqual({ 'http.429': 1, timeout: 1 });
  });

  it('counts what was cancelled on purpose as done, and as nothing else', () => {
    const { tally, slices } = started(0);
    tally.sent(0, 0);
    tally.done(0, 0, 40, 700, 'cancelled', 11, 23);
    tally.end(900);
    expect(slices[0]).toMatchObject({ sent: 1, done: 1, failed: 0, errors: {}, bytesReceived: 23 });
    expect(slices[0]?.goodTicks.every((good) => good === 0)).toBe(true);
    expect(timesIn(slices, 'response').count).toBe(0);
  });

  it('carries what is in flight over to the next trial', () => {
    const { tally, slices } = started(0);
    tally.sent(0, 0);
    tally.end(600);
    tally.begin(2000);
    tally.done(0, 0, 2100, 2100, '', 0, 0);
    tally.end(2500);
    expect(slices.map(({ sent, done, inFlightEnd }) => [sent, done, inFlightEnd])).toEqual([
      [1, 0, 1],
      [0, 1, 0],
    ]);
  });
});
