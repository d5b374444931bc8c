import { describe, expect, it } from 'vitest';
import { aLevel, closed, judged, times } from '../../test/kit/levels.ts';
import type { Level } from '../model/report.ts';
import { profileChecks, profileFigures, profileResult } from './profileChecks.ts';

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
    profileResult([{ name: 'burst', levels }])?.statement ?? '';
  expect(told([level(2, 40, 50), level(2, 40, 52)])).toBe(
    'Burst: passed, at 2 stages (p95 afterwards over before 1.04 (0.999 to 1.08)).',
  );
  expect(told([level(2, 40, 50), level(2, 40, 90)])).toBe(
    'Burst: not passed (p95 afterwards over before: 1.8 (1.73 to 1.87), wanted at most 1.5).',
  );
  expect(told([level(2, 40, 50), level(2, 40, 76)])).toBe(
    'Burst: could not be judged (p95 afterwards over before: 1.52 (1.46 to 1.58), wanted at most 1.5). Longer stages tell more.',
  );
});

describe('ended from outside', () => {
  const cut = (users: number, stoppedEarly: Level['stoppedEarly'], change: Partial<Level> = {}): Level =>
    level(users, 40, 52, { stoppedEarly, ...change });

  it.each([
    ['burst', [true, true], [null, null]],
    ['linear', [true, true, true], [null, null, null]],
    ['soak', [true, true, true], [null, null, null]],
  ] as const)('%s judges no stages that were not over', (name, over, ended) => {
    const first = level(2, 40, 50);
    expect(mets(name, [first, cut(2, null)])).toEqual(over);
    for (const why of ['interrupt', 'time-limit', 'target-died', 'data-ended'] as const)
      expect(mets(name, [first, cut(2, why)])).toEqual(ended);
    expect(mets(name, [first, cut(2, 'backlog')])[1]).toBe(over[1]);
  });

  it('says why, and does not advise longer stages', () => {
    const result = profileResult([{ name: 'spike', levels: [level(5, 90, 50), cut(50, 'time-limit')] }]);
    expect(result?.checks[1]).toMatchObject({ value: null, low: null, high: null, met: null });
    expect(result?.statement).toBe(
      'Spike: could not be judged (objectives held at every stage: 1 of 2 stages that began, wanted all; p95 afterwards over before: unknown: the time limit ended the run before all stages were over, wanted at most 1.5).',
    );
  });

  it('has not come back where the objectives break in the stage that was ended', () => {
    const broken = cut(50, 'interrupt', { objectives: judged(false) });
    expect(mets('spike', [level(5, 90, 50), broken])).toEqual([false, null]);
  });

  it('has found what breaks a target all the same', () => {
    const broken = level(64, 300, 900, { objectives: judged(false) });
    expect(mets('stress', [level(1, 20, 50), broken, cut(1, 'interrupt')])).toEqual([true, null]);
  });

  it('judges the heavy mix that was over, and not what came after', () => {
    const mixed = (mix: 'usual' | 'heavy', stoppedEarly: Level['stoppedEarly']): Level =>
      cut(10, stoppedEarly, { variant: { kind: 'mix', mix } });
    const [usual, heavy] = [mixed('usual', null), mixed('heavy', null)];
    expect(mets('resource-intensive', [usual, heavy, mixed('usual', 'interrupt')])).toEqual([
      null,
      true,
      null,
    ]);
    expect(mets('resource-intensive', [usual, mixed('heavy', 'interrupt')])).toEqual([null, null, null]);
  });

  it('names the profiles that did not run', () => {
    const result = profileResult([
      { name: 'spike', levels: [level(5, 90, 50), cut(50, 'interrupt')] },
      { name: 'soak', levels: [] },
    ]);
    expect(result?.checks.at(-1)).toMatchObject({
      name: 'soak: objectives held at every stage',
      found: 'not run',
      met: null,
    });
    expect(result?.statement).toMatch(/ Soak: not run\.$/);
  });
});

/** Answers of so many bytes and their headers, 100 in a second. */
const sized = (bytes: number, p95: number, change: Partial<Level> = {}, came = bytes): Level => {
  const whole = level(4, 100, p95, { variant: { kind: 'bytes', bytes }, ...change });
  return { ...whole, target: { ...whole.target, networkOutBytesPerSecond: 100 * (came + 150) } };
};

