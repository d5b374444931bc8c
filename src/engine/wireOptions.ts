/** What of a target the wires of its scenarios are opened by. */
import { isDatabase } from '../protocols/databases/databaseUrl.ts';
import type { GrpcTargetsOptions } from '../scenarios/grpc/grpcTargets.ts';
import type { HttpTarget } from './messages.ts';

/** What the paths of HTTP are joined to; null where the target is none of HTTP. */
export const baseUrlOf = ({ kind, url }: HttpTarget): string | null =>
  isDatabase(kind) || kind === 'grpc' ? null : url;

/** @param file of the scenarios */
export function grpcOptionsOf(target: HttpTarget, file: string): Omit<GrpcTargetsOptions, 'told'> {
  const { kind, url, timeoutMs, insecure, route, headers, streams } = target;
  return {
    file,
    url: kind === 'grpc' ? url : null,
    timeoutMs,
    insecure,
    route,
    headers,
    streams: streams ?? 1,
  };
}
