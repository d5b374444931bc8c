import { describe, expect, it } from 'vitest';
import type { Load } from '../model/load.ts';
import { defaultObjectives } from '../model/objectives.ts';
import { widthOf } from './layout.ts';
import {
  bracketOf,
  frame,
  frameLines,
  sparkline,
  type LiveState,
  type PlacedLiveLevel,
} from './liveFrame.ts';

const users = (count: number): Load => ({ kind: 'closed', users: count });
const rate = (ratePerSecond: number): Load => ({ kind: 'open', ratePerSecond, arrivals: 'poisson' });

const held = (load: Load, throughput: number, met = true, valid = true): PlacedLiveLevel => ({
  experiment: load.kind === 'closed' ? 'scaling' : 'capacity',
  load,
  throughput,
  p95Ms: 91.2,
  met,
  broken: met ? '' : 'p95\u00a0<\u00a0500\u00a0ms breaks',
  valid,
});

const state: LiveState = {
  target: 'http://localhost:3000/api/chat',
  objectives: defaultObjectives,
  budgetMs: 87_000,
  elapsedMs: 45_300,
  experiment: 'capacity',
  purpose: 'halving the bracket',
  load: rate(203),
  trials: 12,
  second: {
    load: rate(203),
    throughput: 201.4,
    p95Ms: 96.24,
    errorRatio: 0.00042,
    inFlight: 14.3,
    generatorCpu: 0.0671,
    elapsedMs: 45_300,
  },
  levels: [
    held(users(1), 23.6),
    held(users(2), 44.8),
    held(users(4), 85.6),
    held(users(8), 149),
    held(users(16), 207),
    held(users(64), 61.2, false),
    held(users(32), 211),
    held(rate(260), 210, false),
    held(rate(190), 189),
    held(rate(214), 211, false),
  ],
  note: '',
};
const at80 = { columns: 80, colour: false, ascii: false };
const at44 = { columns: 44, colour: false, ascii: false };

