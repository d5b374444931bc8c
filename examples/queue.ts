/**
 * Work that is taken at once and done later, with the job queue of the demo's service: enqueue, then ask until it is done. The time
 * to completion is what counts, and grows without bound above the 80 jobs a second that four workers do. The report has the
 * backlog, and how fast it drains when the load has ended. In the folder of the repository:
 *
 *     npx plimsoll run examples/queue.ts --rate 110/s --duration 6s --start "node dist/demo/service.js --port 3070"
 *     npx plimsoll run examples/queue.ts --rate 40/s --duration 20s --start "node dist/demo/service.js --port 3070"
 *     npx plimsoll capacity examples/queue.ts --slo "completion.p95<500ms,errors<1%" --start "node dist/demo/service.js --port 3070"
 */
import { expect, scenario } from 'plimsoll';

interface Job {
  readonly id: number;
  readonly status: 'queued' | 'running' | 'done';
  readonly result?: { readonly words: number };
}

const askEverySeconds = 0.025;
const longestMs = 20_000;

export default scenario('queue', { baseUrl: 'http://127.0.0.1:3070' }, async ({ http, queue, pause }) => {
  const taken = await http.post('/jobs', { json: { say: 'press no cargo under water' } });
  expect(taken.status, 202);
  const work = queue.enqueued(taken);
  const untilMs = performance.now() + longestMs;
  let job = taken.json<Job>();
  while (job.status !== 'done' && performance.now() < untilMs) {
    await pause(askEverySeconds);
    job = await http.get(`/jobs/${job.id}`).json<Job>();
  }
  expect(job.status, 'done', 'job');
  work.completed();
  expect(job.result?.words, 5, 'words counted');
});
