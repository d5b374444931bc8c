/** A thread that measures one benchmark at each of its loads, and tells what it saw. Entry of `new Worker`. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import type { BenchCost } from '../model/bench.ts';
import { Tally } from '../model/tally.ts';
import type { Slice } from '../model/slice.ts';
import { loadBenchmarks } from '../scenarios/loading.ts';
import type { Operation } from '../scenarios/benchmark.ts';
import { whereThrown } from '../scenarios/whereThrown.ts';
import type { BenchWorkerData, FromBenchWorker } from './benching.ts';
import { Lanes } from './lanes.ts';
import { threadWaitMs } from './threadWait.ts';

/** What is still under way after a load gets so long to end. */
const drainMs = 10_000;
const rollEveryMs = 100;
const warmUpMs = 500;
const calibrations = 5;
const calibrationMs = 40;
const mostCollections = 12;
/** Bytes. */
const worthCollecting = 4096;

const port = parentPort;
if (port === null) throw new Error('engine/benchWorker is the entry of a worker thread');
const say = (message: FromBenchWorker): void => port.postMessage(message);
const { file, name, durationMs } = workerData as BenchWorkerData;
const collect = collector();

const benchmarks = await loadBenchmarks(file);
const found = benchmarks.find((each) => each.name === name);
if (found === undefined) throw new Error(`there is no benchmark "${name}"`);

const ownMs = {
  inTurn: await ownOperationMs(() => undefined),
  awaited: await ownOperationMs(() => Promise.resolve()),
};
// Code that has never run is slow; this counts for nothing.
await held(found.run, found.loads[0] ?? 1, warmUpMs, () => undefined);
for (const load of found.loads) {
  say({ kind: 'began', load });
  say({ kind: 'ended', seen: await stage(found.run, load) });
}

async function stage(run: Operation, load: number): Promise<BenchCost> {
  settle();
  const [memory, cpu, waitedMs] = [process.memoryUsage(), process.cpuUsage(), threadWaitMs()];
  const lanes = await held(run, load, durationMs, (slice) => say({ kind: 'slice', slice }));
  const used = process.cpuUsage(cpu);
  const waitedAfterMs = threadWaitMs();
  settle();
  const after = process.memoryUsage();
  const { lastError } = lanes;
  const message = lastError instanceof Error ? lastError.message : String(lastError);
  return {
    load,
    awaited: lanes.awaited,
    ownMs: lanes.awaited ? ownMs.awaited : ownMs.inTurn,
    waitedMs: waitedMs === null || waitedAfterMs === null ? null : waitedAfterMs - waitedMs,
    cpuMs: (used.user + used.system) / 1000,
    memoryBytes: collect === null ? after.rss - memory.rss : heap(after) - heap(memory),
    memoryOf: collect === null ? 'rss' : 'heap',
    lastError: lastError === null ? '' : message + whereThrown(lastError, file),
  };
}

function heap({ heapUsed, external }: NodeJS.MemoryUsage): number {
  return heapUsed + external;
}

/** Collects garbage until no more is found: code that is no longer used goes only after several times. */
function settle(): void {
  if (collect === null) return;
  let before = Number.POSITIVE_INFINITY;
  for (let times = 0; times < mostCollections; times++) {
    collect();
    const now = heap(process.memoryUsage());
    if (before - now < worthCollecting) return;
    before = now;
  }
}

/** Holds a load for so long, and waits for what is under way. */
async function held(
  run: Operation,
  load: number,
  forMs: number,
  deliver: (slice: Slice) => void,
): Promise<Lanes> {
  const tally = new Tally(deliver);
  tally.begin(performance.now());
  const roller = setInterval(() => tally.roll(performance.now()), rollEveryMs);
  const lanes = new Lanes(run, tally, load);
  await sleep(forMs);
  const late = new AbortController();
  await Promise.race([
    lanes.rest(),
    sleep(drainMs, undefined, { signal: late.signal }).catch(() => undefined),
  ]);
  late.abort();
  clearInterval(roller);
  tally.end(performance.now());
  return lanes;
}

/** What the lanes take themselves for each operation: the least of several rounds of one that does nothing. */
async function ownOperationMs(nothing: Operation): Promise<number> {
  let leastMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < calibrations; round++) {
    let done = 0;
    const fromMs = performance.now();
    await held(nothing, 1, calibrationMs, (slice) => (done += slice.done));
    if (done > 0) leastMs = Math.min(leastMs, (performance.now() - fromMs) / done);
  }
  return Number.isFinite(leastMs) ? leastMs : 0;
}

/** What collects garbage now; null where this runtime does not let it be asked for. */
function collector(): (() => void) | null {
  try {
    setFlagsFromString('--expose-gc');
    const given: unknown = runInNewContext('gc');
    return typeof given === 'function' ? (given as () => void) : null;
  } catch {
    return null;
  }
}
