import { describe, expect, it } from 'vitest';
import { parseObjectives } from './objectives.ts';
import { invalidReasons, lagLimitMs, type GeneratorSigns } from './validity.ts';

const healthy: GeneratorSigns = {
  lagP99Ms: 1.2,
  cpu: 0.4,
  awayMs: 0,
  errors: { 'http.503': 900, timeout: 70 },
};
const codes = (change: Partial<GeneratorSigns>, slo = 'p95<500ms'): string[] =>
  invalidReasons({ ...healthy, ...change }, parseObjectives(slo)).map((reason) => reason.code);

describe('a level is invalid', () => {
  it.each([
    ['requests left late', { lagP99Ms: 25.1 }, ['generator.lag']],
    ['a worker had no time left', { cpu: 0.86 }, ['generator.cpu']],
    ['descriptors ran out', { awayMs: 0, errors: { 'connect.descriptors': 1 } }, ['generator.descriptors']],
    ['ports ran out', { awayMs: 0, errors: { 'connect.ports': 3 } }, ['generator.ports']],
    ['several at once', { lagP99Ms: 400, cpu: 0.99 }, ['generator.lag', 'generator.cpu']],
  ])('when %s', (_why, signs, expected) => expect(codes(signs)).toEqual(expected));
});

it.each([
  [3999.999999999999, '4 s'],
  [2340, '2.3 s'],
  [30, 'less than 0.1 s'],
])('a target that was away for %d ms was so for %s', (awayMs, words) => {
  const [reason] = invalidReasons({ ...healthy, awayMs }, parseObjectives('p95<500ms'));
  expect(reason?.statement).toBe(`the target was away: it refused every connection for ${words}`);
});

describe('a level is valid', () => {
  it.each([
    ['however the target fails', {}],
    ['when requests left just in time', { lagP99Ms: 25 }],
    ['when a worker was just not too busy', { cpu: 0.85 }],
    ['when nothing is known of the generator', { lagP99Ms: null, cpu: null }],
  ])('%s', (_why, signs) => expect(codes(signs)).toEqual([]));
});

describe('where the target runs in the threads of the generator', () => {
  const inThread = { inThread: true, lagP99Ms: 900 };
  it.each([
    ['a busy thread is the target at work, and what waits for it waits for the target', { cpu: 0.15 }, []],
    ["what it loses of the thread is not the target's doing", { cpu: 0.16 }, ['generator.cpu']],
    ['descriptors may run out by commands', { errors: { 'spawn.EMFILE': 2 } }, ['generator.descriptors']],
  ])('%s', (_why, signs, expected) => expect(codes({ ...inThread, cpu: null, ...signs })).toEqual(expected));
});

describe('how late is too late', () => {
  it('is a twentieth of the strictest limit on time, and never less than 5 ms', () => {
    expect(lagLimitMs(parseObjectives('p95<700ms,p99<900ms'))).toBeCloseTo(35, 9);
    expect(lagLimitMs(parseObjectives('p95<40ms'))).toBe(5);
    expect(lagLimitMs(parseObjectives('errors<1%'))).toBe(5);
  });
});
