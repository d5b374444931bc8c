import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScenarioContext } from '../scenarios/scenario.ts';
import { recordingScenario, type RecordedRequest } from './recording.ts';

/** What the scenario does, against a target that answers after so many turns of the event loop. */
async function replayed(
  requests: readonly RecordedRequest[],
  turnsOf: (nth: number) => number,
): Promise<{ began: number[]; underWay: number[]; waitedFor: boolean }> {
  const began: number[] = [];
  const ended = new Set<number>();
  const underWay: number[] = [];
  let waitedFor = true;
  const request = async (_method: string, url: string): Promise<unknown> => {
    const nth = Number(url.slice(1));
    began.push(nth);
    waitedFor &&= requests[nth]?.after.every((other) => ended.has(other)) === true;
    underWay.push(began.length - ended.size);
    for (let turn = turnsOf(nth); turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
    ended.add(nth);
    return { ok: true, status: 200 };
  };
  const context = {
    http: { request },
    step: (_name: string, part: () => PromiseLike<unknown>) => part(),
    check: () => true,
    pause: () => Promise.resolve(),
  };
  const recipe = { kind: 'recording', name: 'any', baseUrl: 'http://a.test', requests, note: '' } as const;
  await recordingScenario(recipe).run(context as unknown as ScenarioContext);
  return { began, underWay, waitedFor };
}

const of = (nth: number, after: readonly number[]): RecordedRequest => ({
  name: 'GET /',
  method: 'GET',
  url: `/${nth}`,
  headers: {},
  body: null,
  status: 200,
  after,
  pauseMs: 0,
});

describe('a replay', () => {
  it('has six under way at once and no more, and asks for the others as they come', async () => {
    const requests = [of(0, []), ...Array.from({ length: 17 }, (_, nth) => of(nth + 1, [0]))];
    const { began, underWay } = await replayed(requests, (nth) => (nth % 3) + 1);
    expect(began).toEqual(requests.map((_, nth) => nth));
    expect(Math.max(...underWay)).toBe(6);
  });

  it('makes every request once, and none before what it waits for', async () => {
    const anyOrder = fc.array(
      fc.tuple(fc.array(fc.nat(), { maxLength: 3 }), fc.integer({ min: 0, max: 5 })),
      {
        minLength: 1,
        maxLength: 30,
      },
    );
    await fc.assert(
      fc.asyncProperty(anyOrder, async (given) => {
        const requests = given.map(([after], nth) =>
          of(nth, nth === 0 ? [] : after.map((other) => other % nth)),
        );
        const { began, underWay, waitedFor } = await replayed(requests, (nth) => given[nth]?.[1] ?? 0);
        expect(began.toSorted((a, b) => a - b)).toEqual(requests.map((_, nth) => nth));
        expect(waitedFor).toBe(true);
        expect(Math.max(...underWay)).toBeLessThanOrEqual(6);
      }),
      { numRuns: 60 },
    );
  });
});
