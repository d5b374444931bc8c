/**
 * HTTP/2 through undici: so many sessions share a connection, each with a stream at a time.
 *
 * 1. Over TLS the target must choose h2 (ALPN); in clear text it is taken to speak it (prior knowledge). There is no
 *    falling back to HTTP/1.1: what was asked for is measured, or it fails and is told.
 * 2. A connection is opened for the first exchange that needs it; the neighbours of that exchange wait with it, and only
 *    it carries the time that connecting took.
 * 3. Bytes are those of the connection since an exchange on it last ended: with several streams they fall to whoever ends
 *    first, and their sum is exact.
 * 4. A connection is given up when the last of its sessions has closed: one that goes takes nothing from the others.
 * 5. An exchange ends exactly once; what undici still says of one that was given up finds nobody.
 *
 * Deliberately absent: server push, priorities, and speed. This wire costs several times what http1 does.
 */
import type { Socket } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import type { Lookup } from './addresses.ts';
import { connecting } from './connecting.ts';
import { connectFailure, exchangeFailure, messageOf, statusFailure, type FailureKind } from './failures.ts';
import { httpRequest, type HttpRequest, type HttpRequestOptions } from './httpRequest.ts';
import {
  keptBytes,
  type Arrival,
  type BodyListener,
  type HttpAnswer,
  type HttpSession,
  type HttpWire,
} from './httpWire.ts';
import { Opening, type OpeningOptions } from './opening.ts';
import { Roster, Seated } from './roster.ts';

export interface Http2Options extends HttpRequestOptions, OpeningOptions {
  /** From sentMs to the last byte, connecting included. */
  readonly timeoutMs: number;
  /** Sessions that share a connection, 1 or more. */
  readonly streams: number;
}

/** @throws PlimsollError PLM_TARGET, PLM_OPTION, PLM_HEADER for what can never be sent */
export function http2(options: Http2Options, lookup?: Lookup): HttpWire {
  return new Http2Wire(options, lookup);
}

class Http2Wire implements HttpWire {
  readonly name = 'http2';
  readonly counts = { connections: 0, retries: 0 };
  lastRedirect = '';
  lastError = '';
  /** Whether any answer has come whole. */
  understood = false;
  readonly opening: Opening;
  readonly roster: Roster;
  readonly origin: string;
  readonly timeoutMs: number;
  readonly request: HttpRequest;
  readonly streams: number;
  private shared: SharedConnection | null = null;

  constructor(options: Http2Options, lookup?: Lookup) {
    this.request = httpRequest(options);
    this.opening = new Opening(this.request.url, options, ['h2'], lookup);
    this.roster = new Roster(options.timeoutMs);
    this.origin = this.request.url.origin;
    this.timeoutMs = options.timeoutMs;
    this.streams = options.streams;
  }

  /** In clear text nothing is agreed upon: a server of HTTP/1.1 takes the first bytes for rubbish. */
  hinted(message: string): string {
    const doubtful = !this.understood && !this.opening.isTls;
    return doubtful ? `${message}; without TLS the target must expect HTTP/2`.slice(0, 200) : message;
  }

  session(): HttpSession {
    if (this.shared === null || this.shared.members >= this.streams) this.shared = new SharedConnection(this);
    this.shared.members++;
    return new Http2Session(this, this.shared);
  }
}

type Dispatched = Omit<Dispatcher.DispatchOptions, 'origin'>;

const dispatched = new WeakMap<HttpRequest, Dispatched>();

/** A request as undici takes it. Host, Connection and Content-Length are HTTP/2's own affair. */
function asDispatched(request: HttpRequest): Dispatched {
  const known = dispatched.get(request);
  if (known !== undefined) return known;
  const { url, method, headers, body } = request;
  const made = {
    path: `${url.pathname}${url.search}`,
    method: method as Dispatcher.HttpMethod,
    headers: headers.filter(([name]) => !/^(host|connection|content-length)$/i.test(name)).flat(),
    body,
  };
  dispatched.set(request, made);
  return made;
}

