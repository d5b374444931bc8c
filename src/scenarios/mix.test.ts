import { describe, expect, it, type TestContext } from 'vitest';
import { httpTarget, type HttpTargetServer } from '../../test/kit/httpTarget.ts';
import { http1 } from '../protocols/http1.ts';
import type { Session } from '../protocols/protocol.ts';
import { straight } from '../protocols/route.ts';
import { limitsOf } from '../model/objectives.ts';
import { Databases } from './databases/databases.ts';
import { heavyWeights, Mix } from './mix.ts';
import { scenario } from './scenario.ts';

interface Told {
  readonly sessions: { scenario: string; failed: boolean }[];
  readonly steps: string[];
}

function mixOn(
  target: HttpTargetServer,
  share = 0,
  shares = 1,
): { mix: Mix; told: Told; numbers: Set<number> } {
  const told: Told = { sessions: [], steps: [] };
  const numbers = new Set<number>();
  const mix = new Mix(
    {
      wireTo: http1,
      databases: Databases.none,
      scenarios: [
        scenario('talker', { weight: 3, think: 2 }, async ({ http, step, user }) => {
          numbers.add(user.number);
          await step('turn', () => http.get('/talk'));
        }),
        scenario('batch', async ({ http, step, user }) => {
          numbers.add(user.number);
          await step('load', () => http.get('/missing'));
        }),
      ],
      setup: {},
      limits: limitsOf([]),
      feeds: new Map(),
      file: 'mix.test.ts',
      baseUrl: target.url,
      headers: [],
      timeoutMs: 2000,
      insecure: false,
      route: straight,
      seed: 3,
      share,
      shares,
    },
    {
      requests: { connected: () => undefined, sent: () => undefined, done: () => undefined },
      time: () => undefined,
      count: () => undefined,
      good: () => undefined,
      messages: () => undefined,
      enqueued: () => undefined,
      completed: () => true,
      step: (name) => void told.steps.push(name),
      session: (name, _durationMs, failed) => void told.sessions.push({ scenario: name, failed }),
    },
  );
  return { mix, told, numbers };
}

async function targetFor({ onTestFinished }: TestContext): Promise<HttpTargetServer> {
  const target = await httpTarget((request, response) => {
    response.statusCode = request.url === '/missing' ? 404 : 200;
    response.end('ok');
  });
  onTestFinished(() => target.close());
  return target;
}

const played = (session: Session): Promise<Session> =>
  new Promise((finished) => session.exchange(() => finished(session), performance.now()));

const names = ({ sessions }: Told): string[] => sessions.map((each) => each.scenario);

describe('several scenarios', () => {
  it('have their share of the users of closed load, who stay what they are', async (context) => {
    const { mix, told, numbers } = mixOn(await targetFor(context));
    mix.begin({ kind: 'closed', users: 8 });
    const users = Array.from({ length: 8 }, () => mix.session());
    const pausesMs: number[][] = [];
    for (let time = 0; time < 2; time++) {
      pausesMs.push((await Promise.all(users.map(played))).map((session) => session.pauseMs ?? 0));
    }
    expect(names(told).toSorted()).toEqual([...Array(4).fill('batch'), ...Array(12).fill('talker')]);
    expect(pausesMs[0]).toEqual(pausesMs[1]);
    expect(pausesMs[0]?.filter((pauseMs) => pauseMs === 2000).length).toBe(6);
    expect(numbers.size).toBe(8);
    for (const user of users) user.close();
  });

  it('have their share of the arrivals of open load, though one user plays them all', async (context) => {
    const { mix, told } = mixOn(await targetFor(context));
    mix.begin({ kind: 'open', ratePerSecond: 9, arrivals: 'even' });
    const user = mix.session();
    for (let arrival = 0; arrival < 8; arrival++) await played(user);
    expect(names(told).filter((name) => name === 'talker').length).toBe(6);
    user.close();
  });

  it('share alike over all threads together', async (context) => {
    const target = await targetFor(context);
    const all: string[] = [];
    for (const share of [0, 1, 2, 3]) {
      const { mix, told } = mixOn(target, share, 4);
      mix.begin({ kind: 'closed', users: 4 });
      const user = mix.session();
      await played(user);
      user.close();
      all.push(...names(told));
    }
    expect(all.toSorted()).toEqual(['batch', 'talker', 'talker', 'talker']);
  });

  it('are told apart: sessions that failed, and steps under the name of their scenario', async (context) => {
    const { mix, told } = mixOn(await targetFor(context));
    mix.begin({ kind: 'open', ratePerSecond: 9, arrivals: 'even' });
    const user = mix.session();
    for (let arrival = 0; arrival < 4; arrival++) await played(user);
    user.close();
    expect(told.sessions.filter(({ failed }) => failed)).toEqual([{ scenario: 'batch', failed: true }]);
    expect([...new Set(told.steps)].toSorted()).toEqual(['batch / load', 'talker / turn']);
    expect(mix.counts.connections).toBe(2);
  });
});

it('the heavy mix gives four sessions of five to those that are marked, by their weights', () => {
  const nothing = (): Promise<void> => Promise.resolve();
  const weights = (...given: readonly (readonly [weight: number, heavy: boolean])[]): number[] =>
    heavyWeights(given.map(([weight, heavy], at) => scenario(`class ${at}`, { weight, heavy }, nothing)));
  expect(weights([6, false], [1, true], [2, false], [1, true])).toEqual([
    expect.closeTo(0.15, 9),
    expect.closeTo(0.4, 9),
    expect.closeTo(0.05, 9),
    expect.closeTo(0.4, 9),
  ]);
  // Where they had most before, they have more.
  expect(weights([1, false], [9, true])).toEqual([expect.closeTo(0.05, 9), expect.closeTo(0.95, 9)]);
  expect(weights([2, false], [3, false])).toEqual([2, 3]);
});
