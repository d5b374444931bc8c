import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import type { Monitor } from './monitor.ts';
import { sample } from './sampler.ts';

/** A monitor whose k-th read takes `readMs(k)`; a reading is the instant at which it began, from the start. */
function slowMonitor(readMs: (k: number) => number): Monitor<number> & { closed: boolean; most: number } {
  const startMs = performance.now();
  let underWay = 0;
  let k = 0;
  const monitor = {
    closed: false,
    most: 0,
    async read() {
      const atMs = performance.now() - startMs;
      monitor.most = Math.max(monitor.most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, readMs(k++)));
      underWay--;
      return Math.round(atMs);
    },
    close() {
      monitor.closed = true;
    },
  };
  return monitor;
}

describe('sampling in virtual time', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('reads at once and then on whole seconds, however long a read takes', async () => {
    const readings: number[] = [];
    const sampler = sample(
      slowMonitor((k) => 40 * k),
      (at) => readings.push(at),
      systemClock,
    );
    await vi.advanceTimersByTimeAsync(4500);
    expect(readings).toEqual([0, 1000, 2000, 3000, 4000]);
    expect(await sampler.stop()).toMatchObject({ delivered: 5, skipped: 0, failed: 0 });
  });

  it('skips the instants that a slow read covers, never overlaps, and keeps to the grid', async () => {
    const readings: number[] = [];
    const monitor = slowMonitor((k) => (k === 1 ? 2300 : 10));
    const sampler = sample(monitor, (at) => readings.push(at), systemClock);
    await vi.advanceTimersByTimeAsync(5500);
    expect(readings).toEqual([0, 1000, 4000, 5000]);
    expect(monitor.most).toBe(1);
    expect(await sampler.stop()).toMatchObject({ delivered: 4, skipped: 2 });
  });

  it('delivers nothing after stop, waits for the read under way, and closes the monitor', async () => {
    const readings: number[] = [];
    const monitor = slowMonitor(() => 300);
    const sampler = sample(monitor, (at) => readings.push(at), systemClock);
    await vi.advanceTimersByTimeAsync(1100);
    const stopped = sampler.stop();
    expect(sampler.stop()).toBe(stopped);
    await vi.advanceTimersByTimeAsync(100);
    expect(monitor.closed).toBe(false);
    await vi.advanceTimersByTimeAsync(5000);
    await stopped;
    expect(readings).toEqual([0]);
    expect(monitor.closed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on after a monitor that threw, and hands out the first error at the end', async () => {
    let k = 0;
    const monitor: Monitor<number> = {
      read: async () => {
        if (k++ === 1) throw new Error('broken');
        return k;
      },
      close: () => undefined,
    };
    const readings: number[] = [];
    const sampler = sample(monitor, (value) => readings.push(value), systemClock);
    await vi.advanceTimersByTimeAsync(2500);
    expect(readings).toEqual([1, 3]);
    expect(await sampler.stop()).toMatchObject({
      delivered: 2,
      failed: 1,
      firstFailure: new Error('broken'),
    });
  });
});
