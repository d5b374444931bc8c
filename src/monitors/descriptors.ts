/**
 * How many file descriptors a process has open.
 *
 * From Linux 6.2 on, the size of /proc/PID/fd is their number (30 µs, and no rights are asked for). Before, the
 * folder must be listed, which for 10,000 descriptors costs 12 ms: then it is done off the main thread and seldom.
 */
import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';

/** True where the kernel tells the count as the size of the folder: we always have descriptors open ourselves. */
export function kernelCountsDescriptors(): boolean {
  return (countDescriptors('self') ?? 0) > 0;
}

/** Only where `kernelCountsDescriptors()`. @returns null where it cannot be told */
export function countDescriptors(pid: number | 'self'): number | null {
  return statSync(`/proc/${pid}/fd`, { throwIfNoEntry: false })?.size ?? null;
}

/** Works on any Linux, asks for the rights of the process' owner. @returns null where it cannot be told */
export async function listDescriptors(pid: number | 'self'): Promise<number | null> {
  try {
    // The listing of our own folder holds the descriptor of the listing.
    return (await readdir(`/proc/${pid}/fd`)).length - (pid === 'self' || pid === process.pid ? 1 : 0);
  } catch {
    return null;
  }
}
