import { describe, expect, it } from 'vitest';
import { Notebook } from '../../test/kit/assessing.ts';
import { parseObjectives } from '../model/objectives.ts';
import type { Load } from '../model/load.ts';
import type { ProfileName } from '../model/report.ts';
import { conductNow } from './experiment.ts';
import { profile, stagesOf, type ProfilePlan } from './profile.ts';
import { exponentialServers, fixedServers, withBoundedQueue } from './targets.ts';

const plan = (name: ProfileName, change: Partial<ProfilePlan> = {}): ProfilePlan => ({
  names: [name],
  greatest: null,
  stageMs: null,
  maxUsers: 5000,
  maxRatePerSecond: 1_000_000,
  sizes: null,
  ...change,
});

const amounts = (each: ProfilePlan): number[] =>
  stagesOf(each).map(({ load }) => (load.kind === 'closed' ? load.users : load.ratePerSecond));

describe('the stages of a profile', () => {
  it.each([
    ['linear', [1, 2, 4, 8, 10]],
    ['burst', [2, 8, 15, 20, 2]],
    ['spike', [5, 50, 5]],
    ['progressive', [4, 8, 12, 16, 20]],
    ['stress', [1, 2, 4, 8, 16, 32, 64, 128, 256, 1]],
    ['multiples', [1, 10, 100, 1000]],
    ['sustained', [10, 10, 10]],
  ] as const)('%s are %j users', (name, expected) => expect(amounts(plan(name))).toEqual(expected));

  it('follow the greatest load that is given, in users or in arrivals', () => {
    expect(amounts(plan('burst', { greatest: { kind: 'closed', users: 400 } }))).toEqual([
      40, 160, 300, 400, 40,
    ]);
    const arriving: Load = { kind: 'open', ratePerSecond: 50, arrivals: 'even' };
    expect(amounts(plan('spike', { greatest: arriving }))).toEqual([5, 50, 5]);
    expect(stagesOf(plan('spike', { greatest: arriving }))[1]?.load).toEqual({
      ...arriving,
      ratePerSecond: 50,
    });
  });

  it('keep at least one user, and no more than are allowed', () => {
    expect(amounts(plan('ramp', { greatest: { kind: 'closed', users: 3 } }))).toEqual([1, 2, 3]);
    expect(Math.max(...amounts(plan('multiples', { maxUsers: 70 })))).toBe(70);
  });

  it('go up and down in one wave where it is a sine', () => {
    const wave = amounts(plan('sine', { greatest: { kind: 'open', ratePerSecond: 100, arrivals: 'even' } }));
    expect([Math.max(...wave), Math.min(...wave)]).toEqual([100, expect.closeTo(10, 6)]);
    expect(wave.indexOf(100)).toBe(6);
    // Before and after are the same load, or they could not be compared.
    expect(wave.at(-1)).toBeCloseTo(wave[0]!, 9);
  });

  it('of a volume are sizes, from the same users', () => {
    const stages = stagesOf(plan('volume'));
    expect(stages.map(({ load }) => load.kind === 'closed' && load.users)).toEqual([4, 4, 4, 4, 4]);
    const sizes = (each: ProfilePlan): (number | null)[] =>
      stagesOf(each).map(({ variant }) => (variant?.kind === 'bytes' ? variant.bytes : null));
    expect(sizes(plan('volume'))).toEqual([1024, 10_240, 102_400, 1_048_576, 10_485_760]);
    expect(sizes(plan('volume', { sizes: [70, 9] }))).toEqual([70, 9]);
  });

  it('of several profiles follow each other', () => {
    const stages = stagesOf(plan('spike', { names: ['spike', 'resource-intensive'] }));
    expect(stages.map(({ of, variant }) => [of, variant?.kind ?? null])).toEqual([
      ...[1, 2, 3].map(() => ['spike', null]),
      ...[1, 2, 3].map(() => ['resource-intensive', 'mix']),
    ]);
  });

  it('of a burst rise and fall by its shares', () => {
    expect(amounts(plan('burst'))).toEqual([2, 8, 15, 20, 2]);
  });
});

describe('a profile', () => {
  const followed = (
    each: ProfilePlan,
    target = exponentialServers(8, 20),
    slo = 'p95<100ms,errors<1%',
    interruptedAt?: number,
  ): Notebook => {
    const book = new Notebook(target, parseObjectives(slo), 5, interruptedAt);
    conductNow(profile(each), book.perform);
    return book;
  };

  it('holds every stage for its time', () => {
    const { levels } = followed(plan('burst', { stageMs: 4000 }));
    expect(levels.map(({ durationMs }) => durationMs)).toEqual([4000, 4000, 4000, 4000, 4000]);
  });

  it('of stress ends its climb at the first load that breaks, and goes back', () => {
    const { levels } = followed(plan('stress'), fixedServers(4, 20), 'p95<45ms,errors<1%');
    // Four servers: 8 users wait one turn, 16 wait three.
    expect(levels.map(({ load }) => load.kind === 'closed' && load.users)).toEqual([1, 2, 4, 8, 16, 1]);
  });

  it('of stress that nothing breaks goes to its end', () => {
    expect(followed(plan('stress'), fixedServers(400, 5)).levels.length).toBe(10);
  });

  it('that follows another is told apart from it', () => {
    const given = plan('stress', { names: ['stress', 'spike'], greatest: { kind: 'closed', users: 30 } });
    const book = new Notebook(fixedServers(4, 20), parseObjectives('p95<45ms,errors<1%'), 5);
    const followed = conductNow(profile(given), book.perform);
    // Stress ends its climb early: the spike begins after it all the same.
    expect(followed.map(({ name, levels }) => [name, levels.length])).toEqual([
      ['stress', book.levels.length - 3],
      ['spike', 3],
    ]);
    expect(book.trials.at(-3)?.purpose).toBe('spike, stage 1 of 3');
  });

  it('that did not run, because the one before was interrupted, is there without a level', () => {
    const given = plan('burst', { names: ['burst', 'soak', 'spike'] });
    const book = new Notebook(fixedServers(4, 20), parseObjectives('errors<1%'), 5, 2);
    const each = conductNow(profile(given), book.perform);
    expect(each.map(({ name, levels }) => [name, levels.length])).toEqual([
      ['burst', 2],
      ['soak', 0],
      ['spike', 0],
    ]);
  });

  it('ends where it is interrupted', () => {
    expect(
      followed(plan('burst'), withBoundedQueue(fixedServers(2, 20), 5), 'errors<1%', 2).levels.length,
    ).toBe(2);
  });
});
