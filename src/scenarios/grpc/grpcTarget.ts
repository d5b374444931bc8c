/**
 * What one scenario calls: its methods, its metadata, and its connections.
 *
 * Each user has a connection of its own, or shares one with as many as `streams` says; it is opened with the first call, and closed
 * when the last of them has left. Whoever comes takes the place of one who left.
 */
import type { Metadata } from '@grpc/grpc-js';
import type { GrpcClient } from '../../protocols/grpc/grpcClient.ts';
import type { GrpcChannel, GrpcOpening } from '../../protocols/grpc/grpcChannel.ts';
import type { GrpcMethods } from '../../protocols/grpc/grpcMethod.ts';
import type { GrpcAddress } from '../../protocols/grpc/grpcUrl.ts';
import type { Route } from '../../protocols/route.ts';

export interface GrpcWays {
  readonly timeoutMs: number;
  readonly insecure: boolean;
  readonly route: Route;
  /** Users that share a connection. */
  readonly streams: number;
}

/** A connection, and how many users have it. */
export interface Shared {
  readonly channel: GrpcChannel;
  members: number;
}

export class GrpcTarget {
  readonly methods: GrpcMethods;
  readonly timeoutMs: number;
  /** What was said of the last call that failed. */
  lastError = '';
  readonly #client: GrpcClient;
  readonly #opening: GrpcOpening;
  readonly #headers: ReadonlyMap<string, string>;
  readonly #usual: Metadata;
  readonly #streams: number;
  /** Those that have room for another user. */
  readonly #free: Shared[] = [];

  constructor(
    client: GrpcClient,
    address: GrpcAddress,
    methods: GrpcMethods,
    headers: ReadonlyMap<string, string>,
    { timeoutMs, streams, insecure, route }: GrpcWays,
  ) {
    this.methods = methods;
    this.timeoutMs = timeoutMs;
    this.#client = client;
    this.#opening = new client.channels.GrpcOpening(address, { insecure, route });
    this.#headers = headers;
    this.#usual = client.channels.metadataOf(headers);
    this.#streams = streams;
  }

  join(): Shared {
    let shared = this.#free.at(-1);
    if (shared === undefined) {
      shared = { channel: new this.#client.channels.GrpcChannel(this.#opening), members: 0 };
      this.#free.push(shared);
    }
    if (++shared.members >= this.#streams) this.#free.pop();
    return shared;
  }

  leave(shared: Shared): void {
    if (shared.members-- === this.#streams) this.#free.push(shared);
    if (shared.members === 0) shared.channel.close();
  }

  /** @throws TypeError for what can be no metadata */
  metadata(own: Readonly<Record<string, string>> | undefined): Metadata {
    if (own === undefined) return this.#usual;
    const folded = Object.entries(own).map(([name, value]) => [name.toLowerCase(), value] as const);
    return this.#client.channels.metadataOf(new Map([...this.#headers, ...folded]));
  }
}
