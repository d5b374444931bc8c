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
 * 3. A channel that the target closes fails what waits on it, with its close code; the report counts it by that code,
 *    also where nothing waited.
 *    From when a channel was closed so until the user has opened one again is the time `ws.back`.
 * 4. A slow consumer is one whose socket is not read: what its target does with it is told apart (`slow`).
 * 5. Numbered messages are counted by the definitions of model/sequence.ts.
 */
import type { SequenceCounts } from '../../model/sequence.ts';

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
  /** Why it is closed: `ws.1001`, `closed` where it ended without a code, `closing` until that is known; empty while it is open. */
  readonly closed: string;
  /** Bytes that were sent and that the target has not taken yet: it is slow where they grow. */
  readonly bufferedBytes: number;
  send(message: Sendable): void;
  /**
   * The first message that matches, of those that came and were not asked for, or the next one.
   * @param seconds how long it may take; the time-out of the run when left out
   */
  receive(matches?: (message: Message) => boolean, seconds?: number): Promise<Message>;
  /** Sends, and waits for the message that matches: one request. */
  request(message: Sendable, matches?: (message: Message) => boolean): Promise<Message>;
  /**
   * Counts the messages that carry a number, from those on that came and were not asked for: what is lost, comes twice or
   * out of order is in the report. A message without a whole number (or whose number cannot be read) is not of it.
   * @param options.first the sender's first number; else the lowest that comes, and losses before it do not show
   */
  expectSequence(
    numberOf: (message: Message) => number | null | undefined,
    options?: { readonly first?: number },
  ): MessageSequence;
  /**
   * Sends frames in real time, the nth at start + n * everyMs, and resolves with their number when the last was sent. How
   * late each left is the time `ws.frame.lag` of the report.
   */
  stream(
    frames: Iterable<Sendable> | AsyncIterable<Sendable>,
    options: { readonly everyMs: number },
  ): Promise<number>;
  /**
   * Reads nothing more from the connection until `resumeReading`: its buffers fill, and the target can send no more. What it
   * does then (waits, throws messages away, closes) shows once reading resumes; neither answers nor closing are seen before.
   */
  pauseReading(): void;
  resumeReading(): void;
  /** Milliseconds until the target's own WebSocket answered a ping. No request, and in no count. */
  ping(): Promise<number>;
  /** Closes in good order, and waits until the target has done so too. */
  close(code?: number): Promise<void>;
}

/** The count of a sequence by now. */
export interface MessageSequence extends SequenceCounts {
  /** The sender's last number is known: what is missing up to it is lost as well. */
  end(last: number): void;
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
