/**
 * Asks a monitor once in each interval and hands its readings on.
 *
 * 1. Reads never overlap: while one is still under way, the instants it covers are skipped, and counted.
 * 2. No drift: instants are start + k · interval, however late a timer fires.
 * 3. It keeps no process alive, and nothing is delivered once `stop()` has been called.
 * 4. A monitor or a receiver that throws is our own fault, but not one to lose a run for: the reading is missing, the
 *    first such error is handed out at the end.
 */
import type { Clock } from '../clock.ts';
import type { Monitor } from './monitor.ts';

export interface SamplerEnd {
  readonly delivered: number;
  /** Instants without a reading because the one before was still being taken. */
  readonly skipped: number;
  readonly failed: number;
  readonly firstFailure: unknown;
}

export interface Sampler {
  /** Ends it: resolves when no read is under way any more and the monitor is closed. */
  stop(): Promise<SamplerEnd>;
}

/** Takes the first reading at once. @param intervalMs 1000 in every run; tests are faster */
export function sample<Reading>(
  monitor: Monitor<Reading>,
  deliver: (reading: Reading) => void,
  clock: Clock,
  intervalMs = 1000,
): Sampler {
  const startMs = clock.nowMs();
  let delivered = 0;
  let skipped = 0;
  let failed = 0;
  let firstFailure: unknown;
  let stopped: Promise<SamplerEnd> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let instant = 0;
  let reading = turn();

  async function turn(): Promise<void> {
    try {
      const value = await monitor.read();
      if (stopped !== null) return;
      deliver(value);
      delivered++;
    } catch (error) {
      failed++;
      firstFailure ??= error;
    }
    if (stopped !== null) return;
    // A timer may fire a fraction early: the next instant is never the same one again.
    const next = Math.max(instant + 1, Math.ceil((clock.nowMs() - startMs) / intervalMs));
    skipped += next - instant - 1;
    instant = next;
    const waitMs = Math.max(0, startMs + instant * intervalMs - clock.nowMs());
    timer = setTimeout(() => {
      reading = turn();
    }, waitMs).unref();
  }

  async function end(): Promise<SamplerEnd> {
    clearTimeout(timer);
    await reading;
    monitor.close();
    return { delivered, skipped, failed, firstFailure };
  }

  return { stop: () => (stopped ??= end()) };
}
