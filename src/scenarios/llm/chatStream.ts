/**
 * Reads the stream of a chat completion while it comes: what was said, when each token came, and how it ended. Pure.
 * Formulae: time to first token, time per output token and gaps between tokens as vLLM and AIPerf have them.
 *
 * 1. Of a stream without end so much text is kept (`keptCharacters`); its chunks are counted to the last.
 */
import type { ServerEvent } from '../http/events.ts';

export interface ChatStream {
  readonly text: string;
  /** Reasoning that was told before the answer itself. */
  readonly thought: string;
  /** More was said than is kept. */
  readonly cut: boolean;
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
  /** Part of the input that the server had read before; null where it does not say. */
  readonly cached: number | null;
  /** Null where the server does not say. */
  readonly output: number | null;
}

interface Chunk {
  readonly error?: { readonly message?: string };
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string | null; readonly reasoning_content?: string | null };
    readonly finish_reason?: string | null;
  }[];
  readonly usage?: {
    readonly prompt_tokens?: number;
    readonly completion_tokens?: number;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number | null } | null;
  } | null;
}

const keptCharacters = 1024 * 1024;

export class ChatReader {
  #text = '';
  #thought = '';
  #cut = false;
  #message = '';
  #failure = '';
  #finish: string | null = null;
  #input: number | null = null;
  #cached: number | null = null;
  #output: number | null = null;
  readonly #chunksMs: number[] = [];
  #outputMs: number | null = null;

  /** Chunks that held something said, so far: as many tokens at least. */
  get chunks(): number {
    return this.#chunksMs.length;
  }

  /** It has told why it ended, or that it failed: what still comes is no answer. */
  get isOver(): boolean {
    return this.#finish !== null || this.#failure !== '';
  }

  take({ data, atMs }: ServerEvent): void {
    if (data === '[DONE]') return;
    const chunk = parsed(data);
    if (chunk === null || chunk.error !== undefined)
      return this.fail(chunk?.error?.message ?? `a chunk that is no JSON: ${data.slice(0, 60)}`);
    const { delta, finish_reason: reason } = chunk.choices?.[0] ?? {};
    const said = delta?.content ?? '';
    const thought = delta?.reasoning_content ?? '';
    this.#keep(said, thought);
    if (said !== '') this.#outputMs ??= atMs;
    if (said !== '' || thought !== '') this.#chunksMs.push(atMs);
    this.#finish = reason ?? this.#finish;
    this.#input = chunk.usage?.prompt_tokens ?? this.#input;
    this.#cached = chunk.usage?.prompt_tokens_details?.cached_tokens ?? this.#cached;
    this.#output = chunk.usage?.completion_tokens ?? this.#output;
  }

  /** @param message what is wrong with it */
  fail(message: string): void {
    this.#failure = 'stream.error';
    this.#message = message;
  }

  /** What it was, once it has ended. */
  ended(): ChatStream {
    return {
      text: this.#text,
      thought: this.#thought,
      cut: this.#cut,
      finish: this.#finish,
      failure: this.#failure === '' && this.#finish === null ? 'stream.truncated' : this.#failure,
      message: this.#message,
      chunksMs: this.#chunksMs,
      outputMs: this.#outputMs,
      input: this.#input,
      cached: this.#cached,
      output: this.#output,
    };
  }

  #keep(said: string, thought: string): void {
    if (this.#text.length + this.#thought.length > keptCharacters) this.#cut = true;
    if (this.#cut) return;
    this.#text += said;
    this.#thought += thought;
  }
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
