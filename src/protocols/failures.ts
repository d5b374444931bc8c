/**
 * From the system's error codes to failure kinds: the words a person reads in the report.
 *
 * Every error has a kind; what no table knows is `connect.unreachable` while connecting and `reset` after.
 */
import type { failureKinds } from '../model/failures.ts';

export type FailureKind = keyof typeof failureKinds;

const connectingKinds: Record<string, FailureKind> = {
  ECONNREFUSED: 'connect.refused',
  ECONNRESET: 'connect.reset',
  ECONNABORTED: 'connect.reset',
  EPIPE: 'connect.reset',
  ETIMEDOUT: 'connect.timeout',
  EHOSTUNREACH: 'connect.unreachable',
  ENETUNREACH: 'connect.unreachable',
  EADDRNOTAVAIL: 'connect.ports',
  EADDRINUSE: 'connect.ports',
  EMFILE: 'connect.descriptors',
  ENFILE: 'connect.descriptors',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
};

/** Kind of an error that came before the connection stood. @param tls whether a TLS handshake was part of it */
export function connectFailure(error: unknown, tls: boolean): FailureKind {
  const code = codeOf(error);
  if (code.startsWith('EAI_')) return 'dns';
  return connectingKinds[code] ?? (tls && !isSystemCode(error) ? 'tls' : 'connect.unreachable');
}

/** Kind of an error on a connection that stood. */
export function exchangeFailure(error: unknown): FailureKind {
  const code = codeOf(error);
  if (code === 'ETIMEDOUT') return 'timeout';
  return code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') ? 'tls' : 'reset';
}

/** Kind of an answer with a status of 400 or more. The same string for the same status, every time. */
export function statusFailure(status: number): string {
  return (statusKinds[status] ??= `http.${status}`);
}
const statusKinds: Record<number, string> = {};

/** What a person is told of an error, at most 200 characters. */
export function messageOf(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).trim();
  // 802CC2D9807F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/ssl3_record.c:350:
  return (/:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(text)?.[1] ?? text).slice(0, 200);
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/** Errors of the system's calls carry a negative errno; those of TLS do not, except EPROTO. */
function isSystemCode(error: unknown): boolean {
  return (
    typeof (error as { errno?: unknown } | null | undefined)?.errno === 'number' && codeOf(error) !== 'EPROTO'
  );
}
