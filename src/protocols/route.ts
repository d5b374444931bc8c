/**
 * How connections reach the origin of a URL: straight, or by a way that was given. The URL goes on to say what is asked
 * for: the Host header and the name in the TLS handshake stay those of the URL.
 */
import { isIP, isIPv4 } from 'node:net';
import { PlimsollError } from '../errors.ts';

export interface Route {
  /** Source addresses, taken in turn by new connections; the system's choice where there are none. */
  readonly localAddresses: readonly string[];
  /** Where to connect instead of host and port of the URL. */
  readonly connectTo: { readonly host: string; readonly port: number } | null;
  /** Whether connections go to all addresses of a name in turn, and not to the one that works. */
  readonly spread: boolean;
  /** Path of a Unix socket to connect to instead. */
  readonly unixSocket: string | null;
  /** PEM of an authority to trust instead of the system's. */
  readonly ca: string | null;
  /** PEM of the certificate to show to the target, and of its key. */
  readonly cert: string | null;
  readonly key: string | null;
}

export const straight: Route = {
  localAddresses: [],
  connectTo: null,
  spread: false,
  unixSocket: null,
  ca: null,
  cert: null,
  key: null,
};

/** More source addresses than this are a typing error. */
const mostAddresses = 4096;

/** `10.0.0.5,127.0.0.2-127.0.0.9`. @throws PLM_OPTION */
export function parseLocalAddresses(text: string): string[] {
  const addresses = text.split(',').flatMap((part) => {
    const [first = '', last, ...rest] = part.trim().split('-');
    if (rest.length > 0 || isIP(first) === 0) throw notAddresses(part);
    if (last === undefined) return [first];
    if (!isIPv4(first) || !isIPv4(last)) throw notAddresses(part);
    const [from, to] = [numberOf(first), numberOf(last)];
    if (to < from || to - from >= mostAddresses) throw notAddresses(part);
    return Array.from({ length: to - from + 1 }, (_, at) => addressOf(from + at));
  });
  return addresses;
}

function notAddresses(part: string): PlimsollError {
  return new PlimsollError(
    'PLM_OPTION',
    `"${part.trim()}" for --local-address`,
    `give addresses of this machine, or a range of at most ${mostAddresses}: 127.0.0.2-127.0.0.9`,
  );
}

const numberOf = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const addressOf = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');

/** `10.0.0.7:8080`, `[::1]:8080`, `backend:8080`. @throws PLM_OPTION */
export function parseConnectTo(text: string): { host: string; port: number } {
  const match = /^(\[[0-9a-f:]+\]|[^\s:/]+):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port < 1 || port > 65_535) {
    throw new PlimsollError('PLM_OPTION', `"${text}" for --connect-to`, 'write host and port: 10.0.0.7:8080');
  }
  return { host: (match[1] ?? '').replace(/^\[|\]$/g, ''), port };
}
