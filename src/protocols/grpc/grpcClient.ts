/** The client of gRPC: packages of their own, loaded when a scenario or a target names gRPC. */
import { optionalPeer } from '../optionalPeer.ts';
import type * as channels from './grpcChannel.ts';
import type * as descriptions from './grpcMethods.ts';
import type * as reflection from './reflection.ts';

export interface GrpcClient {
  readonly channels: typeof channels;
  readonly descriptions: typeof descriptions;
  readonly reflection: typeof reflection;
}

/** In the versions that are tried. */
const packages = '@grpc/grpc-js@1.14.7 @grpc/proto-loader@0.8.1';

const load = async (): Promise<GrpcClient> => ({
  channels: await import('./grpcChannel.ts'),
  descriptions: await import('./grpcMethods.ts'),
  reflection: await import('./reflection.ts'),
});

/** @param given what named it, for a message. @throws PLM_CLIENT where it is not installed */
export function grpcClient(given: string, from: () => Promise<GrpcClient> = load): Promise<GrpcClient> {
  return optionalPeer(given, packages, from);
}
