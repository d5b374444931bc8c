import { describe, expect, it } from 'vitest';
import {
  blockedShare,
  closedNetwork,
  closedStation,
  meanResponse,
  meanResponseFixedService,
  responseQuantile,
} from '../maths/queues.ts';
import type { Load, Trial } from '../model/load.ts';
import { parseObjectives } from '../model/objectives.ts';
import type { Level } from '../model/report.ts';
import { goodput } from './experiment.ts';
import { simulated, type SimulatedTarget } from './simulated.ts';
import {
  exponentialServers,
  fixedServers,
  pool,
  universal,
  withBoundedQueue,
  withConnectionCap,
  withRateLimit,
} from './targets.ts';

const users = (count: number): Load => ({ kind: 'closed', users: count });
const rate = (ratePerSecond: number): Load => ({ kind: 'open', ratePerSecond, arrivals: 'poisson' });

function trialOf(load: Load, seconds: number): Trial {
  const durationMs = seconds * 1000;
  return {
    experiment: 'run',
    purpose: 'a test',
    load,
    durationMs,
    minDone: 0,
    maxDurationMs: durationMs,
    maxInFlight: 100_000,
  };
}

const objectives = parseObjectives('p95<100ms,errors<1%');

function held(target: SimulatedTarget, load: Load, seconds: number, seed = 5): Level {
  return simulated(target, seed, { objectives })(trialOf(load, seconds));
}

function expectNear(found: number | null, truth: number, share: number): void {
  expect(Math.abs((found ?? 0) / truth - 1), `${found} for ${truth}`).toBeLessThan(share);
}

describe('open load on M/M/4 of 20 ms at 160/s (ground truth GT5)', () => {
  const queue = { servers: 4, serviceSeconds: 0.02, ratePerSecond: 160 };
  const level = held(exponentialServers(4, 20), rate(160), 2_000);

  it('has the mean response of the formula', () => {
    expectNear(level.response.mean, 1000 * meanResponse(queue), 0.03);
    expectNear(level.response.mean, 34.91, 0.03);
  });

  it.each([0.5, 0.9, 0.95, 0.99])('has its quantile %d', (quantile) => {
    const key = { 0.5: 'p50', 0.9: 'p90', 0.95: 'p95', 0.99: 'p99' }[quantile] as 'p50';
    expectNear(level.response[key], 1000 * responseQuantile(queue, quantile), 0.04);
  });

  it('obeys Little: in flight is rate times response', () => {
    expectNear(level.inFlight, (goodput(level) * (level.response.mean ?? 0)) / 1000, 0.01);
  });

  it('answers what arrives', () => expectNear(goodput(level), 160, 0.01));
});

describe('closed load', () => {
  it.each([
    [100, 99.952],
    [180, 176.47],
    [260, 199.9996],
  ])('of %d users that think 960 ms, on 8 servers of 40 ms, gives %d/s (GT3)', (count, truth) => {
    const thinking: SimulatedTarget = {
      stations: [
        { servers: 1_000_000, meanMs: 960, distribution: 'exponential' },
        { servers: 8, meanMs: 40, distribution: 'exponential' },
      ],
    };
    expectNear(closedStation({ servers: 8, serviceSeconds: 0.04 }, count, 0.96).throughput, truth, 0.0001);
    expectNear(goodput(held(thinking, users(count), 250)), truth, 0.015);
  });

  it.each([
    [10, 181.82],
    [16, 199.998],
    [32, 200],
  ])('of %d users through a pool of 10 connections gives %d/s (GT9)', (count, truth) => {
    const stations = [
      { demandSeconds: 0.005, servers: 8 },
      { demandSeconds: 0.05, servers: 10 },
    ];
    const exact = closedNetwork(stations, count).throughput;
    expectNear(goodput(held(pool(8, 5, 10, 50), users(count), 200)), exact, 0.015);
    if (count !== 16) expectNear(exact, truth, 0.02);
  });

  it('has as many in flight as there are users', () => {
    expectNear(held(exponentialServers(4, 20), users(23), 60).inFlight, 23, 0.01);
  });
});

