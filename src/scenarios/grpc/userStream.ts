/**
 * A call whose messages are a stream, as its script has it (grpc.ts).
 *
 * Messages are kept until they are asked for. Above a thousand the target has to wait, until some are taken: that is the flow
 * control of HTTP/2, and nothing is lost by it.
 */
import type { StreamUnderWay } from '../../protocols/grpc/grpcChannel.ts';
import type { GrpcMessage, GrpcReply, GrpcStream } from './grpc.ts';
import type { UserCall } from './userCall.ts';

const mostKept = 1000;

export class UserStream implements GrpcStream<unknown> {
  readonly #call: UserCall;
  readonly #wire: StreamUnderWay;
  readonly #reply: Promise<GrpcReply>;
  readonly #kept: unknown[] = [];
  readonly #waiting: ((value: unknown) => void)[] = [];
  readonly #sending = new Set<(wasSent: boolean) => void>();
  #isEnded = false;
  /** Nobody asks for more. */
  #isClosing = false;
  #isPaused = false;

  /** @param begin opens the call; it is told of what comes, and never inside the call of `begin` */
  constructor(
    begin: (
      take: (value: unknown) => void,
      finish: (reply: GrpcReply) => void,
    ) => { call: UserCall; wire: StreamUnderWay },
  ) {
    let resolve: (reply: GrpcReply) => void = () => undefined;
    this.#reply = new Promise((told) => {
      resolve = told;
    });
    const { call, wire } = begin(
      (value) => this.#came(value),
      (reply) => {
        this.#over();
        resolve(reply);
      },
    );
    this.#call = call;
    this.#wire = wire;
  }

  get sent(): number {
    return this.#call.sent;
  }
  get received(): number {
    return this.#call.received;
  }

  send(message: GrpcMessage): Promise<boolean> {
    if (!this.#call.method.sendsMany)
      throw new TypeError(`${this.#call.method.name} takes one message, which was sent when it began`);
    return this.sendBytes(this.#call.method.encode(message));
  }

  /** A message that is known to fit. */
  sendBytes(bytes: Buffer): Promise<boolean> {
    if (this.#call.isGivenUp) return new Promise(() => undefined);
    if (this.#call.isOver) return Promise.resolve(false);
    if (this.#isEnded) throw new TypeError(`${this.#call.method.name}: nothing is sent after end()`);
    return new Promise((resolve) => {
      const told = (wasSent: boolean): void => {
        this.#sending.delete(told);
        resolve(wasSent);
      };
      this.#sending.add(told);
      this.#wire.send(bytes, () => {
        if (this.#call.isOver || this.#call.isGivenUp) return;
        this.#call.sentOne();
        told(true);
      });
    });
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#wire.end();
  }

  receive(): Promise<unknown> {
    if (this.#kept.length > 0) {
      const value = this.#kept.shift();
      if (this.#isPaused && this.#kept.length < mostKept) {
        this.#isPaused = false;
        this.#wire.resume();
      }
      return Promise.resolve(value);
    }
    if (this.#call.isGivenUp) return new Promise(() => undefined);
    if (this.#call.isOver) return Promise.resolve(null);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): Promise<GrpcReply<unknown>> {
    this.end();
    this.discard();
    this.#wire.resume();
    return this.#reply;
  }

  /** From now on messages are counted and thrown away. */
  discard(): void {
    this.#isClosing = true;
    this.#kept.length = 0;
    this.#isPaused = false;
  }

  cancel(): void {
    if (this.#call.isOver) return;
    this.#call.isCancelled = true;
    this.#wire.cancel();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
    try {
      for (let value = await this.receive(); value !== null; value = await this.receive()) yield value;
    } finally {
      this.cancel();
    }
  }

  #came(value: unknown): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) return waiting(value);
    if (this.#isClosing) return;
    this.#kept.push(value);
    if (this.#kept.length < mostKept || this.#isPaused) return;
    this.#isPaused = true;
    this.#wire.pause();
  }

  #over(): void {
    for (const told of this.#sending) told(false);
    for (const waiting of this.#waiting.splice(0)) waiting(null);
  }
}
