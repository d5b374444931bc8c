/**
 * Queues with known answers: what an ideal server of c workers does under a load.
 *
 * Symbols: λ arrivals per second, S service seconds, μ = 1/S, c servers, a = λS offered load, ρ = a/c.
 *
 * 1. Where a queue grows without end (ρ ≥ 1) times are Infinity, never NaN or negative.
 * 2. Closed networks are solved by birth-death or by Buzen's convolution, all terms positive. Exact load-dependent mean
 *    value analysis is not used: for c = 8, S = 40 ms, Z = .96 s it gives X(200) = −572 per second in double precision.
 * 3. Means hold for any order of service that does not look at service times; quantiles are of first come, first served.
 *
 * Source: Kleinrock, Queueing Systems I (1975), ch. 3 and 5; Lazowska et al., Quantitative System Performance (1984).
 * Absent on purpose: priorities, networks of several classes, transient behaviour.
 */

/** Erlang B: the share that is turned away by c servers without a queue. @param offered a = λS, 0 or more */
export function erlangB(servers: number, offered: number): number {
  let blocked = 1;
  for (let i = 1; i <= servers; i++) blocked = (offered * blocked) / (i + offered * blocked);
  return blocked;
}

/** Erlang C: the share that has to wait for one of c servers; 1 from saturation on. @param offered a = λS */
export function erlangC(servers: number, offered: number): number {
  if (offered >= servers) return 1;
  const blocked = erlangB(servers, offered);
  return blocked / (1 - (offered / servers) * (1 - blocked));
}

/** One queue, c equal servers, Poisson arrivals, exponential service. */
export interface ManyServers {
  /** c, whole, 1 or more. */
  readonly servers: number;
  /** S, mean service time of one request at one server, above 0. */
  readonly serviceSeconds: number;
  /** λ, 0 or more. */
  readonly ratePerSecond: number;
}

/** M/M/c mean time in queue, seconds: C·S/(c − a). */
export function meanWait({ servers, serviceSeconds, ratePerSecond }: ManyServers): number {
  const offered = ratePerSecond * serviceSeconds;
  if (offered >= servers) return Number.POSITIVE_INFINITY;
  return (erlangC(servers, offered) * serviceSeconds) / (servers - offered);
}

/** M/M/c mean response, seconds. */
export function meanResponse(queue: ManyServers): number {
  return meanWait(queue) + queue.serviceSeconds;
}

/**
 * M/M/c: share of requests that take longer than t. P(R>t) = (1−C)e^{−μt} + C(θe^{−μt} − μe^{−θt})/(θ−μ), θ = cμ − λ.
 * @param seconds t, 0 or more
 */
export function shareSlowerThan(queue: ManyServers, seconds: number): number {
  const { servers, serviceSeconds, ratePerSecond } = queue;
  const serviceRate = 1 / serviceSeconds;
  const drain = servers * serviceRate - ratePerSecond;
  if (drain <= 0) return 1;
  const waits = erlangC(servers, ratePerSecond * serviceSeconds);
  const served = Math.exp(-serviceRate * seconds);
  // (e^{−μt} − e^{−θt})/(θ−μ), which is t·e^{−μt} where θ and μ meet
  const gap = drain - serviceRate;
  const between =
    Math.abs(gap * seconds) < 1e-3
      ? served * (gap === 0 ? seconds : -Math.expm1(-gap * seconds) / gap)
      : (served - Math.exp(-drain * seconds)) / gap;
  return Math.min(1, served + waits * serviceRate * between);
}

/** M/M/c response quantile, seconds. @param quantile 0 or more, below 1 */
export function responseQuantile(queue: ManyServers, quantile: number): number {
  if (queue.ratePerSecond * queue.serviceSeconds >= queue.servers) return Number.POSITIVE_INFINITY;
  let high = queue.serviceSeconds;
  while (shareSlowerThan(queue, high) > 1 - quantile) high *= 2;
  return bisect((seconds) => shareSlowerThan(queue, seconds) > 1 - quantile, 0, high);
}

/**
 * The highest arrival rate per second at which an M/M/c holds "share `quantile` of responses within the limit".
 * @returns null where not even an idle server holds it
 */
export function highestRateForQuantile(
  server: Omit<ManyServers, 'ratePerSecond'>,
  quantile: number,
  limitSeconds: number,
): number | null {
  const holds = (ratePerSecond: number): boolean =>
    shareSlowerThan({ ...server, ratePerSecond }, limitSeconds) <= 1 - quantile;
  return holds(0) ? bisect(holds, 0, server.servers / server.serviceSeconds) : null;
}

/** Like highestRateForQuantile, for a mean response within the limit. */
export function highestRateForMean(
  server: Omit<ManyServers, 'ratePerSecond'>,
  limitSeconds: number,
): number | null {
  if (server.serviceSeconds > limitSeconds) return null;
  return bisect(
    (ratePerSecond) => meanResponse({ ...server, ratePerSecond }) <= limitSeconds,
    0,
    server.servers / server.serviceSeconds,
  );
}

