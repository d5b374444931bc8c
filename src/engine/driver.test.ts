import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorsOf, sumOf, timesIn } from '../../test/kit/slices.ts';
import { VirtualServer, type VirtualServerOptions } from '../../test/kit/virtualServer.ts';
import { VirtualTime } from '../../test/kit/virtualTime.ts';
import type { Load } from '../model/load.ts';
import type { Slice } from '../model/slice.ts';
import { exponential, random } from '../random.ts';
import { Driver, type Assignment } from './driver.ts';

const users = (count: number): Load => ({ kind: 'closed', users: count });
const rate = (ratePerSecond: number, arrivals: 'even' | 'poisson' = 'even'): Load => ({
  kind: 'open',
  ratePerSecond,
  arrivals,
});

class Bench {
  readonly time = new VirtualTime(4_321.5);
  readonly server: VirtualServer;
  readonly driver: Driver;
  slices: Slice[] = [];

  constructor(options: VirtualServerOptions) {
    this.server = new VirtualServer(this.time, options);
    this.driver = new Driver(this.server, this.time, (slice) => this.slices.push(slice));
  }

  hold(load: Load, forMs: number, change: Partial<Assignment> = {}): void {
    this.driver.hold({ load, maxInFlight: 1000, seed: 3, share: 0, shares: 1, ...change });
    this.time.runFor(forMs);
    this.driver.roll();
  }

  /** @returns whether everything came back in time */
  rest(graceMs: number): boolean {
    let rested = false;
    this.driver.rest(() => (rested = true));
    this.time.runFor(graceMs);
    return rested;
  }

  count(which: 'due' | 'sent' | 'done' | 'dropped' | 'failed'): number {
    return sumOf(this.slices, (slice) => slice[which]);
  }
}

