import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { ephemeralPorts, openFilesLimit, watchGenerator, type GeneratorReading } from './generatorSelf.ts';
import type { Monitor } from './monitor.ts';

const linux = process.platform === 'linux';

/** Keeps this thread busy until it has used so much CPU, however the machine is shared. */
function burnCpu(ms: number): void {
  const start = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(start);
    if (user + system >= ms * 1000) return;
  }
}

describe('the generator watched by itself', () => {
  let monitor: Monitor<GeneratorReading>;
  beforeEach(() => {
    monitor = watchGenerator(systemClock);
  });
  afterEach(() => monitor.close());

  it('reads CPU, memory, descriptors and lag', async () => {
    const first = await monitor.read();
    expect(first.cpuCores).toBeNull();
    // In the histogram's blind first interval, where the work after a reading falls.
    burnCpu(300);
    await sleep(120);
    const second = await monitor.read();
    const seconds = (second.atMs - first.atMs) / 1000;
    expect((second.cpuCores ?? 0) * seconds).toBeGreaterThan(0.29);
    expect((second.cpuCores ?? 0) * seconds).toBeLessThan(3);
    expect(second.loopLagMaxMs).toBeGreaterThan(200);

    await sleep(60);
    burnCpu(250);
    await sleep(120);
    expect((await monitor.read()).loopLagMaxMs).toBeGreaterThan(150);
    expect(second.rssBytes).toBeGreaterThan(2 ** 24);
  });

  it.skipIf(!linux)('counts its descriptors (needs /proc)', async () => {
    const before = (await monitor.read()).fds ?? Number.NaN;
    const opened = Array.from({ length: 37 }, () => openSync('/dev/null', 'r'));
    const after = (await monitor.read()).fds ?? Number.NaN;
    opened.forEach((descriptor) => closeSync(descriptor));
    // Vitest itself may open or close a file meanwhile.
    expect(Math.abs(after - before - 37)).toBeLessThanOrEqual(3);
  });
});

it.skipIf(!linux)('knows the limits of this process and machine (needs /proc)', () => {
  expect(openFilesLimit()).toBeGreaterThanOrEqual(256);
  expect(ephemeralPorts()).toBeGreaterThan(1000);
  expect(ephemeralPorts()).toBeLessThanOrEqual(65_536);
});
