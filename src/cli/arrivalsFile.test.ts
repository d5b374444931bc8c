import { describe, expect, it } from 'vitest';
import { instantsIn, readArrivals } from './arrivalsFile.ts';

const at = (text: string): number => Date.parse(text);

describe('instants', () => {
  it('of an access log are those in brackets, in their own time zone', () => {
    const log =
      '10.0.0.1 - - [10/Oct/2026:13:55:36 +0200] "GET / HTTP/1.1" 200 612\n' +
      'a line of something else\n' +
      '10.0.0.1 - - [10/Oct/2026:11:55:38 +0000] "GET /x HTTP/1.1" 200 9\n';
    expect(instantsIn(log, 'access.log')).toEqual([
      at('2026-10-10T11:55:36Z'),
      Number.NaN,
      at('2026-10-10T11:55:38Z'),
    ]);
  });

  it('of other logs are the first of ISO 8601 in a line', () => {
    const log = 'INFO 2026-10-10T11:55:36.250Z served\n2026-10-10 11:55:36,750+00:00 served\n';
    expect(instantsIn(log, 'app.log')).toEqual([
      at('2026-10-10T11:55:36.250Z'),
      at('2026-10-10T11:55:36.750Z'),
    ]);
  });

  it.each([
    [
      'the column that is called so',
      'user,Timestamp\nada,1791633336.5\nben,1791633337\n',
      [1791633336500, 1791633337000],
    ],
    ['milliseconds by their size', 'time\n1791633336500\n', [1791633336500]],
    ['milliseconds by their name', 'arrived_at_ms\n0\n250\n', [0, 250]],
    ['the first column, without names', '0.5,ada\n2,ben\n', [500, 2000]],
    ['text', 'date\n2026-10-10T11:55:36Z\n', [at('2026-10-10T11:55:36Z')]],
    ['nothing where it is none', 'time,x\n,1\nsoon,2\n', [Number.NaN, Number.NaN]],
  ])('of a CSV are %s', (_, text, instants) => {
    expect(instantsIn(text, 'a.csv')).toEqual(instants);
  });

  it('of JSON lines are the field that is called so', () => {
    const text =
      '{"timestamp":1791633336.25,"path":"/"}\n\n{"timestamp":"2026-10-10T11:55:36Z"}\n{"path":"/"}\n';
    expect(instantsIn(text, 'a.jsonl')).toEqual([1791633336250, at('2026-10-10T11:55:36Z'), Number.NaN]);
  });
});

describe('a file to replay', () => {
  it('that is not there, or is no JSON, is refused by its name', () => {
    expect(() => readArrivals('/nowhere/access.log')).toThrow('"/nowhere/access.log" cannot be replayed');
    expect(() => instantsIn('{oops', 'a.jsonl')).toThrow('"a.jsonl" cannot be replayed');
  });
});
