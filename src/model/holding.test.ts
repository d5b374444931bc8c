import { describe, expect, it } from 'vitest';
import { aSlice } from '../../test/kit/slices.ts';
import { holding } from './holding.ts';
import type { Trial } from './load.ts';

const open: Trial = {
  experiment: 'capacity',
  purpose: 'a test',
  load: { kind: 'open', ratePerSecond: 70, arrivals: 'poisson' },
  durationMs: 3000,
  minDone: 50,
  maxDurationMs: 7000,
  maxInFlight: 90,
};

function verdicts(trial: Trial, slices: readonly { done?: number; inFlightEnd?: number }[]): string[] {
  const watch = holding(trial);
  return slices.map((slice) => watch(aSlice(slice)));
}

const seconds = (count: number, done: number) => new Array(count).fill({ done }) as { done: number }[];

describe('a trial is held', () => {
  it('for its time, when enough is done by then', () => {
    expect(verdicts(open, seconds(3, 20))).toEqual(['hold', 'hold', 'enough']);
  });

  it('longer, until enough is done', () => {
    expect(verdicts(open, seconds(5, 11))).toEqual(['hold', 'hold', 'hold', 'hold', 'enough']);
  });

  it('never longer than its longest time', () => {
    expect(verdicts(open, seconds(7, 0)).at(-1)).toBe('enough');
    expect(verdicts(open, seconds(6, 0)).at(-1)).toBe('hold');
  });

  it('not to its end when everything allowed is in flight for two seconds in a row', () => {
    const full = { inFlightEnd: 89 };
    expect(verdicts(open, [full, full])).toEqual(['hold', 'backlog']);
  });

  it('on through one full second, which may be a stall that passes', () => {
    const [full, free] = [{ inFlightEnd: 90 }, { inFlightEnd: 12 }];
    expect(verdicts({ ...open, durationMs: 5000 }, [full, free, full, free])).not.toContain('backlog');
  });

  it('though all users of closed load are in flight: they always are', () => {
    const closed: Trial = { ...open, load: { kind: 'closed', users: 90 } };
    expect(verdicts(closed, [{ inFlightEnd: 90 }, { inFlightEnd: 90 }])).toEqual(['hold', 'hold']);
  });

  it('by whole slices, though one closed a little early', () => {
    const watch = holding({ ...open, minDone: 0, durationMs: 2000 });
    expect([watch(aSlice({ durationMs: 999.7 })), watch(aSlice({ durationMs: 999.8 }))]).toEqual([
      'hold',
      'enough',
    ]);
  });
});
