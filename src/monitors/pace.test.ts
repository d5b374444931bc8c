import { expect, it } from 'vitest';
import { Pace } from './pace.ts';

it('lets work be done at once, and then so seldom that it keeps to its share', () => {
  const pace = new Pace(0.002);
  expect(pace.isDue(0)).toBe(true);
  pace.done(12, 12);
  expect(pace.isDue(6011)).toBe(false);
  expect(pace.isDue(6012)).toBe(true);
});
