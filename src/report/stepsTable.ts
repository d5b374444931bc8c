/**
 * Sessions and their steps as a table of words, of the last valid level that has any: whole sessions, and each step; of
 * several scenarios those of each, followed by its own steps.
 */
import type { Level, Report } from '../model/report.ts';
import { streamTimes } from '../model/stream.ts';
import { formatCount, formatEstimate, formatMs, formatNumber, formatPercent } from './format.ts';
import type { Column } from './layout.ts';
import { levelText, placedLevels } from './words.ts';

export const stepColumns: readonly Column[] = [
  { title: 'step', align: 'left', spare: 0 },
  { title: 'done', align: 'right', spare: 1 },
  { title: 'failed', align: 'right', spare: 0 },
  { title: 'p50', align: 'right', spare: 2 },
  { title: 'p95', align: 'right', spare: 0 },
  { title: 'p99', align: 'right', spare: 3 },
];

export interface Steps {
  /** The load that they were measured at, in words. */
  readonly load: string;
  readonly rows: readonly (readonly string[])[];
  /** What became of the messages of WebSockets, of chats and of the jobs of queues, in sentences; empty where there were none. */
  readonly messages: string;
}

/** Null where no scenario was played. */
export function stepsOf(report: Report): Steps | null {
  const levels = placedLevels(report).map(({ level }) => level);
  const level = levels.findLast(({ sessions, valid }) => sessions !== null && valid);
  if (level === undefined || level.sessions === null) return null;
  const { sessions } = level;
  return {
    load: levelText(level),
    rows: [
      row(
        level.scenarios.length === 0 ? 'whole session' : 'all sessions',
        sessions.done,
        sessions.failed,
        sessions.duration,
      ),
      [
        'good sessions',
        formatCount(sessions.good),
        '',
        sessions.goodPerSecond === null ? '' : `${formatNumber(sessions.goodPerSecond)}/s`,
        '',
        '',
      ],
      ...parts(level)
        .filter(shownOf(level))
        .map((part) => {
          const { name, done, failed, response } = part;
          const [first = '', ...rest] = row(name, done, failed, response);
          // Of a class, what share of the sessions it had.
          if (!level.scenarios.includes(part) || sessions.done === 0) return [first, ...rest];
          const [count = '', ...others] = rest;
          return [first, `${count} (${formatPercent(done / sessions.done)})`, ...others];
        }),
      ...level.counts.map(({ name, total, perSecond }) => [
        name,
        formatCount(total),
        '',
        `${formatNumber(perSecond)}/s`,
        '',
        '',
      ]),
    ],
    messages: [chatsText(level.stream), messagesText(level.messages), ...level.queues.map(queueText)]
      .filter((text) => text !== '')
      .join(' '),
  };
}

/** Of token streams the table shows three times; the report's data has them all. */
const spared = streamTimes.filter((name) => !['ttft', 'tpot', 'itl'].includes(name));

const shownOf =
  ({ stream }: Level) =>
  ({ name }: Level['steps'][number]): boolean =>
    stream === null || !spared.some((time) => name === time || name.endsWith(` / ${time}`));
/** Who counted the tokens, what was cancelled, and what it cost. */
function chatsText(stream: Level['stream']): string {
  if (stream === null) return '';
  const { chats, cancelled, tokens, cost } = stream;
  const { source, countedBy } = tokens;
  const who = { usage: 'the server', tokenizer: 'a tokenizer', chunks: 'chunks' } as const;
  const shares = (['usage', 'tokenizer', 'chunks'] as const)
    .filter((each) => countedBy[each] > 0)
    .map((each) => `${formatCount(countedBy[each])} by ${who[each]}`);
  const counted =
    source === null
      ? ''
      : source === 'both'
        ? `Tokens of chats counted ${shares.join(', ')}.`
        : `Tokens counted by ${who[source]}.`;
  const hungUp =
    cancelled.chats === 0
      ? ''
      : `Cancelled: ${formatCount(cancelled.chats)} of ${formatCount(chats)} chats, after ${formatCount(cancelled.output)} tokens in all.`;
  return [counted, hungUp, costText(cost)].filter((text) => text !== '').join(' ');
}

function costText(cost: NonNullable<Level['stream']>['cost']): string {
  if (cost === null) return '';
  const { currency, source, dated, total, atLeast, perSession, perGoodSession, waste, unpricedChats } = cost;
  const from = dated === null ? source : `${source} of ${dated}`;
  const money = (value: number): string => `${value.toPrecision(3)} ${currency}`;
  if (total === null) {
    const known = atLeast > 0 ? `at least ${money(atLeast)}` : 'not known';
    return `Cost: ${known}; ${formatCount(unpricedChats)} chats have no price (${from}).`;
  }
  const each = perSession === null ? '' : `, ${money(perSession)} a session`;
  const good = perGoodSession === null ? '' : `, ${money(perGoodSession)} a good session`;
  const wasted = waste === null || waste === 0 ? '' : `; ${money(waste)} of it wasted`;
  return `Cost: ${money(total)}${each}${good}${wasted} (${from}).`;
}

function messagesText(messages: Level['messages']): string {
  if (messages === null) return '';
  const { sent, received, numbered, lost, duplicated, reordered } = messages;
  const sequence =
    lost === null || duplicated === null || reordered === null
      ? ''
      : `; of sequences ${formatCount(numbered)} came, ${formatCount(lost)} lost, ${formatCount(duplicated)} duplicated, ${formatCount(reordered)} reordered`;
  const codes = Object.entries(messages.closedByTarget);
  const closed =
    codes.length === 0
      ? ''
      : `; channels closed by the target: ${codes.map(([code, count]) => `${formatCount(count)} with code ${code}`).join(', ')}`;
  return `Messages: ${formatCount(sent)} sent, ${formatCount(received)} received${sequence}${closed}.`;
}

function queueText({ name, enqueued, completed, backlog, drain }: Level['queues'][number]): string {
  const rate = drain.perSecond === null ? '' : `, then done at ${formatEstimate(drain.perSecond)}`;
  const empty =
    drain.seconds === null
      ? `; ${formatCount(drain.left)} left at the end`
      : `, empty after ${formatNumber(drain.seconds.value)} s`;
  return `Queue "${name}": ${formatCount(enqueued)} enqueued, ${formatCount(completed)} completed; ${formatCount(backlog)} left when the load ended${rate}${empty}.`;
}

/** Each scenario before its steps, whose names begin with its own. */
function parts({ scenarios, steps }: Level): Level['steps'] {
  if (scenarios.length === 0) return steps;
  return scenarios.flatMap((scenario) => [
    scenario,
    ...steps.filter(({ name }) => name.startsWith(`${scenario.name} / `)),
  ]);
}

function row(name: string, done: number, failed: number, times: Level['response']): string[] {
  const { p50, p95, p99 } = times;
  return [name, formatCount(done), formatCount(failed), formatMs(p50), formatMs(p95), formatMs(p99)];
}
