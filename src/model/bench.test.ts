import { describe, expect, it } from 'vitest';
import { secondOf } from '../../test/kit/slices.ts';
import { benchStage, worstVerdict, type BenchCost, type BenchWishes } from './bench.ts';
import { measure } from './measure.ts';
import type { Level } from './report.ts';
import type { Slice } from './slice.ts';

const cost: BenchCost = {
  load: 7,
  awaited: true,
  ownMs: 0,
  waitedMs: 0,
  cpuMs: 240,
  memoryBytes: 36_000,
  memoryOf: 'heap',
  lastError: '',
};

/** Six seconds of 200 operations each. */
function level(change: Partial<Slice> = {}): Level {
  const slices = Array.from({ length: 6 }, (_, n) => secondOf(n, new Array<number>(200).fill(3), change));
  const load = { kind: 'closed', users: 7 } as const;
  return measure(
    {
      experiment: 'bench',
      purpose: '',
      load,
      durationMs: 6000,
      minDone: 0,
      maxDurationMs: 6000,
      maxInFlight: 7,
    },
    slices,
    { objectives: [], startMs: 0, heldMs: 6000, spentMs: 6000, stoppedEarly: null, inThread: true },
  );
}

const asked = (acceptable: number): BenchWishes => ({ target: 400, acceptable });
const verdict = (acceptable: number, change: Partial<BenchCost> = {}): string | null =>
  benchStage(level(), { ...cost, ...change }, asked(acceptable)).verdict;

describe('a benchmark at one load', () => {
  it('is told with its rate, the ratios to what was wished for, and its cost for 1,000 operations', () => {
    const stage = benchStage(level(), cost, asked(160));
    expect(stage.perSecond).toMatchObject({ value: 200, unit: 'operations/s' });
    expect(stage).toMatchObject({
      load: 7,
      ofTarget: 0.5,
      ofAcceptable: 1.25,
      verdict: 'met',
      atLeast: false,
    });
    expect(stage.operations).toEqual({ done: 1200, failed: 0, unfinished: 0 });
    expect([stage.cpuMsPerThousand, stage.memoryBytesPerThousand]).toEqual([200, 30_000]);
    expect(stage.response.p99).toBeCloseTo(3, 2);
  });

  it('is met and missed by its interval', () => {
    // The same in every tenth of a second: the interval is a point.
    expect([verdict(199), verdict(201)]).toEqual(['met', 'missed']);
    const scattered = level();
    const wide = { ...scattered, throughput: { ...scattered.throughput!, low: 170, high: 230 } };
    const judged = (acceptable: number) => benchStage(wide, cost, asked(acceptable)).verdict;
    expect([169, 171, 200, 229, 231].map(judged)).toEqual([
      'met',
      'undecided',
      'undecided',
      'undecided',
      'missed',
    ]);
  });

  it('misses nothing that it could have met with the whole thread', () => {
    // 0.3 ms of the generator for each of 200: 6 %. 840 of 6,000 ms without a core: 14 %.
    const lost = { ownMs: 0.3, waitedMs: 840 };
    const stage = benchStage(level(), { ...cost, ...lost }, asked(240));
    expect(stage).toMatchObject({ atLeast: true, verdict: 'undecided' });
    expect([stage.ownShare, stage.waitedShare]).toEqual([0.06, 0.14]);
    expect(verdict(251, lost)).toBe('missed');
    expect(verdict(199, lost)).toBe('met');
  });

  it('is missed with any operation that failed or never ended, asked for or not', () => {
    const nothing = { target: null, acceptable: null };
    expect(benchStage(level({ failed: 1, errors: { script: 1 } }), cost, nothing).verdict).toBe('missed');
    expect(benchStage(level({ sent: 201, due: 201 }), cost, asked(3)).verdict).toBe('missed');
    expect(benchStage(level(), cost, nothing)).toMatchObject({
      verdict: null,
      ofTarget: null,
      ofAcceptable: null,
    });
  });

  it('knows no cost of what was never done', () => {
    const none = level({ done: 0, sent: 0, due: 0, goodTicks: new Array<number>(10).fill(0) });
    const stage = benchStage(none, { ...cost, waitedMs: null }, asked(3));
    expect(stage).toMatchObject({
      cpuMsPerThousand: null,
      memoryBytesPerThousand: null,
      ownShare: null,
      waitedShare: null,
    });
  });
});

it('all loads together are as good as the worst', () => {
  const of = (...verdicts: ('met' | 'missed' | 'undecided' | null)[]) =>
    worstVerdict(verdicts.map((each) => ({ verdict: each })));
  expect(of('met', 'undecided', 'missed')).toBe('missed');
  expect(of('met', 'undecided', null)).toBe('undecided');
  expect([of('met', null), of(null), of()]).toEqual(['met', null, null]);
});
