/** The WebSockets of one user, as its script sees them (ws.ts): opened by its account, and closed with it. */
import type { RawData, WebSocket } from 'ws';
import { closeFailure, leaveChannel, openChannel, type Opened } from '../protocols/channel.ts';
import type { Account } from './account.ts';
import { jsonIn, RequestFailed } from './reply.ts';
import type { Wires } from './wires.ts';
import type { Channel, ConnectOptions, Message, Sendable, Ws } from './ws.ts';

/** Messages of a channel that are kept until they are asked for. */
const mostKept = 1000;
/** How long the target may take to close in its turn. */
const farewellMs = 2000;

export class UserWs implements Ws {
  readonly #wires: Wires;
  readonly #account: Account;
  readonly #channels = new Set<UserChannel>();

  constructor(wires: Wires, account: Account) {
    this.#wires = wires;
    this.#account = account;
  }

  connect(url: string, options: ConnectOptions = {}): Promise<Channel> {
    const account = this.#account;
    if (account.isClosed) return new Promise(() => undefined);
    const where = this.#wires.channelTo(url, options.headers ?? {});
    const sentMs = performance.now();
    const dueMs = account.sent(sentMs);
    account.underWay++;
    return new Promise((resolve, reject) => {
      const end = (failure: string, opened: Opened | null): void => {
        account.underWay--;
        if (account.isClosed) return opened?.channel.terminate();
        const doneMs = performance.now();
        const { connectMs = 0, handshakeMs = 0, socket = null } = opened ?? {};
        const bytes = { bytesSent: socket?.bytesWritten ?? 0, bytesReceived: socket?.bytesRead ?? 0 };
        account.done(
          dueMs,
          { sentMs, firstMs: failure === '' ? doneMs : 0, doneMs, ...bytes, connectMs, handshakeMs },
          failure,
        );
        if (opened !== null) {
          this.#wires.channels++;
          const channel = new UserChannel(opened, account, where.timeoutMs);
          this.#channels.add(channel);
          opened.channel.on('close', () => this.#channels.delete(channel));
          resolve(channel);
        }
        account.ended(failure);
      };
      openChannel(
        { ...where, protocols: options.protocols ?? [] },
        (opened) => end('', opened),
        (failure, message) => {
          this.#wires.channelError = message;
          end(failure, null);
          reject(new RequestFailed(failure, `the WebSocket could not be opened: ${message}`));
        },
      );
    });
  }

  /** Ends what is open: what waits on it waits for ever. */
  retire(): void {
    for (const channel of this.#channels) channel.leave();
    this.#channels.clear();
  }
}

/** What was waited for outside a request: no request shows that it failed. */
export class MessageMissed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MessageMissed';
  }
}

interface Waiting {
  readonly matches: (message: Message) => boolean;
  readonly sinceMs: number;
  readonly take: (message: Message) => void;
  readonly fail: (failure: string) => void;
}

class UserChannel implements Channel {
  readonly protocol: string;
  received = 0;
  missed = 0;
  readonly #channel: WebSocket;
  readonly #opened: Opened;
  readonly #account: Account;
  readonly #timeoutMs: number;
  readonly #kept: KeptMessage[] = [];
  readonly #waiting: Waiting[] = [];
  #ended = '';
  #written = 0;
  #read = 0;

  constructor(opened: Opened, account: Account, timeoutMs: number) {
    this.#opened = opened;
    this.#channel = opened.channel;
    this.#account = account;
    this.#timeoutMs = timeoutMs;
    this.protocol = opened.channel.protocol;
    this.#countBytes();
    this.#channel.on('message', (data, isBinary) => this.#came(data, isBinary));
    this.#channel.on('close', (code) => this.#closed(closeFailure(code)));
  }

  send(message: Sendable): void {
    if (this.#account.isClosed) return;
    if (this.#ended !== '') throw new MessageMissed(`the WebSocket is closed (${this.#ended})`);
    this.#channel.send(
      typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message),
    );
  }

