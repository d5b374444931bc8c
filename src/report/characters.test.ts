import { describe, expect, it } from 'vitest';
import type { Estimate } from '../model/estimate.ts';
import { asciiTwin, inert, spaced } from './characters.ts';
import { formatCount, formatEstimate, formatMs, formatNumber } from './format.ts';

describe('text of the target', () => {
  it('cannot steer the terminal', () => {
    expect(inert('gone\u001b[2J\u0007 away')).toBe('gone\ufffd[2J\ufffd away');
  });

  it('cannot reverse the order of reading, nor hide', () => {
    expect(inert('safe\u202egnp.exe\u200b')).toBe('safe\ufffdgnp.exe\ufffd');
  });

  it('stays on one line', () => {
    expect(inert('bad gateway\r\n  upstream')).toBe('bad gateway upstream');
  });
});

describe('ASCII twins', () => {
  it('say the same as format.ts in ASCII', () => {
    const estimate: Estimate = { value: 31_040, low: 30_100, high: 31_980, unit: '1/s', method: '' };
    const twin = (text: string): string => spaced(asciiTwin(text));
    expect(twin(formatEstimate(estimate))).toBe(formatEstimate(estimate, { ascii: true }));
    expect(twin(formatNumber(-1_234_567))).toBe(formatNumber(-1_234_567, { ascii: true }));
    expect(twin(formatCount(84_312))).toBe('84,312');
    expect(twin(formatMs(null))).toBe('-');
  });

  it('take accents off and mark what has no twin', () => {
    expect(asciiTwin('Aufträge → 注文…')).toBe('Auftrage -> ??...');
  });
});
