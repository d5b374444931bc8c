import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aSlice, secondOf, timesOf } from '../../test/kit/slices.ts';
import { exponential, random } from '../random.ts';
import type { Load, Trial } from './load.ts';
import { measure, type MeasureOptions } from './measure.ts';
import { parseObjectives } from './objectives.ts';
import type { Level } from './report.ts';
import type { Slice } from './slice.ts';

const users: Load = { kind: 'closed', users: 6 };
const arriving: Load = { kind: 'open', ratePerSecond: 90, arrivals: 'poisson' };

function level(
  load: Load,
  slices: readonly Slice[],
  slo: string,
  change: Partial<MeasureOptions> & { alone?: true } = {},
): Level {
  const trial: Trial = {
    experiment: 'run',
    purpose: 'a test',
    load,
    durationMs: 1000 * slices.length,
    minDone: 0,
    maxDurationMs: 1000 * slices.length,
    maxInFlight: 100,
    ...(change.alone === true ? { alone: true as const } : {}),
  };
  return measure(trial, slices, {
    objectives: parseObjectives(slo),
    startMs: 700,
    heldMs: 1000 * slices.length,
    spentMs: 1000 * slices.length + 31,
    stoppedEarly: null,
    ...change,
  });
}

/** 1, 2, ... 100 ms: the quantile is its own number. */
const oneToHundred = Array.from({ length: 100 }, (_, i) => i + 1);
const seconds = (count: number, values: readonly number[] = oneToHundred): Slice[] =>
  Array.from({ length: count }, (_, n) => secondOf(n, values));

describe('times', () => {
  it('have the quantiles that were put in', () => {
    const { response } = level(users, seconds(10), 'p95<500ms');
    expect(response).toMatchObject({ max: 100, mean: 50.5 });
    const found = [response.p50, response.p90, response.p95, response.p99, response.p999];
    for (const [i, truth] of [50, 90, 95, 99, 100].entries()) {
      expect(Math.abs((found[i] ?? 0) / truth - 1)).toBeLessThan(0.001);
    }
    expect(response.deviation).toBeCloseTo(28.866, 2);
  });

  it('have an interval around the quantile', () => {
    const { responseP95 } = level(users, seconds(10), 'p95<500ms');
    expect(responseP95?.value).toBeCloseTo(95, 0);
    expect(responseP95?.low).toBeGreaterThanOrEqual(93);
    expect(responseP95?.low).toBeLessThan(95);
    expect(responseP95?.high).toBeGreaterThan(95);
    expect(responseP95?.high).toBeLessThanOrEqual(97);
  });

  it('have intervals that hold the truth in nineteen of twenty trials', () => {
    const truth = 20 * Math.log(20);
    let held = 0;
    for (let seed = 0; seed < 200; seed++) {
      const draw = random(seed, 4);
      const slices = Array.from({ length: 6 }, (_, n) =>
        secondOf(
          n,
          Array.from({ length: 110 }, () => exponential(draw, 20)),
        ),
      );
      const { responseP95 } = level(arriving, slices, 'p95<500ms');
      if ((responseP95?.low ?? Infinity) <= truth && truth <= (responseP95?.high ?? 0)) held++;
    }
    expect(held).toBeGreaterThanOrEqual(183);
  });

  it('are unknown, and not 0, where nothing was answered', () => {
    const silent = [0, 1, 2].map((n) => aSlice({ startMs: n * 1000, due: 3, sent: 3 }));
    const { response, throughput, errors, objectives } = level(users, silent, 'p95<500ms,errors<1%');
    expect(response.p50).toBeNull();
    expect(throughput?.value).toBe(0);
    expect(errors.ratio).toBeNull();
    expect(objectives.map((each) => each.met)).toEqual([null, null]);
  });
});

/** Slower by half for two seconds, then steady, with a little scatter. */
function warming(): Slice[] {
  return Array.from({ length: 12 }, (_, n) => {
    const perTick = n < 2 ? 8 : 20;
    const goodTicks = Array.from({ length: 10 }, (_, tick) => perTick + ((n + 3 * tick) % 3) - 1);
    const count = goodTicks.reduce((sum, each) => sum + each, 0);
    return secondOf(n, new Array<number>(count).fill(n < 2 ? 600 : 40), { goodTicks, inFlightMs: 6000 });
  });
}