/** A connection that several sessions share, made when first needed and anew when it was lost. */
class SharedConnection {
  /** Sessions that belong to it. */
  members = 0;
  /** Those of them that use it now: it is given up when the last has closed. */
  private users = 0;
  connectMs = 0;
  handshakeMs = 0;
  private readonly wire: Http2Wire;
  private client: Client | null = null;
  private socket: Socket | null = null;
  private written = 0;
  private read = 0;

  constructor(wire: Http2Wire) {
    this.wire = wire;
  }

  dispatch(request: HttpRequest, handler: Dispatcher.DispatchHandler): void {
    this.client ??= this.newClient();
    this.client.dispatch(asDispatched(request), handler);
  }

  join(): void {
    this.users++;
  }

  leave(): void {
    if (--this.users > 0) return;
    const { client } = this;
    this.client = null;
    void client?.destroy().catch(() => undefined);
  }

  /** Bytes since this was last asked. */
  bytes(): { sent: number; received: number } {
    const { bytesWritten = 0, bytesRead = 0 } = this.socket ?? {};
    const sent = bytesWritten - this.written;
    const received = bytesRead - this.read;
    this.written = bytesWritten;
    this.read = bytesRead;
    return { sent, received };
  }

  private newClient(): Client {
    const { opening, streams } = this.wire;
    // documented, and missing in undici's types
    const clearText: object = opening.isTls ? {} : { useH2c: true };
    return new Client(this.wire.origin, {
      allowH2: true,
      ...clearText,
      pipelining: streams,
      maxConcurrentStreams: streams,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 600_000,
      connect: (_options, callback) => {
        this.connect().then(
          (socket) => callback(null, socket),
          (error: unknown) => callback(error as Error, null),
        );
      },
    });
  }

  private async connect(): Promise<Socket> {
    const { wire } = this;
    const { isTls } = wire.opening;
    const { socket, connectMs, handshakeMs } = await connecting(wire.opening, wire.timeoutMs, (ready) => {
      // undici asks every socket which protocol was agreed upon; in clear text it is ours to say.
      if (!isTls) Object.assign(ready, { alpnProtocol: 'h2' });
      const chosen = (ready as Socket & { alpnProtocol?: unknown }).alpnProtocol;
      if (chosen === 'h2') return null;
      return Object.assign(new Error('the target does not choose HTTP/2'), { code: 'ERR_TLS_ALPN' });
    });
    wire.counts.connections++;
    this.socket = socket;
    this.connectMs = connectMs;
    this.handshakeMs = handshakeMs;
    this.written = this.read = 0;
    return socket;
  }
}

class Http2Session extends Seated implements HttpSession {
  request: HttpRequest;
  keeps = false;
  timed = false;
  hears: BodyListener | null = null;
  holder: unknown = null;
  answer: Http2Answer | null = null;
  status = 0;
  setsCookie = false;
  connectMs = 0;
  handshakeMs = 0;
  failure = '';
  bytesSent = 0;
  bytesReceived = 0;

  private readonly wire: Http2Wire;
  private readonly connection: SharedConnection;
  private finish: ((session: HttpSession) => void) | null = null;
  private controller: Dispatcher.DispatchController | null = null;
  /** Counts exchanges: what undici says of an earlier one finds that it is no longer meant. */
  private turn = 0;

  constructor(wire: Http2Wire, connection: SharedConnection) {
    super(wire.roster);
    this.wire = wire;
    this.request = wire.request;
    this.connection = connection;
  }

  exchange(finish: (session: HttpSession) => void): void {
    if (this.finish !== null) throw new Error('a session has at most one exchange under way');
    this.finish = finish;
    const { roster } = this;
    if (this.seat < 0) {
      this.seat = roster.join(this);
      this.connection.join();
    }
    roster.begin(this.seat, performance.now());
    this.connectMs = this.handshakeMs = 0;
    this.bytesSent = this.bytesReceived = this.status = 0;
    this.failure = '';
    this.answer = null;
    this.controller = null;
    this.connection.dispatch(this.request, this.handler(++this.turn));
  }

  abort(failure: string): void {
    if (this.finish !== null) this.fail(failure, performance.now());
  }

