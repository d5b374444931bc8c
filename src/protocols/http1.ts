/**
 * HTTP/1.1 over TCP and TLS, keep-alive: the hot path of the load. Bench: bench/wire.ts.
 *
 * 1. One request's bytes, written with one call; answers read through one buffer that all sessions of the
 *    thread share; no allocation, no closure, no timer per exchange.
 * 2. An exchange ends exactly once: answered, failed, expired or aborted all go through `complete`.
 * 3. A socket that was given up speaks to nobody: each listener knows the generation it belongs to.
 * 4. A request is sent a second time only on a fresh connection, only once, only if it is idempotent, and only
 *    when the kept connection had rested and ended before a byte of the answer (RFC 9110 section 9.2.2, RFC 9112
 *    section 9.3.1). One that had not rested cannot have been idle for too long: the target broke it, and that counts,
 *    unless the target has never kept any connection and does not say so.
 * 5. Whatever the target does ends as a failure kind. Nothing here throws for it.
 *
 * Deliberately absent: pipelining, redirects followed, cookies, decompression, proxies.
 *
 *     exchange -> send on the kept connection ------------.-> receive -> answered -> complete
 *              '-> connect (lookup, address by address) --'      |          ^
 *                      ^        '-> notConnected -> fail         '-> fail --'
 *                      '--- lost (once, idempotent) <--- ended, broken
 */
// The global of the same name is a getter, which costs as much as the clock.
import { performance } from 'node:perf_hooks';
import type { Socket } from 'node:net';
import type { Lookup } from './addresses.ts';
import { connectFailure, exchangeFailure, messageOf, statusFailure, type FailureKind } from './failures.ts';
import { Http1Answer } from './http1Answer.ts';
import { badReasons, Http1Reader, reading, whole, type BadReason, type Outcome } from './http1Reader.ts';
import type { Http1Repeat } from './http1Repeat.ts';
import { http1Request, type Http1Request, type Http1RequestOptions } from './http1Request.ts';
import { Opening } from './opening.ts';
import type { Protocol, Session } from './protocol.ts';
import type { Route } from './route.ts';
import { Roster, type Member } from './roster.ts';

export interface Http1Options extends Http1RequestOptions {
  /** From sentMs to the last byte, connecting included. */
  readonly timeoutMs: number;
  /** Takes any certificate. */
  readonly insecure: boolean;
  /** How to get there; straight when left out. */
  readonly route?: Route;
}

export interface Http1Session extends Session {
  /** What the next exchange sends: that of the protocol, until it is set. Of the same origin. */
  request: Http1Request;
  /** Whether answers are kept, for `answer`. */
  keeps: boolean;
  /** The answer of the last exchange, where answers are kept and one came. */
  readonly answer: Http1Answer | null;
  /** Status of the last exchange; 0 when none came. */
  readonly status: number;
  /** Why the last answer was a `bad-response`; else empty. */
  readonly reason: BadReason | '';
  exchange(finish: (session: Http1Session) => void, dueMs?: number): void;
}

export interface Http1 extends Protocol {
  session(): Http1Session;
  /** Location of the last redirect; empty when there was none. Redirects count as success and are not followed. */
  readonly lastRedirect: string;
  /** The system's own message of the last failure, at most 200 characters, for a person. */
  readonly lastError: string;
}

/** A kept connection is replaced rather than risked after this time, unless the server promises another. */
const idleLimitMs = 4000;
/** So many bytes of a request find room in the system's buffer, as long as answers come one by one. */
const alwaysTaken = 4096;
/** No server gives a connection up that has rested for less; one that breaks sooner is a failure of the target. */
const restedMs = 200;
/** How long the server may take to close a connection it said it would close. */
const farewellMs = 1000;
/** All sessions of the thread read into it, one after the other. */
const sharedBuffer = Buffer.allocUnsafeSlow(64 * 1024);
const sharedWords = new Int32Array(sharedBuffer.buffer, 0, sharedBuffer.length / 4);

