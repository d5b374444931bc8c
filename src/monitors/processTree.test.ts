import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { Breath } from './breath.ts';
import { descendants, family } from './processTree.ts';

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
});

/** A process that forks from its main thread and from a worker thread, and tells both pids. */
async function forkingProcess(): Promise<{ pid: number; byMain: number; byWorker: number }> {
  const child = spawn(
    process.execPath,
    [
      '-e',
      `const { Worker } = require('node:worker_threads');
       const fork = "require('node:child_process').spawn('sleep', ['1000'], { stdio: 'ignore' }).pid";
       const worker = new Worker("require('node:worker_threads').parentPort.postMessage(" + fork + "); setInterval(() => {}, 1e6)", { eval: true });
       const byMain = eval(fork);
       worker.once('message', (byWorker) => process.send({ byMain, byWorker }));
       process.on('disconnect', () => process.exit());`,
    ],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], detached: true },
  );
  started.push(child);
  const [pids] = (await once(child, 'message')) as [{ byMain: number; byWorker: number }];
  return { pid: child.pid ?? 0, ...pids };
}

describe.skipIf(process.platform !== 'linux')('the process tree (needs /proc)', () => {
  it('finds the children of all threads, and grandchildren', async () => {
    const { pid, byMain, byWorker } = await forkingProcess();
    expect((await descendants(pid)).toSorted()).toEqual([byMain, byWorker].toSorted());
    const ofParent = await family([process.ppid], 'all-threads', new Breath(systemClock));
    expect(ofParent).not.toContain(process.pid);
    const ours = await descendants(process.pid);
    expect(ours).toEqual(expect.arrayContaining([pid, byMain, byWorker]));
    expect(ours.indexOf(pid)).toBeLessThan(ours.indexOf(byMain));
  });

  it('looks at main threads only when asked to be quick', async () => {
    const { pid, byMain } = await forkingProcess();
    expect(await family([pid], 'main-threads', new Breath(systemClock))).toEqual([pid, byMain]);
  });

  it('finds nothing below a process that does not exist', async () => {
    expect(await descendants(2 ** 22 + 1)).toEqual([]);
  });
});
