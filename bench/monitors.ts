/**
 * What watching costs: `npx jiti bench/monitors.ts [seconds]`.
 *
 * A real target of 100 threads, 20 processes and 10,000 open descriptors, that burns some CPU; all local monitors on
 * it at 1 Hz, as in a run. Prints the CPU share of this process with and without the monitors, and the largest stall
 * of its event loop. Budget: 1 % of a core, 5 ms.
 */
/* eslint-disable no-console */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../src/clock.ts';
import { watchGenerator } from '../src/monitors/generatorSelf.ts';
import { hostFacts } from '../src/monitors/host.ts';
import { findListener } from '../src/monitors/listener.ts';
import type { Monitor } from '../src/monitors/monitor.ts';
import { sample } from '../src/monitors/sampler.ts';
import { watchByProc, watchTarget } from '../src/monitors/targetProcess.ts';
import type { TargetReading } from '../src/monitors/targetReading.ts';

const budgetShare = 0.01;
const budgetStallMs = 5;

/** 19 children of one thread each; the rest of the threads and all descriptors are the parent's. */
const targetProgram = `
  const { openSync, readFileSync, readdirSync, stat } = require('node:fs');
  const { spawn } = require('node:child_process');
  const status = () => Number(/^Threads:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]);
  for (let i = 0; i < 19; i++) spawn('sleep', ['1000'], { stdio: 'ignore' });
  while (readdirSync('/proc/self/fd').length < 10000 - 4) openSync('/dev/null');
  for (let i = 0; i < 200; i++) stat('/', () => {});
  setInterval(() => { const until = performance.now() + 2; while (performance.now() < until); }, 100);
  const server = require('node:net').createServer().listen(0, '127.0.0.1', () =>
    process.send({ threads: status(), port: server.address().port }));
  process.on('disconnect', () => process.exit());
`;

async function main(): Promise<void> {
  const seconds = Number(process.argv[2] ?? 10);
  const host = hostFacts();
  console.log(`${host.os}, ${host.cpus} x ${host.cpuModel}, Node ${host.node}`);
  const target = spawn(process.execPath, ['-e', targetProgram], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
    env: { ...process.env, UV_THREADPOOL_SIZE: '72' },
  });
  try {
    await bench(target, seconds);
  } finally {
    if (target.pid !== undefined) process.kill(-target.pid, 'SIGKILL');
  }
}

async function bench(target: ChildProcess, seconds: number): Promise<void> {
  const [{ port }] = (await once(target, 'message')) as [{ port: number }];
  const pid = target.pid ?? 0;

  const searchMs = await stallOf(async () => {
    const startMs = performance.now();
    const found = await findListener(port, '127.0.0.1');
    console.log(
      `listener of port ${port}: ${found.process?.pid === pid ? 'found' : 'NOT FOUND'} ` +
        `in ${(performance.now() - startMs).toFixed(0)} ms`,
    );
  });
  console.log(`  largest stall ${searchMs.toFixed(1)} ms (once, before any load)`);

  const base = await costOf(seconds, []);
  console.log(
    `without monitors   ${percent(base.share)} of a core, largest stall ${base.stallMs.toFixed(1)} ms`,
  );
  const only = async (name: string, makers: readonly (() => Monitor<unknown>)[]): Promise<boolean> => {
    const cost = await costOf(seconds, makers);
    const share = cost.share - base.share;
    const within = share < budgetShare && cost.stallMs < budgetStallMs;
    console.log(
      `${name.padEnd(18)} ${percent(share)} of a core, largest stall ${cost.stallMs.toFixed(1)} ms` +
        (within ? '' : '  OVER BUDGET'),
    );
    return within;
  };
  await only('target alone', [() => watchTarget(pid, systemClock)]);
  await only('target, fds listed', [() => watchByProc(pid, systemClock, true)]);
  await only('generator alone', [() => watchGenerator(systemClock)]);
  const within = await only('all monitors', [
    () => watchTarget(pid, systemClock),
    () => watchGenerator(systemClock),
  ]);
  if (!within) process.exitCode = 1;
}

const percent = (share: number): string => `${(100 * share).toFixed(2).padStart(5)} %`;

/** CPU share of this process while the monitors run, and then, for as long again, the largest stall they make. */
async function costOf(
  seconds: number,
  makers: readonly (() => Monitor<unknown>)[],
): Promise<{ share: number; stallMs: number }> {
  let last: unknown;
  const samplers = makers.map((make) => sample(make(), (reading) => (last = reading), systemClock));
  await sleep(200);
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  await sleep(seconds * 1000);
  const used = process.cpuUsage(cpu);
  const share = (used.user + used.system) / 1000 / (performance.now() - startMs);
  const stallMs = await stallOf(() => sleep(seconds * 1000));
  for (const sampler of samplers) {
    const end = await sampler.stop();
    if (end.failed > 0) throw end.firstFailure;
  }
  const reading = last as TargetReading | undefined;
  if (reading?.alive === true && makers.length === 1) {
    console.log(
      `  reading: ${reading.processes} processes, ${reading.threads} threads, ${reading.fds} descriptors, ` +
        `${reading.cpuCores?.toFixed(2)} cores`,
    );
  }
  return { share, stallMs };
}

/**
 * The longest turn of the event loop, which is kept turning without rest meanwhile. It is measured in CPU time: when
 * the machine gives the core to others, that is no doing of the monitors.
 */
async function stallOf(work: () => Promise<void>): Promise<number> {
  let worst = 0;
  let ended = false;
  const cpuMs = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  let before = cpuMs();
  const turn = (): void => {
    const now = cpuMs();
    worst = Math.max(worst, now - before);
    before = now;
    if (!ended) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  ended = true;
  return worst;
}

void main();
