/**
 * The recipe of a target `grpc://host:port/package.Service/Method`: a session is one call of that method, so that sessions
 * per second are calls per second. Of a method that streams it is the whole stream, to its end.
 */
import { PlimsollError } from '../errors.ts';
import { methodList, type GrpcMethods } from '../protocols/grpc/grpcMethod.ts';
import type { GrpcMessage, GrpcOptions } from '../scenarios/grpc/grpc.ts';
import { scenario, type Scenario } from '../scenarios/scenario.ts';

export interface CallRecipe {
  readonly kind: 'call';
  /** Without the method. */
  readonly baseUrl: string;
  /** `package.Service/Method` */
  readonly method: string;
  /** One, or several where the method takes a stream. */
  readonly messages: readonly GrpcMessage[];
  /** What describes the target, with whole paths; null where it is asked itself. */
  readonly described: Pick<GrpcOptions, 'proto' | 'protoPath'> | null;
}

export function callScenario({ baseUrl, method, messages, described }: CallRecipe): Scenario {
  // Without a method nothing is called: what there is to call is told before that (refuseWrongCall).
  const name = method === '' ? 'call' : method;
  return scenario(name, { grpc: { url: baseUrl, ...described } }, ({ grpc }) => grpc.call(method, messages));
}

/** @throws PLM_METHOD for a method that the target has not, PLM_MESSAGE for a message that does not fit it */
export function refuseWrongCall({ baseUrl, method: name, messages }: CallRecipe, methods: GrpcMethods): void {
  const method = methods.get(name);
  if (method === undefined)
    throw new PlimsollError('PLM_METHOD', name === '' ? baseUrl : `"${name}"`, methodList(methods));
  if (messages.length !== 1 && !method.sendsMany)
    throw new PlimsollError('PLM_MESSAGE', '--data', `${name} takes one message, not ${messages.length}`);
  for (const message of messages) {
    try {
      method.encode(message);
    } catch (error) {
      throw new PlimsollError('PLM_MESSAGE', '--data', (error as Error).message, error);
    }
  }
}
