/**
 * From how a call of gRPC ended to a failure kind.
 *
 * 1. What the target says is `grpc.` and the name of its status. What the network does keeps the kinds of all wires.
 * 2. grpc-js tells both as a status; what it made up itself is known by its words, those of the version that is tried.
 * 3. A deadline that passed is a `timeout`, whoever noticed it first.
 */
import { connectFailure, statusFailure } from '../failures.ts';

/** The names of the status codes, by number. */
export const grpcCodes = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

/** Longer messages are not taken from a target. */
export const longestMessageBytes = 64 * 1024 * 1024;

export interface Ended {
  readonly code: number;
  readonly details: string;
}

export interface Seen {
  /** The connection stood when the call ended. */
  readonly isConnected: boolean;
  /** Messages of the answer had come. */
  readonly hasBegun: boolean;
  readonly isTls: boolean;
}

export const codeName = (code: number): string => grpcCodes[code] ?? `CODE_${code}`;

export function grpcFailure({ code, details }: Ended, { isConnected, hasBegun, isTls }: Seen): string {
  const name = codeName(code);
  if (name === 'OK') return '';
  if (name === 'DEADLINE_EXCEEDED') return isConnected ? 'timeout' : 'connect.timeout';
  const status = Number(/^Received HTTP status code (\d{3})$/.exec(details)?.[1] ?? 0);
  if (status > 0) return status >= 400 ? statusFailure(status) : 'bad-response';
  if (details.endsWith(` vs ${longestMessageBytes})`)) return 'bad-response';
  if (/^Name resolution failed/.test(details)) return 'dns';
  if (/^No connection established/.test(details)) return connectKind(details, isTls);
  if (/^Connection dropped|^(read|write) E[A-Z]+/.test(details))
    return hasBegun ? 'stream.truncated' : 'closed';
  if (/^(Received RST_STREAM|Stream refused by server|Call cancelled$)/.test(details))
    return hasBegun ? 'stream.truncated' : 'reset';
  return `grpc.${name}`;
}

function connectKind(details: string, isTls: boolean): string {
  if (/Last error: Protocol error/.test(details)) return 'bad-response';
  if (/Last error: Failed to connect/.test(details)) return 'connect.reset';
  const code = /\b(E[A-Z]{4,}|EAI_[A-Z]+)\b/.exec(details)?.[1];
  return connectFailure(code === undefined ? new Error(details) : { code, errno: -1 }, isTls);
}

/** What a person is told, at most 200 characters. */
export function grpcMessage(details: string): string {
  const bare = details
    .replace(/^(Deadline exceeded after [\d.]+s),[^]*$/, '$1')
    .replace(/^No connection established\. Last error: (Error: )?/, '')
    .replace(/\s*(\(\d{4}-[^)]*\))?\.? Resolution note:[^]*$/, '');
  return (/:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(bare)?.[1] ?? bare).slice(0, 200);
}
