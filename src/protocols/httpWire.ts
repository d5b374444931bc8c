/** What a wire of HTTP has to offer to scripts, whichever version it speaks: requests that differ, answers that are kept. */
import type { HttpRequest } from './httpRequest.ts';
import type { Protocol, Session } from './protocol.ts';

export interface HttpWire extends Protocol {
  session(): HttpSession;
  /** Location of the last redirect; empty when there was none. Redirects count as success and are not followed. */
  readonly lastRedirect: string;
  /** The system's own message of the last failure, at most 200 characters, for a person. */
  readonly lastError: string;
}

export interface HttpSession extends Session {
  /** What the next exchange sends: that of the wire, until it is set. Of the same origin. */
  request: HttpRequest;
  /** Whether answers are kept, for `answer`. */
  keeps: boolean;
  /** Whether kept answers know when each part of them came, for `arrivals`. */
  timed: boolean;
  /** Is told each part of the body when it comes; none of it is kept then. Null where nobody is. */
  hears: BodyListener | null;
  /** The answer of the last exchange, where answers are kept and one came. */
  readonly answer: HttpAnswer | null;
  /** Whether the last answer sets a cookie. Meaningful where one came. */
  readonly setsCookie: boolean;
  /** Status of the last exchange; 0 when none came. */
  readonly status: number;
  exchange(finish: (session: HttpSession) => void, dueMs?: number): void;
}

export interface HttpAnswer {
  /** More came than is kept (`keptBytes`). */
  readonly cut: boolean;
  /** A header by its name in lower case, several joined by commas; null where it is missing. */
  header(name: string): string | null;
  /** The values of its Set-Cookie headers, each by itself. */
  cookies(): readonly string[];
  /** The body without its framing. */
  body(): Buffer;
  /** The body in the parts in which it came; none where that was not noted. */
  arrivals(): readonly Arrival[];
}

/** @param bytes of the body, without its framing; they are the listener's. @param atMs the worker's own clock */
export type BodyListener = (bytes: Buffer, atMs: number) => void;

export interface Arrival {
  readonly atMs: number;
  readonly bytes: Buffer;
}

/** 1 MiB: enough for what a script reads, and ten thousand users cannot fill the memory at once. */
export const keptBytes = 1024 * 1024;