  receive(
    matches: (message: Message) => boolean = () => true,
    seconds = this.#timeoutMs / 1000,
  ): Promise<Message> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => waiting.fail('timeout'), seconds * 1000);
      const waiting = this.#await(
        matches,
        (message) => {
          clearTimeout(late);
          resolve(message);
        },
        (failure) => {
          clearTimeout(late);
          this.#forget(waiting);
          reject(new MessageMissed(`no message came that was waited for (${failure})`));
        },
      );
    });
  }

  request(message: Sendable, matches: (message: Message) => boolean = () => true): Promise<Message> {
    const account = this.#account;
    if (account.isClosed) return new Promise(() => undefined);
    // What came before cannot be the answer.
    const before = this.#kept.length;
    this.#countBytes();
    const sentMs = performance.now();
    this.send(message);
    const dueMs = account.sent(sentMs);
    account.underWay++;
    return new Promise((resolve, reject) => {
      const end = (failure: string): void => {
        clearTimeout(late);
        account.underWay--;
        if (account.isClosed) return;
        const doneMs = performance.now();
        const told = { sentMs, firstMs: failure === '' ? doneMs : 0, doneMs, ...this.#countBytes() };
        account.done(dueMs, told, failure);
        if (failure !== '') reject(new RequestFailed(failure, `the message was not answered (${failure})`));
        account.ended(failure);
      };
      const late = setTimeout(() => waiting.fail('timeout'), this.#timeoutMs);
      const waiting = this.#await(
        matches,
        (answer) => {
          resolve(answer);
          end('');
        },
        (failure) => {
          this.#forget(waiting);
          end(failure);
        },
        before,
      );
    });
  }

  close(code = 1000): Promise<void> {
    if (this.#ended !== '') return Promise.resolve();
    this.#channel.close(code);
    return new Promise((resolve) => {
      const late = setTimeout(() => this.terminate(), farewellMs);
      this.#channel.once('close', () => {
        clearTimeout(late);
        resolve();
      });
    });
  }

  terminate(): void {
    this.#channel.terminate();
  }

  /** Says goodbye, and does not wait for the answer. */
  leave(): void {
    leaveChannel(this.#channel);
  }

  /** @param from of the messages that are kept, the first that may match */
  #await(
    matches: (message: Message) => boolean,
    take: (message: Message) => void,
    fail: (failure: string) => void,
    from = 0,
  ): Waiting {
    const waiting = { matches, sinceMs: performance.now(), take, fail };
    const there = this.#kept.findIndex((message, at) => at >= from && matches(message));
    const [found] = there < 0 ? [] : this.#kept.splice(there, 1);
    if (found !== undefined) queueMicrotask(() => take(found));
    else if (this.#ended !== '') queueMicrotask(() => fail(this.#ended));
    else this.#waiting.push(waiting);
    return waiting;
  }

  #forget(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  #came(data: RawData, isBinary: boolean): void {
    this.received++;
    const message = new KeptMessage(data, isBinary);
    const at = this.#waiting.findIndex(({ matches }) => safely(matches, message));
    const [waiting] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (waiting !== undefined) {
      message.waitedMs = performance.now() - waiting.sinceMs;
      return waiting.take(message);
    }
    this.#kept.push(message);
    if (this.#kept.length <= mostKept) return;
    this.#kept.shift();
    this.missed++;
  }

  #closed(failure: string): void {
    this.#ended = failure;
    for (const waiting of this.#waiting.splice(0)) waiting.fail(failure);
  }

  #countBytes(): { bytesSent: number; bytesReceived: number } {
    const { bytesWritten, bytesRead } = this.#opened.socket;
    const counted = { bytesSent: bytesWritten - this.#written, bytesReceived: bytesRead - this.#read };
    this.#written = bytesWritten;
    this.#read = bytesRead;
    return counted;
  }
}

/** A message that a script's own test cannot read is not the one it waits for. */
function safely(matches: (message: Message) => boolean, message: Message): boolean {
  try {
    return matches(message);
  } catch {
    return false;
  }
}

class KeptMessage implements Message {
  readonly isBinary: boolean;
  waitedMs = 0;
  readonly #data: RawData;

  constructor(data: RawData, isBinary: boolean) {
    this.#data = data;
    this.isBinary = isBinary;
  }

  bytes(): Buffer {
    const data = this.#data;
    if (Array.isArray(data)) return Buffer.concat(data);
    return Buffer.isBuffer(data) ? data : Buffer.from(data);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  json<Value = unknown>(): Value {
    return jsonIn<Value>(this.text(), 'the message');
  }
}
