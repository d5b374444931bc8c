/** What the command line says of how to get to the target. */
import { readFileSync } from 'node:fs';
import { PlimsollError } from '../errors.ts';
import { isGrpcUrl } from '../protocols/grpc/grpcUrl.ts';
import { parseConnectTo, parseLocalAddresses, type Route } from '../protocols/route.ts';
import { isWebSocketUrl } from '../protocols/webSocketUrl.ts';
import { flagOf, type OptionReader } from './options.ts';

/** Streams on a connection of HTTP/2 or gRPC; null for HTTP/1.1. */
export function streamsOf(url: string | null, read: OptionReader): number | null {
  const streams = read.number('streams', 1, 1000);
  if (url !== null && isGrpcUrl(url)) {
    const none = (['http2', 'dns', 'localAddress'] as const).find((name) => read.isFlag(name));
    if (none === undefined) return streams ?? 1;
    const why = none === 'http2' ? 'it is HTTP/2 already' : 'its client connects by itself';
    throw new PlimsollError('PLM_OPTION', `${flagOf(none)} with gRPC`, why);
  }
  if (!read.on('http2')) {
    if (streams === null) return null;
    throw new PlimsollError('PLM_OPTION', `--streams ${streams}`, 'it goes with --http2, or with gRPC');
  }
  if (url !== null && isWebSocketUrl(url)) {
    throw new PlimsollError('PLM_OPTION', '--http2 with a WebSocket', 'its handshake is of HTTP/1.1');
  }
  return streams ?? 1;
}

export function routeOf(read: OptionReader): Route {
  const local = read.text('localAddress');
  const connectTo = read.text('connectTo');
  const unixSocket = read.text('unixSocket');
  if (connectTo !== null && unixSocket !== null) {
    throw new PlimsollError('PLM_OPTION', '--connect-to together with --unix-socket', 'give one of them');
  }
  const [cert, key] = [pemOf(read, 'cert'), pemOf(read, 'key')];
  if ((cert === null) !== (key === null)) {
    throw new PlimsollError(
      'PLM_OPTION',
      cert === null ? 'no --cert beside --key' : '--cert without --key',
      'a client certificate needs both',
    );
  }
  return {
    localAddresses: local === null ? [] : parseLocalAddresses(local.text),
    connectTo: connectTo === null ? null : parseConnectTo(connectTo.text),
    spread: read.choice('dns', ['pinned', 'spread']) === 'spread',
    unixSocket: unixSocket?.text ?? null,
    ca: pemOf(read, 'ca'),
    cert,
    key,
  };
}

function pemOf(read: OptionReader, name: 'ca' | 'cert' | 'key'): string | null {
  const given = read.text(name);
  if (given === null) return null;
  try {
    return readFileSync(given.text, 'utf8');
  } catch (error) {
    throw new PlimsollError('PLM_FILE', `"${given.text}" for ${given.from}`, (error as Error).message, error);
  }
}
