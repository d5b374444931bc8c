import { describe, expect, it } from 'vitest';
import { aSlice } from '../../test/kit/slices.ts';
import { leftOf, queuesOf } from './queue.ts';
import { along, type Slice } from './slice.ts';

/** A second in which so many were enqueued, and these completed in its tenths. */
const second = (nth: number, enqueued: number, ticks: readonly number[], durationMs = 1000): Slice =>
  aSlice({
    startMs: nth * 1000,
    durationMs,
    queues: {
      completion: {
        enqueued,
        completed: ticks.reduce((sum, each) => sum + each, 0),
        completedTicks: Array.from({ length: 10 }, (_, i) => ticks[i] ?? 0),
      },
    },
  });
/** The same, with sessions that began in it and were not over when the trial was. */
const withGivenUp = (slice: Slice, count: number): Slice => ({
  ...slice,
  sessions: {
    due: count,
    started: count,
    done: 0,
    failed: 0,
    good: 0,
    dropped: 0,
    duration: slice.response,
  },
});
const eight = new Array<number>(10).fill(8);

describe('a queue of 80 jobs a second that was given 100 for three seconds', () => {
  const held = [second(0, 100, eight), second(1, 100, eight), second(2, 100, eight)];

  it('has a backlog of 60, which drains at 80 a second in three quarters of one', () => {
    const [queue] = queuesOf([...held, second(3, 0, [8, 8, 8, 8, 8, 8, 8, 4], 780)], 3000);
    expect(queue).toMatchObject({ name: 'completion', enqueued: 300, completed: 300, backlog: 60 });
    expect(queue?.drain).toMatchObject({ left: 0, undetermined: null });
    expect(queue?.drain.perSecond).toMatchObject({ value: 80 });
    expect(queue?.drain.perSecond?.low).toBeCloseTo(80 - 1 / 0.7);
    expect(queue?.drain.perSecond?.high).toBeCloseTo(80 + 1 / 0.7);
    expect(queue?.drain.seconds?.low).toBeCloseTo(0.7);
    expect(queue?.drain.seconds?.high).toBeCloseTo(0.8);
  });

  it('is undetermined where the wait for the last answers ended first', () => {
    const [queue] = queuesOf([...held, withGivenUp(second(3, 0, [8, 8, 8, 8, 8], 500), 20)], 3000);
    expect(queue?.drain.seconds).toBeNull();
    expect(queue?.drain.undetermined).toBe(
      '20 jobs were not known to be done when the wait for the last answers ended',
    );
    expect(queue?.drain.perSecond?.value).toBe(80);
  });

  it('was never told to be empty where all sessions ended by themselves', () => {
    const [queue] = queuesOf([...held, second(3, 0, [8, 8, 8, 8, 8], 500)], 3000);
    expect(queue?.drain.undetermined).toBe('20 jobs were never told to be done by sessions that had ended');
  });

  it('has jobs left that may be in time only where a session was given up, within the limit of the end', () => {
    const ended = [...held, second(3, 7, [8, 8, 8, 8, 8], 500)];
    expect(leftOf('completion', ended, 400)).toEqual({ jobs: 27, young: 0 });
    const cut = [...held, withGivenUp(second(3, 7, [8, 8, 8, 8, 8], 500), 3)];
    expect(leftOf('completion', cut, 400)).toEqual({ jobs: 27, young: 7 });
    expect(leftOf('completion', cut, 600)).toEqual({ jobs: 27, young: 27 });
    expect(leftOf('other', cut, 600)).toEqual({ jobs: 0, young: 0 });
  });

  it('counts a second in which nothing was done any more as draining', () => {
    const [queue] = queuesOf([...held, second(3, 0, [8, 8, 8, 8, 8]), second(4, 0, [])], 3000);
    expect(queue?.drain.perSecond?.value).toBe(20);
    expect(queue?.mostBacklog).toBe(60);
  });

  it('has the same rate where its seconds were joined', () => {
    const joined = along(second(3, 0, eight), second(4, 0, [8, 8, 8, 8, 4]));
    const [queue] = queuesOf([...held, second(2, 56, []), joined], 3000);
    expect(queue?.drain.perSecond?.value).toBeCloseTo(80);
  });
});

it('a queue that was empty when the load ended took no time, and has no rate', () => {
  const [queue] = queuesOf([second(0, 80, eight), second(1, 0, [], 13)], 1000);
  expect(queue?.drain).toMatchObject({ perSecond: null, left: 0, seconds: { value: 0, low: 0, high: 0 } });
});

it('without a queue there is none', () => expect(queuesOf([aSlice()], 1000)).toEqual([]));
