/**
 * Reads the stream of a chat completion: what was said, when each token came, and how it ended. Pure.
 * Formulae: time to first token, time per output token and gaps between tokens as vLLM and AIPerf have them.
 */
import type { ServerEvent } from '../http/events.ts';

export interface ChatStream {
  readonly text: string;
  readonly finish: string | null;
  /** Empty for success: `stream.truncated`, `stream.error`. */
  readonly failure: string;
  /** What the server said of its error; empty without one. */
  readonly message: string;
  /** Instants of chunks that held text, or reasoning. */
  readonly chunksMs: readonly number[];
  /** Of the first that held text; null before one did. */
  readonly outputMs: number | null;
  readonly input: number | null;
  /** Null where the server does not say. */
  readonly output: number | null;
}

interface Chunk {
  readonly error?: { readonly message?: string };
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string | null; readonly reasoning_content?: string | null };
    readonly finish_reason?: string | null;
  }[];
  readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number } | null;
}

export function readChat(events: readonly ServerEvent[]): ChatStream {
  let [text, message, failure] = ['', '', ''];
  let finish: string | null = null;
  let [input, output]: (number | null)[] = [null, null];
  const chunksMs: number[] = [];
  let outputMs: number | null = null;
  for (const { data, atMs } of events) {
    if (data === '[DONE]') continue;
    const chunk = parsed(data);
    if (chunk === null || chunk.error !== undefined) {
      failure = 'stream.error';
      message = chunk?.error?.message ?? `a chunk that is no JSON: ${data.slice(0, 60)}`;
      continue;
    }
    const { delta, finish_reason: reason } = chunk.choices?.[0] ?? {};
    const said = delta?.content ?? '';
    text += said;
    if (said !== '') outputMs ??= atMs;
    if (said !== '' || (delta?.reasoning_content ?? '') !== '') chunksMs.push(atMs);
    finish = reason ?? finish;
    input = chunk.usage?.prompt_tokens ?? input ?? null;
    output = chunk.usage?.completion_tokens ?? output ?? null;
  }
  if (failure === '' && finish === null) failure = 'stream.truncated';
  return { text, finish, failure, message, chunksMs, outputMs, input: input ?? null, output: output ?? null };
}

function parsed(data: string): Chunk | null {
  try {
    const value = JSON.parse(data) as unknown;
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}

export interface TokenTimes {
  readonly ttftMs: number | null;
  readonly tpotMs: number | null;
  readonly itlMs: readonly number[];
  /** Between chunks. */
  readonly iclMs: readonly number[];
}

/**
 * @param tokens of the output; where the chunks hold several each, the gaps are shared among them evenly
 * @param dueMs from when the first token counts
 */
export function tokenTimes(chunksMs: readonly number[], tokens: number, dueMs: number): TokenTimes {
  const [first] = chunksMs;
  const last = chunksMs.at(-1);
  if (first === undefined || last === undefined) return { ttftMs: null, tpotMs: null, itlMs: [], iclMs: [] };
  const after = tokens - 1;
  const gaps = chunksMs.slice(1).map((atMs, at) => atMs - chunksMs[at]!);
  // So many tokens to a chunk, the rest with the last.
  const each = gaps.length === 0 ? 0 : Math.max(1, Math.floor(after / gaps.length));
  const itlMs = gaps.flatMap((gap, at) => {
    const share = at === gaps.length - 1 ? Math.max(1, after - each * (gaps.length - 1)) : each;
    return Array.from({ length: share }, () => gap / share);
  });
  const tpotMs = after > 0 && last > first ? (last - first) / after : null;
  return { ttftMs: first - dueMs, tpotMs, itlMs, iclMs: gaps };
}
