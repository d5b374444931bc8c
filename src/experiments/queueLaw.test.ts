import { describe, expect, it } from 'vitest';
import { aLevel, closed } from '../../test/kit/levels.ts';
import { parseObjectives } from '../model/objectives.ts';
import type { BaselineResult } from './baseline.ts';
import { predicted } from './queueLaw.ts';

/** What the law says of so many servers, their service time and its variation, exactly known. */
function lawOf(
  servers: number,
  serviceMs: number,
  variation: number,
  slo: string,
  arrivals: 'even' | 'poisson' = 'poisson',
): number {
  const base: BaselineResult = {
    responseMs: serviceMs,
    serviceVariation: variation,
    answers: 1e9,
    throughputPerSecond: 1000 / serviceMs,
    cycleMs: serviceMs,
    level: aLevel(closed(1), 1000 / serviceMs, serviceMs),
    health: 'answers',
    spentMs: 0,
    stopped: false,
  };
  const most = (1000 * servers) / serviceMs;
  const plateau = { value: most, low: most, high: most, unit: '1/s', method: '' };
  return predicted(plateau, servers, base, { objectives: parseObjectives(slo), arrivals }).value;
}

describe('the law of queues', () => {
  it.each([
    // Pollaczek and Khinchine: rho / (1 - rho) x (1 + cs²) / 2 x S + S = limit
    ['M/D/1', 1, 10, 0, 'mean<30ms', 80],
    ['M/D/1', 1, 10, 0, 'mean<20ms', 200 / 3],
    ['M/M/1', 1, 10, 1, 'mean<50ms', 80],
    ['M/G/1, twice as scattered as exponential', 1, 10, 2, 'mean<40ms', 100 * (3 / 4.5)],
  ])('is exact for the mean of %s', (_name, servers, serviceMs, variation, slo, truth) => {
    expect(lawOf(servers, serviceMs, variation, slo)).toBeCloseTo(truth, 6);
  });

  it.each([
    // M/M/1: response exponential with mu - lambda
    ['M/M/1', 1, 10, 1, 'p95<100ms', 100 - Math.log(20) / 0.1, 1e-9],
    // M/D/c, by Lindley's recursion over a million customers (conformance/oracle.ts)
    ['M/D/1', 1, 10, 0, 'p95<100ms', 84.61, 0.01],
    ['M/D/4', 4, 20, 0, 'p95<100ms', 182.2, 0.015],
    ['M/D/8', 8, 2, 0, 'p95<20ms', 3916, 0.015],
    ['M/D/2', 2, 100, 0, 'p95<500ms', 16.7, 0.015],
  ])('is near for a quantile of %s', (_name, servers, serviceMs, variation, slo, truth, tolerance) => {
    expect(Math.abs(lawOf(servers, serviceMs, variation, slo) / truth - 1)).toBeLessThan(tolerance);
  });

  it('leaves nothing where one request alone takes longer, and all where nothing varies', () => {
    expect(lawOf(1, 10, 0, 'mean<9ms')).toBe(0);
    expect(lawOf(1, 10, 0, 'mean<30ms', 'even')).toBeCloseTo(100, 0);
  });
});
