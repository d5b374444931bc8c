import { describe, expect, it } from 'vitest';
import {
  blockedShare,
  highestRateForQuantile,
  meanResponseFixedService,
  meanResponse,
  shareSlowerThan,
} from '../src/maths/queues.ts';
import { highest, highestRate, mostPerSecond, refusedShare, seenAt } from './oracle.ts';
import { stationsOf, type Station } from './service.ts';

const station = (servers: number, meanMs: number, distribution: Station['distribution']): Station[] => [
  { servers, meanMs, distribution },
];

describe('the oracle', () => {
  it('gives the mean response of one worker of 10 ms fixed at 80/s: 30.0 ms (GT7)', () => {
    const { meanSeconds } = seenAt(station(1, 10, 'fixed'), 80, 0.1);
    expect(meanSeconds * 1000).toBeGreaterThan(29.7);
    expect(meanSeconds * 1000).toBeLessThan(30.3);
    expect(meanResponseFixedService(0.01, 80) * 1000).toBeCloseTo(30, 9);
  });

  it.each([
    [1, 10, 72, 100],
    [4, 20, 155, 100],
    [16, 10, 1440, 40],
  ])(
    'agrees with M/M/%i of %i ms at %i/s on the mean and on the share above %i ms',
    (c, meanMs, rate, limitMs) => {
      const seen = seenAt(station(c, meanMs, 'exponential'), rate, limitMs / 1000);
      const queue = { servers: c, serviceSeconds: meanMs / 1000, ratePerSecond: rate };
      expect(seen.meanSeconds / meanResponse(queue)).toBeCloseTo(1, 1.5);
      expect(seen.shareSlower / shareSlowerThan(queue, limitMs / 1000)).toBeCloseTo(1, 1);
    },
  );

  it.each([
    [1, 10, 0.95, 100, 70.04],
    [1, 10, 0.99, 100, 53.95],
    [4, 20, 0.95, 100, 163.04],
    [4, 20, 0.99, 150, 164.46],
    [16, 10, 0.99, 60, 1488.4],
  ])(
    'finds the published capacity of M/M/%i of %i ms for q = %f within %i ms: %f/s',
    (c, meanMs, q, limitMs, published) => {
      const found = highestRate(station(c, meanMs, 'exponential'), q, limitMs / 1000);
      expect(Math.abs(found / published - 1)).toBeLessThan(0.01);
      const formula = highestRateForQuantile(
        { servers: c, serviceSeconds: meanMs / 1000 },
        q,
        limitMs / 1000,
      );
      expect(formula).toBeCloseTo(published, 1.7);
    },
  );

  it('says the same of fixed service from other draws, within 0.5 %', () => {
    const found = [1, 2, 3].map((seed) =>
      highestRate(station(4, 20, 'fixed'), 0.95, 0.1, { customers: 1_000_000, seed }),
    );
    expect(Math.max(...found) / Math.min(...found)).toBeLessThan(1.005);
  });

  it('adds the means of two stations in a row, each as if alone (Burke)', () => {
    const stations = stationsOf({
      kind: 'lock',
      cores: 8,
      workMs: 8,
      lockMs: 2,
      distribution: 'exponential',
    });
    const seen = seenAt(stations, 400, 1);
    const alone =
      meanResponse({ servers: 8, serviceSeconds: 0.008, ratePerSecond: 400 }) +
      meanResponse({ servers: 1, serviceSeconds: 0.002, ratePerSecond: 400 });
    expect(Math.abs(seen.meanSeconds / alone - 1)).toBeLessThan(0.02);
    expect(mostPerSecond(stations)).toBe(500);
  });

  it('finds no rate where an idle service is too slow', () => {
    expect(highestRate(station(2, 100, 'fixed'), 0.95, 0.05, { customers: 1000, seed: 3 })).toBe(0);
  });

  it('refuses what a bucket cannot give, and a little below it as well', () => {
    const bucket = { ratePerSecond: 120, burst: 12 };
    expect(refusedShare(bucket, 240)).toBeCloseTo(0.5, 2);
    expect(refusedShare(bucket, 60)).toBeLessThan(0.001);
    const rate = highest((each) => refusedShare(bucket, each) <= 0.01, 240);
    expect(rate).toBeGreaterThan(100);
    expect(rate).toBeLessThan(120);
  });

  it('knows a bounded queue by its formula: more room, less blocked', () => {
    const queue = { servers: 4, serviceSeconds: 0.02, ratePerSecond: 180 };
    expect(blockedShare(queue, 40)).toBeLessThan(blockedShare(queue, 12));
  });
});
