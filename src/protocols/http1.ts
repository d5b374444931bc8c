/**
 * HTTP/1.1 over TCP and TLS, keep-alive. The exchange itself, the hot path, is http1Exchange.ts; the connection under it
 * http1Connection.ts.
 *
 * Whatever the target does ends as a failure kind.
 *
 * Deliberately absent: pipelining, redirects followed, cookies, decompression, proxies.
 */
import type { Lookup } from './addresses.ts';
import { Http1Exchange } from './http1Exchange.ts';
import { Http1Reader } from './http1Reader.ts';
import { httpRequest, type HttpRequest, type HttpRequestOptions } from './httpRequest.ts';
import type { Http1Session, Http1Shared } from './http1Session.ts';
import type { HttpWire } from './httpWire.ts';
import { Opening } from './opening.ts';
import { Roster } from './roster.ts';
import type { Route } from './route.ts';

export interface Http1Options extends HttpRequestOptions {
  /** From sentMs to the last byte, connecting included. */
  readonly timeoutMs: number;
  /** Takes any certificate. */
  readonly insecure: boolean;
  /** How to get there; straight when left out. */
  readonly route?: Route;
}

export interface Http1 extends HttpWire {
  session(): Http1Session;
}

/** @throws PlimsollError PLM_TARGET, PLM_OPTION, PLM_HEADER for what can never be sent */
export function http1(options: Http1Options, lookup?: Lookup): Http1 {
  return new Http1Wire(options, lookup);
}

class Http1Wire implements Http1, Http1Shared {
  readonly name = 'http1';
  readonly counts = { connections: 0, retries: 0 };
  lastRedirect = '';
  lastError = '';
  keeps = false;
  readonly request: HttpRequest;
  readonly opening: Opening;
  readonly roster: Roster;
  reader = new Http1Reader();
  readonly spareReaders: Http1Reader[] = [];

  constructor(options: Http1Options, lookup?: Lookup) {
    this.request = httpRequest(options);
    this.opening = new Opening(this.request.url, options, ['http/1.1'], lookup);
    this.roster = new Roster(options.timeoutMs);
  }

  session(): Http1Session {
    return new Http1Exchange(this);
  }
}
