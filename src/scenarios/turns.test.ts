import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

const first = (turns: Turns, count: number): number[] =>
  Array.from({ length: count }, (_, nth) => turns.at(nth));

describe('turns', () => {
  it('spread three classes by their weights', () => {
    expect(first(new Turns([3, 1, 2]), 6).toSorted()).toEqual([0, 0, 0, 1, 2, 2]);
    expect(first(new Turns([1]), 3)).toEqual([0, 0, 0]);
    expect(first(new Turns([5, 5]), 4)).toEqual([0, 1, 0, 1]);
  });

  it('give everyone within one of its share, however far one counts', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 300 }), (each, count) => {
        const sum = each.reduce((so, weight) => so + weight, 0);
        const turns = first(new Turns(each), count);
        for (const [index, weight] of each.entries()) {
          const taken = turns.filter((turn) => turn === index).length;
          expect(Math.abs(taken - (count * weight) / sum)).toBeLessThan(1 + 1e-9);
        }
      }),
    );
  });

  it('are the same whoever asks, and in whatever order', () => {
    const [one, other] = [new Turns([2, 7, 1]), new Turns([2, 7, 1])];
    const late = other.at(40);
    expect(one.at(40)).toBe(late);
    expect(first(one, 40)).toEqual(first(other, 40));
  });
});
