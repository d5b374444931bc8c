/** A WebSocket of one user, as its script has it: what was sent, what came, what is waited for. */
import { WebSocket, type RawData } from 'ws';
import { closeFailure, leaveChannel, type Opened } from '../../protocols/channel.ts';
import { Sequence } from '../../model/sequence.ts';
import type { Account } from '../account.ts';
import { RequestFailed } from '../http/reply.ts';
import { MessageMissed } from '../messageMissed.ts';
import type { ChannelRecorder } from './channelRecorder.ts';
import { KeptMessage, safely } from './keptMessage.ts';
import { NumberedMessages } from './numberedMessages.ts';
import { paced } from './paced.ts';
import type { Channel, Message, MessageSequence, Sendable } from './ws.ts';

/** Messages of a channel that are kept until they are asked for. */
const mostKept = 1000;
/** How long the target may take to close in its turn. */
const farewellMs = 2000;

interface Waiting {
  readonly matches: (message: Message) => boolean;
  readonly sinceMs: number;
  readonly take: (message: Message) => void;
  readonly fail: (failure: string) => void;
}

export class UserChannel implements Channel {
  readonly protocol: string;
  received = 0;
  missed = 0;
  readonly #channel: WebSocket;
  readonly #opened: Opened;
  readonly #account: Account;
  readonly #recorder: ChannelRecorder;
  readonly #timeoutMs: number;
  readonly #sequences: NumberedMessages[] = [];
  readonly #pings = new Map<string, { answered: (nowMs: number) => void; fail: (failure: string) => void }>();
  readonly #kept: KeptMessage[] = [];
  readonly #waiting: Waiting[] = [];
  #ended = '';
  /** Whether we have closed it, or let it go. */
  #isLeft = false;
  /** Whether its reading was ever paused, and since when it is; NaN where it is not. */
  #isSlow = false;
  #pausedMs = Number.NaN;
  #pinged = 0;
  #written = 0;
  #read = 0;

  constructor(opened: Opened, account: Account, recorder: ChannelRecorder, timeoutMs: number) {
    this.#opened = opened;
    this.#channel = opened.channel;
    this.#account = account;
    this.#recorder = recorder;
    this.#timeoutMs = timeoutMs;
    this.protocol = opened.channel.protocol;
    this.#countBytes();
    this.#channel.on('message', (data, isBinary) => this.#came(data, isBinary));
    this.#channel.on('pong', (payload) => this.#pings.get(payload.toString())?.answered(performance.now()));
    this.#channel.on('close', (code) => {
      this.#readAgain();
      if (!this.#isLeft) {
        const closed = { [code]: 1 };
        recorder.messages({
          closedByTarget: closed,
          ...(this.#isSlow ? { slowClosedByTarget: closed } : {}),
        });
      }
      this.#closed(closeFailure(code));
    });
  }

  get closed(): string {
    return this.#ended === '' && !this.#isOpen ? 'closing' : this.#ended;
  }

  /** Whether the target has closed it. */
  get wasDropped(): boolean {
    return this.#ended !== '' && !this.#isLeft;
  }

  get #isOpen(): boolean {
    return this.#channel.readyState === WebSocket.OPEN;
  }

  get bufferedBytes(): number {
    return this.#channel.bufferedAmount;
  }

  send(message: Sendable): void {
    if (this.#account.isClosed) return;
    // While it closes ws would take a message, and throw it away.
    if (this.closed !== '') throw new MessageMissed(`the WebSocket is closed (${this.closed})`);
    this.#channel.send(
      typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message),
    );
    this.#recorder.messages({ sent: 1 });
  }

  expectSequence(
    numberOf: (message: Message) => number | null | undefined,
    { first }: { readonly first?: number } = {},
  ): MessageSequence {
    const messages = new NumberedMessages(numberOf, new Sequence(first ?? null), {
      time: (name, ms) => this.#recorder.time(name, ms),
      messages: (change) =>
        this.#recorder.messages(this.#isSlow ? { ...change, slowLost: change.lost ?? 0 } : change),
    });
    for (const message of this.#kept) messages.take(message);
    this.#sequences.push(messages);
    return messages;
  }

  async stream(
    frames: Iterable<Sendable> | AsyncIterable<Sendable>,
    { everyMs }: { readonly everyMs: number },
  ): Promise<number> {
    if (!(everyMs >= 0 && Number.isFinite(everyMs))) throw new TypeError(`everyMs ${everyMs} is no time`);
    const count = await paced(frames, everyMs, (frame, lagMs) => {
      if (this.#account.isClosed) return false;
      this.send(frame);
      this.#recorder.time('ws.frame.lag', lagMs);
      return true;
    });
    return this.#account.isClosed ? new Promise(() => undefined) : count;
  }

  pauseReading(): void {
    if (this.#account.isClosed || !this.#isOpen || !Number.isNaN(this.#pausedMs)) return;
    this.#recorder.messages({ slowChannels: this.#isSlow ? 0 : 1 });
    this.#isSlow = true;
    this.#pausedMs = performance.now();
    this.#channel.pause();
  }

  resumeReading(): void {
    this.#readAgain();
    this.#channel.resume();
  }

  ping(): Promise<number> {
    if (this.#account.isClosed) return new Promise(() => undefined);
    if (this.closed !== '')
      return Promise.reject(new MessageMissed(`the WebSocket is closed (${this.closed})`));
    const payload = String(++this.#pinged);
    return new Promise((resolve, reject) => {
      const over = (): void => {
        clearTimeout(late);
        this.#pings.delete(payload);
      };
      const fail = (failure: string): void => {
        over();
        reject(new MessageMissed(`a ping was not answered (${failure})`));
      };
      const late = setTimeout(() => fail('timeout'), this.#timeoutMs);
      const sentMs = performance.now();
      const answered = (nowMs: number): void => {
        over();
        resolve(nowMs - sentMs);
      };
      this.#pings.set(payload, { answered, fail });
      this.#channel.ping(payload);
    });
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
    this.resumeReading();
    this.#isLeft = this.#isOpen;
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
    this.#isLeft ||= this.#isOpen;
    this.resumeReading();
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

  #readAgain(): void {
    if (Number.isNaN(this.#pausedMs)) return;
    this.#recorder.messages({ slowPausedMs: performance.now() - this.#pausedMs });
    this.#pausedMs = Number.NaN;
  }

  #forget(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  #came(data: RawData, isBinary: boolean): void {
    this.received++;
    this.#recorder.messages({ received: 1 });
    const message = new KeptMessage(data, isBinary);
    for (const sequence of this.#sequences) sequence.take(message);
    const at = this.#waiting.findIndex(({ matches }) => safely(matches, message, false));
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
    for (const ping of [...this.#pings.values()]) ping.fail(failure);
  }

  /** Since it was asked last: what went and came between two requests is counted with the second. */
  #countBytes(): { bytesSent: number; bytesReceived: number } {
    const { bytesWritten, bytesRead } = this.#opened.socket;
    const counted = { bytesSent: bytesWritten - this.#written, bytesReceived: bytesRead - this.#read };
    this.#written = bytesWritten;
    this.#read = bytesRead;
    return counted;
  }
}
