import { expect, it } from 'vitest';
import { UserQueue } from './userQueue.ts';

function recorded() {
  const told: string[] = [];
  const times: [string, number][] = [];
  const queue = new UserQueue({
    queued: (name, what) => told.push(`${name} ${what}`),
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
