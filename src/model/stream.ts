/**
 * What a level says of token streams: the times that chats tell by these names, of all scenarios together, and their tokens.
 *
 *   ttft   due to the first token, one of reasoning too     ttfo   due to the first token of the answer itself
 *   tpot   first to last token over the tokens after the first, one of each chat
 *   itl    every gap between tokens, of all chats together; one of a chunk of several tokens is shared evenly
 *   icl    every gap between chunks, as it was               e2e    due to the end of the answer
 *   ntpot  e2e over the tokens of the answer
 *
 * Times are of chats that went well, tokens of all: those of a chat that failed or was cancelled were paid for, and are
 * `wasted`. Of a cancelled chat the times to its first token and between its chunks count: what else it would have shown is
 * not known.
 */
import type { Level } from './report.ts';
import type { Slice } from './slice.ts';
import { joined, quantiles, total } from './totals.ts';

export const streamTimes = ['ttft', 'ttfo', 'tpot', 'itl', 'icl', 'ntpot', 'e2e'] as const;
export type StreamTime = (typeof streamTimes)[number];

/** What chats count. `uncounted` are chats whose tokens nobody counted: their chunks stand for them. */
export const streamCounts = {
  chats: 'chats',
  uncounted: 'chats without usage',
  cancelled: 'cancelled chats',
  input: 'input tokens',
  cached: 'cached input tokens',
  output: 'output tokens',
  wasted: 'wasted tokens',
  byUsage: 'chats by usage',
  byTokenizer: 'chats by tokenizer',
  tokenizerMs: 'ms of the tokenizer',
  cancelledEarly: 'chats cancelled before a token',
  cancelledInput: 'input tokens of cancelled chats',
  cancelledOutput: 'output tokens of cancelled chats',
  wastedUnread: 'wasted chats without input tokens',
  cost: 'cost',
  unpriced: 'chats without a price',
  wastedCost: 'wasted cost',
  unpricedWaste: 'wasted chats without a price',
} as const;

/** Those that a level tells under `stream` alone. */
export const streamCountsApart: ReadonlySet<string> = new Set(
  Object.values(streamCounts).slice(Object.keys(streamCounts).indexOf('byUsage')),
);

/** Whose prices chats are priced with. */
export interface Pricing {
  readonly currency: string;
  readonly source: string;
  readonly dated: string | null;
}

/** Null where there were no chats. @param judged the slices after the warm-up, of which the times are */
export function streamOf(
  all: readonly Slice[],
  judged: readonly Slice[],
  heldSeconds: number,
  pricing: Pricing | null = null,
): Level['stream'] {
  const counted = (name: string): number => total(all, ({ counts }) => counts[name] ?? 0);
  const chats = counted(streamCounts.chats);
  if (chats === 0) return null;
  const times = (name: StreamTime): NonNullable<Level['stream']>[StreamTime] =>
    quantiles(joined(judged.flatMap(({ steps }) => timesOf(steps, name))));
  const countedBy = {
    usage: counted(streamCounts.byUsage),
    tokenizer: counted(streamCounts.byTokenizer),
    chunks: counted(streamCounts.uncounted),
  };
  const known = (name: string): number | null =>
    all.some(({ counts }) => counts[name] !== undefined) ? counted(name) : null;
  const [input, output] = [known(streamCounts.input), counted(streamCounts.output)];
  const perSecond = (sum: number | null): number | null =>
    sum === null || heldSeconds <= 0 ? null : sum / heldSeconds;
  return {
    chats,
    ttft: times('ttft'),
    ttfo: times('ttfo'),
    tpot: times('tpot'),
    itl: times('itl'),
    icl: times('icl'),
    ntpot: times('ntpot'),
    e2e: times('e2e'),
    cancelled: {
      chats: counted(streamCounts.cancelled),
      beforeToken: counted(streamCounts.cancelledEarly),
      input: known(streamCounts.cancelledInput),
      output: counted(streamCounts.cancelledOutput),
    },
    tokens: {
      input,
      cached: known(streamCounts.cached),
      output,
      wasted: counted(streamCounts.wasted),
      wastedChatsWithoutInput: counted(streamCounts.wastedUnread),
      inputPerSecond: perSecond(input),
      outputPerSecond: perSecond(output),
      source: sourceOf(countedBy),
      countedBy,
      tokenizerMs: known(streamCounts.tokenizerMs),
    },
    cost: pricing === null ? null : costOf(all, chats, pricing),
  };
}

type Stream = NonNullable<Level['stream']>;

/** The only one that counted; `both` for several, null where there was nothing to count. */
function sourceOf(countedBy: Stream['tokens']['countedBy']): Stream['tokens']['source'] {
  const who = (['usage', 'tokenizer', 'chunks'] as const).filter((each) => countedBy[each] > 0);
  return who.length > 1 ? 'both' : (who[0] ?? null);
}

/** What is not priced makes a sum unknown: then only what it is at least. */
function costOf(all: readonly Slice[], chats: number, pricing: Pricing): NonNullable<Stream['cost']> {
  const counted = (name: string): number => total(all, ({ counts }) => counts[name] ?? 0);
  const [atLeast, unpriced] = [counted(streamCounts.cost), counted(streamCounts.unpriced)];
  const [wasteAtLeast, unpricedWaste] = [
    counted(streamCounts.wastedCost),
    counted(streamCounts.unpricedWaste),
  ];
  const whole = unpriced === 0 ? atLeast : null;
  const over = (count: number): number | null => (whole === null || count === 0 ? null : whole / count);
  return {
    ...pricing,
    total: whole,
    atLeast,
    perChat: over(chats),
    perSession: over(total(all, ({ sessions }) => sessions?.done ?? 0)),
    perGoodSession: over(total(all, ({ sessions }) => sessions?.good ?? 0)),
    waste: unpricedWaste === 0 ? wasteAtLeast : null,
    wasteAtLeast,
    unpricedChats: unpriced,
  };
}

/** A step of one scenario among several has that scenario's name before its own. */
function timesOf(steps: Slice['steps'], name: StreamTime): Slice['steps'][string]['response'][] {
  return Object.entries(steps)
    .filter(([step]) => step === name || step.endsWith(` / ${name}`))
    .map(([, { response }]) => response);
}
