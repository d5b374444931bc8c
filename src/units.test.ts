import { expect, it } from 'vitest';
import { parseBytes } from './units.ts';

it('sizes are read in bytes, by the thousand or by 1024', () => {
  expect(['512B', '10KiB', ' 1.5 MiB ', '2MB', '3kb'].map(parseBytes)).toEqual([
    512, 10_240, 1_572_864, 2_000_000, 3000,
  ]);
});

it.each(['', '10', '1 lot', '0B', '-3KiB', '5GiB', '2000MiB'])('what is no size is refused: "%s"', (text) => {
  expect(() => parseBytes(text)).toThrow('a size up to 1024MiB');
});
