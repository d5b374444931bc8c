/**
 * The target's processes, watched from outside: CPU, memory, threads, descriptors, disk.
 *
 *     family (parents first) ─▶ one pass over /proc/PID/stat: CPU ─▶ a second pass: memory, descriptors, disk
 *
 * 1. A reading covers the process and all its descendants. Who was once a member stays one until it ends, even when
 *    its parent ends first.
 * 2. Unknown is null, never 0 and never a part: a sum is null when one member's share may not be read.
 * 3. CPU and disk are growth over wall time and never negative. A child that appears counts from its birth; of one
 *    that ended we count what its parent inherits (ledger.ts), so that short-lived children are not lost.
 * 4. A process that has ended is data, `{ alive: false }`, and stays so: a pid that is used again is another process.
 * 5. `rssBytes` adds the members up: pages that forked workers share are counted once for each.
 * 6. The cost is bounded whatever the target looks like (pace.ts), and so is every stall (breath.ts).
 */
import { readFileSync } from 'node:fs';
import { cpus, endianness, uptime } from 'node:os';
import type { Clock } from '../clock.ts';
import { PlimsollError } from '../errors.ts';
import { Breath } from './breath.ts';
import { commandOf } from './commandLine.ts';
import { countDescriptors, kernelCountsDescriptors, listDescriptors } from './descriptors.ts';
import { Ledger } from './ledger.ts';
import type { Monitor } from './monitor.ts';
import { Pace } from './pace.ts';
import { watchByPidusage } from './portableProcess.ts';
import { procTextOrNull, readProc } from './procFile.ts';
import { family } from './processTree.ts';
import {
  hasEnded,
  parseDiskBytes,
  parsePageBytes,
  parseResidentPages,
  parseStat,
  ticksPerSecond,
  type DiskBytes,
  type ProcessStat,
} from './procText.ts';
import type { TargetReading } from './targetReading.ts';

/** Watches a process and its descendants; on other systems than Linux, the process alone. */
export function watchTarget(pid: number, clock: Clock): Monitor<TargetReading> {
  return process.platform === 'linux' ? watchByProc(pid, clock) : watchByPidusage(pid, clock);
}

/** The process that a person named. @throws PLM_PID when there is none that may be watched */
export function namedProcess(pid: number): { readonly pid: number; readonly command: string } {
  if (!Number.isSafeInteger(pid) || pid <= 0) throw new PlimsollError('PLM_PID', String(pid));
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process may be watched, if not as closely.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') {
      throw new PlimsollError('PLM_PID', String(pid), 'no such process', error);
    }
  }
  return { pid, command: commandOf(pid) ?? `process ${pid}` };
}

/** Shares of one core that the two costly parts may take at most. */
const allThreadsShare = 0.002;
const listingShare = 0.002;
/** Clock ticks and the boot clock may disagree by this much about the moment of a birth. */
const birthToleranceTicks = 2;

interface Member {
  readonly startTicks: number;
  stat: ProcessStat;
  /** Null before the first reading of it. */
  disk: DiskBytes | null;
  /** Its /proc/PID/io is not for us: not asked for again, as a refusal costs more than a reading. */
  diskDenied: boolean;
}