describe('the frame', () => {
  it('tells phase, readings, growth, bracket and time left at 80 columns', () => {
    expect(`\n${frame(state, at80).join('\n')}\n`).toMatchInlineSnapshot(`
      "
        Finding the capacity  halving the bracket                            trial 12
        http://localhost:3000/api/chat  p95 < 500 ms and errors < 1 %

        load    203 req/s     throughput    201 req/s     in flight       14.3
        p95       96.2 ms     errors          0.042 %     generator 6.71 % CPU
        throughput  ▁▂▄▆██▃  1 to 64 users, at most 211 req/s
        capacity    between 190 and 214 req/s, where p95 < 500 ms breaks
        ━━━━━━━━━━━━━━━━━━━━────────────────────  52 %, about 42 s left
        Ctrl-C stops and writes what was measured
      "
    `);
  });

  it('tells the same in 44 columns', () => {
    expect(`\n${frame(state, at44).join('\n')}\n`).toMatchInlineSnapshot(`
      "
        Finding the capacity  halving the bracket
        http://localhost:3000/api/chat  p95 < 50…

        load    203 req/s throughput    201 req/s
        p95       96.2 ms errors          0.042 %
        throughput  ▁▂▄▆██▃  at most 211 req/s
        capacity    between 190 and 214 req/s
        ━━━━━──────  52 %, about 42 s left
        Ctrl-C stops and writes what was measured
      "
    `);
  });

  it('has an ASCII twin', () => {
    const lines = frame({ ...state, note: 'the target sends “gzip”' }, { ...at80, ascii: true });
    expect(lines.join('\n')).toMatch(/^[\x20-\x7e\n]*$/);
    expect(lines[5]).toBe('  throughput  _.-+##:  1 to 64 users, at most 211 req/s');
    expect(lines[7]).toBe('  ####################....................  52 %, about 42 s left');
  });

  const states: [string, LiveState][] = [
    [
      'at the start',
      {
        ...state,
        experiment: '',
        purpose: '',
        load: null,
        second: null,
        levels: [],
        trials: 0,
        elapsedMs: 0,
      },
    ],
    ['in the middle', state],
    [
      'with long words',
      {
        ...state,
        purpose: 'halving the bracket '.repeat(9),
        note: 'a redirect to '.repeat(20),
        target: `http://x/${'a'.repeat(300)}`,
      },
    ],
    [
      'with large numbers',
      {
        ...state,
        load: users(12_345),
        second: {
          ...state.second,
          load: users(12_345),
          throughput: 123_456,
          p95Ms: 123_456,
          errorRatio: 0.99999,
          inFlight: 12_345,
          generatorCpu: 0.999,
          elapsedMs: 1,
        },
      },
    ],
    ['over time', { ...state, elapsedMs: 99_000 }],
    ['for a day', { ...state, budgetMs: 86_400_000 }],
    ['without a budget', { ...state, budgetMs: 0 }],
  ];
  it.each(states)('has as many lines, none too wide, %s', (_, each) => {
    for (const columns of [30, 44, 80, 200]) {
      for (const ascii of [false, true]) {
        const lines = frame(each, { columns, colour: false, ascii });
        expect(lines).toHaveLength(frameLines);
        for (const line of lines) expect(widthOf(line)).toBeLessThan(columns);
      }
    }
  });

  it('shows a dash for what is not known yet', () => {
    const lines = frame({ ...state, second: null, load: null }, at80);
    expect(lines[3]).toMatch(/^ {2}load +– +throughput +– +in flight +–$/);
  });

  it('shows a note in its own line', () => {
    expect(frame({ ...state, note: 'the target answers with a redirect' }, at80)[2]).toBe(
      '  the target answers with a redirect',
    );
  });

  it('says that it is about to end when the time is used up', () => {
    expect(frame({ ...state, elapsedMs: 99_000 }, at80)[7]).toMatch(/100 %, about to end$/);
  });

  it('lets no text of the target steer the terminal', () => {
    const text = frame({ ...state, target: 'http://x/\u001b[2J', note: '\u0007\u009b2J' }, at80).join('');
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });

  it('says the same with colour and without', () => {
    const coloured = frame(state, { ...at80, colour: true }).join('\n');
    expect(coloured).toContain('\u001b[');
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(frame(state, at80).join('\n'));
  });
});

describe('the sparkline', () => {
  it('begins at zero and ends at the most', () => {
    expect(sparkline([0, 26, 51, 100], 9, false)).toBe('▁▃▅█');
  });

  it('keeps the highest of neighbours where there is no room for all', () => {
    expect(sparkline([1, 8, 2, 3, 4, 1], 3, false)).toBe('█▄▅');
  });

  it('is flat where nothing succeeded', () => {
    expect(sparkline([0, 0], 9, true)).toBe('__');
  });

  it('leaves out levels that do not count, and shows a load only once', () => {
    const levels = [
      held(users(1), 24),
      held(users(2), 47),
      held(users(4), 900, true, false),
      held(users(2), 48),
    ];
    expect(frame({ ...state, levels }, at80)[5]).toBe('  throughput  ▅█  1 to 2 users, at most 48 req/s');
  });
});

describe('the bracket', () => {
  it('lies below every load that failed', () => {
    const levels = [held(rate(190), 189), held(rate(240), 239), held(rate(214), 190, false)];
    expect(bracketOf(levels)).toEqual({ good: 190, bad: 214, broken: 'p95\u00a0<\u00a0500\u00a0ms breaks' });
  });

  it('knows one end before the other', () => {
    const line = (levels: PlacedLiveLevel[]): string => frame({ ...state, levels }, at80)[6] ?? '';
    expect(line([held(rate(190), 189)])).toBe('  capacity    at least 190 req/s');
    expect(line([held(rate(214), 190, false)])).toBe(
      '  capacity    below 214 req/s, where p95 < 500 ms breaks',
    );
    expect(line([held(users(8), 149)])).toBe('');
  });

  it('takes only trials of the search that count', () => {
    const run = { ...held(rate(300), 10, false), experiment: 'run' };
    expect(bracketOf([run, held(rate(250), 10, false, false)])).toEqual({
      good: null,
      bad: null,
      broken: '',
    });
  });
});
