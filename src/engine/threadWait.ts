/**
 * For how long this thread was ready to run and had no core, since it began: what others on the machine took from it.
 *
 * Linux counts it for each thread; elsewhere it is unknown.
 */
import { readFileSync } from 'node:fs';

/** @returns milliseconds; null where the system does not tell */
export function threadWaitMs(): number | null {
  try {
    // Nanoseconds on a core, nanoseconds that it waited for one, and how often it ran.
    const [, waited] = readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ');
    return waited === undefined ? null : Number(waited) / 1e6;
  } catch {
    return null;
  }
}
