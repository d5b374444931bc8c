/**
 * How near to saturation a queue may run, from its variability alone: the heavy-traffic law.
 *
 * Near saturation the wait of any first-come queue with renewal arrivals is exponential with mean
 * (ca² + cs²) / 2 / (mu (1 - rho)), mu being its greatest throughput (J. F. C. Kingman, "The single server queue in
 * heavy traffic", 1961; J. Köllerström, "Heavy traffic theory for queues with several servers", 1974). Exact for M/M/1.
 *
 * A queue needs about S/(c (1 - sqrt(rho))²) to show how long it will become: minutes, near saturation. A trial of
 * seconds that starts empty cannot see it; this law can.
 */
export interface HeavyTraffic {
  /** Greatest throughput, per second. */
  readonly mostPerSecond: number;
  /** Squared coefficient of variation of the gaps between arrivals: 1 for Poisson, 0 for even. */
  readonly arrivalVariation: number;
  /** Squared coefficient of variation of the service time. */
  readonly serviceVariation: number;
}

/** The arrival rate at which the share 1 - quantile waits longer than this. @returns per second, at least 0 */
export function rateAtWaitQuantile(queue: HeavyTraffic, quantile: number, waitSeconds: number): number {
  return rateAtMeanWait(queue, waitSeconds / Math.log(1 / (1 - quantile)));
}

/** The arrival rate at which the mean wait is this. @returns per second, at least 0 */
export function rateAtMeanWait(queue: HeavyTraffic, waitSeconds: number): number {
  const spread = (queue.arrivalVariation + queue.serviceVariation) / 2;
  return waitSeconds > 0 ? Math.max(0, queue.mostPerSecond - spread / waitSeconds) : 0;
}
