import { describe, expect, it } from 'vitest';
import { aCapacity, type BareCapacity } from '../../test/kit/capacities.ts';
import { aLevel, closed, estimate, judged, open } from '../../test/kit/levels.ts';
import { parseObjectives } from '../model/objectives.ts';
import type { Level, Report } from '../model/report.ts';
import { between, capacityStatement, validity, verdictOf } from './verdict.ts';

const objectives = parseObjectives('p95<500ms,errors<1%');
const believed: Report['validity'] = { ok: true, reasons: [] };

describe('the verdict on an assessment', () => {
  const verdict = (capacity: BareCapacity | null, slo = 'p95<500ms', valid = believed): string =>
    verdictOf({ validity: valid, capacity, objectives: parseObjectives(slo), level: null });

  it.each([
    ['a capacity that was confirmed', {}, 'pass'],
    ['a capacity of 0', { sustainable: estimate(0, 0) }, 'fail'],
    [
      'a load line that did not hold',
      { confirmed: { ratePerSecond: 147, durationMs: 6000, held: false } },
      'fail',
    ],
    ['a capacity that was not found', { sustainable: null }, 'inconclusive'],
    ['a limit of the generator', { limitedBy: 'generator', atLeast: true }, 'inconclusive'],
    ['a search that was not confirmed', { confirmed: null }, 'pass'],
  ] as const)('of %s', (_what, change, expected) => expect(verdict(aCapacity(change))).toBe(expected));

  it('of nothing but a baseline is inconclusive', () => expect(verdict(null)).toBe('inconclusive'));

  it('of a run that may not be believed is inconclusive', () => {
    const doubted = { ok: false, reasons: [{ code: 'stopped.interrupt', statement: 'interrupted' }] };
    expect(verdict(aCapacity(), 'p95<500ms', doubted)).toBe('inconclusive');
  });

  // The capacity lies between 184 and 197.
  it.each([
    [180, 'pass'],
    [190, 'inconclusive'],
    [200, 'fail'],
  ])('where %d/s are wanted is %s', (wanted, expected) => {
    expect(verdict(aCapacity(), `throughput>${wanted}/s`)).toBe(expected);
  });
});

describe('the verdict on one held load', () => {
  const verdict = (change: Partial<Level>, valid = believed): string =>
    verdictOf({ validity: valid, capacity: null, objectives, level: aLevel(closed(6), 140, 40, change) });

  it('is whether its objectives were met', () => {
    expect(verdict({})).toBe('pass');
    expect(verdict({ objectives: judged(false) })).toBe('fail');
  });

  it('is inconclusive where one could not be judged', () => {
    expect(verdict({ objectives: judged(null) })).toBe('inconclusive');
  });

  it('is inconclusive where the generator falsified it', () => {
    expect(verdict({ valid: false })).toBe('inconclusive');
    expect(verdict({ valid: false, objectives: judged(false) })).toBe('inconclusive');
  });
});

describe('whether a run may be believed', () => {
  const levels = [aLevel(closed(1), 20, 50), aLevel(open(90), 89, 61)];
  const late = { code: 'generator.lag', statement: 'late' };

  it('it may, when it came to its end', () => {
    expect(validity(levels, aCapacity(), null)).toEqual(believed);
  });

  it.each([
    ['interrupt', 'stopped.interrupt'],
    ['time-limit', 'stopped.time-limit'],
    ['target-died', 'stopped.target-died'],
  ] as const)('it may not, when it was ended by %s', (stopped, code) => {
    expect(validity(levels, aCapacity(), stopped)).toMatchObject({ ok: false, reasons: [{ code }] });
  });

  it('it may, though some levels were falsified, and not when all were', () => {
    const [first, second] = levels as [Level, Level];
    const falsified = { valid: false, invalidReasons: [late] };
    expect(validity([first, { ...second, ...falsified }], aCapacity(), null).ok).toBe(true);
    expect(validity([{ ...first, ...falsified }], null, null)).toEqual({ ok: false, reasons: [late] });
  });

  it('it may not, where the generator was the limit', () => {
    expect(validity(levels, aCapacity({ limitedBy: 'generator' }), null).reasons[0]?.code).toBe(
      'generator.limit',
    );
  });
});

describe('the one sentence', () => {
  const statement = (change: Partial<BareCapacity>): string =>
    capacityStatement(aCapacity(change), objectives);

  it.each([
    ['what is safe', {}, 'Safe to 147 requests per second.'],
    [
      'that nothing is',
      { sustainable: estimate(0, 0) },
      'No safe load: nothing that was tried holds p95 < 500 ms and errors < 1 %.',
    ],
    [
      'that nothing was found',
      { sustainable: null, bracket: { highestGood: null, lowestBad: null } },
      'The capacity was not found.',
    ],
    [
      'that the generator was the limit',
      { limitedBy: 'generator', atLeast: true },
      'At least 213 requests per second: the generator was the limit, not the target.',
    ],
    [
      'that no higher load was tried',
      { atLeast: true },
      'At least 184 requests per second hold p95 < 500 ms and errors < 1 %: no higher load was tried.',
    ],
  ] as const)('says %s', (_what, change, expected) => expect(statement(change)).toBe(expected));

  it('promises nothing that did not hold again', () => {
    expect(statement({ safeLoad: null })).toContain('No safe load can be promised');
  });
});

describe('an interval', () => {
  it.each([
    [{ value: 210, low: 206, high: 214 }, '210 ± 4'],
    [{ value: 206, low: 204, high: 219 }, '204 to 219'],
    [{ value: 206, low: null, high: 219 }, 'at most 219'],
    [{ value: 206, low: 204, high: null }, 'at least 204'],
    [{ value: 206, low: null, high: null }, '206 (interval unknown)'],
  ])('%o reads %s', (given, expected) => expect(between(given)).toBe(expected));
});

describe('a target that was away', () => {
  const gone = aLevel(closed(4), 27, 40, {
    valid: false,
    invalidReasons: [{ code: 'target.away', statement: 'the target was away' }],
  });
  const valid = validity([aLevel(closed(1), 19, 52), gone], aCapacity(), null);

  it('makes the run one that may not be believed, whatever it found', () => {
    expect(valid).toMatchObject({ ok: false, reasons: [{ code: 'target.away' }] });
    expect(verdictOf({ validity: valid, capacity: aCapacity(), objectives, level: null })).toBe(
      'inconclusive',
    );
  });

  it('for good is told as its death', () => {
    const { reasons } = validity([gone], aCapacity(), 'target-died');
    expect(reasons.map(({ code }) => code)).toContain('stopped.target-died');
    expect(reasons.filter(({ code }) => code === 'target.away').length).toBeLessThan(2);
  });
});