describe('other targets', () => {
  it('with fixed service are M/D/1', () => {
    const level = held(fixedServers(1, 10), rate(80), 2_000);
    expectNear(level.response.mean, 1000 * meanResponseFixedService(0.01, 80), 0.04);
  });

  it('with a bounded queue refuse as many as M/M/c/K does', () => {
    const level = held(withBoundedQueue(exponentialServers(3, 30), 7), rate(90), 2_000);
    expectNear(
      level.errors.ratio,
      blockedShare({ servers: 3, serviceSeconds: 0.03, ratePerSecond: 90 }, 7),
      0.06,
    );
    expect(Object.keys(level.errors.byKind)).toEqual(['http.503']);
  });

  it('with a rate limit let through what it allows', () => {
    const level = held(withRateLimit(fixedServers(20, 10), 70, 20), rate(200), 200);
    expectNear(goodput(level), 70, 0.03);
  });

  it('that follow the universal law give its throughput', () => {
    for (const count of [3, 17, 60]) {
      const exact = (40 * count) / (1 + 0.03 * (count - 1) + 0.001 * count * (count - 1));
      expectNear(goodput(held(universal(0.03, 0.001, 40, 'fixed'), users(count), 30)), exact, 0.02);
    }
  });
});

describe('virtual time', () => {
  it('repeats to the last digit with the same seed', () => {
    const again = (seed: number): Level[] => {
      const perform = simulated(pool(4, 6, 9, 40), seed, { objectives });
      return [users(3), rate(120), users(40)].map((load) => perform(trialOf(load, 5)));
    };
    expect(again(8)).toEqual(again(8));
    expect(again(8)).not.toEqual(again(9));
  });

  it('goes on between trials: what one left behind, the next has to wait for', () => {
    const perform = simulated({ ...fixedServers(1, 20), timeoutMs: 900_000 }, 4, { objectives });
    const before = perform(trialOf(rate(20), 10)).response.p50 ?? 0;
    perform(trialOf(rate(2_000), 10));
    expect(perform(trialOf(rate(20), 10)).response.p50 ?? Infinity).toBeGreaterThan(20 * before);
  });

  it('may be given to the target to settle', () => {
    const perform = simulated({ ...fixedServers(1, 20), timeoutMs: 900_000 }, 4, { objectives });
    perform(trialOf(rate(500), 5));
    const rested = perform({ ...trialOf(rate(20), 10), restMs: 60_000 });
    expect(rested.response.p50).toBeLessThan(30);
    expect(rested.spentMs).toBeGreaterThan(69_000);
  });
});

describe('the counts of a trial', () => {
  const targets: [string, SimulatedTarget][] = [
    ['a plain queue', exponentialServers(3, 25)],
    ['refused connections', withConnectionCap(exponentialServers(3, 25), 5)],
    ['a slow generator', { ...fixedServers(40, 20), generatorPerSecond: 300 }],
    ['time-outs', { ...fixedServers(1, 200), timeoutMs: 900 }],
  ];
  it.each(targets)('balance with %s, whatever went before', (_name, target) => {
    const perform = simulated(target, 6, { objectives });
    for (const load of [users(8), rate(700), users(2), rate(30), users(60)]) {
      const { requests } = perform(trialOf(load, 4));
      expect(requests.due).toBe(requests.sent + requests.dropped);
      expect(requests.sent).toBe(requests.done + requests.unfinished);
      expect(requests.unfinished).toBeGreaterThanOrEqual(0);
      expect(requests.failed).toBeLessThanOrEqual(requests.done);
    }
  });

  it('leave nothing unfinished where everything is answered, also after a load beyond the generator', () => {
    const perform = simulated({ ...fixedServers(40, 20), generatorPerSecond: 300 }, 6, { objectives });
    perform(trialOf(rate(900), 4));
    expect(perform({ ...trialOf(users(3), 4), restMs: 1 }).requests.unfinished).toBe(0);
  });
});

describe('a user whose connection is refused', () => {
  it('waits 10 ms before it tries again, as the engine’s users do', () => {
    const level = held(withConnectionCap(exponentialServers(3, 25), 0), users(4), 10);
    expect(level.requests.sent / 4 / 10).toBeLessThanOrEqual(100);
    expect(level.requests.sent / 4 / 10).toBeGreaterThan(95);
  });
});

describe('a generator with a limit', () => {
  it('is late beyond it, and the level is invalid', () => {
    const target = { ...fixedServers(400, 20), generatorPerSecond: 300 };
    expect(held(target, rate(40), 10)).toMatchObject({ valid: true });
    const late = held(target, rate(450), 10);
    expect(late.valid).toBe(false);
    expect(late.invalidReasons.map((reason) => reason.code)).toContain('generator.lag');
  });
});
