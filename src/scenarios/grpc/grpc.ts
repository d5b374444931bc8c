/**
 * The `grpc` of a scenario: calls of the one target that its option `grpc` names.
 *
 *     export default scenario('shop', { grpc: { url: 'grpc://localhost:50051', proto: 'shop.proto' } }, async ({ grpc }) => {
 *       const found = await grpc.call<Item>('shop.Shop/Find', { id: 7 });
 *       const prices = grpc.stream<Price>('shop.Shop/Watch', { item: 7 });
 *       for await (const price of prices) if (price.amount < 3) break;
 *     });
 *
 * 1. Each call is one request, whatever streams in it, and is in the report by its name, `shop.Shop/Find`. It ends with its status.
 * 2. A call that fails says so in its reply and does not throw.
 * 3. A message is an object whose fields are named as in the .proto file. One that does not fit its type, and a method that does
 *    not exist, throw before anything is sent: they are faults of the script.
 * 4. Messages of streams are counted, both ways; `grpc.first` is the time from when a stream was due to its first message.
 * 5. A user has a connection of its own, unless `--streams` lets several share one.
 */
export interface Grpc {
  /**
   * Sends a message, or each of a list to a method that takes a stream of them, and waits for the end of the call.
   * @param method `package.Service/Method`
   * @param message none is an empty one
   */
  call<Answer = Record<string, unknown>>(
    method: string,
    message?: GrpcMessage | readonly GrpcMessage[],
    options?: CallOptions,
  ): Promise<GrpcReply<Answer>>;
  /**
   * Begins a call whose messages are a stream, at one side or both.
   * @param message the one message of a method that takes no stream of them; it is sent at once
   */
  stream<Answer = Record<string, unknown>>(
    method: string,
    message?: GrpcMessage,
    options?: CallOptions,
  ): GrpcStream<Answer>;
}

export type GrpcMessage = Readonly<Record<string, unknown>>;

export interface CallOptions {
  /** From when it is sent to its end; the target is told. `--timeout` when left out, Infinity for none. */
  readonly deadlineMs?: number;
  /** Beside that of the scenario's `headers` and `--header`. Of names that end in -bin the value is base64. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface GrpcReply<Answer = Record<string, unknown>> {
  readonly ok: boolean;
  /** Why not: `grpc.NOT_FOUND`, `timeout`, `connect.refused` ...; empty for success. */
  readonly failure: string;
  /** The status by its name: `OK`, `NOT_FOUND` ... */
  readonly code: string;
  /** What was said of the failure; empty for success. */
  readonly message: string;
  /** The message that came, the last one of a stream; null where none came. */
  readonly value: Answer | null;
  /** Messages that were sent, and that came. */
  readonly sent: number;
  readonly received: number;
  /** From when it was due to the first message; null where none came. */
  readonly firstMs: number | null;
  readonly responseMs: number;
  /** Of what the target told beside its messages. @returns null where it told no such thing */
  header(name: string): string | null;
}

/** Going through it gives the messages as they come, and ends with the call; leaving it early cancels the call. */
export interface GrpcStream<Answer = Record<string, unknown>> extends AsyncIterable<Answer> {
  /** Messages so far. */
  readonly sent: number;
  readonly received: number;
  /** Resolves when it is on its way; with false where the call has ended, and it was not sent. */
  send(message: GrpcMessage): Promise<boolean>;
  /** Nothing more will be sent. */
  end(): void;
  /** The next message, in order; null when the call has ended and none is left. */
  receive(): Promise<Answer | null>;
  /** Ends what is sent, and waits for the end of the call; messages that nobody asked for are counted and thrown away. */
  close(): Promise<GrpcReply<Answer>>;
  /** Ends the call at once. It has not failed by that. */
  cancel(): void;
}

/** The option `grpc` of a scenario. */
export interface GrpcOptions {
  /** `grpc://host:port`, with TLS `grpcs://host`. `--base-url` takes precedence. */
  readonly url: string;
  /** The .proto file beside the scenario that describes the target, or several; the target is asked when left out. */
  readonly proto?: string | readonly string[];
  /** Where their imports are found, beside the folders of the files themselves. */
  readonly protoPath?: string | readonly string[];
}
