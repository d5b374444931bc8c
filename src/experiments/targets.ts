/** Simulated targets by name, each with its known answer where theory gives one. */
import type { SimulatedTarget, Station } from './simulated.ts';

/** c servers with exponential service: M/M/c under Poisson arrivals. */
export function exponentialServers(servers: number, meanMs: number): SimulatedTarget {
  return { stations: [{ servers, meanMs, distribution: 'exponential' }] };
}

/** c servers with a fixed service time: M/D/c. */
export function fixedServers(servers: number, meanMs: number): SimulatedTarget {
  return { stations: [{ servers, meanMs, distribution: 'fixed' }] };
}

/** A critical section of one at a time, and parallel work on some cores around it. */
export function lock(lockMs: number, cores: number, workMs: number): SimulatedTarget {
  return {
    stations: [
      { servers: cores, meanMs: workMs, distribution: 'exponential' },
      { servers: 1, meanMs: lockMs, distribution: 'exponential' },
    ],
  };
}

/** Some work on cores, then a call downstream through a pool of connections. */
export function pool(
  cores: number,
  workMs: number,
  connections: number,
  downstreamMs: number,
): SimulatedTarget {
  return {
    stations: [
      { servers: cores, meanMs: workMs, distribution: 'exponential' },
      { servers: connections, meanMs: downstreamMs, distribution: 'exponential' },
    ],
  };
}

/** Gunther's universal law: any number inside, each slowed by all others. Peak throughput at sqrt((1-alpha)/beta). */
export function universal(
  alpha: number,
  beta: number,
  gamma: number,
  distribution: Station['distribution'],
): SimulatedTarget {
  return {
    stations: [{ servers: 1_000_000, meanMs: 1000 / gamma, distribution }],
    stretch: (inside) => 1 + alpha * (inside - 1) + beta * inside * (inside - 1),
  };
}

/** Another target that becomes slower by a factor once more than a number of requests are inside. */
export function withCliff(target: SimulatedTarget, above: number, factor: number): SimulatedTarget {
  return {
    ...target,
    stretch: (inside, nowMs) => (target.stretch?.(inside, nowMs) ?? 1) * (inside > above ? factor : 1),
  };
}

/** A token bucket in front: refuses with 429 above a rate. State lives in the closure: one target, one run. */
export function withRateLimit(target: SimulatedTarget, perSecond: number, burst: number): SimulatedTarget {
  let tokens = burst;
  let lastMs = 0;
  return {
    ...target,
    admission: (inside, nowMs) => {
      tokens = Math.min(burst, tokens + ((nowMs - lastMs) * perSecond) / 1000);
      lastMs = nowMs;
      if (tokens < 1) return 'http.429';
      tokens -= 1;
      return target.admission?.(inside, nowMs) ?? '';
    },
  };
}

/** Refuses with 503 when so many are inside. */
export function withBoundedQueue(target: SimulatedTarget, most: number): SimulatedTarget {
  return { ...target, admission: (inside) => (inside >= most ? 'http.503' : '') };
}

/** Refuses connections above a number. */
export function withConnectionCap(target: SimulatedTarget, most: number): SimulatedTarget {
  return { ...target, admission: (inside) => (inside >= most ? 'connect.refused' : '') };
}

/** Slow at first: by 1 + extra, fading over some seconds. */
export function withWarmUp(target: SimulatedTarget, extra: number, fadeMs: number): SimulatedTarget {
  return {
    ...target,
    stretch: (inside, nowMs) =>
      (target.stretch?.(inside, nowMs) ?? 1) * (1 + extra * Math.exp(-nowMs / fadeMs)),
  };
}
