/** Failure kinds of requests, in words. Kinds are data from the target's side, not errors of Plimsoll. */

/** Every failure kind beside `http.NNN` and others that carry a code, with what it means to a person. */
export const failureKinds = {
  timeout: 'no full answer in time',
  reset: 'connection reset during the exchange',
  closed: 'connection closed before the answer was whole',
  'connect.refused': 'connection refused',
  'connect.reset': 'connection reset while connecting',
  'connect.timeout': 'no connection in time',
  'connect.unreachable': 'no route to the target',
  'connect.ports': 'no local port left for a connection',
  'connect.descriptors': 'no file descriptor left in the generator',
  dns: 'host name not resolved',
  tls: 'TLS handshake failed',
  'bad-response': 'bytes that are no HTTP response',
  'stream.truncated': 'stream of tokens ended before it was finished',
  'stream.error': 'stream of tokens told an error',
  redirects: 'redirected too often, or to nowhere',
  check: 'a check or an expectation of the scenario did not hold',
  limit: 'a rate limit is not as the scenario expects',
  data: 'a session found no row left in its data',
  missed: 'a message of a WebSocket that was waited for did not come',
  script: 'the script of the scenario threw',
} as const;

export function failureWords(kind: string): string {
  const words: Readonly<Record<string, string>> = failureKinds;
  if (kind.startsWith('exit.')) return `the command ended with code ${kind.slice(5)}`;
  if (kind.startsWith('signal.')) return `the command was ended by ${kind.slice(7)}`;
  if (kind.startsWith('spawn.')) return `the command could not be started (${kind.slice(6)})`;
  if (kind.startsWith('ws.')) return `WebSocket closed with code ${kind.slice(3)}`;
  return words[kind] ?? (kind.startsWith('http.') ? `status ${kind.slice(5)}` : 'another failure');
}
