/**
 * What a first-come queue with this greatest throughput sustains: theory's answer, to hold against the trials.
 *
 * Near saturation every such queue obeys the heavy-traffic law; where service times scatter as much as exponential ones
 * and there are as many servers as the knee has users, M/M/c is exact. Between them (variation 0 to 1) the difference
 * is taken in proportion, as A. Krämer and M. Langenbach-Belz (1976) and W. Whitt (1993) do for the mean wait.
 *
 * Its deviation is that of the plateau, of the variation of the service time, and of the law itself.
 */
import { rateAtMeanWait, rateAtWaitQuantile } from '../maths/heavyTraffic.ts';
import { erlangC, highestRateForMean, highestRateForQuantile } from '../maths/queues.ts';
import type { Estimate } from '../model/estimate.ts';
import { quantileOf } from '../model/objectives.ts';
import type { Objective } from '../model/report.ts';
import type { BaselineResult } from './baseline.ts';

export interface Question {
  readonly objectives: readonly Objective[];
  readonly arrivals: 'even' | 'poisson';
}

export interface Predicted {
  readonly value: number;
  /** With the least plateau, and service times at least as scattered as exponential ones. */
  readonly low: number;
  /** Standard deviation of the value. */
  readonly deviation: number;
}

/** How far the law itself may be off, where it holds. */
const lawError = 0.03;

/**
 * Of single requests only: how the waits of a session add up, the law does not say.
 * @param servers how many requests are served at once, where that is known
 */
export function predicted(
  plateau: Estimate,
  servers: number | null,
  base: BaselineResult,
  plan: Question,
): Predicted {
  const { serviceVariation, answers, responseMs } = base;
  const variation = serviceVariation ?? 1;
  const rate = (mostPerSecond: number, spread: number): number =>
    Math.min(
      mostPerSecond,
      ...plan.objectives.map((each) =>
        rateFor(each, { mostPerSecond, spread, servers, serviceSeconds: (responseMs ?? 0) / 1000 }, plan),
      ),
    );
  const value = rate(plateau.value, variation);
  // The relative error of a variation of n service times is about 2/√n.
  const wider = rate(plateau.value, variation * (1 + 2 / Math.sqrt(Math.max(1, answers))));
  const higher = rate(plateau.high ?? 1.1 * plateau.value, variation);
  return {
    value,
    low: Math.min(plateau.low ?? plateau.value, rate(plateau.low ?? plateau.value, Math.max(1, variation))),
    deviation: Math.hypot((higher - value) / 1.96, value - wider, lawError * value),
  };
}

interface Queue {
  readonly mostPerSecond: number;
  /** Squared coefficient of variation of the service time. */
  readonly spread: number;
  readonly servers: number | null;
  readonly serviceSeconds: number;
}

/** Infinity where the objective says nothing about waiting. */
function rateFor(objective: Objective, queue: Queue, { arrivals }: Question): number {
  const { metric, unit, limit } = objective;
  if (unit !== 'ms' || !metric.startsWith('response') || metric.endsWith('.max'))
    return Number.POSITIVE_INFINITY;
  const quantile = quantileOf(metric);
  const limitSeconds = limit / 1000;
  if (quantile === null && queue.servers !== null)
    return rateAtMean(limitSeconds - queue.serviceSeconds, queue.servers, queue, arrivals);
  const byLaw = (spread: number): number => {
    const law = {
      mostPerSecond: queue.mostPerSecond,
      arrivalVariation: arrivals === 'poisson' ? 1 : 0,
      serviceVariation: spread,
    };
    // Of exponential service the law's wait stands for the whole response: exact for one server.
    const waitSeconds = limitSeconds - queue.serviceSeconds * Math.max(0, 1 - spread);
    if (quantile === null) return rateAtMeanWait(law, waitSeconds);
    // Of fixed service only those wait that do not find a server free; of exponential the law is of the whole response.
    let rate = rateAtWaitQuantile(law, quantile, waitSeconds);
    for (let turn = 0; turn < 8 && queue.servers !== null && arrivals === 'poisson'; turn++) {
      const waiting =
        erlangC(queue.servers, (rate / queue.mostPerSecond) * queue.servers) ** Math.max(0, 1 - spread);
      const among = 1 - (1 - quantile) / waiting;
      rate = among <= 0 ? queue.mostPerSecond : rateAtWaitQuantile(law, among, waitSeconds);
    }
    return rate;
  };
  if (queue.servers === null || arrivals !== 'poisson') return byLaw(queue.spread);
  const exponential = { servers: queue.servers, serviceSeconds: queue.servers / queue.mostPerSecond };
  const exact = quantile === null ? null : highestRateForQuantile(exponential, quantile, limitSeconds);
  return byLaw(queue.spread) + Math.min(1, queue.spread) * ((exact ?? 0) - byLaw(1));
}

/**
 * The rate at which the mean wait is this: that of M/M/c times (ca² + cs²) / 2 (A. M. Lee and P. A. Longton, 1959; with
 * ca², A. O. Allen, 1990). Exact for one server and Poisson arrivals (Pollaczek and Khinchine), and for M/M/c.
 */
function rateAtMean(
  waitSeconds: number,
  servers: number,
  { mostPerSecond, spread }: Queue,
  arrivals: Question['arrivals'],
): number {
  if (waitSeconds <= 0) return 0;
  const scatter = ((arrivals === 'poisson' ? 1 : 0) + spread) / 2;
  const serviceSeconds = servers / mostPerSecond;
  const asExponential = serviceSeconds + waitSeconds / Math.max(scatter, 1e-3);
  return Math.min(mostPerSecond, highestRateForMean({ servers, serviceSeconds }, asExponential) ?? 0);
}
