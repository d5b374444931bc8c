/**
 * Who descends from whom. Linux only; elsewhere a process has no descendants that we know of.
 *
 * 1. Parents come before their children, in every answer.
 * 2. A child hangs on the thread that forked it. Reading all threads of all processes is the whole truth and costs
 *    17 µs each; `main-threads` reads one thread of each process, which is where most programs fork.
 * 3. The kernel may leave out a child while others end (proc_pid_task_children(5)): who must not lose one, remembers
 *    those it has seen (targetProcess.ts does).
 * 4. Plimsoll and its own children are never a part of the target, even when the target started Plimsoll.
 */
import { readdirSync } from 'node:fs';
import { Breath } from './breath.ts';
import { systemClock } from '../clock.ts';
import { procTextOrNull } from './procFile.ts';
import { hasEnded, parsePids, parseStat } from './procText.ts';

export type Thoroughness = 'all-threads' | 'main-threads';

/** All descendants of a process that live now, nearest first. Empty where none can be known. */
export async function descendants(pid: number): Promise<number[]> {
  return (await family([pid], 'all-threads', new Breath(systemClock))).slice(1);
}

/** The given processes and all their descendants, parents first. */
export async function family(
  roots: readonly number[],
  thoroughness: Thoroughness,
  breath: Breath,
): Promise<number[]> {
  const found = new Set(roots);
  const stranger = found.has(process.pid) ? null : process.pid;
  const childrenOf = kernelListsChildren()
    ? (pid: number) => childrenByThread(pid, thoroughness)
    : thoroughness === 'all-threads'
      ? await childrenByScan(breath)
      : () => [];
  // A Set may grow while it is walked, and is walked in the order of growing: breadth first.
  for (const pid of found) {
    if (breath.isDue()) await breath.take();
    for (const child of childrenOf(pid)) if (child !== stranger) found.add(child);
  }
  return [...found];
}

/** Needs CONFIG_PROC_CHILDREN, which nearly all kernels have. */
function kernelListsChildren(): boolean {
  return procTextOrNull(`/proc/${process.pid}/task/${process.pid}/children`) !== null;
}

function childrenByThread(pid: number, thoroughness: Thoroughness): number[] {
  const threads = thoroughness === 'all-threads' ? threadsOf(pid) : [String(pid)];
  return threads.flatMap((tid) => parsePids(procTextOrNull(`/proc/${pid}/task/${tid}/children`) ?? ''));
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

async function childrenByScan(breath: Breath): Promise<(pid: number) => readonly number[]> {
  const children = new Map<number, number[]>();
  for (const pid of allPids()) {
    if (breath.isDue()) await breath.take();
    const stat = parseStat(procTextOrNull(`/proc/${pid}/stat`) ?? '');
    if (stat === null) continue;
    const siblings = children.get(stat.parentPid);
    if (siblings === undefined) children.set(stat.parentPid, [pid]);
    else siblings.push(pid);
  }
  return (pid) => children.get(pid) ?? [];
}

/** Every process of this machine that we may see. Empty where there is no /proc. */
export function allPids(): number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^[1-9]/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

/** Processes of a process group that have not ended. Empty where none can be known. */
export async function livingOfGroup(groupId: number): Promise<number[]> {
  const breath = new Breath(systemClock);
  const living: number[] = [];
  for (const pid of allPids()) {
    if (breath.isDue()) await breath.take();
    const stat = parseStat(procTextOrNull(`/proc/${pid}/stat`) ?? '');
    if (stat !== null && stat.groupId === groupId && !hasEnded(stat)) living.push(pid);
  }
  return living;
}
