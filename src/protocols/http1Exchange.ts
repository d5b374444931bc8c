/**
 * One request and its answer, over and over: the hot path of the load. Bench: bench/throughput.ts, and bench/stages.ts
 * for its parts.
 *
 * 1. One request's bytes, written with one call; answers read through one buffer that all sessions of the thread share;
 *    no closure and no timer per exchange, and no allocation but of the answer where it is kept.
 * 2. An exchange ends exactly once: answered, failed, expired or aborted all go through `complete`.
 * 3. A request is sent a second time only on a fresh connection, only once, only if it is idempotent, and only when the
 *    kept connection had rested and ended before a byte of the answer (RFC 9110 section 9.2.2, RFC 9112 section 9.3.1).
 *    One that had not rested cannot have been idle for too long: the target broke it, and that counts, unless the target
 *    has never kept any connection and does not say so.
 *
 *     exchange -> send on the kept connection, or on a new one -> received -> answered -> complete
 *                    ^                                               |            ^
 *                    '--- connectionLost (once, idempotent) <--------'--> fail ---'
 */
// The global of the same name is a getter, which costs as much as the clock.
import { performance } from 'node:perf_hooks';
import type { Socket } from 'node:net';
import { statusFailure, type FailureKind } from './failures.ts';
import { answerKept, type Http1Answer } from './http1Answer.ts';
import { Http1Connection, restedMs, sharedBuffer, sharedWords } from './http1Connection.ts';
import { badReasons, Http1Reader, reading, whole, type BadReason, type Outcome } from './http1Reader.ts';
import type { Http1Repeat } from './http1Repeat.ts';
import type { HttpRequest } from './httpRequest.ts';
import type { Http1Session, Http1Shared } from './http1Session.ts';
import type { BodyListener, HttpSession } from './httpWire.ts';

/** So many bytes of a request find room in the system's buffer, as long as answers come one by one. */
const alwaysTaken = 4096;

export class Http1Exchange extends Http1Connection implements Http1Session {
  // What every exchange touches stands first: with hundreds of sessions, each cache line counts.
  /** Whom to tell; null when no exchange is under way. */
  private finish: ((session: HttpSession) => void) | null = null;
  request: HttpRequest;
  private readonly wire: Http1Shared;
  holder: unknown = null;
  failure = '';
  answer: Http1Answer | null = null;
  /** Of an answer of which a part has come; null before the first byte and where the whole came at once. */
  private reader: Http1Reader | null = null;
  bytesSent = 0;
  bytesReceived = 0;
  status = 0;
  keeps = false;
  timed = false;
  hears: BodyListener | null = null;
  setsCookie = false;
  /** Whether the connection had rested when the exchange took it. */
  private rested = false;
  reason: BadReason | '' = '';

  constructor(wire: Http1Shared) {
    super(wire);
    this.wire = wire;
    this.request = wire.request;
  }

  exchange(finish: (session: HttpSession) => void): void {
    if (this.finish !== null) throw new Error('a session has at most one exchange under way');
    const nowMs = performance.now();
    if (this.seat < 0) this.seat = this.roster.join(this);
    const idleMs = nowMs - this.doneMs;
    this.roster.begin(this.seat, nowMs);
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
    const socket = this.usable(idleMs, this.request.idempotent);
    if (socket === null) this.connect();
    else this.send(socket);
  }

  abort(failure: string): void {
    return this.finish === null ? this.drop() : this.fail(failure, performance.now());
  }

  close(): void {
    if (this.finish !== null) throw new Error('close() with an exchange under way; abort() ends it first');
    this.drop();
    if (this.seat >= 0) this.roster.leave(this.seat);
    this.seat = -1;
  }

  /** Called by the roster. */
  expire(nowMs: number): void {
    this.fail(this.connected ? 'timeout' : 'connect.timeout', nowMs);
  }

  protected connectionReady(socket: Socket): void {
    this.send(socket);
  }

  protected connectionFailed(kind: FailureKind): void {
    this.fail(kind, performance.now());
  }

  private send(socket: Socket): void {
    const { bytes, bodyless } = this.request;
    if (this.keeps) this.answer = answerKept(bodyless, this.timed, this.hears);
    this.bytesSent += bytes.length;
    socket.write(bytes);
  }

  protected received(length: number): void {
    // Nobody asked: a 408 before the server closes, or a server gone mad.
    if (this.finish === null) return this.drop();
    const nowMs = performance.now();
    this.bytesReceived += length;
    if (this.answer !== null) this.answer.take(sharedBuffer, length, nowMs);
    if (this.reader !== null) return this.judge(this.reader, this.reader.read(sharedBuffer, length), nowMs);
    const { repeat, bodyless } = this.request;
    this.roster.times[this.seat + 1] = nowMs;
    if (repeat.matches(sharedWords, length)) return this.answered(nowMs, repeat);
    const { reader } = this.wire;
    reader.begin(bodyless);
    const outcome = reader.read(sharedBuffer, length);
    if (outcome === whole) repeat.learn(sharedWords, length, reader);
    else if (outcome === reading) {
      // The rest is to come: the reader is this session's until then.
      this.reader = reader;
      this.wire.reader = this.wire.spareReaders.pop() ?? new Http1Reader();
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
    this.setsCookie = head.setsCookie;
    if (status >= 400) this.failure = statusFailure(status);
    else if (head.location !== '') wire.lastRedirect = head.location;
    if (!head.keepAlive || this.request.closes) this.leave();
    else if (this.request.bytes.length > alwaysTaken && this.socket!.writableLength > 0)
      this.drop(); // answered before it had the whole request
    else {
      if (this.kept) wire.keeps = true;
      this.kept = true;
      this.promisedMs = head.keepAliveTimeoutMs;
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
    this.roster.times[this.seat + 2] = nowMs;
    this.finish = null;
    if (reader !== null) {
      this.reader = null;
      wire.spareReaders.push(reader);
    }
    finish!(this);
  }

  protected connectionEnded(): void {
    if (this.finish === null) return this.drop();
    const { reader } = this;
    if (reader !== null && reader.end() === whole) this.answered(performance.now(), reader);
    else this.connectionLost('closed');
  }

  /** The connection is gone before the answer was whole. A fresh one is not `kept`, so there is no third sending. */
  protected connectionLost(kind: FailureKind): void {
    if (this.finish === null) return this.drop();
    const { wire } = this;
    const idledTooLong = this.kept && (this.rested || !wire.keeps);
    if (idledTooLong && this.firstMs === 0 && this.request.idempotent) {
      wire.counts.retries++;
      return this.connect();
    }
    this.fail(kind, performance.now());
  }
}
