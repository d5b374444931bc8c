/** What comes back to a script: the reply, kept and taken apart when it is asked for, and the promise of it. */
import type { HttpAnswer } from '../protocols/httpWire.ts';
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
  readonly #answer: HttpAnswer | null;

  constructor(status: number, failure: string, responseMs: number, answer: HttpAnswer | null) {
    this.status = status;
    this.failure = failure;
    this.responseMs = responseMs;
    this.#answer = answer;
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
    return this.#answer.body();
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  json<Value = unknown>(): Value {
    const text = this.text();
    try {
      return JSON.parse(text) as Value;
    } catch {
      const start = text.length > 60 ? `${text.slice(0, 60)}...` : text;
      throw new RequestFailed('', `the answer (status ${this.status}) is no JSON: ${JSON.stringify(start)}`);
    }
  }
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
