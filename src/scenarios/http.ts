/**
 * The `http` of a scenario, as a script sees it.
 *
 * 1. A request leaves when it is made, not when it is awaited. Several at once take a connection each.
 * 2. Every request is counted with its four instants, whatever the script does with the answer.
 * 3. A reply never throws for what the target did; `json()` and `text()` of one that failed do.
 *
 * Deliberately absent: redirects followed, cookies, decompression.
 */
export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as the body, with the content type application/json. */
  readonly json?: unknown;
  readonly body?: string | Uint8Array;
  /** Statuses that are no failure, though they are 400 or above. */
  readonly accept?: readonly number[];
}

export interface Http {
  get(url: string, options?: RequestOptions): Call;
  head(url: string, options?: RequestOptions): Call;
  post(url: string, options?: RequestOptions): Call;
  put(url: string, options?: RequestOptions): Call;
  patch(url: string, options?: RequestOptions): Call;
  delete(url: string, options?: RequestOptions): Call;
  /** @param method as it is sent, so in capitals as a rule */
  request(method: string, url: string, options?: RequestOptions): Call;
}

/** A request under way: await it for the reply, or await what is in it. */
export interface Call extends Promise<Reply> {
  /** The body of the reply as JSON. Rejects where the request failed or the body is none. */
  json<Value = unknown>(): Promise<Value>;
  text(): Promise<string>;
}

export interface Reply {
  /** 0 where no answer came. */
  readonly status: number;
  /** Whether it counts as a success. */
  readonly ok: boolean;
  /** Why not: `http.503`, `timeout`, `reset` ...; empty for success. */
  readonly failure: string;
  /** From when it was due to the last byte of the answer. */
  readonly responseMs: number;
  /** @param name in any case. @returns null where the answer has no such header */
  header(name: string): string | null;
  bytes(): Uint8Array;
  text(): string;
  /** @throws where the body is no JSON */
  json<Value = unknown>(): Value;
}
