/**
 * What a wire has to offer to the engine: sessions that exchange one request at a time.
 *
 * 1. A failing target is data: `exchange` never throws for what the target does; it ends with a failure kind.
 * 2. Every exchange ends exactly once, with `finish(session)`, and never inside the call of `exchange`.
 * 3. The instants are of the worker's own `performance.now()`, milliseconds.
 * 4. A session has at most one exchange under way; users that overlap need sessions of their own.
 *
 * The session itself carries the record of its last exchange: no allocation per request.
 */
import type { Load, Variant } from '../model/load.ts';

export interface Session {
  /** When the session began to act: to write the request, or to connect for it. */
  readonly sentMs: number;
  /** First byte of the answer; 0 when none came. */
  readonly firstMs: number;
  /** Last byte of the answer, or the instant of the failure. */
  readonly doneMs: number;
  /** Empty for success; else the failure kind: `http.503`, `timeout`, `reset`, `connect.refused` ... */
  readonly failure: string;
  /** How long the connection took that was opened for this exchange; 0 where a kept one served, or none came. */
  readonly connectMs?: number;
  /** The TLS handshake on it; 0 without TLS. */
  readonly handshakeMs?: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /**
   * Sends the protocol's request.
   * @param dueMs when it should have been sent, now when left out; a session of many requests counts its first from there
   */
  exchange(finish: (session: Session) => void, dueMs?: number): void;
  /** Whose it is: the user of the session notes itself here, and finds itself again in `finish`. */
  holder?: unknown;
  /** How long the user rests before its next exchange, in milliseconds; none when left out. */
  readonly pauseMs?: number;
  /** Ends the exchange under way, if any, with this failure kind, and drops the connection. */
  abort(failure: string): void;
  /** Drops the connection. No exchange may be under way. */
  close(): void;
}

export interface Protocol {
  readonly name: string;
  /** A trial begins: sessions that differ may want to know what it holds. */
  begin?(load: Load, variant?: Variant): void;
  /** A new session. Connects when it is first used. */
  session(): Session;
  /** Connections opened, and requests sent a second time because a kept connection was closed under them. */
  readonly counts: { readonly connections: number; readonly retries: number };
  /** WebSockets that stand now; null, or left out, where there was none yet. */
  readonly openChannels?: number | null;
}
