/**
 * Calls of gRPC over one connection, through @grpc/grpc-js.
 *
 * 1. A channel is one connection: what grpc-js shares between channels by itself is switched off, and so are its retries,
 *    its proxies and its waiting between attempts to connect. A call that finds no connection tries to open one.
 * 2. Messages come and go as bytes, so that what a person got wrong in one is told before anything is sent.
 * 3. A call ends once, with a status; it is never thrown. A stream that is cancelled has ended at once: nothing of it is waited for.
 */
import {
  Client,
  connectivityState,
  credentials,
  Metadata,
  status as statuses,
  type ChannelCredentials,
  type ClientOptions,
  type StatusObject,
} from '@grpc/grpc-js';
import { codeName, grpcFailure, grpcMessage, longestMessageBytes } from './grpcFailures.ts';
import type { GrpcAddress } from './grpcUrl.ts';
import type { OpeningOptions } from '../opening.ts';
import { straight } from '../route.ts';

export interface CallEnd {
  /** Empty for success. */
  readonly failure: string;
  /** `OK`, `NOT_FOUND` ... */
  readonly code: string;
  /** What was said of a failure. */
  readonly message: string;
  /** How long the connection took that was opened for this call; 0 where one stood. */
  readonly connectMs: number;
  /** What the target told beside the messages, before and after them. @returns null where it has no such entry */
  header(name: string): string | null;
}

/** Who is told of a call. */
export interface Caller {
  /** A message of the answer. */
  message(bytes: Buffer): void;
  /** The last that is told. */
  end(end: CallEnd): void;
}

/** A call whose messages are a stream, at one side or both. */
export interface StreamUnderWay {
  /** @param taken told when it is on its way, and never where the call has ended */
  send(bytes: Buffer, taken: () => void): void;
  /** Nothing more will be sent. */
  end(): void;
  /** Takes no more messages until it is resumed; the target has to wait then. */
  pause(): void;
  resume(): void;
  /** Its caller is told the end before this returns, where the call had not ended. */
  cancel(): void;
}

export type GrpcMetadata = Readonly<Record<string, string>>;

/** HTTP/2's own affair, and gRPC's. */
const ownHeaders = /^(host|connection|content-length|content-type|te|user-agent)$/i;

const asIs = (bytes: Buffer): Buffer => bytes;

/** How connections to one address are opened. */
export class GrpcOpening {
  readonly isTls: boolean;
  readonly target: string;
  readonly credentials: ChannelCredentials;
  readonly options: ClientOptions;

  constructor({ host, port, isTls }: GrpcAddress, { insecure, route = straight }: OpeningOptions) {
    const { connectTo, unixSocket, ca, cert, key } = route;
    const pem = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text));
    const at = (name: string, where: number): string => `${name.includes(':') ? `[${name}]` : name}:${where}`;
    this.isTls = isTls;
    this.target =
      unixSocket !== null
        ? `unix:${unixSocket}`
        : `dns:${at(connectTo?.host ?? host, connectTo?.port ?? port)}`;
    this.credentials = isTls
      ? credentials.createSsl(pem(ca), pem(key), pem(cert), { rejectUnauthorized: !insecure })
      : credentials.createInsecure();
    const isElsewhere = unixSocket !== null || connectTo !== null;
    this.options = {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
      'grpc.enable_http_proxy': 0,
      'grpc.enable_channelz': 0,
      'grpc.service_config_disable_resolution': 1,
      'grpc.max_send_message_length': -1,
      'grpc.max_receive_message_length': longestMessageBytes,
      'grpc.primary_user_agent': 'plimsoll',
      ...(isElsewhere ? { 'grpc.default_authority': at(host, port) } : {}),
      ...(isElsewhere && isTls ? { 'grpc.ssl_target_name_override': host } : {}),
    };
  }
}

/** @throws TypeError for what can be no metadata */
export function metadataOf(entries: Iterable<readonly [name: string, value: string]>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of entries) {
    if (ownHeaders.test(name)) continue;
    if (name.endsWith('-bin')) metadata.set(name, Buffer.from(value, 'base64'));
    else metadata.set(name, value);
  }
  return metadata;
}

export class GrpcChannel {
  readonly #opening: GrpcOpening;
  #client: Client | null = null;
  #isConnecting = false;
  /** Of the last connection, until a call has told it. */
  #connectMs = 0;

