/** What comes back to a script: the reply, kept and taken apart when it is asked for, and the promise of it. */
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { HttpRequest } from '../../protocols/httpRequest.ts';
import { keptBytes, type HttpAnswer } from '../../protocols/httpWire.ts';
import { eventsOf, type ServerEvent } from './events.ts';
import type { Call, Reply } from './http.ts';

/** A request failed, and the script asked for what only an answer has. */
export class RequestFailed extends Error {
  readonly failure: string;

  constructor(failure: string, what: string) {
    super(what);
    this.name = 'RequestFailed';
    this.failure = failure;
  }
}

export class KeptReply implements Reply {
  readonly status: number;
  readonly failure: string;
  readonly responseMs: number;
  readonly #request: HttpRequest;
  readonly #answer: HttpAnswer | null;
  /** On the worker's own clock. */
  readonly dueMs: number;

  constructor(
    status: number,
    failure: string,
    responseMs: number,
    request: HttpRequest,
    answer: HttpAnswer | null,
    dueMs: number,
  ) {
    this.dueMs = dueMs;
    this.status = status;
    this.failure = failure;
    this.responseMs = responseMs;
    this.#request = request;
    this.#answer = answer;
  }

  get url(): string {
    return this.#request.url.href;
  }

  get ok(): boolean {
    return this.failure === '';
  }

  header(name: string): string | null {
    return this.#answer?.header(name.toLowerCase()) ?? null;
  }

  bytes(): Buffer {
    if (this.#answer === null) return Buffer.alloc(0);
    if (this.#answer.cut)
      throw new RequestFailed('', 'the body is longer than the 1 MiB that are kept of an answer');
    return decoded(this.#answer.body(), this.#answer.header('content-encoding'));
  }

  events(): ServerEvent[] {
    const arrivals = this.#answer?.arrivals() ?? [];
    return eventsOf(arrivals).map((event) => ({ ...event, atMs: event.atMs - this.dueMs }));
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  json<Value = unknown>(): Value {
    return jsonIn<Value>(this.text(), `the answer (status ${this.status})`);
  }
}

/** @param what it is, for a person who reads that it is no JSON */
export function jsonIn<Value>(text: string, what: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch {
    const start = text.length > 60 ? `${text.slice(0, 60)}...` : text;
    throw new RequestFailed('', `${what} is no JSON: ${JSON.stringify(start)}`);
  }
}

const decoders: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};
/** A small answer may unpack to gigabytes; what a script reads has room in so much. */
const maxOutputLength = 16 * keptBytes;

function decoded(body: Buffer, encoding: string | null): Buffer {
  let bytes = body;
  for (const name of (encoding ?? '').split(',').reverse()) {
    const coding = name.trim().toLowerCase();
    if (coding === '' || coding === 'identity' || bytes.length === 0) continue;
    const decode = decoders[coding];
    if (decode === undefined)
      throw new RequestFailed('', `the body is compressed with ${coding}, which is not known here`);
    try {
      bytes = decode(bytes, { maxOutputLength });
    } catch (error) {
      throw new RequestFailed('', `the body cannot be unpacked as ${coding}: ${(error as Error).message}`);
    }
  }
  return bytes;
}

/**
 * A call is a plain promise with two shortcuts of its own. A subclass of Promise would be the natural shape, but V8 awaits
 * only plain promises by the short way: a subclass costs four times as much in each step (bench/stages.ts).
 */
export function pendingCall(executor: (resolve: (reply: Reply) => void) => void): Call {
  const call = new Promise<Reply>(executor) as Call;
  call.json = shortcuts.json;
  call.text = shortcuts.text;
  return call;
}

const shortcuts = {
  async json<Value = unknown>(this: Promise<Reply>): Promise<Value> {
    return succeeded(await this).json<Value>();
  },
  async text(this: Promise<Reply>): Promise<string> {
    return succeeded(await this).text();
  },
};

function succeeded(reply: Reply): Reply {
  if (!reply.ok) throw new RequestFailed(reply.failure, `the request failed with ${reply.failure}`);
  return reply;
}
