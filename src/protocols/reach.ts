/**
 * Can the target be reached at all? Asked once before a run, so that a typing error is told as one.
 *
 * 1. It connects, with the TLS handshake for https, and sends no request: nothing is counted, nothing changed.
 * 2. What stands in the way is our own error here (PLM_...), because no load can be begun.
 * 3. Every address of the name is tried, in the order of the system's resolver; the first that connects will do.
 */
import { isIP } from 'node:net';
import { PlimsollError, type ErrorCode } from '../errors.ts';
import { lookupAddresses, type Lookup } from './addresses.ts';
import { databaseKind } from './databases/databaseUrl.ts';
import { connectFailure, messageOf, type FailureKind } from './failures.ts';
import { hostOf, httpUrl } from './httpRequest.ts';
import { Opening, type OpeningOptions } from './opening.ts';
import { straight } from './route.ts';
import { grpcAsHttp } from './grpc/grpcUrl.ts';
import { asHttp } from './webSocketUrl.ts';

export interface ReachOptions extends OpeningOptions {
  /** For one address; the lookup not included. */
  readonly timeoutMs: number;
  /** What TLS offers (ALPN); http/1.1 when left out. */
  readonly protocols?: readonly string[];
}

/** @throws PlimsollError PLM_TARGET, PLM_UNKNOWN_HOST, PLM_REFUSED, PLM_UNREACHABLE, PLM_TLS */
export async function reach(
  url: string,
  options: ReachOptions,
  lookup: Lookup = lookupAddresses,
): Promise<void> {
  const target = httpUrl(databaseKind(url) === null ? grpcAsHttp(asHttp(url)) : overTcp(url));
  const { connectTo, unixSocket } = options.route ?? straight;
  const host = unixSocket ?? connectTo?.host ?? hostOf(target);
  const addresses = unixSocket !== null || isIP(host) !== 0 ? [host] : await resolve(url, host, lookup);
  const opening = new Opening(target, options, options.protocols ?? ['http/1.1']);
  let worst: PlimsollError | null = null;
  for (const address of addresses) {
    const failure = await connectOnce(opening, address, options.timeoutMs);
    if (failure === null) return;
    const code = codes[failure.kind] ?? 'PLM_UNREACHABLE';
    // Of several, the one a person can act on: something spoke, or something refused.
    if (worst === null || rank(code) > rank(worst.code)) {
      worst = new PlimsollError(code, url, messageOf(failure.error), failure.error);
    }
  }
  throw worst!;
}

/** A database is connected to as a server of HTTP is. */
const overTcp = (url: string): string => `http://${new URL(url).host}/`;

const codes: Partial<Record<FailureKind, ErrorCode>> = {
  'connect.refused': 'PLM_REFUSED',
  tls: 'PLM_TLS',
};

function rank(code: ErrorCode): number {
  return code === 'PLM_TLS' ? 2 : code === 'PLM_REFUSED' ? 1 : 0;
}

async function resolve(url: string, host: string, lookup: Lookup): Promise<string[]> {
  try {
    const found = await lookup(host);
    if (found.length > 0) return found;
  } catch (error) {
    throw new PlimsollError('PLM_UNKNOWN_HOST', url, messageOf(error), error);
  }
  throw new PlimsollError('PLM_UNKNOWN_HOST', url, 'the resolver knows no address');
}

/** What stood in the way, or null. Never rejects. */
function connectOnce(
  opening: Opening,
  address: string,
  timeoutMs: number,
): Promise<{ kind: FailureKind; error: unknown } | null> {
  const { isTls } = opening;
  return new Promise((done) => {
    const socket = opening.open(address);
    let connected = false;
    const end = (error: unknown): void => {
      clearTimeout(timer);
      socket.destroy();
      if (error === null) return done(null);
      // Whoever lets us connect and then does not shake hands does not speak TLS as we do.
      done({ kind: isTls && connected ? 'tls' : connectFailure(error, isTls), error });
    };
    const timer = setTimeout(() => {
      end(Object.assign(new Error(`no connection within ${timeoutMs} ms`), { code: 'ETIMEDOUT' }));
    }, timeoutMs);
    socket.on('error', end);
    socket.on('connect', () => {
      connected = true;
      if (!isTls) end(null);
    });
    socket.on('secureConnect', () => end(null));
    socket.on('close', () => end(new Error('connection closed while connecting')));
  });
}
