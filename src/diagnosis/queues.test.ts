import { describe, expect, it } from 'vitest';
import { aLevel, closed, estimate } from '../../test/kit/levels.ts';
import type { Level } from '../model/report.ts';
import type { Evidence } from './evidence.ts';
import { backlogs } from './queues.ts';

const queue: Level['queues'][number] = {
  name: 'completion',
  enqueued: 300,
  completed: 300,
  backlog: 60,
  mostBacklog: 64,
  drain: { perSecond: estimate(80, 0.05), seconds: estimate(0.75, 0.1, 's'), left: 0, undetermined: null },
};
const of = (...all: Partial<Level['queues'][number]>[]): Evidence =>
  ({
    levels: all.map((change, nth) => aLevel(closed(3 + nth), 19, 52, { queues: [{ ...queue, ...change }] })),
  }) as unknown as Evidence;

describe('a backlog', () => {
  it('is told at the load that left the most, with the rate at which it drained', () => {
    const [finding, ...more] = backlogs(of({ backlog: 21 }, {}, { backlog: 13 }));
    expect(more).toEqual([]);
    expect(finding?.code).toBe('queue.drained');
    expect(finding?.statement).toContain('when 4 users ended, 60 jobs had been taken and were not done');
    expect(finding?.statement).toContain('80/s were done (76 to 84)');
  });

  it('that was not seen to drain is undetermined, and told before greater ones', () => {
    const drain = {
      perSecond: null,
      seconds: null,
      left: 7,
      undetermined: '7 jobs were not known to be done',
    };
    const [finding] = backlogs(of({}, { backlog: 30, drain }));
    expect(finding).toMatchObject({ code: 'queue.undetermined', gravity: 'warning' });
    expect(finding?.statement).toContain('undetermined: 7 jobs');
    expect(finding?.statement).toContain('too few were done');
  });

  it('that no session waited for any more was lost, and a shorter load would not help', () => {
    const drain = { perSecond: null, seconds: null, left: 12, undetermined: 'never told' };
    const [level] = of({ enqueued: 59, completed: 47, backlog: 13, drain }).levels;
    const ended = { ...level!, sessions: { unfinished: 0 } as Level['sessions'] };
    const [finding, ...more] = backlogs({ levels: [ended] } as unknown as Evidence);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ code: 'queue.lost', gravity: 'warning' });
    expect(finding?.statement).toBe(
      'Queue "completion": with 3 users, 12 of 59 jobs were never told to be done by sessions that had ended.',
    );
    expect(finding?.remedy).not.toContain('shorter time');
  });

  it('of a level that does not count is no finding', () => {
    const [level] = of({}).levels;
    expect(backlogs({ levels: [{ ...level!, valid: false }] } as unknown as Evidence)).toEqual([]);
  });

  it('of a few jobs is no finding', () => {
    expect(backlogs(of({ backlog: 4 }))).toEqual([]);
    expect(backlogs({ levels: [aLevel(closed(1), 19, 52)] } as unknown as Evidence)).toEqual([]);
  });
});
