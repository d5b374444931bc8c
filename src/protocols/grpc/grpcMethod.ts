/** A method of gRPC, as its callers see it. What it is made from is in grpcMethods.ts. */

export interface GrpcMethod {
  /** `package.Service/Method` */
  readonly name: string;
  readonly path: string;
  /** Whether a call sends several messages, and whether several come back. */
  readonly sendsMany: boolean;
  readonly givesMany: boolean;
  /** @throws TypeError for what is no message of its type */
  encode(message: unknown): Buffer;
  /** @throws for bytes that are none */
  decode(bytes: Buffer): unknown;
}

/** By their names. */
export type GrpcMethods = ReadonlyMap<string, GrpcMethod>;

const mostListed = 20;

/** Those there are, for a person who named another. */
export function methodList(methods: GrpcMethods): string {
  const names = [...methods.keys()];
  const more = names.length > mostListed ? ` and ${names.length - mostListed} more` : '';
  return names.length === 0 ? 'there are none' : `there are ${names.slice(0, mostListed).join(', ')}${more}`;
}
