/**
 * Reads one small file of /proc.
 *
 * Synchronous on purpose. The text is made by the kernel in memory: open, read and close take 17 µs here, while
 * `fs.promises.readFile` takes ten times that in CPU for its hops through the thread pool. The stalls that this
 * could make are bounded by whoever reads many: see breath.ts. `bench/monitors.ts` has the figures.
 */
import { closeSync, openSync, readSync } from 'node:fs';

/** Why a file of a process could not be read: the process is no more, or it is none of our business. */
export type Unread = 'gone' | 'denied';

export interface ProcText {
  readonly text: string;
}

// One buffer for all: a read never spans a pause. Longer texts (children of a large prefork) take further reads.
const buffer = Buffer.allocUnsafe(16_384);

/** @returns the text, or why there is none. Never throws. */
export function readProc(path: string): ProcText | Unread {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    return reason(error);
  }
  try {
    let text = '';
    for (;;) {
      const bytes = readSync(descriptor, buffer, 0, buffer.length, null);
      if (bytes === 0) return { text };
      text += buffer.toString('latin1', 0, bytes);
    }
  } catch (error) {
    return reason(error);
  } finally {
    closeSync(descriptor);
  }
}

/** The text, or null for whatever reason. */
export function procTextOrNull(path: string): string | null {
  const file = readProc(path);
  return typeof file === 'string' ? null : file.text;
}

function reason(error: unknown): Unread {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ESRCH' ? 'gone' : 'denied';
}
