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
 * 2. Tokens are those that the server counts (`usage`), else the chunks that came; `tokens.source` says which.
 * 3. A stream that ends without a finish reason has failed (`stream.truncated`), and so has one that tells an error
 *    (`stream.error`), though its status was 200.
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
    readonly output: number;
    readonly source: 'usage' | 'chunks';
  };
}
