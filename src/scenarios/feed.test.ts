import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, type TestContext } from 'vitest';
import { Cursor, feed, noRowsGiven, type FeedOrder } from './feed.ts';
import { openFeeds } from './feedFile.ts';
import { scenario } from './scenario.ts';

const letters = ['a', 'b', 'c', 'd', 'e'];
const thread = (order: FeedOrder, share = 0, given = noRowsGiven()): Cursor =>
  new Cursor('letters', letters, order, { share, seed: 9, given }, 3);
const taken = (order: FeedOrder, count: number, share = 0): unknown[] => {
  const cursor = thread(order, share);
  return Array.from({ length: count }, () => cursor.next());
};

describe('the rows of a feed', () => {
  it('come in order, and from the start again', () => {
    expect(taken('sequential', 7)).toEqual(['a', 'b', 'c', 'd', 'e', 'a', 'b']);
  });

  it('come once, and then no more', () => {
    expect(taken('once', 5)).toEqual(letters);
    expect(() => taken('once', 6)).toThrow('data.letters: all 5 rows were given');
  });

  it('come once over all threads, to whichever asks next, and none is left when one finds none', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 20 }), (asking) => {
        const given = noRowsGiven();
        const threads = [0, 1, 2, 3].map((share) => thread('once', share, given));
        const rows: unknown[] = [];
        const ask = (): void => asking.forEach((share) => rows.push(threads[share]?.next()));
        expect(ask).toThrow('all 5 rows were given');
        expect(rows).toEqual(letters);
      }),
    );
  });

  it('come at random from the seed, about as often each', () => {
    const drawn = taken('random', 5000);
    expect(drawn).toEqual(taken('random', 5000));
    expect(drawn.slice(0, 20)).not.toEqual(taken('random', 20, 1));
    // Five standard deviations of a count of 5000 x 0.2.
    for (const letter of letters) {
      expect(Math.abs(drawn.filter((each) => each === letter).length - 1000)).toBeLessThan(
        5 * Math.sqrt(800),
      );
    }
  });

  it('need an order that is known', () => {
    expect(() => feed([1], { order: 'twice' as FeedOrder })).toThrow('"twice" is none of sequential');
  });
});

describe('a file of rows', () => {
  function rowsIn(
    { onTestFinished }: TestContext,
    name: string,
    text: string | null,
    count: number,
  ): unknown[] {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-feed-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    if (text !== null) writeFileSync(join(folder, name), text);
    const rows = feed(name);
    const one = scenario('x', { data: { rows } }, () => Promise.resolve());
    const cursor = openFeeds([one], join(folder, 'session.ts'), {
      share: 0,
      seed: 1,
      given: noRowsGiven(),
    }).get(rows);
    return Array.from({ length: count }, () => cursor?.next());
  }

  it('lies beside the scenario, as CSV with a line of names', (context) => {
    const text = '\ufeffname,say\r\nada,"hello, world"\r\n\r\nben, "a ""quote"" here"\n';
    expect(rowsIn(context, 'users.csv', text, 3)).toEqual([
      { name: 'ada', say: 'hello, world' },
      { name: 'ben', say: 'a "quote" here' },
      { name: 'ada', say: 'hello, world' },
    ]);
  });

  it('or as a JSON value a line', (context) => {
    expect(rowsIn(context, 'users.jsonl', '{"id":7}\n\n[1,2]\n', 2)).toEqual([{ id: 7 }, [1, 2]]);
  });

  it.each([
    ['is not there', 'users.csv', null, 'ENOENT'],
    ['has no row', 'users.csv', 'name,say\n', 'it has no row'],
    ['has rows of different lengths', 'users.csv', 'name,say\nada\n', 'Invalid Record Length'],
    ['is no JSON', 'users.jsonl', '{"id":7}\n{oops\n', 'line 2'],
    ['has another ending', 'users.txt', 'ada', 'neither in .csv nor in .jsonl'],
  ])('that %s is refused with the reason', (_, name, text, message) => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-feed-'));
    if (text !== null) writeFileSync(join(folder, name), text);
    const one = scenario('x', { data: { rows: feed(name) } }, () => Promise.resolve());
    const opening = (): unknown =>
      openFeeds([one], join(folder, 's.ts'), { share: 0, seed: 1, given: noRowsGiven() });
    expect(opening).toThrow(message);
    expect(opening).toThrow(`"${name}" of data.rows`);
    rmSync(folder, { recursive: true });
  });

  it('is read once, however many scenarios draw on it', () => {
    const shared = feed(['a', 'b', 'c'], { order: 'once' });
    const two = ['x', 'y'].map((name) => scenario(name, { data: { shared } }, () => Promise.resolve()));
    expect(openFeeds(two, 's.ts', { share: 0, seed: 1, given: noRowsGiven() }).size).toBe(1);
  });
});
