/**
 * The `llm` of a scenario: chat completions as the OpenAI API streams them, measured token by token.
 *
 *     const messages: ChatMessage[] = [{ role: 'user', content: vary.line() }];
 *     const reply = await llm.chat({ model: 'm', messages, maxTokens: 150 });
 *     messages.push(reply.message);
 *
 * 1. Each chat is one request. Beside its response time the report has `ttft` (from when the request was due to the first
 *    token), `tpot` (from first to last token, over the tokens after the first), `itl` (every gap between tokens; one of a
 *    chunk of several tokens is shared evenly) and the tokens of input and output, and more by the names of model/stream.ts.
 * 2. Tokens are those that the server counts (`usage`), else those of the tokenizer that the user named (`--tokenizer`), else the
 *    chunks that came; `tokens.source` says which.
 * 3. A stream that ends without a finish reason has failed (`stream.truncated`), and so has one that tells an error
 *    (`stream.error`), though its status was 200.
 * 4. A chat that was cancelled on purpose has not failed. It counts by itself, its tokens as waste, and of its times only those
 *    to the first token and between chunks.
 */
export interface Llm {
  chat(options: ChatOptions): Promise<ChatReply>;
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
}

export interface ChatOptions {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly maxTokens?: number;
  /** Hangs up when so many tokens have come, as chunks tell them; whole, 1 or more. An answer that has ended by then is whole. */
  readonly cancelAfterTokens?: number;
  /** Hangs up so many milliseconds after the request left, whatever has come; 0 or more. With both, whichever is first. */
  readonly cancelAfterMs?: number;
  /** Where it is asked; /v1/chat/completions when left out. */
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Further fields of the request. */
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface ChatReply {
  readonly ok: boolean;
  /** Empty for success. */
  readonly failure: string;
  /** The stream was ended on purpose before it was whole. */
  readonly cancelled: boolean;
  /** As far as it was heard. */
  readonly text: string;
  /** What was said, to go on with. */
  readonly message: ChatMessage;
  /** Why it ended: `stop`, `length` ...; null where it did not say. */
  readonly finish: string | null;
  /** Milliseconds; null where no token came, or but one. */
  readonly ttftMs: number | null;
  readonly tpotMs: number | null;
  readonly itlMs: readonly number[];
  readonly responseMs: number;
  readonly tokens: {
    readonly input: number | null;
    /** Part of the input that the server had read before; null where it does not say. */
    readonly cached: number | null;
    readonly output: number;
    readonly source: 'usage' | 'tokenizer' | 'chunks';
  };
}