  constructor(opening: GrpcOpening) {
    this.#opening = opening;
  }

  /** One message there, one back. @returns what gives it up */
  unary(path: string, bytes: Buffer, metadata: Metadata, deadlineMs: number, caller: Caller): () => void {
    const client = this.#connected();
    let headers: Metadata | null = null;
    let answer: Buffer | undefined;
    const options = { deadline: Date.now() + deadlineMs };
    const call = client.makeUnaryRequest(path, asIs, asIs, bytes, metadata, options, (_error, value) => {
      answer = value;
    });
    call.on('metadata', (told: Metadata) => {
      headers = told;
    });
    call.on('status', (status: StatusObject) => {
      if (answer !== undefined) caller.message(answer);
      caller.end(this.#endOf(client, status, headers, false));
    });
    return () => call.cancel();
  }

  /** Messages in a row, at either side. */
  stream(path: string, metadata: Metadata, deadlineMs: number, caller: Caller): StreamUnderWay {
    const client = this.#connected();
    let headers: Metadata | null = null;
    let hasBegun = false;
    let isOver = false;
    const call = client.makeBidiStreamRequest(path, asIs, asIs, metadata, {
      deadline: Date.now() + deadlineMs,
    });
    const take = (bytes: Buffer): void => {
      if (isOver) return;
      hasBegun = true;
      caller.message(bytes);
    };
    call.on('metadata', (told: Metadata) => {
      headers = told;
    });
    call.on('data', take);
    // The status says it too.
    call.on('error', () => undefined);
    const over = (status: StatusObject): void => {
      isOver = true;
      caller.end(this.#endOf(client, status, headers, hasBegun));
    };
    call.on('status', (status: StatusObject) => {
      if (isOver) return;
      // What came before it, and waits for a reader that was paused.
      for (let kept = call.read() as Buffer | null; kept !== null; kept = call.read() as Buffer | null)
        take(kept);
      over(status);
    });
    return {
      send: (bytes, taken) => {
        if (!isOver) call.write(bytes, taken);
      },
      end: () => {
        if (!isOver) call.end();
      },
      pause: () => void call.pause(),
      resume: () => void call.resume(),
      cancel: () => {
        if (isOver) return;
        call.cancel();
        over({ code: statuses.CANCELLED, details: 'Cancelled on client', metadata: new Metadata() });
      },
    };
  }

  close(): void {
    const client = this.#client;
    // Whoever watches it is told of its end, and must find it gone.
    this.#client = null;
    this.#isConnecting = false;
    client?.close();
  }

  #endOf(client: Client, status: StatusObject, headers: Metadata | null, hasBegun: boolean): CallEnd {
    const state = client.getChannel().getConnectivityState(false);
    const isConnected = state === connectivityState.READY;
    const { isTls } = this.#opening;
    const failure = grpcFailure(status, { isConnected, hasBegun, isTls });
    // The next call tries to connect at once: grpc-js would wait longer from time to time.
    if (state === connectivityState.TRANSIENT_FAILURE && client === this.#client) this.close();
    const connectMs = this.#connectMs;
    this.#connectMs = 0;
    return {
      failure,
      code: codeName(status.code),
      message: failure === '' ? '' : grpcMessage(status.details),
      connectMs,
      header: (name) => {
        const [first] = [...(headers?.get(name) ?? []), ...status.metadata.get(name)];
        return first === undefined ? null : first.toString(name.endsWith('-bin') ? 'base64' : 'utf8');
      },
    };
  }

  #connected(): Client {
    const { target, credentials: given, options } = this.#opening;
    const client = (this.#client ??= new Client(target, given, options));
    const channel = client.getChannel();
    const state = channel.getConnectivityState(true);
    if (state === connectivityState.READY || this.#isConnecting) return client;
    this.#isConnecting = true;
    const fromMs = performance.now();
    const look = (): void => {
      if (client !== this.#client) return;
      const now = channel.getConnectivityState(false);
      if (now !== connectivityState.READY && now !== connectivityState.TRANSIENT_FAILURE)
        return channel.watchConnectivityState(now, Number.POSITIVE_INFINITY, look);
      this.#isConnecting = false;
      if (now === connectivityState.READY) this.#connectMs = performance.now() - fromMs;
    };
    channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, look);
    return client;
  }
}
