import { describe, expect, it } from 'vitest';
import type { Report } from '../../model/report.ts';
import { closedLevels, curve, userAxis } from './closedLevels.ts';
import { figures } from './figures.ts';
import { levelColumns, levelsTsv, sortLevels } from './levelColumns.ts';
import { loadScale, scaleText } from './loadScale.ts';
import { good, long, samples } from './samples.ts';
import { spread } from './spread.ts';
import { validityChecks } from './validityChecks.ts';
import { allLevels } from './words.ts';

const empty: Report = { ...good, experiments: [], timeline: [], capacity: null, scaling: null, findings: [] };
const reports: [string, Report][] = [
  ...Object.entries(samples),
  ['empty', empty],
  ['300 levels', long(300, 600)],
];

describe('spread', () => {
  it('leaves apart what is apart and keeps the order of the rest', () => {
    expect(spread([0, 100, 200], 40, 0, 300)).toEqual([0, 100, 200]);
    expect(spread([100, 104, 108], 40, 0, 300)).toEqual([64, 104, 144]);
    expect(spread([2, 3], 40, 0, 300)).toEqual([0, 40]);
    expect(spread([299, 300], 40, 0, 300)).toEqual([260, 300]);
  });
});

describe('the load scale', () => {
  it('stacks its bands without a gap from 0 to its top', () => {
    for (const [, report] of reports) {
      const scale = loadScale(report);
      if (scale === null) continue;
      const edges = scale.bands.flatMap(({ from, to }) => [from, to]);
      expect(edges[0]).toBe(0);
      expect(edges.at(-1)).toBe(scale.top);
      for (let at = 1; at + 1 < edges.length; at += 2) expect(edges[at]).toBe(edges[at + 1]);
      expect(scale.marks.every(({ at }) => at <= scale.top)).toBe(true);
      expect(scaleText(scale)).not.toMatch(/NaN|undefined|null/);
    }
  });

  it('has no unexplored part called too much where the generator was the limit', () => {
    expect(loadScale(samples.atLeast)?.bands.map(({ kind }) => kind)).toEqual(['safe', 'margin', 'unknown']);
    expect(loadScale(samples.failing)?.bands.map(({ kind }) => kind)).toEqual(['over']);
    expect(loadScale(samples.run)?.bands.map(({ kind }) => kind)).toEqual(['carried', 'unknown']);
    expect(loadScale(empty)).toBeNull();
  });
});

describe('words of any report', () => {
  it.each(reports)('%s: every figure, check and cell is text', (_, report) => {
    const levels = allLevels(report);
    const texts = [
      ...figures(report).flatMap((figure) => Object.values(figure)),
      ...validityChecks(report).flatMap(({ value, allowed }) => [value, allowed]),
      ...levels.flatMap((entry) => levelColumns.map(({ text }) => text(entry))),
      levelsTsv(levels),
    ];
    for (const text of texts) expect(text).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it('calls recovery not tested, and a lower bound a lower bound', () => {
    expect(figures(good).at(-1)?.value).toBe('not tested');
    expect(figures(samples.atLeast)[0]?.judgement).toBe('lower bound');
  });
});

describe('levels', () => {
  it('sorts by a column, unknown last in both directions', () => {
    const levels = allLevels(good);
    const column = levelColumns.find(({ name }) => name === 'efficiency');
    if (column === undefined) throw new Error('no such column');
    const up = sortLevels(levels, column, false).map((entry) => column.order(entry));
    const down = sortLevels(levels, column, true).map((entry) => column.order(entry));
    expect(up.at(-1)).toBeNull();
    expect(down.at(-1)).toBeNull();
    expect(up.filter((value) => value !== null)).toEqual(down.filter((value) => value !== null).reverse());
  });

  it('draws one valid level for each number of users', () => {
    const users = curve(closedLevels(samples.cliff)).map((entry) => entry.users);
    expect(users).toEqual([1, 2, 4, 8, 16, 32, 64, 96, 128]);
    expect(userAxis(closedLevels(samples.cliff), true).ticks).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256]);
  });
});