  close(): void {
    if (this.finish !== null) throw new Error('close() with an exchange under way; abort() ends it first');
    if (this.seat < 0) return;
    this.connection.leave();
    this.roster.leave(this.seat);
    this.seat = -1;
  }

  /** Called by the roster. */
  expire(nowMs: number): void {
    this.fail(this.controller === null ? 'connect.timeout' : 'timeout', nowMs);
  }

  private handler(turn: number): Dispatcher.DispatchHandler {
    const meant = (): boolean => turn === this.turn && this.finish !== null;
    return {
      onRequestStart: (controller) => {
        if (!meant()) return controller.abort(new Error('given up before it was sent'));
        if (this.controller !== null) this.wire.counts.retries++;
        this.controller = controller;
        const { connection } = this;
        [this.connectMs, this.handshakeMs] = [connection.connectMs, connection.handshakeMs];
        connection.connectMs = connection.handshakeMs = 0;
      },
      onResponseStart: (_controller, status, headers) => {
        if (!meant()) return;
        this.roster.times[this.seat + 1] = performance.now();
        this.status = status;
        this.setsCookie = headers['set-cookie'] !== undefined;
        if (this.keeps) this.answer = new Http2Answer(headers);
        const to = headers['location'];
        if (status >= 300 && status < 400 && typeof to === 'string') this.wire.lastRedirect = to;
      },
      onResponseData: (_controller, bytes) => {
        if (!meant()) return;
        if (this.hears !== null) this.hears(bytes, performance.now());
        else this.answer?.take(bytes);
      },
      onResponseEnd: () => {
        if (!meant()) return;
        this.wire.understood = true;
        if (this.status >= 400) this.failure = statusFailure(this.status);
        this.complete(performance.now());
      },
      onResponseError: (_controller, error) => {
        if (!meant()) return;
        this.wire.lastError = this.wire.hinted(messageOf(error));
        const nowMs = performance.now();
        // Before the request was on its way no connection stood.
        const kind: FailureKind =
          this.controller === null
            ? connectFailure(error, this.wire.opening.isTls)
            : exchangeFailure(error.cause ?? error);
        // Never inside the call of exchange().
        queueMicrotask(() => {
          if (meant()) this.fail(kind, nowMs);
        });
      },
    };
  }

  private fail(failure: string, nowMs: number): void {
    this.failure = failure;
    const { controller } = this;
    this.turn++;
    this.complete(nowMs);
    controller?.abort(new Error(failure));
  }

  private complete(nowMs: number): void {
    const finish = this.finish;
    this.finish = null;
    this.roster.times[this.seat + 2] = nowMs;
    const { sent, received } = this.connection.bytes();
    this.bytesSent = sent;
    this.bytesReceived = received;
    finish?.(this);
  }
}

class Http2Answer implements HttpAnswer {
  private readonly headers: Readonly<Record<string, string | string[]>>;
  private readonly kept: Arrival[] = [];
  private length = 0;
  cut = false;

  constructor(headers: Readonly<Record<string, string | string[] | undefined>>) {
    this.headers = headers as Readonly<Record<string, string | string[]>>;
  }

  /** Keeps the bytes of one frame, which are nobody else's. */
  take(bytes: Buffer): void {
    const room = keptBytes - this.length;
    if (bytes.length > room) this.cut = true;
    if (room <= 0) return;
    this.kept.push({ atMs: performance.now(), bytes: bytes.subarray(0, room) });
    this.length += Math.min(room, bytes.length);
  }

  header(name: string): string | null {
    const value = Object.hasOwn(this.headers, name) ? this.headers[name] : undefined;
    return Array.isArray(value) ? value.join(', ') : (value ?? null);
  }

  cookies(): readonly string[] {
    const value = this.headers['set-cookie'] ?? [];
    return Array.isArray(value) ? value : [value];
  }

  body(): Buffer {
    return Buffer.concat(this.kept.map(({ bytes }) => bytes));
  }

  arrivals(): readonly Arrival[] {
    return this.kept;
  }
}
