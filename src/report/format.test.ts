import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Estimate } from '../model/estimate.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatEstimate,
  formatInterval,
  formatMs,
  formatNumber,
  formatPercent,
  formatRate,
  formatValue,
} from './format.ts';

const ascii = { ascii: true };
const estimate = (value: number, low: number | null, high: number | null, unit = '1/s'): Estimate => ({
  value,
  low,
  high,
  unit,
  method: 'test',
});

describe('numbers', () => {
  it.each([
    [0, '0'],
    [0.3, '0.3'],
    [0.0123456, '0.0123'],
    [9.999, '10'],
    [168.4, '168'],
    [1234, '1,230'],
    [31_049, '31,000'],
    [1_234_567, '1,230,000'],
    [-42.25, '-42.3'],
    [1e-9, '1e-9'],
    [3.21e21, '3.21e+21'],
    [null, '-'],
    [Number.NaN, '-'],
  ])('%s is %s', (value, text) => {
    expect(formatNumber(value, ascii)).toBe(text);
  });

  it('separates thousands by a thin space that does not break', () => {
    expect(formatNumber(31_000)).toBe('31\u202f000');
    expect(formatRate(31_000)).toBe('31\u202f000\u00a0req/s');
  });

  it('keeps every digit of a count', () => {
    expect(formatCount(84_312, ascii)).toBe('84,312');
  });

  it('stays within half a percent of the value', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e14, noNaN: true }), (value) => {
        const shown = Number(formatNumber(value, ascii).replaceAll(',', ''));
        expect(Math.abs(shown - value)).toBeLessThanOrEqual(0.00501 * value);
      }),
    );
  });
});

describe('quantities', () => {
  it.each([
    [0.314, '0.314 ms'],
    [42.3, '42.3 ms'],
    [999.7, '1 s'],
    [1240, '1.24 s'],
    [600_000, '10 min'],
    [null, '-'],
  ])('formatMs(%s) is %s', (value, text) => {
    expect(formatMs(value, ascii)).toBe(text);
  });

  it.each([
    [300, '300 ms'],
    [999.9, '1 s'],
    [3100, '3.1 s'],
    [59_700, '1 min'],
    [85_000, '1 min 25 s'],
    [2_700_000, '45 min'],
    [7_500_000, '2 h 5 min'],
    [-3100, '-3.1 s'],
  ])('formatDuration(%s) is %s', (value, text) => {
    expect(formatDuration(value, ascii)).toBe(text);
  });

  it.each([
    [512, '512 B'],
    [50_541_363, '48.2 MiB'],
    [1023, '0.999 KiB'],
  ])('formatBytes(%s) is %s', (value, text) => {
    expect(formatBytes(value, ascii)).toBe(text);
  });

  it.each([
    [0, '0 %'],
    [0.027, '2.7 %'],
    [0.93, '93 %'],
    [0.99996, '>99.9 %'],
    [1, '100 %'],
    [1.23, '123 %'],
  ])('formatPercent(%s) is %s', (value, text) => {
    expect(formatPercent(value, ascii)).toBe(text);
  });

  it('knows the units of the report', () => {
    expect(formatValue(12.34, '1/s', ascii)).toBe('12.3 req/s');
    expect(formatValue(0.5, 'ratio', ascii)).toBe('50 %');
    expect(formatValue(2048, 'bytes', ascii)).toBe('2 KiB');
    expect(formatValue(3, 'cores', ascii)).toBe('3 cores');
    expect(formatValue(7, '', ascii)).toBe('7');
    expect(formatValue(null, 'ms', ascii)).toBe('-');
  });
});

describe('estimates', () => {
  it.each<[Estimate | null, string]>([
    [null, 'not tested'],
    [estimate(210, 206, 214), '210 +- 4 req/s'],
    [estimate(210, 204, 219), '204 to 219 req/s'],
    [estimate(31_000, 30_990, 31_010), '31,000 +- 100 req/s'],
    [estimate(0.3, 0.28, 0.32), '0.30 +- 0.02 req/s'],
    [estimate(3.1, 2.85, 3.35, 's'), '3.10 +- 0.25 s'],
    [estimate(210, null, null), '210 req/s, interval unknown'],
    [estimate(210, 204, null), 'at least 204 req/s'],
    [estimate(210, null, 219), 'at most 219 req/s'],
    [estimate(0, 0, 0), '0 req/s'],
    [estimate(0, 0, 0.2), '0 to 0.2 req/s'],
    [estimate(1000.2, 1000.1, 1000.9), '1,000 to 1,001 req/s'],
    [estimate(1500, 1400, 1700, 'ms'), '1.4 to 1.7 s'],
    [estimate(0.93, 0.9, 0.96, 'ratio'), '93 +- 3 %'],
    [estimate(2_097_152, 1_048_576, 4_194_304, 'bytes'), '1 to 4 MiB'],
    [estimate(0, -5, 5, 'MiB/h'), '0 +- 5 MiB/h'],
  ])('%j', (value, text) => {
    expect(formatEstimate(value, ascii)).toBe(text);
  });

  it('is written with ± and spaces that do not break', () => {
    expect(formatEstimate(estimate(1210, 1180, 1240))).toBe('1\u202f210\u00a0±\u00a030\u00a0req/s');
  });

  it('rounds a lower bound down', () => {
    expect(formatEstimate(estimate(9500, 9388, 9600), { atLeast: true, ascii: true })).toBe(
      'at least 9,380 req/s',
    );
  });

  it('gives the interval alone', () => {
    expect(formatInterval(estimate(210, 206, 214), ascii)).toBe('206 to 214 req/s');
    expect(formatInterval(null, ascii)).toBe('-');
  });

  it('never shows an estimate with an interval bare, and never breaks on any number', () => {
    const anyValue = fc.double({ min: -1e12, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(
        anyValue,
        fc.double({ min: 1e-3, max: 1e9 }),
        fc.double({ min: 1e-3, max: 1e9 }),
        (v, a, b) => {
          const text = formatEstimate(estimate(v, v - a, v + b), ascii);
          expect(text).not.toMatch(/NaN|Infinity|undefined/);
          expect(text).toMatch(/^[\x20-\x7e]+$/);
        },
      ),
    );
  });
});