describe('a volume', () => {
  it('grows no faster than its size, where the next size takes at most so many times as long', () => {
    expect(mets('volume', [sized(1000, 5), sized(10_000, 7), sized(100_000, 60)])).toEqual([true, true]);
    expect(mets('volume', [sized(1000, 5), sized(10_000, 7), sized(100_000, 140)])).toEqual([true, false]);
    const [, worst] = profileChecks('volume', [sized(1000, 5), sized(10_000, 90), sized(100_000, 300)]);
    expect(worst?.found).toContain('at 9.77 KiB');
  });

  it('says where errors begin, and judges growth by what was taken alone', () => {
    const refused = sized(1024 ** 2, 1, {
      objectives: judged(false),
      errors: { ratio: 0.97, byKind: { reset: 2, 'http.413': 95 } },
    });
    const levels = [sized(10_240, 5), sized(102_400, 20), refused];
    expect(mets('volume', levels)).toEqual([false, true]);
    const figures = profileFigures('volume', levels);
    expect(figures.at(-1)).toEqual({
      name: 'errors begin',
      found: 'at 1 MiB: 97 % fail, mostly http.413',
      value: 1024 ** 2,
      unit: 'bytes',
    });
    // The median of these levels is as their maker has it.
    const p50 = levels[0]?.response.p50 ?? 0;
    expect(figures[0]?.value).toBeCloseTo(p50 * 102.4, 6);
    expect(figures[2]?.value).toBeNull();
  });

  it('of one size has nothing that could grow, and has not passed', () => {
    const result = profileResult([{ name: 'volume', levels: [sized(10_240, 7)] }]);
    expect(result?.checks.map(({ met }) => met)).toEqual([true, null]);
    expect(result?.statement).toBe(
      'Volume: could not be judged (p95 over what it was at the size before, per byte: unknown: there was one size only, wanted at most 1.25).',
    );
  });

  it('that the target does not answer in is not judged, and what came is told', () => {
    const levels = [sized(10_240, 7), sized(102_400, 7, {}, 7)];
    const result = profileResult([{ name: 'volume', levels }]);
    expect(result?.checks.map(({ met }) => met)).toEqual([true, null]);
    expect(result?.statement).toBe(
      'Volume: could not be judged (p95 over what it was at the size before, per byte: unknown: at 100 KiB a request had 91 B and its answer 157 B, not the size asked for, wanted at most 1.25).',
    );
    expect(result?.figures[1]).toMatchObject({ name: '100 KiB', value: null });
    expect(result?.figures[1]?.found).toContain('its answer 157 B, not the size asked for');
    expect(result?.figures[1]?.found).not.toContain('per MiB');
  });

  it('may be sent as well as come, and be a little smaller than asked for', () => {
    const sent = sized(102_400, 60, {}, 7);
    const target = { ...sent.target, networkInBytesPerSecond: 100 * 102_900 };
    expect(mets('volume', [sized(10_240, 7), { ...sent, target }])).toEqual([true, true]);
    expect(mets('volume', [sized(10_240, 7), sized(102_400, 60, {}, 60_000)])).toEqual([true, true]);
    const unknown = { ...sent.target, networkOutBytesPerSecond: null };
    expect(mets('volume', [sized(10_240, 7), { ...sent, target: unknown }])).toEqual([true, true]);
  });

  it('has grown too fast whatever else came in no size, and is not judged by a size that was not over', () => {
    const grown = [sized(1000, 5), sized(10_000, 90), sized(100_000, 90, {}, 7)];
    expect(mets('volume', grown)).toEqual([true, false]);
    const cut = sized(100_000, 1, { stoppedEarly: 'interrupt' });
    expect(mets('volume', [sized(1000, 5), sized(10_000, 7), cut])).toEqual([null, null]);
  });
});

describe('a heavier mix', () => {
  const mixed = (mix: 'usual' | 'heavy', p95: number, light: number): Level =>
    level(10, 50, p95, {
      variant: { kind: 'mix', mix },
      scenarios: [{ name: 'light', done: 90, failed: 0, response: times(light) }],
    });

  it('may take twice as long as the usual one, which is to come back', () => {
    expect(
      mets('resource-intensive', [mixed('usual', 40, 9), mixed('heavy', 70, 9), mixed('usual', 41, 9)]),
    ).toEqual([true, true, true]);
    expect(
      mets('resource-intensive', [mixed('usual', 40, 9), mixed('heavy', 99, 9), mixed('usual', 80, 9)]),
    ).toEqual([true, false, false]);
    expect(mets('resource-intensive', [mixed('usual', 40, 9)])[1]).toBeNull();
  });

  it('shows each scenario compared with itself', () => {
    const [figure] = profileFigures('resource-intensive', [mixed('usual', 40, 9), mixed('heavy', 70, 27)]);
    expect(figure).toMatchObject({ name: 'sessions of light, p95 in the heavy mix', value: 3 });
    expect(figure?.found).toBe('54 ms, 3 times the usual 18 ms');
  });
});

it('of several that follow each other each is told by its name', () => {
  const result = profileResult([
    { name: 'burst', levels: [level(2, 40, 50), level(2, 40, 52)] },
    { name: 'soak', levels: [level(5, 100, 50), level(5, 80, 80)] },
  ]);
  expect(result?.name).toBe('burst, soak');
  expect(result?.checks.map(({ name }) => name.split(':')[0])).toEqual([
    'burst',
    'burst',
    'soak',
    'soak',
    'soak',
  ]);
  expect(result?.statement).toContain(
    'Burst: passed, at 2 stages (p95 afterwards over before 1.04 (0.999 to 1.08)). Soak: not passed (',
  );
});
