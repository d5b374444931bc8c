/**
 * The generator watched by itself: a generator that is short of CPU, descriptors or ports measures itself.
 *
 * 1. `cpuCores` is the whole process: main thread, workers, garbage collection.
 * 2. `loopLagMaxMs` is the worst lateness of the main thread's loop since the reading before. The histogram of Node
 *    starts anew with each reading and is blind for its first interval, in which the work that follows a reading
 *    falls: a timer of our own covers that interval.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../clock.ts';
import { countDescriptors, kernelCountsDescriptors, listDescriptors } from './descriptors.ts';
import type { Monitor } from './monitor.ts';
import { Pace } from './pace.ts';
import { procTextOrNull } from './procFile.ts';
import { parseOpenFilesLimit, parsePortRange } from './procText.ts';

export interface GeneratorReading {
  readonly atMs: number;
  /** Mean number of cores busy since the reading before; null in the first. */
  readonly cpuCores: number | null;
  readonly rssBytes: number;
  /** Open file descriptors; null where they cannot be counted, or not cheaply enough each second. */
  readonly fds: number | null;
  /** Soft limit of descriptors; infinite where there is none, null where it cannot be known. */
  readonly fdLimit: number | null;
  readonly loopLagMaxMs: number;
}

/** Each look wakes the process: 0.35 % of a core at 20 ms. Shorter stalls than this are seen in part, or not. */
const loopIntervalMs = 50;
/** Share of a core that listing our descriptors may take, where the kernel does not count them. */
const listingShare = 0.002;

export function watchGenerator(clock: Clock): Monitor<GeneratorReading> {
  const fdLimit = openFilesLimit();
  const counted = kernelCountsDescriptors();
  const listing = new Pace(listingShare);
  const delay = monitorEventLoopDelay({ resolution: loopIntervalMs });
  delay.enable();
  let before: { readonly atMs: number; readonly cpu: NodeJS.CpuUsage } | null = null;
  let first = firstInterval(clock);

  async function descriptors(): Promise<number | null> {
    if (counted) return countDescriptors('self');
    const startMs = clock.nowMs();
    if (!listing.isDue(startMs)) return null;
    const count = await listDescriptors('self');
    listing.done(clock.nowMs(), clock.nowMs() - startMs);
    return count;
  }

  return {
    async read() {
      const fds = await descriptors();
      const atMs = clock.nowMs();
      const cpu = process.cpuUsage();
      const cpuCores =
        before === null || atMs <= before.atMs
          ? null
          : (cpu.user - before.cpu.user + cpu.system - before.cpu.system) / 1000 / (atMs - before.atMs);
      before = { atMs, cpu };
      const histogramLagMs = delay.count > 0 ? delay.max / 1e6 - loopIntervalMs : 0;
      const loopLagMaxMs = Math.max(0, histogramLagMs, first.lagMs());
      delay.reset();
      first.stop();
      first = firstInterval(clock);
      return { atMs, cpuCores, rssBytes: process.memoryUsage.rss(), fds, fdLimit, loopLagMaxMs };
    },
    close() {
      delay.disable();
      first.stop();
    },
  };
}

interface FirstInterval {
  /** How late its timer was, or is by now. */
  lagMs(): number;
  stop(): void;
}

function firstInterval(clock: Clock): FirstInterval {
  const dueMs = clock.nowMs() + loopIntervalMs;
  let firedMs: number | null = null;
  const timer = setTimeout(() => (firedMs = clock.nowMs()), loopIntervalMs).unref();
  return { lagMs: () => (firedMs ?? clock.nowMs()) - dueMs, stop: () => clearTimeout(timer) };
}

/** How many descriptors this process may open; infinite where there is no limit, null where it is unknown. */
export function openFilesLimit(): number | null {
  return parseOpenFilesLimit(procTextOrNull('/proc/self/limits') ?? '');
}

/** How many local ports there are for connections to one address and port; null where it is unknown. */
export function ephemeralPorts(): number | null {
  return parsePortRange(procTextOrNull('/proc/sys/net/ipv4/ip_local_port_range') ?? '');
}
