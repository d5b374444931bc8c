/** The run per second, for the report, in bounded memory: where it grows too long, neighbours are joined. */
import { byDecade, Histogram } from '../maths/histogram.ts';
import type { Load } from '../model/load.ts';
import type { Second } from '../model/report.ts';
import type { Slice } from '../model/slice.ts';
import type { GeneratorReading } from '../monitors/generatorSelf.ts';
import type { LivingReading } from '../monitors/targetReading.ts';

const most = 3600;
const shortestMs = 500;

export class Timeline {
  #seconds: Second[] = [];
  /** Of the level under way; null where it has no queue. */
  #backlog: number | null = null;
  #level = -1;

  get seconds(): readonly Second[] {
    return this.#seconds;
  }

  add(
    atMs: number,
    level: number,
    load: Load,
    slice: Slice,
    seen: { target: LivingReading | null; generator: GeneratorReading | null },
  ): Second {
    if (level !== this.#level) this.#backlog = null;
    this.#level = level;
    for (const { enqueued, completed } of Object.values(slice.queues)) {
      this.#backlog = (this.#backlog ?? 0) + enqueued - completed;
    }
    const response = new Histogram();
    response.addSparse(slice.response);
    const perSecond = 1000 / Math.max(1, slice.durationMs);
    const second: Second = {
      atMs: Math.round(atMs),
      durationMs: Math.round(slice.durationMs),
      level,
      users: load.kind === 'closed' ? load.users : null,
      ratePerSecond: load.kind === 'open' ? load.ratePerSecond : null,
      // Of a scenario in sessions, as the load is.
      throughput: ((slice.sessions ?? slice).done - (slice.sessions ?? slice).failed) * perSecond,
      failedPerSecond: (slice.sessions ?? slice).failed * perSecond,
      connectionsPerSecond: slice.connect.count * perSecond,
      p50Ms: response.quantileMs(0.5),
      p95Ms: response.quantileMs(0.95),
      p99Ms: response.quantileMs(0.99),
      responseCells: byDecade(slice.response),
      inFlight: slice.inFlightMs / Math.max(1, slice.durationMs),
      backlog: this.#backlog,
      generatorCpu: slice.busy,
      targetCpuCores: seen.target?.cpuCores ?? null,
      targetRssBytes: seen.target?.rssBytes ?? null,
      targetThreads: seen.target?.threads ?? null,
      targetFds: seen.target?.fds ?? null,
    };
    const before = this.#seconds.at(-1);
    // The last answers of a trial come in a stretch of milliseconds, in which no rate can be told.
    if (before?.level === level && second.durationMs < shortestMs) {
      this.#seconds[this.#seconds.length - 1] = joined(before, second);
    } else this.#seconds.push(second);
    if (this.#seconds.length > most) this.#seconds = halved(this.#seconds);
    return second;
  }
}

type Cells = Second['responseCells'];

function summed(one: Cells, other: Cells): Cells {
  const sum = new Map(one);
  for (const [cell, count] of other) sum.set(cell, (sum.get(cell) ?? 0) + count);
  return [...sum].sort(([a], [b]) => a - b);
}

/** Pairs of the same level become one. */
function halved(seconds: readonly Second[]): Second[] {
  const pairs: Second[] = [];
  for (let i = 0; i < seconds.length; i++) {
    const [first, second] = [seconds[i], seconds[i + 1]];
    if (first === undefined) break;
    if (second === undefined || second.level !== first.level) {
      pairs.push(first);
      continue;
    }
    i++;
    pairs.push(joined(first, second));
  }
  return pairs;
}

/** Two stretches, one after the other: rates are means, times and readings the worse of the two. */
function joined(first: Second, second: Second): Second {
  const durationMs = first.durationMs + second.durationMs;
  const mean = (a: number, b: number): number => (a * first.durationMs + b * second.durationMs) / durationMs;
  const worse = (a: number | null, b: number | null): number | null =>
    a === null || b === null ? (a ?? b) : Math.max(a, b);
  return {
    ...first,
    durationMs,
    throughput: mean(first.throughput, second.throughput),
    failedPerSecond: mean(first.failedPerSecond, second.failedPerSecond),
    connectionsPerSecond: mean(first.connectionsPerSecond, second.connectionsPerSecond),
    p50Ms: worse(first.p50Ms, second.p50Ms),
    p95Ms: worse(first.p95Ms, second.p95Ms),
    p99Ms: worse(first.p99Ms, second.p99Ms),
    responseCells: summed(first.responseCells, second.responseCells),
    inFlight: worse(first.inFlight, second.inFlight),
    backlog: second.backlog,
    generatorCpu: worse(first.generatorCpu, second.generatorCpu),
    targetCpuCores: worse(first.targetCpuCores, second.targetCpuCores),
    targetRssBytes: worse(first.targetRssBytes, second.targetRssBytes),
    targetThreads: worse(first.targetThreads, second.targetThreads),
    targetFds: worse(first.targetFds, second.targetFds),
  };
}
