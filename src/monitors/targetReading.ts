/** What a look at the target's processes told. Null is what cannot be known on this system, or may not be. */

export interface EndedReading {
  readonly alive: false;
  readonly atMs: number;
}

export interface LivingReading {
  readonly alive: true;
  readonly atMs: number;
  /** Mean number of cores busy since the reading before; null in the first. To 0.01 cores over a second. */
  readonly cpuCores: number | null;
  readonly rssBytes: number | null;
  readonly threads: number | null;
  readonly fds: number | null;
  /** From and to the disk itself, not the page cache. */
  readonly diskReadBytesPerSecond: number | null;
  readonly diskWriteBytesPerSecond: number | null;
  readonly processes: number | null;
}

export type TargetReading = LivingReading | EndedReading;
