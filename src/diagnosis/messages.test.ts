import { describe, expect, it } from 'vitest';
import { aLevel, closed } from '../../test/kit/levels.ts';
import type { Level } from '../model/report.ts';
import type { Evidence } from './evidence.ts';
import { parseObjectives } from '../model/objectives.ts';
import { disordered, dropped, reconnections, unnumbered, unread } from './messages.ts';

const clean: NonNullable<Level['messages']> = {
  sent: 31,
  received: 412,
  numbered: 400,
  lost: 0,
  duplicated: 0,
  reordered: 0,
  closedByTarget: {},
  slow: null,
};
const of = (...all: Partial<NonNullable<Level['messages']>>[]): Evidence => {
  const levels = all.map((change, nth) =>
    aLevel(closed(3 + nth), 19, 52, { messages: { ...clean, ...change } }),
  );
  return { levels } as unknown as Evidence;
};

describe('messages', () => {
  it('that did not come once and in order are told, with the load at which it began', () => {
    const [finding] = disordered(of({}, { lost: 13, duplicated: 5 }, { lost: 2, reordered: 7 }));
    expect(finding?.statement).toContain('15 were lost');
    expect(finding?.statement).toContain('5 of those that came were copies, 7 came after a later one');
    expect(finding?.statement).toContain('4 users');
    expect(finding?.evidence.map(({ value }) => value)).toEqual([15, 5, 7]);
  });

  it('that came whole, or are not known to have numbers, are no finding', () => {
    expect(disordered(of({}))).toEqual([]);
    expect(disordered(of({ lost: null, duplicated: null, reordered: null }))).toEqual([]);
    expect(disordered({ levels: [aLevel(closed(1), 19, 52)] } as unknown as Evidence)).toEqual([]);
  });
});

describe('an objective on messages', () => {
  const asked = (evidence: Evidence, slo: string): Evidence => ({
    ...evidence,
    objectives: parseObjectives(slo),
  });

  it('that no numbered message can meet or miss is told', () => {
    const silent = of({ numbered: 0, lost: null, duplicated: null, reordered: null });
    expect(unnumbered(asked(silent, 'lost<1%,reordered<2%'))[0]?.statement).toContain('(lost and reordered)');
    expect(unnumbered(asked(silent, 'p95<500ms,errors<1%'))).toEqual([]);
    expect(unnumbered(asked(of({}), 'lost<1%'))).toEqual([]);
  });
});

describe('users whose channels the target closed', () => {
  const backs = (done: number): Level['steps'] => [
    { name: 'ws.back', done, failed: 0, response: { ...aLevel(closed(1), 1, 1).response, p99: 730 } },
  ];
  const storm = (done: number): Evidence => {
    const [level] = of({ closedByTarget: { 1006: 210 } }).levels;
    const connections = { ...level!.connections, mostPerSecond: 187 };
    return { levels: [{ ...level!, steps: backs(done), connections }] } as unknown as Evidence;
  };

  it('are told with the time until 99 % were back, and the most in a second', () => {
    const [finding] = reconnections(storm(209));
    expect(finding?.statement).toBe(
      'At 3 users the target closed 210 WebSockets: 99 % were back within 0.73 s of being dropped. At most 187 connections were opened in a second.',
    );
  });

  it('of whom too few came back leave that undetermined', () => {
    const [finding] = reconnections(storm(190));
    expect(finding).toMatchObject({ gravity: 'warning' });
    expect(finding?.statement).toContain('only 190 came back');
    expect(finding?.statement).toContain('undetermined');
    expect(reconnections(of({ closedByTarget: { 1006: 210 } }))).toEqual([]);
  });
});

describe('channels that did not read', () => {
  const slow = { channels: 4, pausedMs: 9000, lost: 31, closedByTarget: { 1013: 3 } };

  it('are told with what the target did: lost, closed, kept in memory', () => {
    const evidence = of({}, { slow });
    const [first, second] = evidence.levels;
    const grown = { ...second!, target: { ...second!.target, rssGrowthBytes: 12 * 2 ** 20 } };
    const [finding] = unread({ ...evidence, levels: [first!, grown] });
    expect(finding?.statement).toBe(
      '4 WebSockets did not read, for at least 2.25 s in the mean: 31 numbered messages of them were lost, the target closed 3, its memory grew by 12 MiB under that load.',
    );
  });

  it('of which nothing is known say so', () => {
    const [finding] = unread(of({ slow: { ...slow, lost: null, closedByTarget: {} } }));
    expect(finding?.statement).toContain('not known, for none had a number, the target closed none');
    expect(finding?.statement).toContain('its memory could not be seen');
    expect(unread(of({}))).toEqual([]);
  });
});

describe('channels that the target closed', () => {
  it('are told by their codes', () => {
    const [finding] = dropped(
      of({ closedByTarget: { 1006: 2, 1000: 9 } }, { closedByTarget: { 1006: 1, 1012: 4 } }),
    );
    expect(finding?.statement).toBe('The target closed 7 WebSockets: 3 with code 1006, 4 with code 1012.');
  });

  it('are no finding where it took its leave', () => {
    expect(dropped(of({ closedByTarget: { 1000: 7, 1001: 3, 1005: 2 } }, {}))).toEqual([]);
  });
});
