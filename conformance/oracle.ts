/**
 * The oracle: how much load a service of service.ts carries under an objective, where no formula says it.
 *
 * Customers go through the stations one after the other, each station first come first served (Kiefer and Wolfowitz,
 * "On the theory of queues with many servers", 1955, for the order of starts; here by the instants at which servers
 * become free). A million Poisson arrivals of unit mean gap are drawn once and stretched to every rate that is
 * tried, so that the share of slow answers grows with the rate without jitter and can be bisected.
 *
 * 1. It shares no code with src/experiments; the formulas it is tested against are those of src/maths/queues.ts.
 * 2. Every number repeats from the seed.
 * 3. Standard error of a rate: about 0.2 % where the queue is near saturation, measured by other seeds in the test.
 */
import { exponential, random } from '../src/random.ts';
import type { Station } from './service.ts';

export interface Sample {
  readonly customers: number;
  readonly seed: number;
}

export const million: Sample = { customers: 1_000_000, seed: 20_240_501 };

/** The first share of the customers is not judged: they met an emptier queue than the rest. */
const warmShare = 0.02;

/** Draws that do not depend on the rate: gaps of mean 1, and the service time at each station in seconds. */
interface Draws {
  readonly gaps: Float64Array;
  readonly services: readonly Float64Array[];
}

function draw(stations: readonly Station[], { customers, seed }: Sample): Draws {
  const filled = (stream: number, next: (chance: () => number) => number): Float64Array => {
    const chance = random(seed, stream);
    const values = new Float64Array(customers);
    for (let i = 0; i < customers; i++) values[i] = next(chance);
    return values;
  };
  return {
    gaps: filled(1, (chance) => exponential(chance, 1)),
    services: stations.map((station, at) =>
      filled(10 + at, (chance) =>
        station.distribution === 'fixed' ? station.meanMs / 1000 : exponential(chance, station.meanMs / 1000),
      ),
    ),
  };
}

/** Response times in seconds at a rate, in order of arrival. */
function responses(stations: readonly Station[], draws: Draws, ratePerSecond: number): Float64Array {
  const { gaps, services } = draws;
  const customers = gaps.length;
  const arrived = new Float64Array(customers);
  let nowSeconds = 0;
  for (let i = 0; i < customers; i++) {
    nowSeconds += (gaps[i] as number) / ratePerSecond;
    arrived[i] = nowSeconds;
  }
  let atStation = arrived.slice();
  for (const [index, station] of stations.entries()) {
    const service = services[index] as Float64Array;
    // Who comes first to this station: not the order of arrival, once several servers lie before it.
    const order = index === 0 ? null : orderOf(atStation);
    const left = new Float64Array(customers);
    const free = new Servers(station.servers);
    for (let i = 0; i < customers; i++) {
      const customer = order === null ? i : (order[i] as number);
      left[customer] = free.serve(atStation[customer] as number, service[customer] as number);
    }
    atStation = left;
  }
  for (let i = 0; i < customers; i++) atStation[i] = (atStation[i] as number) - (arrived[i] as number);
  return atStation;
}

/** Indices by ascending value; the values are nearly sorted, which insertion takes in few steps. */
function orderOf(values: Float64Array): Uint32Array {
  const order = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    let at = i;
    while (at > 0 && (values[order[at - 1] as number] as number) > value) {
      order[at] = order[at - 1] as number;
      at--;
    }
    order[at] = i;
  }
  return order;
}

/** The instants at which the servers of a station become free: a binary heap. */
class Servers {
  readonly #freeAt: Float64Array;

  constructor(servers: number) {
    this.#freeAt = new Float64Array(servers);
  }

  /** @returns the instant of departure */
  serve(fromSeconds: number, serviceSeconds: number): number {
    const free = this.#freeAt;
    const leaves = Math.max(fromSeconds, free[0] as number) + serviceSeconds;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= free.length) break;
      if (child + 1 < free.length && (free[child + 1] as number) < (free[child] as number)) child++;
      if ((free[child] as number) >= leaves) break;
      free[at] = free[child] as number;
      at = child;
    }
    free[at] = leaves;
    return leaves;
  }
}

/** What a service does at one rate. */
export interface Seen {
  readonly meanSeconds: number;
  readonly shareSlower: number;
}

export function seenAt(
  stations: readonly Station[],
  ratePerSecond: number,
  limitSeconds: number,
  sample: Sample = million,
): Seen {
  return judge(responses(stations, draw(stations, sample), ratePerSecond), limitSeconds);
}

function judge(seconds: Float64Array, limitSeconds: number): Seen {
  const from = Math.floor(seconds.length * warmShare);
  let sum = 0;
  let slow = 0;
  for (let i = from; i < seconds.length; i++) {
    const each = seconds[i] as number;
    sum += each;
    if (each > limitSeconds) slow++;
  }
  const judged = seconds.length - from;
  return { meanSeconds: sum / judged, shareSlower: slow / judged };
}

/** The most that the stations carry, per second: the least c/S. */
export function mostPerSecond(stations: readonly Station[]): number {
  return Math.min(...stations.map((station) => (1000 * station.servers) / station.meanMs));
}

/**
 * The highest Poisson rate at which the share `quantile` of answers comes within the limit.
 * @returns 0 where not even an idle service holds it
 */
export function highestRate(
  stations: readonly Station[],
  quantile: number,
  limitSeconds: number,
  sample: Sample = million,
): number {
  const draws = draw(stations, sample);
  const most = mostPerSecond(stations);
  return highest(
    (rate) => judge(responses(stations, draws, rate), limitSeconds).shareSlower <= 1 - quantile,
    most,
  );
}

/** Share of Poisson arrivals that a token bucket turns away. */
export function refusedShare(
  bucket: { readonly ratePerSecond: number; readonly burst: number },
  ratePerSecond: number,
  sample: Sample = million,
): number {
  const { gaps } = draw([], sample);
  let tokens = bucket.burst;
  let refused = 0;
  for (const gap of gaps) {
    tokens = Math.min(bucket.burst, tokens + (gap / ratePerSecond) * bucket.ratePerSecond);
    if (tokens < 1) refused++;
    else tokens--;
  }
  return refused / gaps.length;
}

/** The highest of the rates below `most` at which `holds`, which must turn from true to false once. */
export function highest(holds: (ratePerSecond: number) => boolean, most: number): number {
  if (!holds(most / 1000)) return 0;
  let low = most / 1000;
  let high = most;
  while (high / low > 1.0002) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
