/** The gRPC of one user, as its script sees it (grpc.ts): calls over its connection, told to its account, given up with it. */
import type { StreamUnderWay } from '../../protocols/grpc/grpcChannel.ts';
import { methodList, type GrpcMethod } from '../../protocols/grpc/grpcMethod.ts';
import type { Account } from '../account.ts';
import type { CallOptions, Grpc, GrpcMessage, GrpcReply, GrpcStream } from './grpc.ts';
import type { GrpcRecorder } from './grpcRecorder.ts';
import type { GrpcTarget, Shared } from './grpcTarget.ts';
import { UserCall, type CallGround } from './userCall.ts';
import { UserStream } from './userStream.ts';

export class UserGrpc implements Grpc {
  readonly #target: GrpcTarget | null;
  readonly #ground: CallGround;
  readonly #underWay = new Set<() => void>();
  /** Its connection; null before the first call, and when it has left it. */
  #shared: Shared | null = null;

  /** @param target null where the scenario names none */
  constructor(target: GrpcTarget | null, account: Account, recorder: GrpcRecorder) {
    this.#target = target;
    const failed = (message: string): void => {
      if (target !== null) target.lastError = message;
    };
    this.#ground = { account, recorder, failed };
  }

  async call<Answer>(
    name: string,
    message: GrpcMessage | readonly GrpcMessage[] = {},
    options: CallOptions = {},
  ): Promise<GrpcReply<Answer>> {
    const method = this.#method(name);
    const messages = Array.isArray(message) ? (message as readonly GrpcMessage[]) : [message as GrpcMessage];
    if (!method.sendsMany && messages.length !== 1)
      throw new TypeError(`${method.name} takes one message, not ${messages.length}`);
    const encoded = messages.map((each) => method.encode(each));
    if (!method.sendsMany && !method.givesMany)
      return (await this.#unary(method, encoded[0]!, options)) as GrpcReply<Answer>;
    const stream = this.#begun(method, options);
    // Nobody takes what comes while it sends: a target that waits for that would wait for ever.
    stream.discard();
    for (const bytes of encoded) if (!(await stream.sendBytes(bytes))) break;
    return (await stream.close()) as GrpcReply<Answer>;
  }

  stream<Answer>(name: string, message?: GrpcMessage, options: CallOptions = {}): GrpcStream<Answer> {
    const method = this.#method(name);
    if (!method.sendsMany && !method.givesMany)
      throw new TypeError(`${method.name} streams at neither side: grpc.call('${method.name}', ...)`);
    const first = message === undefined && method.sendsMany ? null : method.encode(message ?? {});
    const stream = this.#begun(method, options);
    if (first !== null) void stream.sendBytes(first);
    if (!method.sendsMany) stream.end();
    return stream as unknown as GrpcStream<Answer>;
  }

  /** Gives up what is under way, and leaves its connection. The account may be closed by then. */
  retire(): void {
    for (const giveUp of this.#underWay) giveUp();
    this.#underWay.clear();
    if (this.#shared !== null) this.#target?.leave(this.#shared);
    this.#shared = null;
  }

  #unary(method: GrpcMethod, bytes: Buffer, options: CallOptions): Promise<GrpcReply> {
    const target = this.#named();
    const metadata = target.metadata(options.metadata);
    const deadlineMs = deadlineOf(options, target);
    if (this.#ground.account.isClosed) return new Promise(() => undefined);
    return new Promise((resolve) => {
      const { channel } = (this.#shared ??= target.join());
      const call = new UserCall(
        method,
        this.#ground,
        () => undefined,
        (reply) => {
          this.#underWay.delete(cancel);
          resolve(reply);
        },
      );
      call.sentOne();
      const cancel = channel.unary(method.path, bytes, metadata, deadlineMs, call);
      this.#underWay.add(cancel);
    });
  }

  #begun(method: GrpcMethod, options: CallOptions): UserStream {
    const target = this.#named();
    const metadata = target.metadata(options.metadata);
    const deadlineMs = deadlineOf(options, target);
    return new UserStream((take, finish) => {
      if (this.#ground.account.isClosed)
        return { call: new UserCall(method, this.#ground, take, finish), wire: nowhere };
      const { channel } = (this.#shared ??= target.join());
      const call = new UserCall(method, this.#ground, take, (reply) => {
        this.#underWay.delete(wire.cancel);
        finish(reply);
      });
      const wire = channel.stream(method.path, metadata, deadlineMs, call);
      this.#underWay.add(wire.cancel);
      return { call, wire };
    });
  }

  #named(): GrpcTarget {
    if (this.#target !== null) return this.#target;
    throw new TypeError(
      "grpc needs a target: scenario('name', { grpc: { url: 'grpc://localhost:50051' } }, ...)",
    );
  }

  /** @throws TypeError that lists the methods there are */
  #method(name: string): GrpcMethod {
    const { methods } = this.#named();
    const found = methods.get(name);
    if (found !== undefined) return found;
    throw new TypeError(`there is no method "${name}"; ${methodList(methods)}`);
  }
}

function deadlineOf({ deadlineMs }: CallOptions, { timeoutMs }: GrpcTarget): number {
  if (deadlineMs === undefined) return timeoutMs;
  if (deadlineMs > 0) return deadlineMs;
  throw new TypeError(`deadlineMs ${deadlineMs} is no time to wait`);
}

/** Where a session was given up that plays on. */
const nowhere: StreamUnderWay = {
  send: () => undefined,
  end: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
  cancel: () => undefined,
};
