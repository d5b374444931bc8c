/** Capacities made by hand: found, confirmed, limited by the target. */
import type { Capacity } from '../../src/model/report.ts';
import { estimate } from './levels.ts';

export type BareCapacity = Omit<Capacity, 'statement'>;

export function aCapacity(change: Partial<BareCapacity> = {}): BareCapacity {
  return {
    limitedBy: 'target',
    atLeast: false,
    maxThroughput: estimate(213),
    sustainable: { value: 190, low: 184, high: 197, unit: '1/s', method: 'a test' },
    safeLoad: { value: 147.2, low: 147.2, high: 157.6, unit: '1/s', method: 'a test' },
    margin: 0.2,
    bracket: { highestGood: 188, lowestBad: 193 },
    knee: { users: 11.3, throughput: 209, low: 10.8, high: 11.9, method: 'a test' },
    cliff: null,
    connections: null,
    confirmed: { ratePerSecond: 147.2, durationMs: 6000, held: true },
    ...change,
  };
}