describe('the warm-up of closed load', () => {
  const slices = warming();
  const all = slices.reduce((sum, slice) => sum + slice.done, 0);
  const found = level(users, slices, 'p95<500ms');

  it('is cut where it ends', () => {
    expect(found.warmupMs).toBe(2000);
    expect(found.steady).toBe(true);
  });

  it('is in no rate and in no time', () => {
    expect(Math.abs((found.throughput?.value ?? 0) / 200 - 1)).toBeLessThan(0.01);
    expect(found.response.max).toBe(40);
    expect(found.objectives[0]).toMatchObject({ met: true, bad: 0 });
  });

  it('is in the counts, which agree with the target', () => {
    expect(found.requests).toMatchObject({ due: all, sent: all, done: all, unfinished: 0 });
  });

  it('is no good beginning of a trial that ends in an outage', () => {
    const dying = Array.from({ length: 6 }, (_, n) => {
      const perTick = n < 3 ? 20 : 0;
      const goodTicks = Array.from({ length: 10 }, (_, tick) => (perTick > 0 ? perTick + (tick % 3) - 1 : 0));
      const count = goodTicks.reduce((sum, each) => sum + each, 0);
      return secondOf(n, new Array<number>(count).fill(40), { goodTicks, inFlightMs: 6000 });
    });
    const found = level(users, dying, 'p95<500ms');
    expect(found.warmupMs).toBe(0);
    expect(found.throughput?.value).toBeGreaterThan(50);
    expect(found.longestSilenceMs).toBe(3000);
  });

  it('is never more than half of the trial', () => {
    const rising = Array.from({ length: 10 }, (_, n) => {
      const goodTicks = new Array<number>(10).fill(2 + 3 * n);
      return secondOf(n, new Array<number>(10 * (2 + 3 * n)).fill(30), { goodTicks });
    });
    const still = level(users, rising, 'p95<500ms');
    expect(still.warmupMs).toBeLessThanOrEqual(5000);
    expect(still.steady).toBe(false);
  });
});

describe('throughput', () => {
  it('counts successes only', () => {
    const half = seconds(8).map((slice) => ({
      ...slice,
      failed: 30,
      errors: { 'http.503': 30 },
      goodTicks: new Array<number>(10).fill(7),
    }));
    const found = level(users, half, 'errors<1%');
    expect(found.throughput?.value).toBeCloseTo(70, 9);
    expect(found.errors).toEqual({ ratio: 0.3, byKind: { 'http.503': 240 } });
    expect(found.objectives[0]).toMatchObject({ met: false, value: 0.3, bad: 240, of: 800 });
  });

  it('of open load leaves out the first tenth, which starts empty', () => {
    const slices = Array.from({ length: 20 }, (_, n) =>
      secondOf(n, new Array<number>(n < 2 ? 10 : 90).fill(15)),
    );
    const found = level(arriving, slices, 'p95<500ms');
    expect(found.warmupMs).toBe(2000);
    expect(found.throughput?.value).toBeCloseTo(90, 9);
  });

  it('is judged by its lower limit', () => {
    const [low, high] = [
      level(users, seconds(5), 'throughput>101/s'),
      level(users, seconds(5), 'throughput>99/s'),
    ];
    expect([low.objectives[0]?.met, high.objectives[0]?.met]).toEqual([false, true]);
  });
});

