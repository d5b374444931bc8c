import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readArrivals, rowsIn } from './arrivalsFile.ts';

const at = (text: string): number => Date.parse(text);
const instantsIn = (text: string, file: string): number[] =>
  rowsIn(text, file).map(({ instantMs }) => instantMs);

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

describe('a trace of a language model', () => {
  it.each([
    [
      'Azure',
      'a.csv',
      'TIMESTAMP,ContextTokens,GeneratedTokens\n2026-10-10 11:55:36.5000000,374,44\n',
      at('2026-10-10 11:55:36.500'),
    ],
    [
      'BurstGPT',
      'a.csv',
      'Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n45.5,m,374,44,418,x\n',
      45_500,
    ],
    ['Mooncake', 'a.jsonl', '{"timestamp": 3052, "input_length": 374, "output_length": 44}\n', 3052],
  ])('of %s says how many tokens went in and came out', (_, file, text, instantMs) => {
    expect(rowsIn(text, file)).toEqual([{ instantMs, tokens: { input: 374, output: 44 } }]);
  });

  it('of Mooncake says of which blocks of 512 tokens a prompt is made', () => {
    // The beginning of the published conversation trace.
    const text =
      '{"timestamp": 0, "input_length": 2290, "output_length": 316, "hash_ids": [0, 42, 43, 44, 45]}\n' +
      '{"timestamp": 3000, "input_length": 915, "output_length": 355, "hash_ids": [0, 462]}\n';
    expect(rowsIn(text, 'a.jsonl').map(({ tokens }) => tokens?.blocks)).toEqual([
      [0, 42, 43, 44, 45],
      [0, 462],
    ]);
  });

  it.each([
    ['too few', '[0, 42, 43]'],
    ['no numbers', '["a", "b"]'],
    ['no list', '7'],
  ])('whose blocks are %s for the prompt is refused', (_, ids) => {
    const text = `{"timestamp": 0, "input_length": 915, "output_length": 3, "hash_ids": ${ids}}`;
    expect(() => rowsIn(text, 'a.jsonl')).toThrow('of 915 are not its blocks of 512 tokens');
  });

  it('in which one line does not say so says nothing of the others', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-trace-'));
    const file = join(folder, 'a.csv');
    writeFileSync(file, 'TIMESTAMP,ContextTokens,GeneratedTokens\n9,7,3\n5,4,2\n');
    expect(readArrivals(file)).toEqual({
      instantsMs: [5000, 9000],
      tokens: [
        { input: 4, output: 2 },
        { input: 7, output: 3 },
      ],
      without: 0,
    });
    writeFileSync(file, 'TIMESTAMP,ContextTokens,GeneratedTokens\n9,7,3\n5,4,\n');
    expect(readArrivals(file).tokens).toBeNull();
    rmSync(folder, { recursive: true });
  });
});
