/**
 * A queue of known capacity: the jobs of the demo's service, four workers of 50 ms each, given 110 a second for five seconds. They do
 * 80 a second; the first ends 50 ms after it came. So 154 are left when the load ends, and are done in 1.9 s.
 *
 * 1. Jobs taken and done are exact or missed: the service counts them.
 * 2. The rate may be off by 2 %; backlog by as many jobs as come within a poll of 25 ms; the time until empty by a tenth of a second.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jobsDefaults, jobsPerSecond } from '../src/demo/jobs.ts';
import { launchDemo, plimsoll, type Pinning } from './launch.ts';
import { reportIn, type StallRow } from './stall.ts';

const ratePerSecond = 110;
const heldSeconds = 5;
const rateTolerance = 0.02;
const pollSeconds = 0.025;
const emptyWithinSeconds = 0.1;

export async function gradeQueue(bin: string, out: string, pinning: Pinning | null): Promise<StallRow[]> {
  const { port, stop } = await launchDemo(1, pinning);
  const url = `http://127.0.0.1:${port}/`;
  try {
    const ended = await plimsoll(
      bin,
      // prettier-ignore
      [
        'run', fileURLToPath(new URL('../examples/queue.ts', import.meta.url)), '--base-url', url,
        '--rate', `${ratePerSecond}/s`, '--arrivals', 'even', '--duration', `${heldSeconds}s`,
        '--json', '--out', join(out, 'queue'), '--seed', '1',
      ],
      pinning,
      120,
    );
    const queue = reportIn(ended.stdout)?.experiments[0]?.levels[0]?.queues[0] ?? null;
    const truth = (await (await fetch(`${url}jobs`)).json()) as { taken: number; done: number };
    const perSecond = jobsPerSecond(jobsDefaults);
    const doneSeconds = heldSeconds - jobsDefaults.jobMs / 1000;
    const backlog = ratePerSecond * heldSeconds - perSecond * doneSeconds;
    const near = (
      name: string,
      expected: number,
      found: number | null | undefined,
      allowed: number,
      unit: StallRow['unit'] = '',
    ): StallRow => ({
      name: `queue: ${name}`,
      expected,
      found: found ?? null,
      unit,
      met: typeof found === 'number' && Math.abs(found - expected) <= allowed,
    });
    const { drain } = queue ?? {};
    return [
      near('jobs enqueued', truth.taken, queue?.enqueued, 0),
      near('jobs completed', truth.done, queue?.completed, 0),
      near('backlog when the load ended', backlog, queue?.backlog, Math.ceil(perSecond * pollSeconds) + 1),
      near('drain rate', perSecond, drain?.perSecond?.value, rateTolerance * perSecond, '/s'),
      near('time until empty', backlog / perSecond, drain?.seconds?.value, emptyWithinSeconds, 's'),
    ];
  } finally {
    await stop();
  }
}
