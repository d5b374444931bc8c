/**
 * One call of a user, from when it is due to its status: counted by the account of the session, told to those who wait.
 *
 * 1. It is sent once and ends once. What was given up is never told.
 * 2. Its messages are counted where they are a stream, at either side.
 * 3. A call that the script cancels is done: it has not failed, and how long it took says nothing of the target.
 */
import { cancelled } from '../../model/failures.ts';
import type { CallEnd, Caller } from '../../protocols/grpc/grpcChannel.ts';
import type { GrpcMethod } from '../../protocols/grpc/grpcMethod.ts';
import { messageOf } from '../../protocols/failures.ts';
import type { Account } from '../account.ts';
import type { GrpcReply } from './grpc.ts';
import type { GrpcRecorder } from './grpcRecorder.ts';

/** Whom a call is of. */
export interface CallGround {
  readonly account: Account;
  readonly recorder: GrpcRecorder;
  /** Told what was said of a call that failed. */
  failed(message: string): void;
}

export class UserCall implements Caller {
  readonly method: GrpcMethod;
  readonly isStream: boolean;
  sent = 0;
  received = 0;
  isCancelled = false;
  isOver = false;
  readonly #ground: CallGround;
  readonly #take: (value: unknown) => void;
  readonly #finish: (reply: GrpcReply) => void;
  readonly #sentMs: number;
  readonly #dueMs: number;
  #firstMs = 0;
  #last: unknown = null;
  /** What was wrong with a message that came. */
  #wrong = '';

  /**
   * It is sent now; where its session was given up before, nothing of it is told.
   * @param take is given each message
   * @param finish is given the reply, and never called where the session was given up
   */
  constructor(
    method: GrpcMethod,
    ground: CallGround,
    take: (value: unknown) => void,
    finish: (reply: GrpcReply) => void,
  ) {
    this.method = method;
    this.isStream = method.sendsMany || method.givesMany;
    this.#ground = ground;
    this.#take = take;
    this.#finish = finish;
    this.#sentMs = performance.now();
    this.#dueMs = this.isGivenUp ? this.#sentMs : ground.account.sent(this.#sentMs);
    ground.account.underWay++;
  }

  /** A message of ours is on its way. */
  sentOne(): void {
    this.sent++;
    if (this.isStream) this.#ground.recorder.messages({ sent: 1 });
  }

  message(bytes: Buffer): void {
    if (this.isOver || this.#ground.account.isClosed) return;
    this.received++;
    if (this.#firstMs === 0) this.#firstMs = performance.now();
    if (this.isStream) this.#ground.recorder.messages({ received: 1 });
    try {
      this.#last = this.method.decode(bytes);
    } catch (error) {
      this.#wrong ||= `a message that came is none of ${this.method.name}: ${messageOf(error)}`;
      return;
    }
    this.#take(this.#last);
  }

  end({ failure: status, code, message: said, connectMs, header }: CallEnd): void {
    const { account, recorder } = this.#ground;
    account.underWay--;
    this.isOver = true;
    if (account.isClosed) return;
    const doneMs = performance.now();
    const isSilent = status === '' && this.received === 0 && !this.method.givesMany;
    const wrong = isSilent ? 'it ended with OK, and no message came' : this.#wrong;
    const failure = this.isCancelled ? '' : status !== '' ? status : wrong === '' ? '' : 'bad-response';
    const message = failure === '' ? '' : status !== '' ? said : wrong;
    if (failure !== '') this.#ground.failed(message === '' ? code : `${code}: ${message}`);
    const firstMs = this.#firstMs === 0 ? doneMs : this.#firstMs;
    account.done(
      this.#dueMs,
      {
        sentMs: this.#sentMs,
        firstMs: failure === '' ? firstMs : this.#firstMs,
        doneMs,
        bytesSent: 0,
        bytesReceived: 0,
        connectMs,
      },
      this.isCancelled ? cancelled : failure,
    );
    if (!this.isCancelled) recorder.step(this.method.name, doneMs - this.#sentMs, failure !== '');
    if (failure === '' && this.method.givesMany && this.received > 0)
      recorder.time('grpc.first', this.#firstMs - this.#dueMs);
    this.#finish({
      ok: failure === '',
      failure,
      code,
      message,
      value: this.#last as Record<string, unknown> | null,
      sent: this.sent,
      received: this.received,
      firstMs: this.#firstMs === 0 ? null : this.#firstMs - this.#dueMs,
      responseMs: doneMs - this.#dueMs,
      header,
    });
    account.ended(failure);
  }

  /** Its session was given up: what comes of it still is told to nobody. */
  get isGivenUp(): boolean {
    return this.#ground.account.isClosed;
  }
}
