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
import type { Socket } from 'node:net';
import type { Lookup } from './addresses.ts';
import { connectFailure, exchangeFailure, messageOf, statusFailure, type FailureKind } from './failures.ts';
import { Http1Answer } from './http1Answer.ts';
import { bad, badReasons, Http1Reader, reading, whole, type BadReason } from './http1Reader.ts';
import { http1Request, type Http1Request, type Http1RequestOptions } from './http1Request.ts';
import { Opening } from './opening.ts';
import type { Protocol, Session } from './protocol.ts';
import type { Route } from './route.ts';
import { Sweep, type Expiring } from './sweep.ts';

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
/** No server gives a connection up that has rested for less; one that breaks sooner is a failure of the target. */
const restedMs = 200;
/** How long the server may take to close a connection it said it would close. */
const farewellMs = 1000;
/** All sessions of the thread read into it, one after the other. */
const sharedBuffer = Buffer.allocUnsafeSlow(64 * 1024);

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
  readonly sweep: Sweep;

  constructor(options: Http1Options, lookup?: Lookup) {
    this.request = http1Request(options);
    this.opening = new Opening(this.request.url, options, ['http/1.1'], lookup);
    this.sweep = new Sweep(options.timeoutMs);
  }

  session(): Http1Session {
    return new Http1Exchanger(this);
  }
}

class Http1Exchanger implements Http1Session, Expiring {
  sentMs = 0;
  firstMs = 0;
  doneMs = 0;
  connectMs = 0;
  handshakeMs = 0;
  failure = '';
  bytesSent = 0;
  bytesReceived = 0;
  status = 0;
  reason: BadReason | '' = '';
  older: Expiring | null = null;
  newer: Expiring | null = null;
  request: Http1Request;
  keeps = false;
  answer: Http1Answer | null = null;

  private readonly wire: Http1Wire;
  private readonly reader = new Http1Reader();
  /** Whom to tell; null when no exchange is under way. */
  private finish: ((session: Http1Session) => void) | null = null;

  private socket: Socket | null = null;
  /** Grows whenever a connection is begun or given up. */
  private generation = 0;
  private connected = false;
  /** Whether the connection has carried an answer before. */
  private kept = false;
  private idleSinceMs = 0;
  /** Whether the connection had rested when the exchange took it. */
  private rested = false;
  private idleLimitMs = idleLimitMs;

  private place = 0;
  private placesLeft = 0;
  private worst: FailureKind | null = null;

  constructor(wire: Http1Wire) {
    this.wire = wire;
    this.request = wire.request;
  }

  exchange(finish: (session: Http1Session) => void): void {
    if (this.finish !== null) throw new Error('a session has at most one exchange under way');
    const sentMs = performance.now();
    this.finish = finish;
    this.sentMs = sentMs;
    this.firstMs = 0;
    this.doneMs = 0;
    this.connectMs = 0;
    this.handshakeMs = 0;
    this.failure = '';
    this.bytesSent = 0;
    this.bytesReceived = 0;
    this.status = 0;
    this.reason = '';
    this.answer = null;
    this.wire.sweep.enter(this);
    const socket = this.socket;
    const idleMs = sentMs - this.idleSinceMs;
    this.rested = idleMs >= restedMs;
    if (socket !== null && idleMs < this.idleLimitMs && socket.writable) this.send(socket);
    else this.connect();
  }

  abort(failure: string): void {
    if (this.finish === null) this.drop();
    else this.fail(failure, performance.now());
  }

  close(): void {
    if (this.finish !== null) throw new Error('close() with an exchange under way; abort() ends it first');
    this.drop();
  }

  /** Called by the sweep. */
  expire(nowMs: number): void {
    this.fail(this.connected ? 'timeout' : 'connect.timeout', nowMs);
  }

  private send(socket: Socket): void {
    const { bytes, bodyless } = this.request;
    this.reader.begin(bodyless);
    if (this.keeps) this.answer = new Http1Answer(bodyless);
    this.bytesSent += bytes.length;
    socket.write(bytes);
  }

  private receive(length: number): void {
    // Nobody asked: a 408 before the server closes, or a server gone mad.
    if (this.finish === null) return this.drop();
    const nowMs = performance.now();
    if (this.firstMs === 0) this.firstMs = nowMs;
    this.bytesReceived += length;
    if (this.answer !== null) this.answer.take(sharedBuffer, length);
    const outcome = this.reader.read(sharedBuffer, length);
    if (outcome === whole) this.answered(nowMs);
    else if (outcome !== reading) this.fail('bad-response', nowMs);
  }

  private answered(nowMs: number): void {
    const { reader, wire } = this;
    this.doneMs = nowMs;
    this.status = reader.status;
    if (reader.status >= 400) this.failure = statusFailure(reader.status);
    else if (reader.location !== '') wire.lastRedirect = reader.location;
    if (!reader.keepAlive || this.request.closes) this.leave();
    else if (this.socket!.writableLength > 0)
      this.drop(); // answered before it had the whole request
    else {
      if (this.kept) wire.keeps = true;
      this.kept = true;
      this.idleSinceMs = nowMs;
      this.idleLimitMs = idleLimit(reader.keepAliveTimeoutMs);
    }
    this.complete();
  }

  private fail(failure: string, nowMs: number): void {
    this.doneMs = nowMs;
    this.failure = failure;
    if (failure === 'bad-response' && this.reader.reason !== '') {
      this.reason = this.reader.reason;
      this.wire.lastError = `bad response: ${badReasons[this.reason]}`;
    }
    this.drop();
    this.complete();
  }

  /** The one end of every exchange. The next one may begin inside the call. */
  private complete(): void {
    const finish = this.finish!;
    this.finish = null;
    this.wire.sweep.leave(this);
    finish(this);
  }

  private connect(): void {
    this.drop();
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
    const outcome = this.reader.end();
    if (outcome === whole) this.answered(performance.now());
    else this.lost(outcome === bad ? 'bad-response' : 'closed');
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
  return promisedMs < 0 ? idleLimitMs : Math.max(promisedMs - 1000, promisedMs / 2);
}