/** @param listsDescriptors true in tests, for kernels that do not count them */
export function watchByProc(
  rootPid: number,
  clock: Clock,
  listsDescriptors = !kernelCountsDescriptors(),
): Monitor<TargetReading> {
  const pageBytes = systemPageBytes();
  const maxCores = cpus().length;
  const members = new Map<number, Member>();
  const reaped = new Ledger();
  const diskRead = new Ledger();
  const diskWritten = new Ledger();
  const allThreads = new Pace(allThreadsShare);
  const listing = new Pace(listingShare);
  let before: { readonly atMs: number; readonly bootTicks: number } | null = null;
  let ended = false;

  const root = statOf(rootPid);
  if (root === null || hasEnded(root)) ended = true;
  else members.set(rootPid, member(root));

  async function relatives(breath: Breath): Promise<number[]> {
    const startMs = clock.nowMs();
    if (!allThreads.isDue(startMs)) return family([...members.keys()], 'main-threads', breath);
    const workedMs = breath.workedMs();
    const pids = await family([...members.keys()], 'all-threads', breath);
    allThreads.done(clock.nowMs(), breath.workedMs() - workedMs);
    return pids;
  }

  /** Descriptors of all; null where one is hidden, or where counting them now would cost too much. */
  async function descriptorsOf(pids: readonly number[], breath: Breath): Promise<number | null> {
    if (listsDescriptors && !listing.isDue(clock.nowMs())) return null;
    let sum: number | null = 0;
    let listingMs = 0;
    for (const pid of pids) {
      if (breath.isDue()) await breath.take();
      const startMs = clock.nowMs();
      const count = listsDescriptors ? await listDescriptors(pid) : countDescriptors(pid);
      listingMs += clock.nowMs() - startMs;
      sum = added(sum, count ?? (statOf(pid) === null ? 0 : null));
    }
    if (listsDescriptors) listing.done(clock.nowMs(), listingMs);
    return sum;
  }

  return {
    async read(): Promise<TargetReading> {
      if (ended) return { alive: false, atMs: clock.nowMs() };
      const breath = new Breath(clock);
      const pids = await relatives(breath);

      const atMs = clock.nowMs();
      const bootTicks = uptime() * ticksPerSecond;
      const seconds = before === null ? 0 : (atMs - before.atMs) / 1000;
      const seen = new Set<number>();
      let ownTicks = 0;
      let reapedGained = 0;
      let lostTicks = 0;
      const lostDisk = { readBytes: 0, writeBytes: 0 };
      const bury = (pid: number, dead: Member): void => {
        lostTicks += dead.stat.ownTicks + dead.stat.reapedTicks;
        lostDisk.readBytes += dead.disk?.readBytes ?? 0;
        lostDisk.writeBytes += dead.disk?.writeBytes ?? 0;
        members.delete(pid);
      };
      const born = new Set<Member>();
      for (const pid of pids) {
        if (breath.isDue()) await breath.take();
        const stat = statOf(pid);
        const known = members.get(pid);
        if (known !== undefined && stat?.startTicks === known.startTicks) {
          ownTicks += Math.max(0, stat.ownTicks - known.stat.ownTicks);
          reapedGained += Math.max(0, stat.reapedTicks - known.stat.reapedTicks);
          known.stat = stat;
          seen.add(pid);
          continue;
        }
        if (known !== undefined) bury(pid, known);
        // The pid may have gone to a stranger between the two looks.
        if (stat === null || !seen.has(stat.parentPid)) continue;
        const joined = member(stat);
        members.set(pid, joined);
        seen.add(pid);
        if (before === null || stat.startTicks < before.bootTicks - birthToleranceTicks) continue;
        born.add(joined);
        ownTicks += stat.ownTicks + stat.reapedTicks;
      }
      const rootStat = members.get(rootPid)?.stat;
      if (rootStat === undefined || hasEnded(rootStat)) {
        ended = true;
        return { alive: false, atMs };
      }

      const living = [...members].filter(([, { stat }]) => !hasEnded(stat));
      let pages: number | null = 0;
      let readGained: number | null = 0;
      let writeGained: number | null = 0;
      for (const [pid, each] of living) {
        if (breath.isDue()) await breath.take();
        pages = added(pages, residentPages(pid));
        const disk = diskOf(pid, each);
        if (disk === 'gone') continue;
        if (disk === null) {
          readGained = writeGained = null;
          continue;
        }
        // A member that has not been read yet and was there before counts from now on.
        const base = each.disk ?? (born.has(each) ? { readBytes: 0, writeBytes: 0 } : disk);
        readGained = added(readGained, disk.readBytes - base.readBytes);
        writeGained = added(writeGained, disk.writeBytes - base.writeBytes);
        each.disk = disk;
      }
      const fds = await descriptorsOf(
        living.map(([pid]) => pid),
        breath,
      );

      const cpuTicks = ownTicks + reaped.settle(reapedGained, lostTicks);
      const readBytes = readGained === null ? null : diskRead.settle(readGained, lostDisk.readBytes);
      const writeBytes = writeGained === null ? null : diskWritten.settle(writeGained, lostDisk.writeBytes);
      before = { atMs, bootTicks };
      return {
        alive: true,
        atMs,
        cpuCores: perSecond(cpuTicks / ticksPerSecond, seconds, maxCores),
        rssBytes: pages === null || pageBytes === null ? null : pages * pageBytes,
        threads: living.reduce((sum, [, { stat }]) => sum + stat.threads, 0),
        fds,
        diskReadBytesPerSecond: perSecond(readBytes, seconds),
        diskWriteBytesPerSecond: perSecond(writeBytes, seconds),
        processes: living.length,
      };
    },
    close() {
      members.clear();
      ended = true;
    },
  };
}

function member(stat: ProcessStat): Member {
  return { startTicks: stat.startTicks, stat, disk: null, diskDenied: false };
}

function statOf(pid: number): ProcessStat | null {
  return parseStat(procTextOrNull(`/proc/${pid}/stat`) ?? '');
}

/** Null where it is hidden; 0 for a process that has just ended. */
function residentPages(pid: number): number | null {
  const file = readProc(`/proc/${pid}/statm`);
  if (typeof file === 'string') return file === 'gone' ? 0 : null;
  return parseResidentPages(file.text);
}

function diskOf(pid: number, each: Member): DiskBytes | 'gone' | null {
  if (each.diskDenied) return null;
  const file = readProc(`/proc/${pid}/io`);
  if (typeof file !== 'string') return parseDiskBytes(file.text);
  if (file === 'gone') return 'gone';
  // Between its end and its burial a process' counters are closed to all.
  const stat = statOf(pid);
  if (stat === null || hasEnded(stat)) return 'gone';
  each.diskDenied = true;
  return null;
}

function added(sum: number | null, more: number | null): number | null {
  return sum === null || more === null ? null : sum + more;
}

function perSecond(amount: number | null, seconds: number, most = Number.POSITIVE_INFINITY): number | null {
  return amount === null || seconds <= 0 ? null : Math.min(most, amount / seconds);
}

/** 4096 on most machines, 16 or 64 KiB on some ARM servers. */
function systemPageBytes(): number | null {
  try {
    return parsePageBytes(readFileSync('/proc/self/auxv'), endianness() === 'LE');
  } catch {
    return null;
  }
}