describe('closed load', () => {
  it('of N users on a server for each gives N/S, with N in flight', () => {
    const bench = new Bench({ serviceMs: () => 40 });
    bench.hold(users(7), 20_000);
    expect(bench.count('done') / 20).toBeCloseTo(7 / 0.04, 0);
    const second = bench.slices[5];
    // Between two requests of a user lies a turn of the loop, 0.01 ms of 40.
    expect((second?.inFlightMs ?? 0) / 1000).toBeCloseTo(7, 2);
    expect(timesIn(bench.slices, 'service').maxMs()).toBe(40);
  });

  it('of more users than servers gives c/S, and the rest of the time is waiting', () => {
    const bench = new Bench({ servers: 3, serviceMs: () => 25 });
    bench.hold(users(11), 10_000);
    expect(bench.count('done') / 10).toBeCloseTo(3 / 0.025, 0);
    const response = timesIn(bench.slices.slice(1), 'response').meanMs() ?? 0;
    // Little: N = X R
    expect(response).toBeCloseTo((11 / 120) * 1000, 1);
  });

  it('is due the moment the last answer came, and leaves when the loop has read all that lay ready', () => {
    const bench = new Bench({ serviceMs: () => 30 });
    bench.hold(users(5), 3_000);
    const turnOfTheLoopMs = 0.01;
    expect(timesIn(bench.slices, 'lag').maxMs()).toBe(turnOfTheLoopMs);
    expect(timesIn(bench.slices, 'service').maxMs()).toBe(30);
    expect(timesIn(bench.slices, 'response').maxMs()).toBeCloseTo(30 + turnOfTheLoopMs, 1);
  });

  it('forgets what is due but has not left when another load is taken on, or none', () => {
    const bench = new Bench({ serviceMs: () => 30 });
    // All five have their answer, and a turn of the loop has not passed.
    bench.hold(users(5), 30);
    bench.hold(users(3), 15);
    expect([bench.server.inside, bench.server.received]).toEqual([3, 8]);
    bench.time.runFor(15);
    expect(bench.rest(30)).toBe(true);
    expect(bench.server.received).toBe(8);
  });

  it('sends nothing more once it is closed', () => {
    const bench = new Bench({ serviceMs: () => 30, refuse: () => 'connect.refused' });
    bench.hold(users(5), 100);
    const before = bench.server.received;
    bench.driver.close();
    bench.time.runFor(100);
    expect(bench.server.received).toBe(before);
  });

  it('whose rate is bounded begins no more in any second, and counts nothing of the wait', () => {
    const bench = new Bench({ serviceMs: () => 3 });
    bench.hold(users(8), 10_000, { maxRatePerSecond: 50 });
    for (const { sent } of bench.slices) expect(sent).toBeLessThanOrEqual(51);
    expect(bench.count('sent')).toBeGreaterThanOrEqual(499);
    expect(timesIn(bench.slices, 'response').maxMs()).toBe(3);
    expect(timesIn(bench.slices, 'lag').maxMs()).toBe(0);
  });

  it('slower than its bound is as without one', () => {
    const bench = new Bench({ servers: 2, serviceMs: () => 50 });
    bench.hold(users(6), 10_000, { maxRatePerSecond: 90 });
    expect(bench.count('done') / 10).toBeCloseTo(40, 0);
  });

  it('bounds all shares together', () => {
    const sent = [0, 1, 2].map((share) => {
      const bench = new Bench({ serviceMs: () => 3 });
      bench.hold(users(9), 10_000, { maxRatePerSecond: 60, share, shares: 3 });
      return bench.count('sent');
    });
    expect(sent.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(603);
    expect(Math.min(...sent)).toBeGreaterThanOrEqual(199);
  });

  it('is lowered and raised again while users stay connected', () => {
    const bench = new Bench({ serviceMs: () => 20 });
    bench.hold(users(9), 2_000);
    expect(bench.driver.inFlight).toBe(9);
    bench.hold(users(4), 2_000);
    expect(bench.driver.inFlight).toBe(4);
    bench.hold(users(9), 2_000);
    expect(bench.driver.inFlight).toBe(9);
    expect(bench.server.counts.connections).toBe(9);
  });

  it('starts a crowd in groups, and all of it within a tenth of a second', () => {
    const bench = new Bench({ serviceMs: () => 5_000 });
    bench.hold(users(900), 1);
    expect(bench.driver.inFlight).toBeLessThan(100);
    bench.time.runFor(100);
    expect(bench.driver.inFlight).toBe(900);
  });

  it('is shared out to the last user among workers', () => {
    const shares = [0, 1, 2].map((share) => {
      const bench = new Bench({ serviceMs: () => 20 });
      bench.hold(users(11), 500, { share, shares: 3 });
      return bench.driver.inFlight;
    });
    expect(shares).toEqual([4, 4, 3]);
  });

  it('does not spin where connections fail', () => {
    const bench = new Bench({ serviceMs: () => 20, refuse: () => 'connect.refused' });
    bench.hold(users(6), 5_000);
    const perUserAndSecond = bench.count('done') / 6 / 5;
    expect(perUserAndSecond).toBeLessThanOrEqual(100);
    expect(perUserAndSecond).toBeGreaterThan(80);
    expect(errorsOf(bench.slices)['connect.refused']).toBe(bench.count('done'));
  });

  it('does not spin either where every answer is a refusal', () => {
    const bench = new Bench({ serviceMs: () => 20, refuse: () => 'http.503' });
    bench.hold(users(7), 3_000);
    const perUserAndSecond = bench.count('failed') / 7 / 3;
    expect(perUserAndSecond).toBeLessThanOrEqual(101);
    expect(perUserAndSecond).toBeGreaterThan(80);
  });

  it('goes on at once after a failure that stands alone', () => {
    let nth = 0;
    const bench = new Bench({ serviceMs: () => 4, refuse: () => (++nth % 3 === 0 ? 'http.500' : '') });
    bench.hold(users(1), 6_000);
    // two answers of 4 ms, then a refusal that takes 0.1, and a turn of the loop after each
    expect(bench.count('done') - bench.count('failed')).toBeGreaterThan(1_470);
  });

  it('finds its users again after their connections broke', () => {
    let broken = true;
    const bench = new Bench({ serviceMs: () => 25, refuse: () => (broken ? 'reset' : '') });
    bench.hold(users(8), 1_003);
    broken = false;
    bench.time.runFor(1_000);
    expect(bench.driver.inFlight).toBe(8);
  });
});

describe('open load', () => {
  it('never drifts: after ten minutes the arrivals are those of the plan', () => {
    const bench = new Bench({ serviceMs: () => 130 });
    bench.hold(rate(37), 600_000);
    expect(Math.abs(bench.count('due') - 37 * 600)).toBeLessThanOrEqual(1);
    expect(timesIn(bench.slices, 'lag').maxMs()).toBeLessThan(1);
    for (const slice of bench.slices) expect(Math.abs(slice.sent - 37)).toBeLessThanOrEqual(1);
  });

  it('keeps its due times above the grain of timers too', () => {
    const bench = new Bench({ serviceMs: () => 3 });
    bench.hold(rate(3_300), 10_000);
    expect(Math.abs(bench.count('due') - 33_000)).toBeLessThanOrEqual(4);
    expect(timesIn(bench.slices, 'lag').maxMs()).toBeLessThan(1.4);
  });

  it('does not wait for the target: what is in flight is rate times response', () => {
    const bench = new Bench({ serviceMs: () => 900 });
    bench.hold(rate(50, 'poisson'), 60_000);
    const inFlight = sumOf(bench.slices.slice(2), (slice) => slice.inFlightMs) / 58_000;
    expect(inFlight / 45).toBeGreaterThan(0.93);
    expect(inFlight / 45).toBeLessThan(1.07);
  });

  it('begins few connections in one turn of the loop: users that come back take what is due', () => {
    const bench = new Bench({ serviceMs: () => 0 });
    // 300 are due each millisecond, and an answer takes one turn.
    bench.hold(rate(300_000), 1.9);
    expect(bench.server.counts.connections).toBeLessThan(120);
    bench.time.runFor(998.2);
    bench.driver.roll();
    expect(Math.abs(bench.count('due') - 300_000)).toBeLessThanOrEqual(300);
    expect(timesIn(bench.slices, 'lag').maxMs()).toBeLessThan(1.5);
  });

  it('drops what is due above the most in flight, and counts it as due', () => {
    const bench = new Bench({ serviceMs: () => 1e9 });
    bench.hold(rate(30), 10_000, { maxInFlight: 17 });
    expect(bench.count('sent')).toBe(17);
    expect(bench.count('due')).toBeGreaterThanOrEqual(299);
    expect(bench.count('dropped')).toBe(bench.count('due') - 17);
    for (const slice of bench.slices) expect(slice.due).toBe(slice.sent + slice.dropped);
    expect(bench.server.mostInside).toBe(17);
  });

  it('takes the connection that rested shortest, and so no more connections than it needs', () => {
    const bench = new Bench({ serviceMs: () => 70 });
    bench.hold(rate(20), 30_000);
    expect(bench.server.counts.connections).toBe(2);
  });
});

describe('a target that stands still for a second in each twenty (ground truth GT16)', () => {
  const stalling = (nowMs: number): number => {
    const into = nowMs % 20_000;
    return 5 + (into < 1000 ? 1000 - into : 0);
  };

  it('is seen as it is by open load', () => {
    const bench = new Bench({ serviceMs: stalling });
    bench.hold(rate(200), 400_000);
    const response = timesIn(bench.slices, 'response');
    for (const [quantile, expectedMs] of [
      [0.9, 5],
      [0.96, 205],
      [0.99, 805],
      [0.999, 985],
    ] as const) {
      const found = response.quantileMs(quantile) ?? 0;
      expect(Math.abs(found / expectedMs - 1), `p${quantile * 100}: ${found} ms`).toBeLessThan(0.03);
    }
  });

  it('looks well to a user who waits for each answer', () => {
    const bench = new Bench({ serviceMs: stalling });
    bench.hold(users(1), 400_000);
    expect(timesIn(bench.slices, 'response').quantileMs(0.99)).toBeCloseTo(5, 1);
  });
});

describe('the end of a load', () => {
  it('waits for the last answers', () => {
    const bench = new Bench({ serviceMs: () => 800 });
    bench.hold(users(13), 2_000);
    expect(bench.rest(1_000)).toBe(true);
    expect(bench.count('done')).toBe(bench.count('sent'));
    expect(bench.count('done')).toBe(bench.server.answered);
  });

  it('that is not waited for leaves sent and never done what was in flight', () => {
    const bench = new Bench({ serviceMs: (nowMs) => (nowMs < 6_000 ? 50 : 1e9) });
    bench.hold(users(13), 4_000);
    expect(bench.rest(1_000)).toBe(false);
    bench.driver.abandon();
    expect(bench.count('sent') - bench.count('done')).toBe(13);
    expect(bench.count('done')).toBe(bench.server.answered);
    expect(bench.driver.inFlight).toBe(0);
  });

  it('gives no user up for the next load', () => {
    let slow = true;
    const bench = new Bench({ serviceMs: () => (slow ? 1e9 : 25) });
    bench.hold(users(5), 1_000);
    bench.rest(500);
    bench.driver.abandon();
    slow = false;
    bench.slices = [];
    bench.hold(users(5), 2_000);
    expect(bench.driver.inFlight).toBe(5);
    expect(bench.count('done') / 2).toBeCloseTo(200, -1);
  });

  it('is told at once where nothing is in flight, and once only', () => {
    const bench = new Bench({ serviceMs: () => 5 });
    bench.hold(rate(1), 300);
    let told = 0;
    bench.driver.rest(() => told++);
    bench.time.runFor(3_000);
    expect(told).toBe(1);
  });
});

const anyLoad = fc.oneof(
  fc.integer({ min: 1, max: 70 }).map(users),
  fc
    .tuple(fc.integer({ min: 1, max: 400 }), fc.constantFrom('even', 'poisson'))
    .map(([perSecond, kind]) => rate(perSecond, kind)),
);

describe('whatever loads follow each other', () => {
  it('counts balance with the target, to the request', () => {
    const loads = fc.array(fc.tuple(anyLoad, fc.integer({ min: 1, max: 2500 }), fc.boolean()), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(loads, fc.integer({ min: 1, max: 90 }), fc.nat(999), (steps, servers, seed) => {
        const draw = random(seed);
        const bench = new Bench({ servers, serviceMs: () => exponential(draw, 30) });
        for (const [load, forMs, resting] of steps) {
          bench.hold(load, forMs, { maxInFlight: 80, seed });
          if (load.kind === 'closed' && forMs > 100) {
            // A few may have their answer, and a turn of the loop has not passed.
            expect(bench.driver.inFlight).toBeGreaterThanOrEqual(load.users - 3);
          }
          if (resting) expect(bench.rest(60_000)).toBe(true);
        }
        expect(bench.rest(60_000)).toBe(true);
        expect(bench.count('sent')).toBe(bench.server.received);
        expect(bench.count('done')).toBe(bench.server.answered);
        expect(bench.count('done')).toBe(bench.count('sent'));
        expect(bench.count('due')).toBe(bench.count('sent') + bench.count('dropped'));
        expect(bench.server.mostInside).toBeLessThanOrEqual(80 + 70);
      }),
      { numRuns: 60 },
    );
  });
});
