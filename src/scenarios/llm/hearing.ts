/**
 * Listens to the stream of one chat, and hangs up where that is wanted.
 *
 * 1. Hanging up closes the connection, as a browser does whose tab is closed; with HTTP/2 it ends the stream.
 * 2. An answer that has told its end is never cancelled: it is whole.
 */
import { EventReader } from '../http/events.ts';
import type { Follower } from '../http/userHttp.ts';
import { ChatReader } from './chatStream.ts';
import type { ChatOptions } from './llm.ts';

export type HangUp = Pick<ChatOptions, 'cancelAfterTokens' | 'cancelAfterMs'>;

export class Hearing implements Follower {
  /** Known when it has ended. */
  dueMs = 0;
  isCancelled = false;
  #chat = new ChatReader();
  #events = this.#reader();
  #cancel: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #hangUp: HangUp;

  /** @throws RangeError for what is no amount */
  constructor(hangUp: HangUp) {
    const { cancelAfterTokens: tokens, cancelAfterMs: ms } = hangUp;
    if (tokens !== undefined && !(Number.isInteger(tokens) && tokens >= 1))
      throw new RangeError(`cancelAfterTokens: ${tokens} is no whole number from 1 on`);
    if (ms !== undefined && !(ms >= 0 && ms < 2 ** 31))
      throw new RangeError(`cancelAfterMs: ${ms} is no time of 0 ms or more`);
    this.#hangUp = hangUp;
  }

  begins(cancel: () => void): void {
    this.#chat = new ChatReader();
    this.#events = this.#reader();
    this.#cancel = cancel;
    clearTimeout(this.#timer);
    const { cancelAfterMs } = this.#hangUp;
    if (cancelAfterMs === undefined) return;
    this.#timer = setTimeout(() => this.#hangsUp(), cancelAfterMs).unref();
  }

  readonly heard = (bytes: Buffer, atMs: number): void => {
    this.#events.take(bytes, atMs);
    if (this.#events.isOverlong) this.#chat.fail('an event longer than 1 MiB');
    if (this.#chat.chunks >= (this.#hangUp.cancelAfterTokens ?? Number.POSITIVE_INFINITY)) this.#hangsUp();
  };

  verdict(): string {
    return this.#chat.ended().failure;
  }

  ended(dueMs: number, isCancelled: boolean): void {
    clearTimeout(this.#timer);
    this.dueMs = dueMs;
    this.isCancelled = isCancelled;
  }

  get chat(): ChatReader {
    return this.#chat;
  }

  #hangsUp(): void {
    if (!this.#chat.isOver) this.#cancel();
  }

  #reader(): EventReader {
    return new EventReader((event) => this.#chat.take(event));
  }
}
