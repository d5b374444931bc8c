import { describe, expect, it } from 'vitest';
import { aLevel, closed, judged } from '../../test/kit/levels.ts';
import type { Level } from '../model/report.ts';
import { profileChecks, profileStatement } from './profileChecks.ts';

/** A level whose throughput and p95 are known to so many percent. */
function level(
  users: number,
  throughput: number,
  p95: number,
  change: Partial<Level> = {},
  percent = 2,
): Level {
  const near = (value: number, unit: string) => ({
    value,
    low: value * (1 - percent / 100),
    high: value * (1 + percent / 100),
    unit,
    method: '',
  });
  return aLevel(closed(users), throughput, p95, {
    throughput: near(throughput, '1/s'),
    responseP95: near(p95, 'ms'),
    objectives: judged(true),
    ...change,
  });
}

const mets = (name: Parameters<typeof profileChecks>[0], levels: readonly Level[]): (boolean | null)[] =>
  profileChecks(name, levels).map(({ met }) => met);

describe('a linear profile', () => {
  it('shows efficiency and degradation, with their intervals', () => {
    const checks = profileChecks('linear', [level(1, 20, 50), level(10, 170, 70)]);
    expect(checks.map(({ value }) => value)).toEqual([1, expect.closeTo(0.85, 9), expect.closeTo(1.4, 9)]);
    expect(checks[1]?.low).toBeCloseTo(((170 * 0.98) / (20 * 1.02)) * 0.1, 9);
    expect(checks.map(({ met }) => met)).toEqual([true, true, true]);
  });

  it('is not passed below 80 % of linear, or where the time doubles', () => {
    expect(mets('linear', [level(1, 20, 50), level(10, 120, 130)])).toEqual([true, false, false]);
  });

  it('leaves open what its intervals do not tell', () => {
    expect(mets('linear', [level(1, 20, 50), level(10, 162, 99)])).toEqual([true, null, null]);
  });
});

describe('a burst', () => {
  it('is recovered from where the time afterwards is that of before', () => {
    expect(mets('burst', [level(2, 40, 50), level(20, 300, 90), level(2, 40, 52)])).toEqual([true, true]);
    expect(mets('burst', [level(2, 40, 50), level(20, 300, 90), level(2, 30, 90)])).toEqual([true, false]);
  });

  it('is not held where one stage breaks, and not judged where one cannot be', () => {
    const broken = level(20, 300, 900, { objectives: judged(false) });
    const unknown = level(20, 300, 90, { objectives: judged(null) });
    expect(mets('burst', [level(2, 40, 50), broken, level(2, 40, 50)])[0]).toBe(false);
    expect(mets('burst', [level(2, 40, 50), unknown, level(2, 40, 50)])[0]).toBeNull();
    expect(mets('burst', [level(2, 40, 50), level(2, 40, 50, { valid: false })])).toEqual([null, null]);
  });
});

it('a long hold shows drift of time and of throughput', () => {
  expect(mets('soak', [level(5, 100, 50), level(5, 99, 51)])).toEqual([true, true, true]);
  expect(mets('soak', [level(5, 100, 50), level(5, 80, 80)])).toEqual([true, false, false]);
});

it('stress shows the load that breaks, and whether the target comes back', () => {
  const broken = level(64, 300, 900, { objectives: judged(false) });
  const checks = profileChecks('stress', [level(1, 20, 50), broken, level(1, 20, 51)]);
  expect(checks.map(({ value, met }) => [value, met])).toEqual([
    [64, true],
    [expect.closeTo(1.02, 9), true],
  ]);
  expect(mets('stress', [level(1, 20, 50), level(1, 20, 51)])).toEqual([null, true]);
});

it('stress has not come back where the objectives break afterwards, however fast', () => {
  const broken = level(64, 300, 900, { objectives: judged(false) });
  const after = level(1, 0, 2, { objectives: judged(false) });
  expect(mets('stress', [level(1, 20, 50), broken, after])).toEqual([true, false]);
});

it('one end of an interval is enough where it decides', () => {
  const open = { value: 60, low: 55, high: null, unit: 'ms', method: '' };
  const slow = level(20, 300, 90, { responseP95: { ...open, value: 300, low: 250 } });
  expect(mets('ramp', [level(2, 40, 50), slow])).toEqual([true, false]);
  expect(mets('ramp', [level(2, 40, 50, { responseP95: open }), level(20, 300, 52)])).toEqual([true, true]);
});

it('is told in a sentence', () => {
  const told = (levels: readonly Level[]): string =>
    profileStatement({ name: 'burst', checks: profileChecks('burst', levels) }, levels);
  expect(told([level(2, 40, 50), level(2, 40, 52)])).toBe('Burst: passed, at 2 stages.');
  expect(told([level(2, 40, 50), level(2, 40, 90)])).toBe('Burst: not passed (p95 afterwards over before).');
  expect(told([level(2, 40, 50), level(2, 40, 76)])).toBe(
    'Burst: could not be judged (p95 afterwards over before).',
  );
  expect(told([])).toBe('Burst: nothing was measured.');
});
