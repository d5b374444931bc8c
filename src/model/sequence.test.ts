import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sequence } from './sequence.ts';

function countsAfter(numbers: readonly number[], first: number | null = null, last: number | null = null) {
  const sequence = new Sequence(first);
  for (const number of numbers) sequence.take(number);
  if (last !== null) sequence.end(last);
  const { numbered, lost, duplicated, reordered } = sequence;
  return { numbered, lost, duplicated, reordered };
}

/** The definitions once more, word by word, over all that came. */
function byDefinition(numbers: readonly number[], first: number | null, last: number | null) {
  const seen = new Set<number>();
  let [duplicated, reordered] = [0, 0];
  for (const number of numbers) {
    if (seen.has(number)) duplicated++;
    else if ([...seen].some((other) => other > number)) reordered++;
    seen.add(number);
  }
  const known = first === null ? [...seen] : [first - 1, ...seen];
  let lost = 0;
  if (known.length > 0) {
    const from = Math.min(...seen, first ?? Number.POSITIVE_INFINITY);
    const to = Math.max(...known, last ?? Number.NEGATIVE_INFINITY);
    for (let number = from; number <= to; number++) if (!seen.has(number)) lost++;
  }
  return { numbered: numbers.length, lost, duplicated, reordered };
}

describe('a sequence of messages', () => {
  it('that is whole has lost nothing', () => {
    expect(countsAfter([7, 8, 9, 10])).toEqual({ numbered: 4, lost: 0, duplicated: 0, reordered: 0 });
  });

  it('has lost what is missing below the highest', () => {
    expect(countsAfter([1, 2, 5, 9])).toMatchObject({ lost: 5, reordered: 0 });
  });

  it('takes a late message back from the lost, and counts it as reordered', () => {
    expect(countsAfter([1, 4, 3])).toEqual({ numbered: 3, lost: 1, duplicated: 0, reordered: 1 });
  });

  it('counts a copy as a duplicate, and not as reordered as well', () => {
    expect(countsAfter([1, 2, 3, 2, 2])).toEqual({ numbered: 5, lost: 0, duplicated: 2, reordered: 0 });
  });

  it('knows losses at both ends where it is told the ends', () => {
    expect(countsAfter([4, 5, 6])).toMatchObject({ lost: 0 });
    expect(countsAfter([4, 5, 6], 1)).toMatchObject({ lost: 3 });
    expect(countsAfter([4, 5, 6], 1, 10)).toMatchObject({ lost: 7 });
    expect(countsAfter([], 1, 13)).toEqual({ numbered: 0, lost: 13, duplicated: 0, reordered: 0 });
  });

  it('does not call late what comes after the sender has told its last number', () => {
    const sequence = new Sequence(1);
    sequence.take(1);
    sequence.end(3);
    expect(sequence.lost).toBe(2);
    sequence.take(2);
    sequence.take(3);
    expect([sequence.lost, sequence.reordered]).toEqual([0, 0]);
  });

  it('keeps no list of a gap, however wide', () => {
    expect(countsAfter([1, Number.MAX_SAFE_INTEGER])).toMatchObject({ lost: Number.MAX_SAFE_INTEGER - 2 });
  });

  it('is counted by the definitions, whatever comes in whatever order', () => {
    const some = fc.array(fc.integer({ min: -3, max: 25 }), { maxLength: 40 });
    const end = fc.option(fc.integer({ min: -5, max: 30 }));
    fc.assert(
      fc.property(some, end, end, (numbers, first, last) => {
        expect(countsAfter(numbers, first, last)).toEqual(byDefinition(numbers, first, last));
      }),
      { numRuns: 2000 },
    );
  });

  it('of a sender that drops, copies and swaps counts exactly what it did', () => {
    const fates = fc.array(fc.constantFrom('sent', 'dropped', 'twice', 'swapped'), { maxLength: 60 });
    fc.assert(
      fc.property(fates, (all) => {
        const numbers: number[] = [];
        let [next, swaps] = [1, 0];
        for (const fate of all) {
          if (fate === 'sent') numbers.push(next++);
          else if (fate === 'dropped') next++;
          else if (fate === 'twice') {
            numbers.push(next, next);
            next++;
          } else {
            numbers.push(next + 1, next);
            next += 2;
            swaps++;
          }
        }
        const of = (wanted: string): number => all.filter((fate) => fate === wanted).length;
        expect(countsAfter(numbers, 1, next - 1)).toMatchObject({
          lost: of('dropped'),
          duplicated: of('twice'),
          reordered: swaps,
        });
      }),
    );
  });
});
