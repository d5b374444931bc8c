/** The chats of one user: requests of its HTTP whose answers are read as streams of tokens (llm.ts). */
import { streamCounts, type StreamTime } from '../../model/stream.ts';
import { noBooks, type ChatBooks } from './chatBooks.ts';
import { tokenTimes, type ChatStream } from './chatStream.ts';
import { Hearing } from './hearing.ts';
import type { ChatMessage, ChatOptions, ChatReply, Llm } from './llm.ts';
import type { Measures } from '../databases/statements.ts';
import type { UserHttp } from '../http/userHttp.ts';

const usualPath = '/v1/chat/completions';

type Tokens = ChatReply['tokens'];

/** How a chat went, for its account. */
interface Told {
  readonly model: string;
  readonly tokens: Tokens;
  readonly chunks: number;
  /** The target may have worked on it. */
  readonly wasTaken: boolean;
  readonly cancelled: boolean;
  readonly ok: boolean;
}

export class UserLlm implements Llm {
  readonly #http: UserHttp;
  readonly #recorder: Measures;
  readonly #books: ChatBooks;
  /** Messages are sent again with every turn, and counted once. */
  readonly #counted = new WeakMap<ChatMessage, number>();

  constructor(http: UserHttp, recorder: Measures, books: ChatBooks = noBooks) {
    this.#http = http;
    this.#recorder = recorder;
    this.#books = books;
  }

  async chat({
    model,
    messages,
    maxTokens,
    url = usualPath,
    headers,
    body,
    ...hangUp
  }: ChatOptions): Promise<ChatReply> {
    const json = {
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
      ...body,
    };
    const hearing = new Hearing(hangUp);
    const reply = await this.#http.request('POST', url, {
      json,
      // Parts that are compressed come when a packer likes, and not when a token is made.
      headers: { 'accept-encoding': 'identity', ...headers },
      follower: hearing,
    });
    const { status, failure, ok, responseMs } = reply;
    const { dueMs, isCancelled: cancelled } = hearing;
    // 0: it ended before its time, and what came until then is all there is.
    const isRefused = status >= 300 || /^(connect|dns|tls)\b/.test(failure);
    const stream = hearing.chat.ended();
    const { text, finish, outputMs } = stream;
    const chunksMs = isRefused ? [] : stream.chunksMs;
    const tokens = isRefused ? noTokens : this.#tokensOf(stream, messages);
    const { output } = tokens;
    const { iclMs, ...times } = tokenTimes(chunksMs, output, dueMs);
    const wasTaken = !isRefused;
    this.#account({ model, tokens, chunks: chunksMs.length, wasTaken, cancelled, ok });
    if (ok) {
      this.#times('ttft', [times.ttftMs]);
      this.#times('ttfo', [outputMs === null ? null : outputMs - dueMs]);
      this.#times('icl', iclMs);
    }
    if (ok && !cancelled) {
      this.#times('tpot', [times.tpotMs]);
      this.#times('itl', times.itlMs);
      this.#times('ntpot', [output > 0 ? responseMs / output : null]);
      this.#times('e2e', [responseMs]);
    }
    const message = { role: 'assistant' as const, content: text };
    return { ok, failure, cancelled, text, message, finish, ...times, responseMs, tokens };
  }

  /** By the server's own count, else by the tokenizer, else by chunks. */
  #tokensOf(stream: ChatStream, messages: readonly ChatMessage[]): Tokens {
    const { input, cached, output, chunksMs } = stream;
    if (output !== null) return { input, cached, output, source: 'usage' };
    const { tokenizer } = this.#books;
    if (tokenizer === null || stream.cut) return { input, cached, output: chunksMs.length, source: 'chunks' };
    const fromMs = performance.now();
    const said = tokenizer.count(stream.thought) + tokenizer.count(stream.text);
    const read = input ?? messages.reduce((sum, message) => sum + this.#lengthOf(message), 0);
    this.#count('tokenizerMs', performance.now() - fromMs);
    return { input: read, cached, output: said, source: 'tokenizer' };
  }

  #lengthOf(message: ChatMessage): number {
    const known = this.#counted.get(message);
    if (known !== undefined) return known;
    const length = this.#books.tokenizer?.count(message.content) ?? 0;
    this.#counted.set(message, length);
    return length;
  }

  #account({ model, tokens, chunks, wasTaken, cancelled, ok }: Told): void {
    const { input, cached, output, source } = tokens;
    this.#count('chats', 1);
    if (chunks > 0 || source === 'usage') this.#count(sources[source], 1);
    if (input !== null) this.#count('input', input);
    if (cached !== null) this.#count('cached', cached);
    if (output > 0) this.#count('output', output);
    if (cancelled) {
      this.#count('cancelled', 1);
      if (chunks === 0) this.#count('cancelledEarly', 1);
      if (input !== null) this.#count('cancelledInput', input);
      this.#count('cancelledOutput', output);
    }
    const isWaste = !ok || cancelled;
    if (isWaste && (input ?? 0) + output > 0) this.#count('wasted', (input ?? 0) + output);
    if (isWaste && wasTaken && input === null) this.#count('wastedUnread', 1);
    const { prices } = this.#books;
    if (prices === null) return;
    // Chunks are no tokens that anybody sells, and a refusal costs nothing.
    const isKnown = input !== null && source !== 'chunks';
    const cost = isKnown ? prices.costOf(model, { input, cached: cached ?? 0, output }) : wasTaken ? null : 0;
    if (cost === null) this.#count('unpriced', 1);
    else this.#count('cost', cost);
    if (!isWaste) return;
    if (cost === null) this.#count('unpricedWaste', 1);
    else this.#count('wastedCost', cost);
  }

  #count(what: keyof typeof streamCounts, amount: number): void {
    this.#recorder.count(streamCounts[what], amount);
  }

  #times(name: StreamTime, known: readonly (number | null)[]): void {
    for (const ms of known) if (ms !== null) this.#recorder.time(name, ms);
  }
}

const sources = { usage: 'byUsage', tokenizer: 'byTokenizer', chunks: 'uncounted' } as const;

/** Of a request that was refused. */
const noTokens: Tokens = { input: null, cached: null, output: 0, source: 'chunks' };
