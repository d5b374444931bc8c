/** The server that answers faster than any generator asks (answering.c), or nginx where there is no compiler. */
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../conformance/launch.ts';
import { folder, found, pinning } from './sitting.ts';

export interface Answering {
  readonly name: string;
  readonly url: string;
  /** How many requests it has answered. */
  count(): Promise<number>;
  stop(): Promise<void>;
}

/** @param serviceMs what each answer takes, exactly; as fast as it can when left out */
export async function answering(serviceMs = 0): Promise<Answering> {
  if (!found('cc') && serviceMs === 0) {
    const nginx = await launch('nginx', 0, pinning);
    return {
      name: 'nginx with one worker, which is itself the limit here',
      url: nginx.url,
      count: async () => (await nginx.count())?.answered ?? Number.NaN,
      stop: () => nginx.stop(),
    };
  }
  const program = join(folder, 'answering');
  execFileSync('cc', ['-O2', '-o', program, fileURLToPath(new URL('answering.c', import.meta.url))]);
  const child = spawn('taskset', ['-c', String(pinning.targetCpu), program, String(1000 * serviceMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill());
  const port = await new Promise<string>((resolve) =>
    child.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString().trim())),
  );
  const url = `http://127.0.0.1:${port}/`;
  return {
    name: 'a server of one page of C (bench/answering.c)',
    url,
    count: async () => Number(await (await fetch(`${url}count`)).text()),
    stop: () =>
      new Promise((ended) => {
        child.once('exit', () => ended());
        child.kill();
      }),
  };
}
