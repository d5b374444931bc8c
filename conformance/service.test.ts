import { describe, expect, it } from 'vitest';
import { Service, type ServiceOptions } from './service.ts';

/** Runs closed users against a service in virtual time. @returns answers per second and their response, ms */
function closed(
  options: ServiceOptions,
  users: number,
  seconds: number,
): { perSecond: number; meanMs: number } {
  const service = new Service(options);
  let nowMs = 0;
  let answered = 0;
  let sumMs = 0;
  const waiting: (() => void)[] = [];
  const send = (): void => {
    const sentMs = nowMs;
    service.arrive(nowMs, () => {
      answered++;
      sumMs += nowMs - sentMs;
      waiting.push(send);
    });
  };
  for (let user = 0; user < users; user++) waiting.push(send);
  const endMs = seconds * 1000;
  for (;;) {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) next();
    if (service.nextMs > endMs) break;
    nowMs = service.nextMs;
    service.runUntil(nowMs);
  }
  return { perSecond: answered / seconds, meanMs: sumMs / answered };
}

describe('a service with known answers', () => {
  it('carries c/S with as many users as workers or more, and N/S with fewer (GT2)', () => {
    const options = { kind: 'workers', servers: 4, serviceMs: 20, distribution: 'fixed' } as const;
    expect(closed(options, 3, 20).perSecond).toBeCloseTo(150, 0);
    expect(closed(options, 4, 20).perSecond).toBeCloseTo(200, 0);
    const many = closed(options, 12, 20);
    expect(many.perSecond).toBeCloseTo(200, 0);
    expect(many.meanMs).toBeCloseTo(60, 0);
  });

  it('is not slowed by being visited late', () => {
    const service = new Service({ kind: 'workers', servers: 1, serviceMs: 10, distribution: 'fixed' });
    const answers: number[] = [];
    for (let i = 0; i < 5; i++) service.arrive(0, () => answers.push(i));
    service.runUntil(49.9);
    expect(answers).toEqual([0, 1, 2, 3]);
    expect(service.nextMs).toBe(50);
  });

  it('follows the universal law under closed load (GT13)', () => {
    const options = {
      kind: 'universal',
      alpha: 0.02,
      beta: 0.0005,
      gammaPerSecond: 50,
      distribution: 'fixed',
    } as const;
    expect(closed(options, 44, 60).perSecond / 784.03).toBeCloseTo(1, 1);
    expect(closed(options, 200, 60).perSecond / 401.93).toBeCloseTo(1, 1);
  });

  it.each([
    [1, 100],
    [4, 344.66],
    [16, 499.94],
  ])('carries with a lock and %i users %f/s (GT10)', (users, perSecond) => {
    const options = { kind: 'lock', cores: 8, workMs: 8, lockMs: 2, distribution: 'exponential' } as const;
    expect(Math.abs(closed(options, users, 300).perSecond / perSecond - 1)).toBeLessThan(0.02);
  });

  it('refuses above a bucket of tokens, above a bounded queue, and always when it fails', () => {
    const statuses = (options: ServiceOptions, count: number): number[] => {
      const service = new Service(options);
      const seen: number[] = [];
      for (let i = 0; i < count; i++) service.arrive(i, (status) => seen.push(status));
      return seen;
    };
    const bare = { kind: 'workers', servers: 1, serviceMs: 0.5, distribution: 'fixed' } as const;
    expect(statuses({ ...bare, ratePerSecond: 100, burst: 2 }, 5)).toEqual([200, 200, 429, 429, 429]);
    expect(statuses({ ...bare, serviceMs: 100, queueMost: 3 }, 5)).toEqual([503, 503]);
    expect(statuses({ kind: 'failing', status: 500 }, 2)).toEqual([500, 500]);
  });

  it('stalls for a second in the middle of each twenty: p90 5, p96 205, p99 805, p99.9 985 ms (GT16)', () => {
    const service = new Service({ kind: 'stall', baseMs: 5, stallMs: 1000, everyMs: 20_000 });
    const responses: number[] = [];
    let nowMs = 0;
    const until = (endMs: number): void => {
      while (service.nextMs <= endMs) {
        nowMs = service.nextMs;
        service.runUntil(nowMs);
      }
      nowMs = endMs;
    };
    for (let i = 0; i < 12_000; i++) {
      const sentMs = 5.01 * i;
      until(sentMs);
      service.arrive(sentMs, () => responses.push(nowMs - sentMs));
    }
    until(100_000);
    const ascending = responses.toSorted((a, b) => a - b);
    const quantile = (q: number): number => ascending[Math.floor(q * ascending.length)] ?? Number.NaN;
    expect(quantile(0.9)).toBeCloseTo(5, 6);
    for (const [q, ms] of [
      [0.96, 205],
      [0.99, 805],
      [0.999, 985],
    ] as const) {
      expect(Math.abs(quantile(q) / ms - 1)).toBeLessThan(0.03);
    }
  });
});
