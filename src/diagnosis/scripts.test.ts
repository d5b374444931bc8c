import { describe, expect, it } from 'vitest';
import { aLevel, closed } from '../../test/kit/levels.ts';
import type { Level } from '../model/report.ts';
import type { Evidence } from './evidence.ts';
import { parseObjectives } from '../model/objectives.ts';
import { costly, endless, idle, leftOut, unnamed, unplayed } from './scripts.ts';

const requests = { due: 9, sent: 9, done: 9, failed: 0, dropped: 0, unfinished: 0, retried: 0 };
const { response } = aLevel(closed(1), 19, 52);
const sessions = (started: number, done: number): Level['sessions'] => ({
  due: started,
  started,
  done,
  failed: 0,
  good: done,
  goodPerSecond: done / 10,
  dropped: 0,
  unfinished: started - done,
  duration: response,
});
const of = (change: Partial<Level>, scenarioNames: readonly string[] = []): Evidence =>
  ({ levels: [aLevel(closed(2), 19, 52, { requests, ...change })], scenarioNames }) as unknown as Evidence;
const part = (name: string): Level['scenarios'][number] => ({ name, done: 4, failed: 0, response });

describe('scenarios', () => {
  it('that keep the generator busy themselves are named, with the function; those that do not, are not', () => {
    const by = (share: number, code = 'generator.cpu'): Evidence =>
      ({
        scriptCost: { share, samples: 871, busiest: 'parse (session.ts:12)' },
        levels: [aLevel(closed(2), 19, 52, { valid: false, invalidReasons: [{ code, statement: '' }] })],
      }) as unknown as Evidence;
    const [finding, ...more] = costly(by(0.934));
    expect([finding?.code, finding?.statement, more]).toEqual([
      'scenario.cost',
      "The scenario's own code was the limit of the generator: of a busy thread it took 93 %, most of it in parse (session.ts:12).",
      [],
    ]);
    expect(costly(by(0.4))).toEqual([]);
    // Busy for a while only: no level was lost by it.
    expect(costly(by(0.934, 'generator.ports'))).toEqual([]);
    expect(costly({ ...by(0.934), scriptCost: null })).toEqual([]);
  });

  it('of a recording say what of it they play', () => {
    const note = '9 of 16 requests in shop.har are replayed';
    const [finding, ...more] = leftOut({ note } as Evidence);
    expect([finding?.code, finding?.gravity, finding?.statement, more]).toEqual([
      'scenario.played',
      'note',
      `${note}.`,
      [],
    ]);
    expect(leftOut({ note: '' } as Evidence)).toEqual([]);
  });

  it('that were not played are named', () => {
    const [finding] = unplayed(of({ scenarios: [part('talker')] }, ['talker', 'batch']));
    expect(finding?.statement).toContain('"batch" ended no session');
    expect(unplayed(of({ scenarios: [part('talker'), part('batch')] }, ['talker', 'batch']))).toEqual([]);
    expect(unplayed(of({ scenarios: [] }, ['alone']))).toEqual([]);
  });

  it('in which nothing has the name of an objective are told what there is', () => {
    const asked = (slo: string, names: readonly string[]): ReturnType<typeof unnamed> => {
      const { levels } = of({ sessions: sessions(9, 9), steps: names.map(part) });
      return unnamed({ levels, objectives: parseObjectives(slo) } as unknown as Evidence);
    };
    const [finding, ...more] = asked('nosuch.p95<5ms,nosuch.p99<9ms,log in.p95<1s,errors<1%', [
      'log in',
      'pay',
    ]);
    expect(more).toEqual([]);
    expect([finding?.code, finding?.statement]).toEqual([
      'objective.unknown-step',
      'There is an objective on "nosuch", and no step or time of that name was measured: it could not be judged. Measured were "log in", "pay".',
    ]);
    expect(asked('nosuch.p95<5ms', [])[0]?.statement).toContain('Nothing that was measured has a name.');
    expect(asked('pay.p95<5ms,p95<9ms', ['pay'])).toEqual([]);
    const many = Array.from({ length: 15 }, (_, nth) => `step ${nth}`);
    expect(asked('nosuch.p95<5ms', many)[0]?.statement).toContain('"step 11" and 3 more.');
    const { levels } = of({ sessions: sessions(7, 0) });
    expect(unnamed({ levels, objectives: parseObjectives('pay.p95<5ms') } as unknown as Evidence)).toEqual(
      [],
    );
  });

  it('whose sessions never end are told apart from long ones', () => {
    expect(endless(of({ sessions: sessions(7, 0) }))[0]?.statement).toContain('none of 7 sessions ended');
    expect(endless(of({ sessions: sessions(7, 1) }))).toEqual([]);
    expect(endless(of({ sessions: null }))).toEqual([]);
  });

  it('that ask for nothing are told', () => {
    const nothing = { ...requests, due: 0, sent: 0, done: 0 };
    expect(idle(of({ sessions: sessions(7, 7), requests: nothing })).length).toBe(1);
    expect(idle(of({ sessions: sessions(7, 7) }))).toEqual([]);
  });
});