/** @throws PlimsollError PLM_TARGET, PLM_OPTION, PLM_HEADER for what can never be sent */
export function http1(options: Http1Options, lookup?: Lookup): Http1 {
  return new Http1Wire(options, lookup);
}

/** What the sessions of one protocol share. */
class Http1Wire implements Http1 {
  readonly name = 'http1';
  readonly counts = { connections: 0, retries: 0 };
  lastRedirect = '';
  lastError = '';
  /** Whether a connection has ever carried a second answer. */
  keeps = false;
  readonly request: Http1Request;
  readonly opening: Opening;
  readonly roster: Roster;
  /** For answers that come in one read: one for all. */
  reader = new Http1Reader();
  readonly spareReaders: Http1Reader[] = [];

  constructor(options: Http1Options, lookup?: Lookup) {
    this.request = http1Request(options);
    this.opening = new Opening(this.request.url, options, ['http/1.1'], lookup);
    this.roster = new Roster(options.timeoutMs);
  }

  session(): Http1Session {
    return new Http1Exchanger(this);
  }
}

class Http1Exchanger implements Http1Session, Member {
  // What every exchange touches stands first: with hundreds of sessions, each cache line counts.
  /** Whom to tell; null when no exchange is under way. */
  private finish: ((session: Http1Session) => void) | null = null;
  private socket: Socket | null = null;
  request: Http1Request;
  private readonly wire: Http1Wire;
  /** Where its instants stand; -1 while it has no seat. */
  private seat = -1;
  private idleLimitMs = idleLimitMs;
  holder: unknown = null;
  failure = '';
  answer: Http1Answer | null = null;
  /** Of an answer of which a part has come; null before the first byte and where the whole came at once. */
  private reader: Http1Reader | null = null;
  bytesSent = 0;
  bytesReceived = 0;
  status = 0;
  keeps = false;
  private connected = false;
  /** Whether the connection has carried an answer before. */
  private kept = false;
  /** Whether the connection had rested when the exchange took it. */
  private rested = false;
  /** Whether the exchange had to open a connection. */
  private opened = false;

  connectMs = 0;
  handshakeMs = 0;
  reason: BadReason | '' = '';
  /** Grows whenever a connection is begun or given up. */
  private generation = 0;
  private place = 0;
  private placesLeft = 0;
  private worst: FailureKind | null = null;

  constructor(wire: Http1Wire) {
    this.wire = wire;
    this.request = wire.request;
  }

  get sentMs(): number {
    return this.wire.roster.times[this.seat] ?? 0;
  }
  get firstMs(): number {
    return this.wire.roster.times[this.seat + 1] ?? 0;
  }
  get doneMs(): number {
    return this.wire.roster.times[this.seat + 2] ?? 0;
  }

  exchange(finish: (session: Http1Session) => void, _dueMs?: number, nowMs = performance.now()): void {
    if (this.finish !== null) throw new Error('a session has at most one exchange under way');
    const { roster } = this.wire;
    if (this.seat < 0) this.seat = roster.join(this);
    const idleMs = nowMs - this.doneMs;
    roster.begin(this.seat, nowMs);
    this.finish = finish;
    if (this.failure !== '') {
      this.failure = '';
      this.reason = '';
    }
    this.answer = null;
    this.bytesSent = 0;
    this.bytesReceived = 0;
    this.status = 0;
    this.rested = idleMs >= restedMs;
    if (this.opened) this.forgetOpening();
    const socket = this.socket;
    // One that answered this very millisecond is not asked whether it is still open.
    if (socket !== null && idleMs < this.idleLimitMs && (idleMs < 1 || socket.writable)) this.send(socket);
    else this.connect();
  }

  abort(failure: string): void {
    if (this.finish === null) this.drop();
    else this.fail(failure, performance.now());
  }

