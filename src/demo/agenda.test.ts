import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from './agenda.ts';

describe('the queue of events', () => {
  it('runs events in the order they are due, those of one instant as they were entered', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 13 }), { maxLength: 60 }), (dues) => {
        const queue = new EventQueue();
        const ran: [dueMs: number, index: number][] = [];
        dues.forEach((dueMs, index) => queue.at(dueMs, (at) => ran.push([at, index])));
        queue.runUntil(13);
        const sorted = dues
          .map((dueMs, index): [number, number] => [dueMs, index])
          .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(ran).toEqual(sorted);
      }),
    );
  });

  it('leaves alone what is not due yet, and says when it will be', () => {
    const queue = new EventQueue();
    const ran: number[] = [];
    for (const dueMs of [7.5, 2.25, 31]) queue.at(dueMs, (at) => ran.push(at));
    queue.runUntil(7.5);
    expect(ran).toEqual([2.25, 7.5]);
    expect(queue.nextDueMs).toBe(31);
  });

  it('tells an event when it was due, however late it runs, and runs what that event enters', () => {
    const queue = new EventQueue();
    const ran: number[] = [];
    const tick = (atMs: number): void => {
      ran.push(atMs);
      queue.at(atMs + 11, tick);
    };
    queue.at(5, tick);
    queue.runUntil(40);
    expect(ran).toEqual([5, 16, 27, 38]);
  });

  it('has nothing due when it is empty', () => {
    expect(new EventQueue().nextDueMs).toBe(Infinity);
  });
});
