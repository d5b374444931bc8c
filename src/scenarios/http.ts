/**
 * The `http` of a scenario: one user's requests, each on a kept connection of the user's own.
 *
 * 1. A request leaves when it is made, not when it is awaited. Several at once take a connection each.
 * 2. Every request is counted with its four instants, whatever the script does with the answer.
 * 3. A reply never throws for what the target did; `json()` and `text()` of one that failed do.
 * 4. Requests without headers or body of their own are built once and sent again.
 *
 * Bench: bench/scripted.ts. Deliberately absent: redirects followed, cookies, decompression.
 */
import { http1, type Http1, type Http1Session } from '../protocols/http1.ts';
import type { Http1Answer } from '../protocols/http1Answer.ts';
import { straight, type Route } from '../protocols/route.ts';
import { http1Request, type Http1Request } from '../protocols/http1Request.ts';

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

/** A request failed, and the script asked for what only an answer has. */
export class RequestFailed extends Error {
  readonly failure: string;

  constructor(failure: string, what: string) {
    super(what);
    this.name = 'RequestFailed';
    this.failure = failure;
  }
}

class KeptReply implements Reply {
  readonly status: number;
  readonly failure: string;
  readonly responseMs: number;
  readonly #answer: Http1Answer | null;

  constructor(status: number, failure: string, responseMs: number, answer: Http1Answer | null) {
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

let settle: (reply: Reply) => void = () => undefined;
const take = (resolve: (reply: Reply) => void): void => {
  settle = resolve;
};

/** A promise, so that awaiting it costs no more than awaiting one, with the two shortcuts. */
class PendingCall extends Promise<Reply> implements Call {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  async json<Value = unknown>(): Promise<Value> {
    return succeeded(await this).json<Value>();
  }

  async text(): Promise<string> {
    return succeeded(await this).text();
  }
}
// `await` takes a promise as it is only where its constructor is Promise; of others it makes a new one.
void Object.defineProperty(PendingCall.prototype, 'constructor', { value: Promise });

function succeeded(reply: Reply): Reply {
  if (!reply.ok) throw new RequestFailed(reply.failure, `the request failed with ${reply.failure}`);
  return reply;
}

/** What the requests of a user are told to. */
export interface Recorder {
  sent(dueMs: number, sentMs: number): void;
  done(
    dueMs: number,
    sentMs: number,
    firstMs: number,
    doneMs: number,
    failure: string,
    bytesSent: number,
    bytesReceived: number,
  ): void;
}

export interface WireOptions {
  /** What paths that begin with / are joined to; null where every URL is whole. */
  readonly baseUrl: string | null;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly timeoutMs: number;
  readonly insecure: boolean;
  /** How to get to the origin of the base URL; others are reached straight. */
  readonly route: Route;
}

/** As many requests are kept built. */
const builtMost = 2000;

/** The wires of a thread, one for each origin, and the requests that were built once. */
export class Wires {
  readonly #options: WireOptions;
  readonly #base: URL | null;
  readonly #byOrigin = new Map<string, Http1>();
  readonly #built = new Map<string, { request: Http1Request; wire: Http1 }>();

  constructor(options: WireOptions) {
    this.#options = options;
    this.#base = options.baseUrl === null ? null : new URL(options.baseUrl);
  }

  get counts(): { connections: number; retries: number } {
    const sum = { connections: 0, retries: 0 };
    for (const { counts } of this.#byOrigin.values()) {
      sum.connections += counts.connections;
      sum.retries += counts.retries;
    }
    return sum;
  }

  get lastError(): string {
    return [...this.#byOrigin.values()].map((wire) => wire.lastError).find((error) => error !== '') ?? '';
  }

  get lastRedirect(): string {
    return [...this.#byOrigin.values()].map((wire) => wire.lastRedirect).find((to) => to !== '') ?? '';
  }

  /** @throws TypeError for what is no URL, PlimsollError for what can never be sent */
  prepare(
    method: string,
    url: string,
    options: RequestOptions | undefined,
  ): { request: Http1Request; wire: Http1 } {
    const plain =
      options?.headers === undefined && options?.json === undefined && options?.body === undefined;
    const key = `${method} ${url}`;
    const known = plain ? this.#built.get(key) : undefined;
    if (known !== undefined) return known;
    const whole = this.#whole(url);
    const json = options?.json === undefined ? null : JSON.stringify(options.json);
    const body = json ?? options?.body ?? null;
    const headers = [
      ...this.#options.headers,
      ...(json === null ? [] : [['content-type', 'application/json'] as const]),
      ...Object.entries(options?.headers ?? {}),
    ];
    const request = http1Request(
      { url, method, headers: lastOfEach(headers), body: body === null ? null : Buffer.from(body as string) },
      whole,
    );
    const prepared = { request, wire: this.#wire(whole) };
    if (plain && this.#built.size < builtMost) this.#built.set(key, prepared);
    return prepared;
  }

  #whole(url: string): URL {
    if (this.#base === null && !URL.canParse(url)) {
      throw new TypeError(`"${url}" is no whole URL: give the scenario a baseUrl, or --base-url`);
    }
    const whole = new URL(url, this.#base ?? undefined);
    if (whole.protocol !== 'http:' && whole.protocol !== 'https:') {
      throw new TypeError(`"${url}" does not begin with http:// or https://`);
    }
    return whole;
  }

  #wire({ origin }: URL): Http1 {
    const known = this.#byOrigin.get(origin);
    if (known !== undefined) return known;
    const { timeoutMs, insecure } = this.#options;
    const route = origin === this.#base?.origin ? this.#options.route : straight;
    const wire = http1({ url: origin, method: 'GET', headers: [], body: null, timeoutMs, insecure, route });
    this.#byOrigin.set(origin, wire);
    return wire;
  }
}

/** Of a header given more than once, the last: what a request says counts more than what all say. */
function lastOfEach(
  headers: readonly (readonly [string, string])[],
): (readonly [name: string, value: string])[] {
  return [...new Map(headers.map((header) => [header[0].toLowerCase(), header])).values()];
}

/** The connections of one user. */
export class UserHttp implements Http {
  readonly #wires: Wires;
  readonly #recorder: Recorder;
  readonly #idle = new Map<Http1, Http1Session[]>();
  readonly #busy = new Set<Flight>();
  /** When the next request was due; NaN: when it is made. */
  #dueMs = Number.NaN;
  /** The first failure of the session; empty while there is none. */
  failure = '';
  bytesSent = 0;
  bytesReceived = 0;
  /** Told when the last request under way has ended. */
  idle: (() => void) | null = null;

  constructor(wires: Wires, recorder: Recorder) {
    this.#wires = wires;
    this.#recorder = recorder;
  }

  get underWay(): number {
    return this.#busy.size;
  }

  /** A session begins, whose first request is due at this instant. */
  begin(dueMs: number): void {
    this.#dueMs = dueMs;
    this.failure = '';
    this.bytesSent = 0;
    this.bytesReceived = 0;
  }

  get(url: string, options?: RequestOptions): Call {
    return this.request('GET', url, options);
  }
  head(url: string, options?: RequestOptions): Call {
    return this.request('HEAD', url, options);
  }
  post(url: string, options?: RequestOptions): Call {
    return this.request('POST', url, options);
  }
  put(url: string, options?: RequestOptions): Call {
    return this.request('PUT', url, options);
  }
  patch(url: string, options?: RequestOptions): Call {
    return this.request('PATCH', url, options);
  }
  delete(url: string, options?: RequestOptions): Call {
    return this.request('DELETE', url, options);
  }

  request(method: string, url: string, options?: RequestOptions): Call {
    const { request, wire } = this.#wires.prepare(method, url, options);
    const session = this.#session(wire);
    session.request = request;
    const call = new PendingCall(take);
    const flight = new Flight(this, wire, session, settle, options?.accept);
    this.#busy.add(flight);
    session.exchange(flight.finish);
    flight.dueMs = Number.isNaN(this.#dueMs) ? session.sentMs : this.#dueMs;
    this.#dueMs = Number.NaN;
    this.#recorder.sent(flight.dueMs, session.sentMs);
    return call;
  }

  /** Called by a flight. */
  landed(flight: Flight, failure: string): void {
    const { session } = flight;
    this.#busy.delete(flight);
    this.#recorder.done(
      flight.dueMs,
      session.sentMs,
      session.firstMs,
      session.doneMs,
      failure,
      session.bytesSent,
      session.bytesReceived,
    );
    this.bytesSent += session.bytesSent;
    this.bytesReceived += session.bytesReceived;
    if (failure !== '' && this.failure === '') this.failure = failure;
    this.#idle.get(flight.wire)?.push(session);
    if (this.#busy.size === 0) this.idle?.();
  }

  /** Gives up what is under way; nothing of it is told to the recorder. */
  abort(failure: string): void {
    for (const flight of this.#busy) {
      flight.abandoned = true;
      flight.session.abort(failure);
    }
    this.#busy.clear();
  }

  /** Drops the connections that rest. */
  close(): void {
    for (const sessions of this.#idle.values()) for (const session of sessions) session.close();
  }

  #session(wire: Http1): Http1Session {
    const resting = this.#idle.get(wire);
    const known = resting?.pop();
    if (known !== undefined) return known;
    if (resting === undefined) this.#idle.set(wire, []);
    const session = wire.session();
    session.keeps = true;
    return session;
  }
}

/** One request under way. */
class Flight {
  readonly user: UserHttp;
  readonly wire: Http1;
  readonly session: Http1Session;
  readonly finish: () => void;
  dueMs = 0;
  abandoned = false;

  constructor(
    user: UserHttp,
    wire: Http1,
    session: Http1Session,
    resolve: (reply: Reply) => void,
    accept: readonly number[] | undefined,
  ) {
    this.user = user;
    this.wire = wire;
    this.session = session;
    this.finish = () => {
      const { status, answer, doneMs } = session;
      const failure =
        accept?.includes(status) === true && session.failure.startsWith('http.') ? '' : session.failure;
      if (!this.abandoned) user.landed(this, failure);
      resolve(new KeptReply(status, failure, doneMs - this.dueMs, answer));
    };
  }
}
