/**
 * A process watched on systems without /proc, through pidusage: its CPU and memory, and not its descendants.
 * All else is null. Loaded only there.
 */
import type { Clock } from '../clock.ts';
import type { Monitor } from './monitor.ts';
import type { TargetReading } from './targetReading.ts';

/** Two looks at one process may disagree by this much about when it started: `ps` tells whole seconds. */
const startToleranceMs = 3000;

interface Seen {
  readonly atMs: number;
  readonly cpuMs: number;
  readonly startEpochMs: number;
}

export function watchByPidusage(pid: number, clock: Clock): Monitor<TargetReading> {
  const loaded = import('pidusage').then((module) => module.default);
  let first: Seen | null = null;
  let before: Seen | null = null;
  let ended = false;

  return {
    async read() {
      if (ended) return { alive: false, atMs: clock.nowMs() };
      const pidusage = await loaded;
      const usage = await pidusage(pid).catch(() => null);
      const atMs = clock.nowMs();
      const seen = usage && { atMs, cpuMs: usage.ctime, startEpochMs: usage.timestamp - usage.elapsed };
      first ??= seen;
      if (usage === null || seen === null || first === null || reused(first, seen)) {
        ended = true;
        return { alive: false, atMs };
      }
      const cpuCores =
        before === null || atMs <= before.atMs
          ? null
          : Math.max(0, seen.cpuMs - before.cpuMs) / (atMs - before.atMs);
      before = seen;
      return {
        alive: true,
        atMs,
        cpuCores,
        rssBytes: usage.memory,
        threads: null,
        fds: null,
        diskReadBytesPerSecond: null,
        diskWriteBytesPerSecond: null,
        processes: null,
      };
    },
    close() {
      ended = true;
      // pidusage holds a timer of its own.
      void loaded.then((pidusage) => pidusage.clear());
    },
  };
}

function reused(first: Seen, now: Seen): boolean {
  return Math.abs(now.startEpochMs - first.startEpochMs) > startToleranceMs;
}
