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
  'bad-response': 'bytes that are no HTTP response, or none of gRPC',
  'stream.truncated': 'stream ended before it was finished',
  'stream.error': 'stream of tokens told an error',
  pool: 'no connection of the pool was free in time',
  'db.08P01': 'the database did not understand the client',
  'db.22P02': 'a value does not fit its type (SQLSTATE 22P02)',
  'db.23502': 'a value is missing (SQLSTATE 23502)',
  'db.23503': 'a foreign key has no counterpart (SQLSTATE 23503)',
  'db.23505': 'a value is there already (SQLSTATE 23505)',
  'db.25P02': 'the transaction had failed before (SQLSTATE 25P02)',
  'db.28P01': 'wrong user or password (SQLSTATE 28P01)',
  'db.3D000': 'no such database (SQLSTATE 3D000)',
  'db.40001': 'the transaction gave way to another (SQLSTATE 40001)',
  'db.40P01': 'deadlock (SQLSTATE 40P01)',
  'db.42601': 'syntax error in the statement (SQLSTATE 42601)',
  'db.42P01': 'no such table (SQLSTATE 42P01)',
  'db.53300': 'too many connections (SQLSTATE 53300)',
  'db.57014': 'the database cancelled the statement (SQLSTATE 57014)',
  'db.57P01': 'the database was shut down (SQLSTATE 57P01)',
  'db.1040': 'too many connections (MySQL error 1040)',
  'db.1045': 'wrong user or password (MySQL error 1045)',
  'db.1049': 'no such database (MySQL error 1049)',
  'db.1062': 'a value is there already (MySQL error 1062)',
  'db.1064': 'syntax error in the statement (MySQL error 1064)',
  'db.1146': 'no such table (MySQL error 1146)',
  'db.1205': 'a lock was waited for too long (MySQL error 1205)',
  'db.1213': 'deadlock (MySQL error 1213)',
  'db.SQLITE_BUSY': 'the file of the database was locked',
  'grpc.CANCELLED': 'the target cancelled the call (gRPC status CANCELLED)',
  'grpc.RESOURCE_EXHAUSTED': 'a limit of the target is used up (gRPC status RESOURCE_EXHAUSTED)',
  'grpc.UNIMPLEMENTED': 'the target has no such method (gRPC status UNIMPLEMENTED)',
  'grpc.UNAVAILABLE': 'the target says that it cannot serve now (gRPC status UNAVAILABLE)',
  redirects: 'redirected too often, or to nowhere',
  check: 'a check or an expectation of the scenario did not hold',
  limit: 'a rate limit is not as the scenario expects',
  data: 'a session found no row left in its data',
  missed: 'a message of a WebSocket, or a call of a webhook, that was waited for did not come',
  script: 'the script of the scenario threw',
} as const;

/**
 * How an exchange ends that the caller ended on purpose: it is done, and neither went well nor failed. No failure kind, and
 * never among errors.
 */
export const cancelled = 'cancelled';

export function failureWords(kind: string): string {
  const words: Readonly<Record<string, string>> = failureKinds;
  if (kind.startsWith('exit.')) return `the command ended with code ${kind.slice(5)}`;
  if (kind.startsWith('signal.')) return `the command was ended by ${kind.slice(7)}`;
  if (kind.startsWith('spawn.')) return `the command could not be started (${kind.slice(6)})`;
  if (kind.startsWith('ws.')) return `WebSocket closed with code ${kind.slice(3)}`;
  if (words[kind] === undefined && kind.startsWith('db.')) return `error ${kind.slice(3)} of the database`;
  if (kind.startsWith('redis.')) return `error ${kind.slice(6)} of Redis`;
  if (words[kind] === undefined && kind.startsWith('grpc.')) return `gRPC status ${kind.slice(5)}`;
  return words[kind] ?? (kind.startsWith('http.') ? `status ${kind.slice(5)}` : 'another failure');
}

/** Whether the target has answered, and refused: it is there, whatever it says. */
export const isAnswer = (kind: string): boolean => /^(http|grpc|db|redis)\./.test(kind);

/** Whether it is of a command, which no target was asked for. */
export const isOfCommand = (kind: string): boolean => /^(exit|signal|spawn)\./.test(kind);

/** Whether it was waited for in vain: then its time is a lower bound of what the answer would have taken. */
export const isTimeout = (kind: string): boolean =>
  kind === 'timeout' || kind === 'connect.timeout' || kind === 'pool';