describe('open load', () => {
  it('counts what never came back as slower than any limit', () => {
    const slices = seconds(5, new Array<number>(90).fill(12)).map((slice) => ({
      ...slice,
      due: 96,
      sent: 96,
    }));
    const found = level(arriving, slices, 'p95<500ms,p90<500ms');
    expect(found.requests).toMatchObject({ sent: 480, done: 450, unfinished: 30 });
    // 30 of 480 are 6.25 %: too many for p95, not for p90.
    expect(found.objectives[0]).toMatchObject({ met: false, value: null, bad: 30, of: 480 });
    expect(found.objectives[1]).toMatchObject({ met: true, value: 12, bad: 30, of: 480 });
  });

  it('counts what could not be sent as slower than any limit', () => {
    const slices = seconds(5, new Array<number>(90).fill(12)).map((slice) => ({
      ...slice,
      due: 100,
      dropped: 10,
    }));
    expect(level(arriving, slices, 'p95<500ms').objectives[0]).toMatchObject({
      met: false,
      bad: 50,
      of: 500,
    });
  });

  it('counts the times of answers that came after its end', () => {
    const late = aSlice({
      startMs: 5000,
      durationMs: 640,
      done: 40,
      response: timesOf(new Array<number>(40).fill(900)),
      service: timesOf(new Array<number>(40).fill(900)),
    });
    const sent = seconds(5, new Array<number>(90).fill(12)).map((slice) => ({ ...slice, due: 98, sent: 98 }));
    const slices = [...sent, late];
    const found = level(arriving, slices, 'p95<500ms', { heldMs: 5000 });
    expect(found.response.max).toBe(900);
    expect(found.objectives[0]).toMatchObject({ bad: 40, of: 490, met: false });
    expect(found.throughput?.value).toBeCloseTo(90, 9);
  });

  it('does not hold where a backlog grew, whatever the quantiles say', () => {
    const found = level(arriving, seconds(3), 'p95<500ms', { stoppedEarly: 'backlog' });
    expect(found.objectives[0]?.met).toBe(false);
    expect(found.objectives[0]?.value).toBeCloseTo(95, 0);
    expect(found.steady).toBe(false);
  });
});

describe('closed load', () => {
  it('does not count what the end cut off as slow', () => {
    const slices = seconds(5).map((slice, n) => (n === 4 ? { ...slice, due: 106, sent: 106 } : slice));
    const found = level(users, slices, 'p99<500ms');
    expect(found.requests.unfinished).toBe(6);
    expect(found.objectives[0]).toMatchObject({ met: true, bad: 0, of: 500 });
  });

  it('leaves out what came back after the load had ended', () => {
    const late = secondOf(5, [9000], { durationMs: 212 });
    const found = level(users, [...seconds(5), late], 'p95<500ms', { heldMs: 5000 });
    expect(found.response.max).toBe(100);
    expect(found.requests.done).toBe(501);
  });

  it('has as many in flight as its users, by Little', () => {
    const found = level(users, warming(), 'p95<500ms');
    expect(found.inFlight).toBeCloseTo(6, 9);
  });
});

describe('an objective on a quantile', () => {
  it('is met up to the last request that may be slow, and not with one more', () => {
    const slowest = (count: number): Slice[] =>
      seconds(4, [...new Array<number>(100 - count).fill(20), ...new Array<number>(count).fill(800)]);
    expect(level(users, slowest(5), 'p95<500ms').objectives[0]).toMatchObject({ met: true, bad: 20 });
    expect(level(users, slowest(6), 'p95<500ms').objectives[0]).toMatchObject({ met: false, bad: 24 });
  });

  it('is worth fewer requests where slow ones come together', () => {
    const spread = seconds(10, [...new Array<number>(90).fill(20), ...new Array<number>(10).fill(800)]);
    const together = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) =>
      secondOf(n, new Array<number>(100).fill(n === 4 ? 800 : 20)),
    );
    const effective = (slices: Slice[]) => level(users, slices, 'p95<500ms').objectives[0]?.effective ?? 0;
    expect(effective(spread)).toBe(1000);
    expect(effective(together)).toBeLessThan(30);
  });
});

describe('the generator', () => {
  it('falsifies a level when it was late, and says by how much', () => {
    const late = seconds(6).map((slice) => ({ ...slice, lag: timesOf(new Array<number>(100).fill(61)) }));
    const found = level(arriving, late, 'p95<500ms');
    expect(found.valid).toBe(false);
    expect(found.invalidReasons[0]).toMatchObject({ code: 'generator.lag' });
    expect(found.generator.lagP99Ms).toBe(61);
  });

  it('falsifies a level when a worker was too busy over the whole of it, and not for a moment', () => {
    const busy = (values: number[]): Level =>
      level(
        arriving,
        seconds(6).map((slice, n) => ({ ...slice, busy: values[n] ?? 0 })),
        'p95<500ms',
      );
    expect(busy([0.3, 0.99, 0.3, 0.3, 0.3, 0.3]).valid).toBe(true);
    expect(busy([0.9, 0.9, 0.9, 0.9, 0.9, 0.9]).valid).toBe(false);
  });
});

