import { describe, expect as that, it } from 'vitest';
import { expect } from './expect.ts';
import { ExpectationFailed } from './expectationFailed.ts';

describe('an expectation', () => {
  it('holds for what is equal, objects by what they hold', () => {
    expect(200, 200);
    expect({ a: [1, { b: null }] }, { a: [1, { b: null }] });
    expect(Number.NaN, Number.NaN);
    expect(true);
    expect(undefined, undefined);
  });

  it.each([
    [() => expect(404, 200), 'expected 200, got 404'],
    [() => expect('a', 'b', 'the letter'), 'the letter: expected "b", got "a"'],
    [() => expect({ a: 1 }, { a: 2 }), 'expected {"a":2}, got {"a":1}'],
    [() => expect(1), 'expected true, got 1'],
    [() => expect(null, undefined), 'expected undefined, got null'],
  ])('that does not hold throws, and says what was there', (trying, message) => {
    that(trying).toThrow(ExpectationFailed);
    that(trying).toThrow(message);
  });
});
