/** A session of http1 as its users see it, and what the sessions of one wire share. */
import type { Line } from './http1Connection.ts';
import type { BadReason, Http1Reader } from './http1Reader.ts';
import type { HttpRequest } from './httpRequest.ts';
import type { HttpSession } from './httpWire.ts';

export interface Http1Session extends HttpSession {
  /** Why the last answer was a `bad-response`; else empty. */
  readonly reason: BadReason | '';
}

/** What the sessions of one protocol share. */
export interface Http1Shared extends Line {
  readonly request: HttpRequest;
  /** For answers that come in one read: one for all. */
  reader: Http1Reader;
  readonly spareReaders: Http1Reader[];
  lastRedirect: string;
  /** Whether a connection has ever carried a second answer. */
  keeps: boolean;
}