describe('an open trial whose target does not keep up', () => {
  const offered: Trial = {
    experiment: 'run',
    purpose: 'a test',
    load: { kind: 'open', ratePerSecond: 100, arrivals: 'poisson' },
    durationMs: 6000,
    minDone: 0,
    maxDurationMs: 6000,
    maxInFlight: 1000,
  };
  const judgedWith = (donePerSecond: number): Level =>
    measure(
      offered,
      Array.from({ length: 6 }, (_, n) =>
        secondOf(
          n,
          Array.from({ length: donePerSecond }, () => 40),
          { due: 100, sent: 100 },
        ),
      ),
      {
        objectives: parseObjectives('p95<500ms'),
        startMs: 0,
        heldMs: 6000,
        spentMs: 6000,
        stoppedEarly: null,
      },
    );

  it('does not hold, however fast its answers still are', () => {
    const level = judgedWith(70);
    expect(level.growing).toBe(true);
    expect(level.objectives[0]).toMatchObject({ met: false });
  });

  it('is told from chance: of 300 that came 27 more than went prove nothing', () => {
    expect(judgedWith(91).growing).toBe(false);
    expect(judgedWith(100).growing).toBe(false);
  });
});

describe('a trial that was over before it began', () => {
  it('is a level of nulls', () => {
    const found = level(users, [], 'p95<500ms,errors<1%', { heldMs: 1, stoppedEarly: 'interrupt' });
    expect(found).toMatchObject({ throughput: null, inFlight: null, stoppedEarly: 'interrupt', valid: true });
    expect(found.requests).toEqual({
      due: 0,
      sent: 0,
      done: 0,
      failed: 0,
      dropped: 0,
      unfinished: 0,
      retried: 0,
    });
    expect(JSON.stringify(found)).not.toContain('NaN');
    const numbers = Object.values(found.response).filter((value) => typeof value === 'number');
    expect(numbers).toEqual([]);
  });
});

describe('a load that no search weighs', () => {
  const metOf = (values: readonly number[], slo: string, alone: boolean): (boolean | null)[] =>
    level(
      users,
      [secondOf(0, values), secondOf(1, values)],
      slo,
      alone ? { alone: true } : {},
    ).objectives.map(({ met }) => met);

  it('leaves open what so few requests cannot tell', () => {
    const forty = Array.from({ length: 20 }, () => 5);
    expect(metOf(forty, 'p95<9ms,errors<1%,p99.9<9ms', true)).toEqual([true, true, null]);
    expect(metOf(forty, 'p95<9ms,errors<1%,p99.9<9ms', false)).toEqual([true, true, true]);
    expect(metOf(oneToHundred, 'errors<1%', true)).toEqual([true]);
  });

  it('says what it saw where a limit was broken', () => {
    expect(metOf([5, 30], 'p95<9ms', true)).toEqual([false]);
  });

  it('leaves a throughput open that its interval holds', () => {
    const throughput = (limit: number): boolean | null | undefined =>
      level(users, seconds(12), `throughput>${limit}/s`, { alone: true }).objectives[0]?.met;
    expect([throughput(90), throughput(110)]).toEqual([true, false]);
  });
});

describe('a target that is away', () => {
  const gone = (kinds: Record<string, number>): Slice => {
    const failed = Object.values(kinds).reduce((sum, each) => sum + each, 0);
    return aSlice({ startMs: 1000, done: failed, failed, errors: kinds });
  };

  it.each([
    [{ 'connect.refused': 40 }, ['target.away']],
    [{ 'connect.refused': 37, reset: 3 }, ['target.away']],
    [{ 'connect.refused': 37, timeout: 3 }, []],
    [{ 'http.503': 40 }, []],
    [{ reset: 40 }, []],
  ])('for a whole second, with %o, leaves nothing to believe: %o', (kinds, codes) => {
    const found = level(
      users,
      [secondOf(0, oneToHundred), gone(kinds), secondOf(2, oneToHundred)],
      'errors<1%',
    );
    expect(found.invalidReasons.map(({ code }) => code)).toEqual(codes);
    expect(found.valid).toBe(codes.length === 0);
  });
});

