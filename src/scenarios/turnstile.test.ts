import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Turnstile } from './turnstile.ts';

it('lets them through in the order in which they came, also those that come meanwhile', async () => {
  const turnstile = new Turnstile();
  const seen: string[] = [];
  turnstile.enter(() => void seen.push('a'));
  turnstile.enter(() => {
    seen.push('b');
    turnstile.enter(() => void seen.push('d'));
  });
  turnstile.enter(() => void seen.push('c'));
  for (let turn = 0; turn < 8; turn++) await nextTurn();
  expect(seen.join('')).toBe('abcd');
});

it('lets the loop turn between any two', async () => {
  const turnstile = new Turnstile();
  let begun = 0;
  for (let i = 0; i < 7; i++) turnstile.enter(() => void begun++);
  expect(begun).toBe(0);
  const seen: number[] = [];
  while (begun < 7) {
    await nextTurn();
    seen.push(begun);
  }
  expect(seen.every((count, i) => count - (seen[i - 1] ?? 0) <= 1)).toBe(true);
});
