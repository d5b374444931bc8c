import { describe, expect, it } from 'vitest';
import type { Level, Report } from '../model/report.ts';
import { csv } from './csv.ts';
import { markdown } from './markdown.ts';
import { run } from './page/samples.ts';
import { stepsOf } from './stepsTable.ts';
import { terminal } from './terminal.ts';

const counted: NonNullable<Level['messages']> = {
  sent: 1207,
  received: 6031,
  numbered: 5999,
  lost: 13,
  duplicated: 5,
  reordered: 7,
  closedByTarget: { 1001: 2, 1006: 1 },
  slow: null,
};

/** One run of a scenario with WebSockets. */
function withMessages(messages: Level['messages']): Report {
  const [experiment] = run.experiments;
  const [level] = experiment?.levels ?? [];
  if (experiment === undefined || level === undefined) throw new Error('the sample has no level');
  const { due, done, failed, dropped, unfinished } = level.requests;
  const counts = { due, started: done, done, failed, good: done, goodPerSecond: null, dropped, unfinished };
  const sessions = { ...counts, duration: level.response };
  return { ...run, experiments: [{ ...experiment, levels: [{ ...level, sessions, messages }] }] };
}

const someTimes = {
  p50: 3,
  p90: 4,
  p95: 5,
  p99: 6,
  p999: 7,
  max: 8,
  mean: 3.5,
  deviation: 1,
  unit: 'ms',
} as const;
const chats: NonNullable<Level['stream']> = {
  chats: 31,
  ...{ ttft: someTimes, ttfo: someTimes, tpot: someTimes, itl: someTimes, icl: someTimes, ntpot: someTimes },
  e2e: someTimes,
  cancelled: { chats: 7, beforeToken: 1, input: 210, output: 43 },
  tokens: {
    input: 900,
    cached: null,
    output: 1003,
    wasted: 253,
    wastedChatsWithoutInput: 0,
    inputPerSecond: 90,
    outputPerSecond: 100.3,
    source: 'both',
    countedBy: { usage: 24, tokenizer: 6, chunks: 0 },
    tokenizerMs: 4,
  },
  cost: {
    currency: 'EUR',
    source: 'prices.json',
    dated: '2026-11-01',
    total: 0.0123456,
    atLeast: 0.0123456,
    perChat: 0.0004,
    perSession: 0.00205,
    perGoodSession: 0.00411,
    waste: 0.0017,
    wasteAtLeast: 0.0017,
    unpricedChats: 0,
  },
};

function withChats(stream: Level['stream']): string {
  const report = withMessages(null);
  const [experiment] = report.experiments;
  const [level] = experiment?.levels ?? [];
  if (experiment === undefined || level === undefined) throw new Error('the sample has no level');
  const steps = stepsOf({ ...report, experiments: [{ ...experiment, levels: [{ ...level, stream }] }] });
  return steps?.messages ?? '';
}

describe('what became of chats', () => {
  it('is who counted their tokens, how many were cancelled, and what they cost', () => {
    expect(withChats(chats)).toBe(
      'Tokens of chats counted 24 by the server, 6 by a tokenizer. Cancelled: 7 of 31 chats, after 43 tokens in all. ' +
        'Cost: 0.0123 EUR, 0.00205 EUR a session, 0.00411 EUR a good session; 0.00170 EUR of it wasted (prices.json of 2026-11-01).',
    );
  });

  it('says no more than is known', () => {
    const cancelled = { chats: 0, beforeToken: 0, input: null, output: 0 };
    const tokens = { ...chats.tokens, source: 'usage' as const };
    expect(withChats({ ...chats, cancelled, tokens, cost: null })).toBe('Tokens counted by the server.');
    const cost = chats.cost === null ? null : { ...chats.cost, total: null, unpricedChats: 4 };
    expect(withChats({ ...chats, cancelled, tokens: { ...tokens, source: null }, cost })).toBe(
      'Cost: at least 0.0123 EUR; 4 chats have no price (prices.json of 2026-11-01).',
    );
  });
});

describe('what became of messages', () => {
  it('is a sentence below the steps, in every report that a person reads', () => {
    const sentence =
      'Messages: 1 207 sent, 6 031 received; of sequences 5 999 came, 13 lost, 5 duplicated, 7 reordered; channels closed by the target: 2 with code 1001, 1 with code 1006.';
    const report = withMessages(counted);
    expect(stepsOf(report)?.messages.replace(/\s/g, ' ')).toBe(sentence);
    for (const text of [terminal(report), markdown(report)]) {
      expect(text.replace(/\s+/g, ' ')).toContain(sentence);
    }
  });

  it('says nothing of a sequence where none was expected', () => {
    const none = {
      ...counted,
      numbered: 0,
      lost: null,
      duplicated: null,
      reordered: null,
      closedByTarget: {},
      slow: null,
    };
    expect(stepsOf(withMessages(none))?.messages.replace(/\s/g, ' ')).toBe(
      'Messages: 1 207 sent, 6 031 received.',
    );
    expect(stepsOf(withMessages(null))?.messages).toBe('');
  });

  it('is in columns of its own at the end of the CSV, empty where there is none', () => {
    const row = (report: Report): string => csv(report).trimEnd().split('\r\n')[1] ?? '';
    expect(csv(run)).toMatch(
      /target_cpu_ms_per_session,messages_sent,.*,messages_reordered,body_bytes,mix\r\n/,
    );
    expect(row(withMessages(counted))).toMatch(/,1207,6031,5999,13,5,7,,$/);
    expect(row(withMessages(null))).toMatch(/,,,,,,,,$/);
  });
});

it('classes of users stand apart, each with its share, below what they are together', () => {
  const report = withMessages(null);
  const [experiment] = report.experiments;
  const [level] = experiment?.levels ?? [];
  if (experiment === undefined || level?.sessions == null) throw new Error('the sample has no sessions');
  const part = (name: string, done: number, failed: number): Level['steps'][number] => ({
    ...{ name, done, failed },
    response: level.response,
  });
  const classes = {
    ...level,
    sessions: { ...level.sessions, done: 400, failed: 7 },
    scenarios: [part('talker', 300, 5), part('reader', 100, 2)],
    steps: [part('talker / turn', 900, 5)],
  };
  const rows = stepsOf({ ...report, experiments: [{ ...experiment, levels: [classes] }] })?.rows ?? [];
  expect(rows.map(([name, done, failed]) => [name, done?.replace(/\s/g, ' '), failed])).toEqual([
    ['all sessions', '400', '7'],
    ['good sessions', expect.anything() as string, ''],
    ['talker', '300 (75 %)', '5'],
    ['talker / turn', '900', '5'],
    ['reader', '100 (25 %)', '2'],
  ]);
});