describe('an objective on a step', () => {
  const withStep = (values: readonly number[], at = 0): Slice => ({
    ...secondOf(at, [5]),
    steps: { ttft: { done: values.length, failed: 0, response: timesOf(values) } },
  });

  it('is judged by the times of that step', () => {
    const [judged] = level(
      arriving,
      [withStep(oneToHundred), withStep(oneToHundred, 1)],
      'ttft.p95<95.5ms',
    ).objectives;
    expect(judged).toMatchObject({ metric: 'step.ttft.p95', met: true, bad: 10, of: 200 });
    const [missed] = level(arriving, [withStep(oneToHundred)], 'ttft.p95<90ms').objectives;
    expect(missed).toMatchObject({ met: false, bad: 10 });
  });

  it('of which there is none is unknown', () => {
    expect(level(arriving, [withStep(oneToHundred)], 'other.p95<90ms').objectives[0]?.met).toBeNull();
    expect(level(arriving, [secondOf(0, [5])], 'ttft.mean<90ms').objectives[0]?.met).toBeNull();
  });
});

describe('an objective on the time of a queue', () => {
  /** A second in which jobs were taken, and some of them done after these times; sessions given up began in it. */
  const withJobs = (at: number, enqueued: number, doneMs: readonly number[], givenUp = 0): Slice => {
    const completed = doneMs.length;
    const ended = { done: enqueued, failed: 0, good: enqueued, dropped: 0, duration: timesOf([5]) };
    return {
      ...secondOf(at, [5]),
      sessions: { ...ended, due: enqueued + givenUp, started: enqueued + givenUp },
      steps: { completion: { done: completed, failed: 0, response: timesOf(doneMs) } },
      queues: {
        completion: { enqueued, completed, completedTicks: [completed, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
      },
    };
  };
  const fast = (count: number): number[] => new Array<number>(count).fill(52);
  const met = (load: Load, slices: readonly Slice[], slo: string) =>
    level(load, slices, slo, { alone: true }).objectives[0];

  it.each([users, arriving])('counts a job that was never done as later than any limit: %j', (load) => {
    const lossy = [0, 1, 2].map((at) => withJobs(at, 59, fast(47)));
    expect(met(load, lossy, 'completion.p95<500ms')).toMatchObject({
      met: false,
      value: null,
      bad: 36,
      of: 177,
    });
    expect(met(load, lossy, 'completion.p75<500ms')).toMatchObject({ met: true, bad: 36 });
    expect(met(load, lossy, 'completion.max<500ms')).toMatchObject({ met: false, value: null });
    expect(met(load, lossy, 'completion.mean<500ms')).toMatchObject({ met: null, value: null });
    expect(met(load, lossy, 'completion.mean<50ms')?.met).toBe(false);
  });

  it('is broken where none was ever done', () => {
    expect(met(users, [withJobs(0, 59, [])], 'completion.p95<500ms')).toMatchObject({ met: false, of: 59 });
  });

  it('is undetermined where those jobs could still have been in time', () => {
    const cut = [withJobs(0, 60, fast(60)), withJobs(1, 60, fast(47), 13)];
    expect(met(users, cut, 'completion.p95<500ms')?.met).toBeNull();
    expect(met(users, cut, 'completion.max<500ms')?.met).toBeNull();
    expect(met(users, cut, 'completion.p85<500ms')?.met).toBe(true);
    // They were waited for longer than the limit.
    const waited = [...cut, withJobs(2, 0, [])];
    expect(met(users, waited, 'completion.p95<500ms')?.met).toBe(false);
  });

  it('is undetermined where it is broken only by what was lost in the warm-up', () => {
    // The first tenth of twenty seconds is left out: 5.2 % of what is judged, and 4.9 % of all.
    const few = Array.from({ length: 20 }, (_, at) =>
      withJobs(at, at === 0 ? 53 : 50, fast(at === 0 ? 4 : 50)),
    );
    expect(met(arriving, few, 'completion.p95<500ms')).toMatchObject({ met: null, bad: 49, of: 949 });
  });

  it('is judged as ever where all are done', () => {
    const done = [withJobs(0, 60, fast(60))];
    expect(met(users, done, 'completion.max<500ms')).toMatchObject({ met: true });
  });
});

describe('messages of WebSockets', () => {
  const counted = {
    sent: 3,
    received: 9,
    numbered: 9,
    duplicated: 2,
    reordered: 1,
    closedByTarget: { 1006: 1 },
    slowChannels: 0,
    slowPausedMs: 0,
    slowLost: 0,
    slowClosedByTarget: {},
  };

  it('are of the whole trial, and what came late in another second is not lost', () => {
    const slices = [
      aSlice({ messages: { ...counted, lost: 5 } }),
      aSlice({ startMs: 1000, messages: { ...counted, lost: -2 } }),
      aSlice({ startMs: 2000 }),
    ];
    expect(level(users, slices, 'errors<1%').messages).toEqual({
      sent: 6,
      received: 18,
      numbered: 18,
      lost: 3,
      duplicated: 4,
      reordered: 2,
      closedByTarget: { 1006: 2 },
      slow: null,
    });
  });

  it('are unknown where there were none, and so are losses where no sequence was expected', () => {
    expect(level(users, seconds(2), 'errors<1%').messages).toBeNull();
    const unnumbered = { ...counted, numbered: 0, lost: 0, duplicated: 0, reordered: 0 };
    expect(level(users, [aSlice({ messages: unnumbered })], 'errors<1%').messages).toMatchObject({
      received: 9,
      lost: null,
      duplicated: null,
      reordered: null,
    });
  });

  it('break a level by what was lost, though no request failed: a share of what should have come', () => {
    const heard = (lost: number, numbered = 97): Slice =>
      secondOf(0, [4, 5], { messages: { ...counted, numbered, lost, duplicated: 0, reordered: 1 } });
    const found = level(users, [heard(3), heard(5), heard(-2)], 'p95<500ms,errors<1%,lost<2%,reordered<2%');
    expect(found.objectives.map(({ met }) => met)).toEqual([true, true, false, true]);
    expect(found.objectives[2]).toMatchObject({ metric: 'lost', bad: 6, of: 297, value: 6 / 297 });
    expect(found.objectives[3]).toMatchObject({ bad: 3, of: 291 });
  });

  it('of which none was numbered leave an objective on them unknown', () => {
    const silent = { ...counted, numbered: 0, lost: 0, duplicated: 0, reordered: 0 };
    const found = level(users, [secondOf(0, [4, 5], { messages: silent })], 'lost<2%,duplicated<1%');
    expect(found.objectives.map(({ met, value }) => [met, value])).toEqual([
      [null, null],
      [null, null],
    ]);
  });

  it('of channels that did not read are told apart', () => {
    const slow = { slowChannels: 2, slowPausedMs: 730, slowLost: 4, slowClosedByTarget: { 1013: 1 } };
    const slices = [
      aSlice({ messages: { ...counted, lost: 5, ...slow } }),
      aSlice({ startMs: 1000, messages: { ...counted, lost: -1, slowLost: -1, slowPausedMs: 20 } }),
    ];
    expect(level(users, slices, 'errors<1%').messages?.slow).toEqual({
      channels: 2,
      pausedMs: 750,
      lost: 3,
      closedByTarget: { 1013: 1 },
    });
  });

  it('that were copied are a share of those that came, and no part of what should have come', () => {
    const messages = { ...counted, numbered: 110, lost: 4, duplicated: 10, reordered: 0 };
    const [lost, copied] = level(users, [secondOf(0, [4], { messages })], 'lost<4%,duplicated<9%').objectives;
    expect([lost?.bad, lost?.of, lost?.met]).toEqual([4, 104, true]);
    expect([copied?.bad, copied?.of, copied?.met]).toEqual([10, 110, false]);
  });

  it('that all were lost are known, though none came', () => {
    const messages = { ...counted, received: 0, numbered: 0, lost: 20, duplicated: 0, reordered: 0 };
    expect(level(users, [aSlice({ messages })], 'errors<1%').messages?.lost).toBe(20);
  });
});

describe('a function, which runs in the threads of the generator', () => {
  const late = seconds(4).map((slice) => ({ ...slice, busy: 0.02, lag: timesOf([800, 900]) }));

  it('is not falsified by calls that waited for the thread: that is in their response', () => {
    const codes = (inThread: boolean): string[] =>
      level(arriving, late, 'p95<500ms', { inThread }).invalidReasons.map(({ code }) => code);
    expect(codes(false)).toEqual(['generator.lag']);
    expect(codes(true)).toEqual([]);
  });

  it('costs the processor time of the process over its sessions, and nothing is known where that is not', () => {
    const sessions = {
      due: 25,
      started: 25,
      done: 25,
      failed: 0,
      good: 25,
      dropped: 0,
      duration: timesOf([7]),
    };
    const played = seconds(4).map((slice) => ({ ...slice, sessions }));
    const cost = (change: Partial<MeasureOptions>): number | null =>
      level(arriving, played, 'p95<500ms', change).target.cpuMsPerSession;
    // 0.3 cores for 4 s, 100 sessions
    expect(cost({ inThread: true, target: { cpuCores: 0.3 } })).toBeCloseTo(12, 9);
    expect(cost({ inThread: true })).toBeNull();
    expect(cost({ target: { cpuCores: 0.3 } })).toBeNull();
  });
});

describe('good sessions per second', () => {
  /** A second of sessions: so many ended well at each tenth, the last so many of them late. */
  const played = (n: number, ticks: readonly number[], late: number, failed = 0): Slice => {
    const well = ticks.reduce((sum, tick) => sum + tick, 0);
    const done = well + failed;
    const ended = { due: done, started: done, done, failed, good: Math.max(0, well - late), dropped: 0 };
    return aSlice({
      startMs: n * 1000,
      goodTicks: ticks,
      inFlightMs: 700,
      sessions: { ...ended, duration: timesOf(ticks.slice(0, well).map(() => 40)) },
    });
  };
  const tenth = [3, 1, 2, 1, 2, 1, 2, 1, 1, 1];

  it('leave out what ended after the load had ended, and the totals do not', () => {
    const slices = [0, 1, 2, 3, 4, 5, 6].map((n) => played(n, tenth, 5));
    const { sessions, throughput } = level(arriving, slices, 'p95<500ms', { heldMs: 4000 });
    expect(throughput?.value).toBeCloseTo(15, 9);
    expect(sessions?.goodPerSecond).toBeCloseTo(10, 9);
    expect(sessions).toMatchObject({ done: 105, good: 70 });
  });

  it('are none where none was good, and unknown where the throughput is', () => {
    const late = level(arriving, [played(0, tenth, 15), played(1, tenth, 15)], 'p95<500ms');
    expect(late.sessions?.goodPerSecond).toBe(0);
    const failed = level(arriving, [played(0, tenth, 0), played(1, tenth, 0)], 'p95<500ms', { heldMs: 0 });
    expect(failed.throughput).toBeNull();
    expect(failed.sessions?.goodPerSecond).toBeNull();
  });

  const second = fc.record({
    ticks: fc.array(fc.nat(7), { minLength: 10, maxLength: 10 }),
    late: fc.nat(9),
    failed: fc.nat(3),
  });
  it('are never above the throughput, and equal it where no session was late', () => {
    fc.assert(
      fc.property(
        fc.array(second, { minLength: 1, maxLength: 24 }),
        fc.nat(8),
        fc.constantFrom(users, arriving),
        (drawn, after, load) => {
          const slices = drawn.map(({ ticks, late, failed }, n) => played(n, ticks, late, failed));
          const heldMs = 1000 * Math.max(1, drawn.length - after);
          const { sessions, throughput } = level(load, slices, 'p95<500ms', { heldMs });
          expect(sessions?.goodPerSecond ?? 0).toBeLessThanOrEqual(throughput?.value ?? 0);
          expect(sessions?.good).toBeLessThanOrEqual(sessions?.done ?? 0);
          const prompt = drawn.map(({ ticks, failed }, n) => played(n, ticks, 0, failed));
          const all = level(load, prompt, 'p95<500ms', { heldMs });
          const perSecond = all.sessions?.goodPerSecond ?? null;
          if (perSecond !== null) expect(perSecond).toBe(all.throughput?.value);
        },
      ),
    );
  });
});
