import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyLoad, conditionalThroughput, relevantBounds } from './mlrsearch.ts';
import type { LoadTrial } from './mlrsearch.ts';

function trials(
  ...groups: readonly (readonly [count: number, seconds: number, loss: number])[]
): LoadTrial[] {
  return groups.flatMap(([count, durationSeconds, lossRatio]) =>
    Array.from({ length: count }, () => ({ durationSeconds, lossRatio })),
  );
}

// Goals and trials of draft-ietf-bmwg-mlrsearch-15, appendices with examples.
const goals = {
  'RFC 2544': { finalTrialSeconds: 60, durationSumSeconds: 60, lossRatio: 0, exceedRatio: 0 },
  TST009: { finalTrialSeconds: 60, durationSumSeconds: 120, lossRatio: 0, exceedRatio: 0.5 },
  '1 s final': { finalTrialSeconds: 1, durationSumSeconds: 120, lossRatio: 0.005, exceedRatio: 0.5 },
  '20 % exceed': { finalTrialSeconds: 60, durationSumSeconds: 60, lossRatio: 0.005, exceedRatio: 0.2 },
};
const points = [
  trials([59, 1, 0]),
  trials([59, 1, 0], [1, 1, 0.01]),
  trials([59, 1, 0], [60, 1, 0.01]),
  trials([60, 1, 0], [60, 1, 0.01]),
  trials([60, 1, 0], [60, 1, 0.01], [1, 60, 0.001]),
  trials([60, 1, 0], [60, 1, 0.01], [1, 60, 0.001], [1, 60, 0]),
];

describe('the class of a load', () => {
  it.each([
    ['RFC 2544', ['undecided', 'upper', 'upper', 'upper', 'upper', 'upper']],
    ['TST009', ['undecided', 'undecided', 'undecided', 'undecided', 'undecided', 'lower']],
    ['1 s final', ['undecided', 'undecided', 'undecided', 'lower', 'lower', 'lower']],
    // The draft prints "Lower Bound" for the last two. Its own code does not: 42.857 % and 27.273 % exceed 20 %.
    ['20 % exceed', ['undecided', 'undecided', 'upper', 'upper', 'upper', 'upper']],
  ] as const)('goes through the six points of the draft for goal %s', (goal, expected) => {
    expect(points.map((point) => classifyLoad(point, goals[goal]))).toEqual(expected);
  });

  it('is undecided without a trial', () => {
    expect(Object.values(goals).map((goal) => classifyLoad([], goal))).toEqual(Array(4).fill('undecided'));
  });

  it('does not depend on the order of trials, and is settled by enough time of one kind', () => {
    const trial = fc.record({
      durationSeconds: fc.integer({ min: 1, max: 40 }),
      lossRatio: fc.constantFrom(0, 0.004, 0.02),
    });
    fc.assert(
      fc.property(
        fc.array(trial, { maxLength: 12 }),
        fc.constantFrom(0, 0.25, 0.5, 0.8),
        (list, exceedRatio) => {
          const goal = { lossRatio: 0.01, exceedRatio, finalTrialSeconds: 30, durationSumSeconds: 90 };
          expect(classifyLoad([...list].reverse(), goal)).toBe(classifyLoad(list, goal));
          const bad = { durationSeconds: 1e6, lossRatio: 0.5 };
          expect(classifyLoad([...list, bad], goal)).toBe('upper');
          if (exceedRatio > 0) expect(classifyLoad([...list, { ...bad, lossRatio: 0 }], goal)).toBe('lower');
        },
      ),
    );
  });
});

describe('relevant bounds', () => {
  it('are the lowest upper bound and the highest lower bound below it', () => {
    expect(
      relevantBounds([
        { load: 700, class: 'lower' }, // above an upper bound: does not count
        { load: 130, class: 'lower' },
        { load: 410, class: 'upper' },
        { load: 260, class: 'lower' },
        { load: 900, class: 'upper' },
        { load: 330, class: 'undecided' },
      ]),
    ).toEqual({ lower: 260, upper: 410 });
  });

  it('are null where nothing is known', () => {
    expect(relevantBounds([])).toEqual({ lower: null, upper: null });
    expect(relevantBounds([{ load: 5, class: 'lower' }])).toEqual({ lower: 5, upper: null });
    expect(
      relevantBounds([
        { load: 3, class: 'upper' },
        { load: 8, class: 'lower' },
      ]),
    ).toEqual({ lower: null, upper: 3 });
  });
});

describe('conditional throughput', () => {
  it('is that of the draft at its last point, for a load of a million per second', () => {
    const last = points[5] ?? [];
    expect(conditionalThroughput(1e6, last, goals.TST009)).toBe(1e6);
    expect(conditionalThroughput(1e6, last, goals['1 s final'])).toBe(1e6);
    expect(conditionalThroughput(1e6, last, goals['20 % exceed'])).toBe(999_000);
  });

  it('counts missing time as all lost', () => {
    expect(conditionalThroughput(800, trials([1, 60, 0]), { ...goals.TST009, exceedRatio: 0.4 })).toBe(0);
    expect(conditionalThroughput(800, [], goals['RFC 2544'])).toBe(0);
  });
});
