/**
 * What a level says of token streams: the times that chats tell by these names, of all scenarios together, and their tokens.
 *
 *   ttft   due to the first token, one of reasoning too     ttfo   due to the first token of the answer itself
 *   tpot   first to last token over the tokens after the first, one of each chat
 *   itl    every gap between tokens, of all chats together; one of a chunk of several tokens is shared evenly
 *   icl    every gap between chunks, as it was               e2e    due to the end of the answer
 *   ntpot  e2e over the tokens of the answer
 *
 * Times are of chats that went well, tokens of all: those of a chat that failed were paid for, and are `wasted`.
 */
import type { Level } from './report.ts';
import type { Slice } from './slice.ts';
import { joined, quantiles, total } from './totals.ts';

export const streamTimes = ['ttft', 'ttfo', 'tpot', 'itl', 'icl', 'ntpot', 'e2e'] as const;
export type StreamTime = (typeof streamTimes)[number];

/** What chats count. `uncounted` are chats whose tokens no server counted: their chunks stand for them. */
export const streamCounts = {
  chats: 'chats',
  uncounted: 'chats without usage',
  input: 'input tokens',
  output: 'output tokens',
  wasted: 'wasted tokens',
} as const;

/** Null where there were no chats. @param judged the slices after the warm-up, of which the times are */
export function streamOf(
  all: readonly Slice[],
  judged: readonly Slice[],
  heldSeconds: number,
): Level['stream'] {
  const counted = (name: string): number => total(all, ({ counts }) => counts[name] ?? 0);
  const chats = counted(streamCounts.chats);
  if (chats === 0) return null;
  const times = (name: StreamTime): NonNullable<Level['stream']>[StreamTime] =>
    quantiles(joined(judged.flatMap(({ steps }) => timesOf(steps, name))));
  const uncounted = counted(streamCounts.uncounted);
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
    tokens: {
      input,
      output,
      wasted: counted(streamCounts.wasted),
      inputPerSecond: perSecond(input),
      outputPerSecond: perSecond(output),
      source: uncounted === 0 ? 'usage' : uncounted === chats ? 'chunks' : 'both',
    },
  };
}

/** A step of one scenario among several has that scenario's name before its own. */
function timesOf(steps: Slice['steps'], name: StreamTime): Slice['steps'][string]['response'][] {
  return Object.entries(steps)
    .filter(([step]) => step === name || step.endsWith(` / ${name}`))
    .map(([, { response }]) => response);
}
