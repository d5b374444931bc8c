/**
 * The `http` of a scenario, as a script sees it.
 *
 * 1. A request leaves when it is made, not when it is awaited. Several at once take a connection each.
 * 2. Every request is counted with its four instants, whatever the script does with the answer.
 * 3. A reply never throws for what the target did; `json()` and `text()` of one that failed do.
 *
 * 4. Redirects are followed and cookies kept, as a browser does; each request of it is counted by itself.
 *
 * Deliberately absent: a cache. What a browser would not ask for again is asked for again.
 */
import type { ServerEvent } from './events.ts';

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as the body, with the content type application/json. */
  readonly json?: unknown;
  /** Sent as an HTML form sends its fields. */
  readonly form?: Readonly<Record<string, string | number | boolean>>;
  /** Sent as an HTML form sends its fields and files (multipart/form-data). */
  readonly parts?: Readonly<Record<string, FormPart>>;
  readonly body?: string | Uint8Array;
  /** For the header Authorization: user and password (Basic), or a token (Bearer). */
  readonly auth?: { readonly user: string; readonly password: string } | { readonly bearer: string };
  /** Notes when each part of the answer came, for `events`. */
  readonly stream?: boolean;
  /** How many redirects are followed; of the scenario when left out, 10 where that says nothing. */
  readonly redirects?: number;
  /**
   * How often the request is made again when the answer is 429 or 503 and says when to come back (Retry-After), after that
   * time. 0 when left out. Each of them is counted, with its failure.
   */
  readonly retryAfter?: number;
  /** Statuses that are no failure, though they are 400 or above. */
  readonly accept?: readonly number[];
}

export type FormPart =
  | string
  | number
  | { readonly data: string | Uint8Array; readonly filename?: string; readonly type?: string };

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
  /** Where it came from, after any redirects. */
  readonly url: string;
  /** From when it was due to the last byte of the answer; with redirects that of the last. */
  readonly responseMs: number;
  /** @param name in any case. @returns null where the answer has no such header */
  header(name: string): string | null;
  bytes(): Uint8Array;
  /** Server-sent events, where the request asked for a `stream`; each with the milliseconds from when it was due. */
  events(): readonly ServerEvent[];
  text(): string;
  /** @throws where the body is no JSON */
  json<Value = unknown>(): Value;
}
