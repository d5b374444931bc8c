/** The alarm with its real helper thread (compiled: `npm test` builds first). How late it rings is for bench/lateness.ts. */
import { describe, expect, it } from 'vitest';
import { Alarm, AlarmClock, monotonicMs } from './alarm.ts';

const helperUrl = new URL('../../dist/engine/alarmThread.js', import.meta.url);

interface Rings {
  readonly alarm: Alarm;
  /** The instant of the next ring. */
  next(): Promise<number>;
}

async function started(): Promise<Rings> {
  let heard: (atMs: number) => void = () => undefined;
  const alarm = await Alarm.start(() => heard(performance.now()), helperUrl);
  return { alarm, next: () => new Promise((resolve) => (heard = resolve)) };
}

/** Clocks of two threads are read some microseconds apart. */
const apartMs = 0.1;

describe('an alarm', () => {
  it('rings at its instant and not before, one time after another', async () => {
    const { alarm, next } = await started();
    for (const waitMs of [3, 0.4, 12.7]) {
      const atMs = performance.now() + waitMs;
      alarm.set(atMs);
      expect(await next()).toBeGreaterThan(atMs - apartMs);
    }
  });

  it('rings for an instant that is past', async () => {
    const { alarm, next } = await started();
    alarm.set(performance.now() - 500);
    expect(await next()).toBeGreaterThan(0);
  });

  it('set anew before it rang, forgets the instant before', async () => {
    const { alarm, next } = await started();
    alarm.set(performance.now() + 3_600_000);
    const soonMs = performance.now() + 20;
    alarm.set(soonMs);
    expect(await next()).toBeGreaterThan(soonMs - apartMs);
  });
});

describe('the clock of an alarm', () => {
  it('lets nobody sleep whose instant is past, and tells which setting it was', () => {
    const clock = new AlarmClock();
    clock.set(monotonicMs() - 1);
    const seen = clock.sleep(0);
    clock.set(monotonicMs() - 1);
    expect(clock.sleep(seen)).toBe(seen + 1);
  });

  it('is the same for whoever shares its memory', () => {
    const clock = new AlarmClock();
    clock.set(monotonicMs() - 1);
    expect(new AlarmClock(clock.shared).sleep(0)).toBe(1);
  });
});
