import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import type { Monitor } from './monitor.ts';
import { kernelCountsDescriptors } from './descriptors.ts';
import { watchByPidusage } from './portableProcess.ts';
import { namedProcess, watchByProc, watchTarget } from './targetProcess.ts';
import type { LivingReading, TargetReading } from './targetReading.ts';

const linux = process.platform === 'linux';
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
});

/**
 * A process that does as it is told: each message is a piece of JavaScript, its value the answer. `burn(ms)` uses that
 * much CPU, however the machine is shared, and `cpuMs()` tells what was used so far.
 */
class Puppet {
  readonly #child: ChildProcess;
  constructor() {
    this.#child = spawn(
      process.execPath,
      [
        '-e',
        `const { execFileSync, spawn } = require('node:child_process');
         const fs = require('node:fs');
         const cpuMs = () => { const u = process.cpuUsage(); return (u.user + u.system) / 1000; };
         const burn = (ms) => { const end = cpuMs() + ms; while (cpuMs() < end); };
         process.on('message', (text) => Promise.resolve(eval(text)).then((value) => process.send({ value })));
         process.on('disconnect', () => process.exit());`,
      ],
      { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], detached: true },
    );
    started.push(this.#child);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @param code a JavaScript expression */
  async does(code: string): Promise<number> {
    this.#child.send(code);
    const [{ value }] = (await once(this.#child, 'message')) as [{ value: number }];
    return value;
  }

  async dies(): Promise<void> {
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

async function living(monitor: Monitor<TargetReading>): Promise<LivingReading> {
  const reading = await monitor.read();
  if (!reading.alive) throw new Error('the target is dead');
  return reading;
}

/** CPU seconds between two readings, by the account of the second. */
function cpuSeconds(before: TargetReading, after: LivingReading): number {
  return ((after.cpuCores ?? Number.NaN) * (after.atMs - before.atMs)) / 1000;
}

const burner = `"const u = () => process.cpuUsage().user + process.cpuUsage().system; while (u() < 500_000);`;

describe.skipIf(!linux)('a target watched through /proc (needs Linux)', () => {
  it('agrees with a process on the CPU it uses, about half a core', async () => {
    const target = new Puppet();
    await target.does('void setInterval(() => burn(10), 20)');
    const monitor = watchTarget(target.pid, systemClock);
    const before = await living(monitor);
    const beforeMs = await target.does('cpuMs()');
    expect(before.cpuCores).toBeNull();
    await sleep(1500);
    const after = await living(monitor);
    const usedMs = (await target.does('cpuMs()')) - beforeMs;
    expect(Math.abs(cpuSeconds(before, after) - usedMs / 1000)).toBeLessThan(0.15);
    expect(after.cpuCores).toBeGreaterThan(0.1);
    expect(after.cpuCores).toBeLessThan(0.9);
  });

  it.each([
    ['by its kernel', false],
    ['from the listing', true],
  ])('counts 37 more descriptors %s', async (_, lists) => {
    if (!lists && !kernelCountsDescriptors()) return;
    const target = new Puppet();
    await target.does('0');
    const before = await living(watchByProc(target.pid, systemClock, lists));
    await target.does('Array.from({ length: 37 }, () => fs.openSync("/dev/null")).length');
    const after = await living(watchByProc(target.pid, systemClock, lists));
    expect((after.fds ?? 0) - (before.fds ?? 0)).toBe(37);
  });

  it('lists descriptors only as often as it is cheap, and says null between', async () => {
    const target = new Puppet();
    await target.does('0');
    const monitor = watchByProc(target.pid, systemClock, true);
    expect((await living(monitor)).fds).toBeGreaterThan(5);
    expect((await living(monitor)).fds).toBeNull();
  });

  it('reads threads and memory as the process itself sees them', async () => {
    const target = new Puppet();
    await target.does('(globalThis.ballast = Buffer.alloc(50 * 2 ** 20, 1)).length');
    const reading = await living(watchTarget(target.pid, systemClock));
    const status = readFileSync(`/proc/${target.pid}/status`, 'latin1');
    expect(reading.threads).toBe(Number(/^Threads:\s+(\d+)/m.exec(status)?.[1]));
    const rssBytes = await target.does('process.memoryUsage.rss()');
    expect(Math.abs((reading.rssBytes ?? 0) - rssBytes)).toBeLessThan(0.1 * rssBytes);
  });

  it('follows children as they come and go', async () => {
    const target = new Puppet();
    await target.does('0');
    const monitor = watchTarget(target.pid, systemClock);
    const alone = await living(monitor);
    const childPid = await target.does('spawn("sleep", ["1000"], { stdio: "ignore" }).pid');
    const two = await living(monitor);
    process.kill(childPid, 'SIGKILL');
    await sleep(200);
    const aloneAgain = await living(monitor);
    expect([alone.processes, two.processes, aloneAgain.processes]).toEqual([1, 2, 1]);
    expect(two.rssBytes).toBeGreaterThan(alone.rssBytes ?? 0);
  });

  it('counts the CPU of a child that came and went between two readings', async () => {
    const target = new Puppet();
    await target.does('0');
    const monitor = watchTarget(target.pid, systemClock);
    const before = await living(monitor);
    await target.does(`execFileSync(process.execPath, ["-e", ${burner}"]).length`);
    const after = await living(monitor);
    expect(cpuSeconds(before, after)).toBeGreaterThan(0.45);
    expect(cpuSeconds(before, after)).toBeLessThan(1);
  });

  it('does not count a child again when it ends and its parent inherits its times', async () => {
    const target = new Puppet();
    await target.does('0');
    const monitor = watchTarget(target.pid, systemClock);
    const childPid = await target.does(
      `spawn(process.execPath, ["-e", ${burner} setInterval(() => {}, 1e6)"], { stdio: "ignore" }).pid`,
    );
    let before = await living(monitor);
    let sum = 0;
    for (let i = 0; i < 50 && sum < 0.45; i++) {
      await sleep(100);
      const after = await living(monitor);
      sum += cpuSeconds(before, after);
      before = after;
    }
    expect(sum).toBeGreaterThan(0.45);
    process.kill(childPid, 'SIGKILL');
    for (let i = 0; i < 4; i++) {
      await sleep(100);
      const after = await living(monitor);
      expect(after.cpuCores).toBeGreaterThanOrEqual(0);
      sum += cpuSeconds(before, after);
      before = after;
    }
    expect(before.processes).toBe(1);
    expect(sum).toBeLessThan(0.95);
  });

  it('keeps a member whose parent has ended', async () => {
    const target = new Puppet();
    const monitor = watchTarget(target.pid, systemClock);
    await target.does('0');
    const middlePid = await target.does('spawn("sh", ["-c", "sleep 1000 & wait"], { stdio: "ignore" }).pid');
    await sleep(200);
    expect((await living(monitor)).processes).toBe(3);
    process.kill(middlePid, 'SIGKILL');
    await sleep(200);
    expect((await living(monitor)).processes).toBe(2);
  });

  it('reads what went to the disk, by the account of the process itself', async () => {
    const target = new Puppet();
    await target.does('0');
    const written = 'Number(/^write_bytes: (.*)$/m.exec(fs.readFileSync("/proc/self/io", "latin1"))[1])';
    const monitor = watchTarget(target.pid, systemClock);
    const before = await living(monitor);
    const writtenBefore = await target.does(written);
    const file = JSON.stringify(`${tmpdir()}/plimsoll-disk-${target.pid}`);
    await target.does(
      `fs.writeFileSync(${file}, Buffer.alloc(3 * 2 ** 20, 1), { flush: true }), fs.unlinkSync(${file}), 0`,
    );
    const after = await living(monitor);
    const writtenBytes = (await target.does(written)) - writtenBefore;
    const seconds = (after.atMs - before.atMs) / 1000;
    expect(before.diskWriteBytesPerSecond).toBeNull();
    expect((after.diskWriteBytesPerSecond ?? 0) * seconds).toBeCloseTo(writtenBytes, -4);
    expect(after.diskReadBytesPerSecond).toBeGreaterThanOrEqual(0);
  });

  it('says that the target is dead, and goes on to say so', async () => {
    const target = new Puppet();
    await target.does('0');
    const monitor = watchTarget(target.pid, systemClock);
    expect((await monitor.read()).alive).toBe(true);
    await target.dies();
    expect(await monitor.read()).toEqual({ alive: false, atMs: expect.any(Number) });
    expect((await monitor.read()).alive).toBe(false);
  });

  it('says that a process that never was is dead', async () => {
    expect((await watchTarget(2 ** 22 + 1, systemClock).read()).alive).toBe(false);
  });
});

describe('a target watched through pidusage, as on other systems', () => {
  it('has CPU and memory, and null for the rest', async () => {
    const target = new Puppet();
    await target.does('void setInterval(() => burn(10), 20)');
    const monitor = watchByPidusage(target.pid, systemClock);
    const before = await living(monitor);
    const beforeMs = await target.does('cpuMs()');
    await sleep(1500);
    const after = await living(monitor);
    const usedMs = (await target.does('cpuMs()')) - beforeMs;
    expect(Math.abs(cpuSeconds(before, after) - usedMs / 1000)).toBeLessThan(0.2);
    expect(after.rssBytes).toBeGreaterThan(2 ** 24);
    expect(after).toMatchObject({ threads: null, fds: null, diskReadBytesPerSecond: null, processes: null });
    await target.dies();
    expect((await monitor.read()).alive).toBe(false);
    monitor.close();
  });
});

describe('a process named by a person', () => {
  it('is known by its command', () => {
    expect(namedProcess(process.pid)).toMatchObject({ pid: process.pid });
  });

  it.each([0, -5, 2.5, 2 ** 22 + 1])('is refused with PLM_PID when there is none: %s', (pid) => {
    expect(() => namedProcess(pid)).toThrow(expect.objectContaining({ code: 'PLM_PID', given: String(pid) }));
  });
});