/** Where `holds` turns from true to false, from a place where it is true to one where it is false. */
function bisect(holds: (at: number) => boolean, from: number, to: number): number {
  let low = from;
  let high = to;
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * M/M/c/K: share of arrivals turned away when at most K requests are in the system, waiting ones included.
 * @param capacity K, whole, at least the number of servers
 */
export function blockedShare(
  { servers, serviceSeconds, ratePerSecond }: ManyServers,
  capacity: number,
): number {
  // ratio of the last state to all: b_n = p_n / Σ_{j≤n} p_j, carried upwards, so nothing overflows
  const offered = ratePerSecond * serviceSeconds;
  let share = 1;
  for (let n = 1; n <= capacity; n++) {
    const step = (offered / Math.min(n, servers)) * share;
    share = step / (1 + step);
  }
  return share;
}

/** One server, Poisson arrivals, any service time. */
export interface OneServer {
  /** E[S], above 0. */
  readonly serviceSeconds: number;
  /** Standard deviation over mean of the service time: 0 fixed, 1 exponential. */
  readonly serviceVariation: number;
  /** λ, 0 or more. */
  readonly ratePerSecond: number;
}

/** M/G/1 mean time in queue, seconds: λE[S²]/(2(1−ρ)) (Pollaczek and Khinchine). M/D/1 is serviceVariation 0. */
export function meanWaitOneServer({ serviceSeconds, serviceVariation, ratePerSecond }: OneServer): number {
  const busy = ratePerSecond * serviceSeconds;
  if (busy >= 1) return Number.POSITIVE_INFINITY;
  return (ratePerSecond * serviceSeconds ** 2 * (1 + serviceVariation ** 2)) / (2 * (1 - busy));
}

/** M/D/1 mean response, seconds: fixed service time. */
export function meanResponseFixedService(serviceSeconds: number, ratePerSecond: number): number {
  return serviceSeconds + meanWaitOneServer({ serviceSeconds, serviceVariation: 0, ratePerSecond });
}

/**
 * G/G/c mean time in queue, seconds, approximate: that of M/M/c times (c_a² + c_s²)/2 (Allen and Cunneen).
 * @param variation standard deviation over mean of service times and of the times between arrivals (1 is Poisson)
 */
export function meanWaitApproximate(
  queue: ManyServers,
  variation: { readonly service: number; readonly arrivals?: number },
): number {
  return (meanWait(queue) * ((variation.arrivals ?? 1) ** 2 + variation.service ** 2)) / 2;
}

export interface ClosedResult {
  /** X, per second. */
  readonly throughput: number;
  /** R = N/X − Z, seconds. */
  readonly responseSeconds: number;
  /** Busy share of each station, 0 to 1. */
  readonly utilisation: readonly number[];
}

/**
 * N users that think (exponentially, mean Z) and then ask one station of c exponential servers. Birth-death.
 * @param users whole, 1 or more @param thinkSeconds Z, 0 or more
 */
export function closedStation(
  { servers, serviceSeconds }: Omit<ManyServers, 'ratePerSecond'>,
  users: number,
  thinkSeconds: number,
): ClosedResult {
  // weights of n at the station, taken down from n = N, where Z = 0 puts all of it
  let weight = 1;
  let total = 0;
  let busy = 0;
  for (let n = users; n >= 0; n--) {
    total += weight;
    busy += weight * Math.min(n, servers);
    if (total > 1e200) {
      weight /= total;
      busy /= total;
      total = 1;
    }
    // balance between n−1 and n: λ_{n−1} p_{n−1} = μ_n p_n, λ_{n−1} = (N−n+1)/Z
    weight *= ((Math.min(n, servers) / serviceSeconds) * thinkSeconds) / (users - n + 1);
  }
  const throughput = busy / total / serviceSeconds;
  return {
    throughput,
    responseSeconds: users / throughput - thinkSeconds,
    utilisation: [(throughput * serviceSeconds) / servers],
  };
}

export interface Station {
  /** Mean service time of a request here over all its visits, seconds, above 0. */
  readonly demandSeconds: number;
  /** Whole, 1 or more. */
  readonly servers: number;
}

/**
 * A closed network of stations that every request visits, users thinking in between. Buzen's convolution
 * (Comm. ACM 16:527, 1973) on logarithms: X(N) = G(N−1)/G(N).
 * @param users whole, 1 or more @param thinkSeconds Z, 0 or more
 */
export function closedNetwork(stations: readonly Station[], users: number, thinkSeconds = 0): ClosedResult {
  const upTo = Array.from({ length: users + 1 }, (_, n) => n);
  const cumulated = (term: (n: number) => number): number[] => {
    let sum = 0;
    return upTo.map((n) => (n === 0 ? 0 : (sum += term(n))));
  };
  // ln of D^n / Π min(j, c); thinking is a station with a server for each user
  const factors = stations.map(({ demandSeconds, servers }) =>
    cumulated((n) => Math.log(demandSeconds / Math.min(n, servers))),
  );
  if (thinkSeconds > 0) factors.push(cumulated((n) => Math.log(thinkSeconds / n)));
  const constants = factors.reduce((g, factor) =>
    upTo.map((n) => logSum(upTo.slice(0, n + 1), factor, g, n)),
  );
  const throughput = Math.exp((constants[users - 1] ?? 0) - (constants[users] ?? 0));
  return {
    throughput,
    responseSeconds: users / throughput - thinkSeconds,
    utilisation: stations.map(({ demandSeconds, servers }) => (throughput * demandSeconds) / servers),
  };
}

/** ln Σ_k exp(f_k + g_{n−k}) */
function logSum(ks: readonly number[], f: readonly number[], g: readonly number[], n: number): number {
  const terms = ks.map((k) => (f[k] ?? 0) + (g[n - k] ?? 0));
  const largest = Math.max(...terms);
  return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0));
}