  close(): void {
    if (this.finish !== null) throw new Error('close() with an exchange under way; abort() ends it first');
    this.drop();
    if (this.seat >= 0) this.wire.roster.leave(this.seat);
    this.seat = -1;
  }

  /** Called by the roster. */
  expire(nowMs: number): void {
    this.fail(this.connected ? 'timeout' : 'connect.timeout', nowMs);
  }

  private send(socket: Socket): void {
    const { bytes, bodyless } = this.request;
    if (this.keeps) this.answer = new Http1Answer(bodyless);
    this.bytesSent += bytes.length;
    socket.write(bytes);
  }

  private receive(length: number): void {
    // Nobody asked: a 408 before the server closes, or a server gone mad.
    if (this.finish === null) return this.drop();
    const nowMs = performance.now();
    this.bytesReceived += length;
    if (this.answer !== null) this.answer.take(sharedBuffer, length);
    const { wire } = this;
    if (this.reader !== null) return this.judge(this.reader, this.reader.read(sharedBuffer, length), nowMs);
    const { repeat, bodyless } = this.request;
    wire.roster.times[this.seat + 1] = nowMs;
    if (repeat.matches(sharedWords, length)) return this.answered(nowMs, repeat);
    const { reader } = wire;
    reader.begin(bodyless);
    const outcome = reader.read(sharedBuffer, length);
    if (outcome === whole) repeat.learn(sharedWords, length, reader);
    else if (outcome === reading) {
      // The rest is to come: the reader is this session's until then.
      this.reader = reader;
      wire.reader = wire.spareReaders.pop() ?? new Http1Reader();
    }
    this.judge(reader, outcome, nowMs);
  }

  private judge(reader: Http1Reader, outcome: Outcome, nowMs: number): void {
    if (outcome === whole) return this.answered(nowMs, reader);
    if (outcome === reading) return;
    if (reader.reason !== '') {
      this.reason = reader.reason;
      this.wire.lastError = `bad response: ${badReasons[reader.reason]}`;
    }
    this.fail('bad-response', nowMs);
  }

  private answered(nowMs: number, head: Http1Reader | Http1Repeat): void {
    const { wire } = this;
    const { status } = head;
    this.status = status;
    if (status >= 400) this.failure = statusFailure(status);
    else if (head.location !== '') wire.lastRedirect = head.location;
    if (!head.keepAlive || this.request.closes) this.leave();
    else if (this.request.bytes.length > alwaysTaken && this.socket!.writableLength > 0)
      this.drop(); // answered before it had the whole request
    else {
      if (this.kept) wire.keeps = true;
      this.kept = true;
      this.idleLimitMs = idleLimit(head.keepAliveTimeoutMs);
    }
    this.complete(nowMs);
  }

  private fail(failure: string, nowMs: number): void {
    this.failure = failure;
    this.drop();
    this.complete(nowMs);
  }

  /** The one end of every exchange. The next one may begin inside the call. */
  private complete(nowMs: number): void {
    const { wire, finish, reader } = this;
    wire.roster.times[this.seat + 2] = nowMs;
    this.finish = null;
    if (reader !== null) {
      this.reader = null;
      wire.spareReaders.push(reader);
    }
    finish!(this);
  }

  private forgetOpening(): void {
    this.opened = false;
    this.connectMs = 0;
    this.handshakeMs = 0;
  }

  private connect(): void {
    this.drop();
    this.opened = true;
    this.worst = null;
    const { addresses } = this.wire.opening;
    const known = addresses.list;
    if (known !== null) return this.connectFirst(known);
    const generation = this.generation;
    addresses.resolve().then(
      (found) => {
        if (generation === this.generation) this.connectFirst(found);
      },
      (error: unknown) => {
        if (generation === this.generation) this.notConnected(error);
      },
    );
  }

