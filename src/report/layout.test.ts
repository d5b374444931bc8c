import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clip, padLeft, padRight, tableCells, widthOf, wrap } from './layout.ts';

describe('wrapping', () => {
  it('breaks at ordinary spaces and keeps a number with its unit', () => {
    expect(wrap('it carries 210\u00a0±\u00a04\u00a0req/s at most', 20)).toEqual([
      'it carries',
      '210\u00a0±\u00a04\u00a0req/s at',
      'most',
    ]);
  });

  it('cuts a word that is longer than the line', () => {
    expect(wrap('see /organisations/3f1d', 9)).toEqual(['see', '/organisa', 'tions/3f1', 'd']);
  });

  it('gives one empty line for nothing', () => {
    expect(wrap('', 17)).toEqual(['']);
  });

  it('loses no character and never exceeds the width', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 2, max: 50 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('widths', () => {
  it('counts wide characters twice and combining marks not at all', () => {
    expect(widthOf('168 req/s ±')).toBe(11);
    expect(widthOf('注文')).toBe(4);
    expect(widthOf('e\u0301')).toBe(1);
  });

  it('pads to the width a terminal shows', () => {
    expect(padLeft('注文', 7)).toBe('   注文');
    expect(padRight('7.3 ms', 9)).toBe('7.3 ms   ');
  });

  it('clips with a mark', () => {
    expect(clip('http://orders.test:8080', 12)).toBe('http://orde…');
    expect(clip('http://orders.test:8080', 12, '...')).toBe('http://or...');
  });
});

describe('tables', () => {
  const columns = [
    { title: 'load', align: 'right', spare: 0 },
    { title: 'p50', align: 'right', spare: 1 },
    { title: 'p99', align: 'right', spare: 2 },
  ] as const;

  it('aligns numbers to the right', () => {
    const { lines } = tableCells(columns, [['8 users', '41 ms', '1.24 s']], 40);
    expect(lines.map((line) => line.join('  '))).toEqual([
      '   load    p50     p99',
      '8 users  41 ms  1.24 s',
    ]);
  });

  it('leaves out the most spare column first', () => {
    const { kept } = tableCells(columns, [['8 users', '41 ms', '1.24 s']], 17);
    expect(kept).toEqual([0, 1]);
  });
});
