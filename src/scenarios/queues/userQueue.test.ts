import { expect, it } from 'vitest';
import { UserQueue } from './userQueue.ts';

/** @param counts whether jobs that end now were enqueued under the load that is held */
function recorded(counts = true) {
  const told: string[] = [];
  const times: [string, number][] = [];
  const queue = new UserQueue({
    enqueued: (name) => void told.push(`${name} enqueued`),
    completed: (name) => {
      told.push(`${name} completed`);
      return counts;
    },
    time: (name, ms) => times.push([name, ms]),
  });
  return { queue, told, times };
}

it('a job is enqueued and completed once, and its time begins when its request was due', () => {
  const { queue, told, times } = recorded();
  const job = queue.enqueued({ ok: true, responseMs: 340 });
  job.completed();
  job.completed();
  expect(told).toEqual(['completion enqueued', 'completion completed']);
  expect(times).toHaveLength(1);
  expect(times[0]?.[0]).toBe('completion');
  expect(times[0]?.[1]).toBeGreaterThanOrEqual(340);
});

it('queues have names, and a job that was taken elsewhere begins now', () => {
  const { queue, told, times } = recorded();
  queue.enqueued(undefined, 'thumbnails').completed();
  expect(told).toEqual(['thumbnails enqueued', 'thumbnails completed']);
  expect(times[0]?.[1]).toBeLessThan(340);
});

it('the time of a job begins when its request was due, however late the script says that it was taken', () => {
  const { queue, times } = recorded();
  queue.enqueued({ ok: true, responseMs: 3, dueMs: performance.now() - 5000 }).completed();
  expect(times[0]?.[1]).toBeGreaterThanOrEqual(5000);
});

it('a job of an earlier load is in no time', () => {
  const { queue, times } = recorded(false);
  queue.enqueued().completed();
  expect(times).toEqual([]);
});

it('a reply that failed has enqueued nothing', () => {
  const { queue, told, times } = recorded();
  queue.enqueued({ ok: false, responseMs: 9 }).completed();
  expect([told, times]).toEqual([[], []]);
});

it('a queue without a name is a mistake, also where nothing was enqueued', () => {
  const { queue, told } = recorded();
  expect(() => queue.enqueued(undefined, '')).toThrow(TypeError);
  expect(() => queue.enqueued({ ok: false, responseMs: 9 }, '')).toThrow(
    "leave the name out for 'completion'",
  );
  expect(told).toEqual([]);
});