  private connectFirst(addresses: readonly string[]): void {
    this.placesLeft = addresses.length;
    this.place = this.wire.opening.addresses.begin();
    this.connectTo(addresses[this.place]!);
  }

  private connectTo(address: string): void {
    const { wire } = this;
    const { isTls } = wire.opening;
    const generation = ++this.generation;
    const fromMs = performance.now();
    try {
      const socket = wire.opening.open(address, {
        buffer: sharedBuffer,
        callback: (length) => {
          if (generation === this.generation) this.receive(length);
          else socket.destroy();
          return true;
        },
      });
      this.socket = socket;
      socket.on('error', (error) => {
        if (generation === this.generation) this.broken(error);
      });
      socket.on('connect', () => {
        wire.counts.connections++;
        if (generation !== this.generation) return;
        this.connectMs = performance.now() - fromMs;
        if (!isTls) this.ready(socket);
      });
      socket.on('end', () => {
        if (generation === this.generation) this.ended();
      });
      socket.on('close', () => {
        if (generation === this.generation) this.ended();
      });
      if (!isTls) return;
      socket.on('secureConnect', () => {
        if (generation !== this.generation) return;
        this.handshakeMs = performance.now() - fromMs - this.connectMs;
        this.ready(socket);
      });
    } catch (error) {
      queueMicrotask(() => {
        if (generation === this.generation) this.notConnected(error);
      });
    }
  }

  private ready(socket: Socket): void {
    this.wire.opening.addresses.worked(this.place);
    this.connected = true;
    this.send(socket);
  }

  private notConnected(error: unknown): void {
    const { wire } = this;
    const { addresses, isTls } = wire.opening;
    const kind = connectFailure(error, isTls);
    wire.lastError = messageOf(error);
    this.worst = addresses.worse(this.worst, kind);
    const list = addresses.list;
    if (list === null || --this.placesLeft <= 0 || !addresses.worthAnother(kind)) {
      return this.fail(this.worst, performance.now());
    }
    this.drop();
    this.place = (this.place + 1) % list.length;
    this.connectTo(list[this.place]!);
  }

  private broken(error: Error): void {
    if (!this.connected) return this.notConnected(error);
    this.wire.lastError = messageOf(error);
    this.lost(exchangeFailure(error));
  }

  /** The target has ended its side of the stream. */
  private ended(): void {
    if (!this.connected) return this.notConnected(closedWhileConnecting);
    if (this.finish === null) return this.drop();
    const { reader } = this;
    if (reader !== null && reader.end() === whole) this.answered(performance.now(), reader);
    else this.lost('closed');
  }

  /** The connection is gone before the answer was whole. A fresh one is not `kept`, so there is no third sending. */
  private lost(kind: FailureKind): void {
    if (this.finish === null) return this.drop();
    const { wire } = this;
    const idledTooLong = this.kept && (this.rested || !wire.keeps);
    if (idledTooLong && this.firstMs === 0 && this.request.idempotent) {
      wire.counts.retries++;
      return this.connect();
    }
    this.fail(kind, performance.now());
  }

  /** Gives the connection up. */
  private drop(): void {
    this.generation++;
    this.connected = false;
    this.kept = false;
    this.socket?.destroy();
    this.socket = null;
  }

  /**
   * Lets the server close first, as it said it would: the side that closes first keeps the port busy for a
   * minute (TIME_WAIT), and our ports are the scarce ones.
   */
  private leave(): void {
    const socket = this.socket!;
    this.socket = null;
    this.drop();
    socket.unref();
    socket.setTimeout(farewellMs, () => socket.destroy());
  }
}

const closedWhileConnecting = Object.assign(new Error('connection closed while connecting'), {
  code: 'ECONNRESET',
});

/** Stops a second short of what the server promises, so that it does not close while the request is on its way. */
function idleLimit(promisedMs: number): number {
  return promisedMs < 0 ? idleLimitMs : Math.floor(Math.max(promisedMs - 1000, promisedMs / 2));
}
