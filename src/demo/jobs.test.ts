import { describe, expect, it } from 'vitest';
import { EventQueue } from './agenda.ts';
import { Jobs, jobsDefaults, jobsPerSecond } from './jobs.ts';

describe('the job queue', () => {
  it('takes a job at once, begins it when a worker is free, and knows its result', () => {
    const queue = new EventQueue();
    const jobs = new Jobs(queue, { ...jobsDefaults, workers: 1, jobMs: 70 });
    expect(jobs.take(0, 'press no cargo')).toEqual({ id: 1, status: 'running' });
    expect(jobs.take(10, 'so the crew comes home')).toEqual({ id: 2, status: 'queued' });
    queue.runUntil(70);
    expect(jobs.find(1)).toEqual({ id: 1, status: 'done', result: { words: 3 } });
    expect(jobs.find(2)?.status).toBe('running');
    queue.runUntil(139);
    expect(jobs.find(2)?.status).toBe('running');
    queue.runUntil(140);
    expect(jobs.find(2)).toMatchObject({ status: 'done', result: { words: 5 } });
    expect(jobs.find(3)).toBeUndefined();
  });

  it('does as many jobs per second as its formula says', () => {
    const queue = new EventQueue();
    const options = { ...jobsDefaults, workers: 3, jobMs: 40 };
    const jobs = new Jobs(queue, options);
    expect(jobsPerSecond(options)).toBe(75);
    for (let nth = 0; nth < 3; nth++) jobs.take(0, 'x');
    for (let atMs = 5; atMs < 10_000; atMs += 5) {
      queue.runUntil(atMs);
      jobs.take(atMs, 'x');
    }
    queue.runUntil(10_000);
    expect(jobs.counts.done).toBe(750);
  });

  it('refuses what has no room in the backlog, and every job is somewhere', () => {
    const queue = new EventQueue();
    const jobs = new Jobs(queue, { ...jobsDefaults, workers: 2, backlogLimit: 7 });
    const taken = Array.from({ length: 13 }, () => jobs.take(0, 'x')).filter((job) => job !== undefined);
    expect(taken).toHaveLength(9);
    expect(jobs.counts).toEqual({ taken: 9, queued: 7, running: 2, done: 0 });
    expect(jobs.drainSeconds).toBeCloseTo(7 / 40, 9);
    queue.runUntil(5000);
    expect(jobs.counts).toEqual({ taken: 9, queued: 0, running: 0, done: 9 });
  });

  it('forgets the oldest of those that are done', () => {
    const queue = new EventQueue();
    const jobs = new Jobs(queue, { ...jobsDefaults, keptMost: 3 });
    for (let nth = 0; nth < 5; nth++) jobs.take(0, 'x');
    queue.runUntil(5000);
    expect([1, 2, 3, 4, 5].map((id) => jobs.find(id)?.status)).toEqual([
      undefined,
      undefined,
      'done',
      'done',
      'done',
    ]);
  });
});
