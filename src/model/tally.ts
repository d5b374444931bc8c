/**
 * The tally: counts requests into slices of one second while they happen.
 *
 * 1. Instants are given, never read: the same tally serves the engine and virtual time.
 * 2. `sent - done` is the number in flight at every moment, also across slices.
 * 3. No allocation per request; a slice costs six sparse histograms when it closes.
 *
 * Hot: `sent` and `done` run once per request.
 */
import { cancelled, isTimeout } from './failures.ts';
import { Histogram } from '../maths/histogram.ts';
import { ticksPerSlice, type Slice } from './slice.ts';

export const sliceMs = 1000;

export class Tally {
  readonly #deliver: (slice: Slice) => void;
  #originMs = 0;
  #sliceStartMs = 0;
  #sliceEndMs = 0;
  #inFlight = 0;
  #inFlightMs = 0;
  #inFlightSinceMs = 0;
  #due = 0;
  #sent = 0;
  #done = 0;
  #failed = 0;
  #dropped = 0;
  #bytesSent = 0;
  #bytesReceived = 0;
  #busy: number | null = null;
  #loopLagMs: number | null = null;
  #errors = new Map<string, number>();
  #goodTicks = new Array<number>(ticksPerSlice).fill(0);
  readonly #response = new Histogram();
  readonly #service = new Histogram();
  readonly #firstByte = new Histogram();
  readonly #lag = new Histogram();
  readonly #connect = new Histogram();
  readonly #handshake = new Histogram();
  readonly #histograms = [
    this.#response,
    this.#service,
    this.#firstByte,
    this.#lag,
    this.#connect,
    this.#handshake,
  ];

  constructor(deliver: (slice: Slice) => void) {
    this.#deliver = deliver;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Begins a trial at this instant. Requests still in flight stay counted in flight. */
  begin(nowMs: number): void {
    this.#originMs = nowMs;
    this.#open(nowMs);
  }

  /** Closes every slice that ended before this instant. */
  roll(nowMs: number): void {
    while (nowMs >= this.#sliceEndMs) {
      const endMs = this.#sliceEndMs;
      this.#close(endMs);
      this.#open(endMs);
    }
  }

  /** Closes the slice under way, however short. */
  end(nowMs: number): void {
    this.roll(nowMs);
    if (nowMs > this.#sliceStartMs || this.#due + this.#sent + this.#done > 0) this.#close(nowMs);
    this.#open(nowMs);
  }

  /** A request that was due at one instant and sent at another. */
  sent(dueMs: number, sentMs: number): void {
    if (sentMs >= this.#sliceEndMs) this.roll(sentMs);
    this.#flow(sentMs, 1);
    this.#due++;
    this.#sent++;
    this.#lag.record(sentMs - dueMs);
  }

  /** A request that was due and could not be sent. */
  dropped(nowMs: number): void {
    if (nowMs >= this.#sliceEndMs) this.roll(nowMs);
    this.#due++;
    this.#dropped++;
  }

  /** The end of a request. @param failure empty for success; what was `cancelled` is done, and has neither failed nor a time */
  done(
    dueMs: number,
    sentMs: number,
    firstMs: number,
    doneMs: number,
    failure: string,
    bytesSent: number,
    bytesReceived: number,
  ): void {
    if (doneMs >= this.#sliceEndMs) this.roll(doneMs);
    this.#flow(doneMs, -1);
    this.#done++;
    this.#bytesSent += bytesSent;
    this.#bytesReceived += bytesReceived;
    if (failure === '') {
      const tick = Math.floor(((doneMs - this.#sliceStartMs) * ticksPerSlice) / sliceMs);
      const bounded = tick < 0 ? 0 : tick < ticksPerSlice ? tick : ticksPerSlice - 1;
      this.#goodTicks[bounded] = (this.#goodTicks[bounded] ?? 0) + 1;
      this.#response.record(doneMs - dueMs);
      this.#service.record(doneMs - sentMs);
      this.#firstByte.record(firstMs - dueMs);
      return;
    }
    if (failure === cancelled) return;
    this.#failed++;
    this.#errors.set(failure, (this.#errors.get(failure) ?? 0) + 1);
    if (isTimeout(failure)) this.#response.record(doneMs - dueMs);
  }

  /** A connection that the request which ended now had to wait for. @param handshakeMs 0 without TLS */
  connected(connectMs: number, handshakeMs: number): void {
    this.#connect.record(connectMs);
    if (handshakeMs > 0) this.#handshake.record(handshakeMs);
  }

  /** Gives up what is in flight: it stays sent and is never done. */
  abandon(nowMs: number): void {
    this.#flow(nowMs, -this.#inFlight);
  }

  /** What the worker knows of itself in this slice. */
  self(busy: number | null, loopLagMs: number | null): void {
    this.#busy = busy;
    this.#loopLagMs = loopLagMs;
  }

  #flow(nowMs: number, change: number): void {
    if (nowMs > this.#inFlightSinceMs) {
      this.#inFlightMs += this.#inFlight * (nowMs - this.#inFlightSinceMs);
      this.#inFlightSinceMs = nowMs;
    }
    this.#inFlight += change;
  }

  #open(startMs: number): void {
    this.#sliceStartMs = startMs;
    this.#sliceEndMs = startMs + sliceMs;
    this.#inFlightSinceMs = startMs;
    this.#inFlightMs = 0;
  }

  #close(endMs: number): void {
    this.#flow(endMs, 0);
    this.#deliver({
      startMs: this.#sliceStartMs - this.#originMs,
      durationMs: endMs - this.#sliceStartMs,
      due: this.#due,
      sent: this.#sent,
      done: this.#done,
      failed: this.#failed,
      dropped: this.#dropped,
      errors: Object.fromEntries(this.#errors),
      goodTicks: this.#goodTicks,
      inFlightMs: this.#inFlightMs,
      inFlightEnd: this.#inFlight,
      response: this.#response.toSparse(),
      service: this.#service.toSparse(),
      firstByte: this.#firstByte.toSparse(),
      lag: this.#lag.toSparse(),
      connect: this.#connect.toSparse(),
      handshake: this.#handshake.toSparse(),
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
      busy: this.#busy,
      loopLagMs: this.#loopLagMs,
      openChannels: null,
      sessions: null,
      steps: {},
      scenarios: {},
      counts: {},
      messages: null,
      queues: {},
    });
    this.#due = this.#sent = this.#done = this.#failed = this.#dropped = 0;
    this.#bytesSent = this.#bytesReceived = 0;
    this.#busy = this.#loopLagMs = null;
    this.#errors.clear();
    this.#goodTicks = new Array<number>(ticksPerSlice).fill(0);
    for (const histogram of this.#histograms) histogram.clear();
  }
}
