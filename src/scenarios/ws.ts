/**
 * The `ws` of a scenario: WebSockets, as a script sees them.
 *
 *     const chat = await ws.connect('/chat');
 *     const reply = await chat.request({ id: 7, say: 'hello' }, (message) => message.json<{ id: number }>().id === 7);
 *     const news = await chat.receive((message) => message.text().startsWith('news'));
 *     await chat.close();
 *
 * 1. The handshake is a request, and so is each `request`: counted with its instants. `send` and `receive` by themselves
 *    are not; a `step` around them measures what they take.
 * 2. Messages are kept until they are asked for, in order, at most 1000 of a channel; then the oldest go, and
 *    `missed` counts them.
 * 3. A channel that the target closes fails what waits on it, with its close code.
 */
export interface Ws {
  /** @throws what has failed, where there is no connection */
  connect(url: string, options?: ConnectOptions): Promise<Channel>;
}

export interface ConnectOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Subprotocols that are offered. */
  readonly protocols?: readonly string[];
}

/** Text, bytes, or what becomes JSON. */
export type Sendable = string | Uint8Array | Readonly<Record<string, unknown>> | readonly unknown[];

export interface Channel {
  /** The subprotocol that the target chose; empty for none. */
  readonly protocol: string;
  /** Messages that came so far, and those that were thrown away because nobody asked for them. */
  readonly received: number;
  readonly missed: number;
  send(message: Sendable): void;
  /**
   * The first message that matches, of those that came and were not asked for, or the next one.
   * @param seconds how long it may take; the time-out of the run when left out
   */
  receive(matches?: (message: Message) => boolean, seconds?: number): Promise<Message>;
  /** Sends, and waits for the message that matches: one request. */
  request(message: Sendable, matches?: (message: Message) => boolean): Promise<Message>;
  /** Closes in good order, and waits until the target has done so too. */
  close(code?: number): Promise<void>;
}

export interface Message {
  readonly isBinary: boolean;
  /** When it came, in milliseconds since it was first waited for; 0 where it was there already. */
  readonly waitedMs: number;
  text(): string;
  bytes(): Uint8Array;
  /** @throws where it is no JSON */
  json<Value = unknown>(): Value;
}
