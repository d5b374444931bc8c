/**
 * One HTTP request: checked and complete, and as the bytes of HTTP/1.1, built once and sent again and again.
 *
 * 1. What the user gave goes out as given and in order; only what is missing is added.
 * 2. The framing is ours: Content-Length follows from the body, and no header may contradict it.
 * 3. No header can smuggle a line break in: what is no header is refused with PLM_HEADER.
 */
import { readFileSync } from 'node:fs';
import { PlimsollError } from '../errors.ts';
import { Http1Repeat } from './http1Repeat.ts';

export interface HttpRequestOptions {
  /** Absolute, http: or https:. */
  readonly url: string;
  /** Sent as given, so in capitals as a rule. */
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | null;
}

export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  /** All that are sent, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | null;
  /** As HTTP/1.1 sends it. */
  readonly bytes: Buffer;
  /** Whether sending it twice means the same as once (RFC 9110 section 9.2.2). */
  readonly idempotent: boolean;
  /** Whether its answers have no body whatever their headers say. */
  readonly bodyless: boolean;
  /** Whether it asks for the connection to be closed behind the answer. */
  readonly closes: boolean;
  /** What its answers look like. */
  readonly repeat: Http1Repeat;
}

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const userAgent = `plimsoll/${version}`;

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const idempotentMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);
const methodsWithBody = new Set(['POST', 'PUT', 'PATCH']);

/**
 * Builds the bytes of one request.
 * @param known the parsed URL, where the caller has it already
 * @throws PlimsollError PLM_TARGET, PLM_OPTION (the method), PLM_HEADER
 */
export function httpRequest(options: HttpRequestOptions, known?: URL): HttpRequest {
  const { method, body } = options;
  const url = known ?? httpUrl(options.url);
  if (!token.test(method) || method.toUpperCase() === 'CONNECT') {
    throw new PlimsollError('PLM_OPTION', `method ${JSON.stringify(method)}`);
  }
  const bodyBytes = body?.length ?? 0;
  const given = new Set<string>();
  const headers: (readonly [string, string])[] = [];
  let closes = false;
  for (const [name, value] of options.headers) {
    const folded = name.toLowerCase();
    checkHeader(name, value, bodyBytes);
    if (folded === 'connection' && /(^|,)\s*close\s*(,|$)/i.test(value)) closes = true;
    given.add(folded);
    headers.push([name, value]);
  }
  if (!given.has('authorization') && (url.username !== '' || url.password !== '')) {
    const credentials = Buffer.from(`${unescaped(url.username)}:${unescaped(url.password)}`);
    headers.unshift(['Authorization', `Basic ${credentials.toString('base64')}`]);
  }
  if (!given.has('accept')) headers.unshift(['Accept', '*/*']);
  if (!given.has('user-agent')) headers.unshift(['User-Agent', userAgent]);
  // URL.host leaves the scheme's own port out.
  if (!given.has('host')) headers.unshift(['Host', url.host]);
  if (!given.has('content-length') && (body !== null || methodsWithBody.has(method))) {
    headers.push(['Content-Length', String(bodyBytes)]);
  }
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = Buffer.from(`${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines}\r\n`);
  return {
    url,
    method,
    headers,
    body,
    bytes: body === null ? head : Buffer.concat([head, body]),
    idempotent: idempotentMethods.has(method),
    bodyless: method === 'HEAD',
    closes,
    repeat: new Http1Repeat(),
  };
}

/** @throws PlimsollError PLM_TARGET */
export function httpUrl(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new PlimsollError('PLM_TARGET', given);
  }
  return url;
}

/** Host name or address of a URL as the system's calls take it: IPv6 without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}

/** Port of a URL, the scheme's own where none is written. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' || url.protocol === 'wss:' ? 443 : 80;
}

function checkHeader(name: string, value: string, bodyBytes: number): void {
  const shown = JSON.stringify(`${name}: ${value}`);
  if (!token.test(name)) throw new PlimsollError('PLM_HEADER', shown);
  for (const char of value) {
    if ((char < ' ' && char !== '\t') || char === '\x7f') {
      throw new PlimsollError('PLM_HEADER', shown, 'it holds a line break or another control character');
    }
  }
  const folded = name.toLowerCase();
  if (folded === 'transfer-encoding') {
    throw new PlimsollError('PLM_HEADER', shown, 'Plimsoll frames the body itself');
  }
  if (folded === 'content-length' && value.trim() !== String(bodyBytes)) {
    throw new PlimsollError('PLM_HEADER', shown, `the body has ${bodyBytes} bytes`);
  }
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
