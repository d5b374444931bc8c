/** A session of http1 as its users see it, and what the sessions of one protocol share. */
import type { Http1Answer } from './http1Answer.ts';
import type { Line } from './http1Connection.ts';
import type { BadReason, Http1Reader } from './http1Reader.ts';
import type { Http1Request } from './http1Request.ts';
import type { Session } from './protocol.ts';

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

/** What the sessions of one protocol share. */
export interface Http1Shared extends Line {
  readonly request: Http1Request;
  /** For answers that come in one read: one for all. */
  reader: Http1Reader;
  readonly spareReaders: Http1Reader[];
  lastRedirect: string;
  /** Whether a connection has ever carried a second answer. */
  keeps: boolean;
}
