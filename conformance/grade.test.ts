import { describe, expect, it } from 'vitest';
import type { Report } from '../src/model/report.ts';
import type { Case, Truth } from './cases.ts';
import { grade, median, verdictOf, wrongCount, type Evidence } from './grade.ts';
import { stalledQuantileMs } from './stall.ts';

const truth: Truth = { capacityPerSecond: 163, mostPerSecond: 200, kneeUsers: 4, cliffAbove: null };

const each = (changes: Partial<Truth> = {}): Case => ({
  name: 'four',
  target: { kind: 'workers', servers: 4, serviceMs: 20, distribution: 'fixed' },
  slo: 'p95<100ms,errors<1%',
  truth: () => ({ ...truth, ...changes }),
  standardTolerance: 0.03,
  exit: [0],
  why: 'a test',
});

function evidence(
  value: number,
  low: number,
  high: number,
  users = 4,
  cliffUsers: number | null = null,
): Evidence {
  const report = {
    experiments: [],
    requests: { due: 900, sent: 900, done: 890, failed: 7, dropped: 0, unfinished: 10, retried: 0 },
    scaling: null,
    capacity: {
      sustainable: { value, low, high },
      knee: { users },
      cliff: cliffUsers === null ? null : { users: cliffUsers },
      maxThroughput: { value: 199 },
      atLeast: false,
      limitedBy: 'objective',
    },
  } as unknown as Report;
  return {
    report,
    counted: { answered: 890, ok: 883, lost: 0, resets: 0 },
    exit: 0,
    wallSeconds: 80,
  };
}

const missed = (budget: 'quick' | 'standard', seen: Evidence, changes: Partial<Truth> = {}): string[] =>
  grade(each(changes), budget, 1, seen).misses.map((miss) => miss.goal);

describe('grading', () => {
  it('allows 7 % in a quick run and 3 % in a standard one', () => {
    expect(missed('quick', evidence(172, 160, 180))).toEqual([]);
    expect(missed('standard', evidence(172, 160, 180))).toEqual(['capacity']);
    expect(missed('quick', evidence(176, 160, 180))).toEqual(['capacity']);
  });

  it('misses an interval that does not hold the truth', () => {
    expect(missed('quick', evidence(166, 164, 180))).toEqual(['interval']);
  });

  it('misses a false cliff, a cliff that was not found and one in the wrong place', () => {
    expect(missed('quick', evidence(163, 160, 170, 4, 64))).toEqual(['cliff']);
    expect(missed('quick', evidence(163, 160, 170, 4), { cliffAbove: 40 })).toEqual(['cliff']);
    expect(missed('quick', evidence(163, 160, 170, 4, 64), { cliffAbove: 40 })).toEqual(['cliff']);
    expect(missed('quick', evidence(163, 160, 170, 4, 45), { cliffAbove: 40 })).toEqual([]);
  });

  it('misses a knee that is off by more than one level', () => {
    const measured = (knee: number, users: readonly number[]): string[] => {
      const seen = evidence(163, 160, 170, knee);
      const levels = users.map((count) => ({
        load: { kind: 'closed', users: count },
        valid: true,
        errors: { byKind: {} },
      }));
      return missed('quick', {
        ...seen,
        report: { ...seen.report, experiments: [{ levels }] } as unknown as Report,
      });
    };
    expect(measured(6.4, [1, 2, 4, 8, 16])).toEqual([]);
    expect(measured(6.4, [1, 2, 4, 5, 6, 8])).toEqual(['knee']);
    expect(measured(2.5, [1, 2, 3, 4])).toEqual([]);
    expect(measured(8.3, [1, 2, 4, 16])).toEqual(['knee']);
  });

  it('misses a report that is not there, a wrong exit and a run that took too long', () => {
    const seen = { ...evidence(163, 160, 170), report: null, exit: 4, wallSeconds: 91 };
    expect(missed('quick', seen)).toEqual(['exit', 'time', 'report']);
  });

  it('wants 0 where nothing is safe', () => {
    expect(missed('quick', evidence(0, 0, 0), { capacityPerSecond: 0 })).toEqual([]);
    expect(missed('quick', evidence(3, 2, 4), { capacityPerSecond: 0 })).toEqual(['capacity', 'interval']);
  });

  it('judges by the median of repeats, and coverage over all runs', () => {
    const rows = [170, 190, 160].map((value, i) => grade(each(), 'quick', i + 1, evidence(value, 150, 200)));
    const verdict = verdictOf([each()], 'quick', rows);
    expect(verdict.passed).toBe(true);
    const uncovered = rows.map((row) => ({ ...row, covered: false }));
    expect(verdictOf([each()], 'quick', uncovered).passed).toBe(false);
    expect(median([3, 1, 2, 10])).toBe(2.5);
  });
});

describe('counts', () => {
  const requests = { done: 890, failed: 7, unfinished: 0 };

  it('must agree to the request', () => {
    expect(wrongCount(requests, { answered: 890, ok: 883, lost: 0, resets: 0 }, false)).toBeNull();
    expect(wrongCount(requests, { answered: 891, ok: 884, lost: 0, resets: 0 }, false)).toContain('884');
    expect(wrongCount(requests, { answered: 889, ok: 883, lost: 0, resets: 0 }, false)).toContain('889');
  });

  it('leave open what was given up, and expect no answer of a reset connection', () => {
    expect(
      wrongCount({ ...requests, unfinished: 3 }, { answered: 892, ok: 885, lost: 0, resets: 0 }, false),
    ).toBeNull();
    expect(wrongCount(requests, { answered: 883, ok: 883, lost: 0, resets: 7 }, true)).toBeNull();
  });
});

describe('the stall', () => {
  it('is met by one request in twenty (GT16)', () => {
    const ms = [0.9, 0.96, 0.99, 0.999].map((quantile) => stalledQuantileMs(quantile, 0.05));
    expect(ms.map(Math.round)).toEqual([5, 205, 805, 985]);
  });
});
