/**
 * The methods that a description of Protocol Buffers names, through @grpc/proto-loader: from .proto files, or from what a
 * target says of itself (reflection.ts).
 *
 * Fields are named as in the .proto file. Whole numbers of 64 bits and constants of enumerations are read as text, bytes as
 * a Buffer, and what is not set with its default.
 */
import { dirname } from 'node:path';
import {
  loadFileDescriptorSetFromBuffer,
  loadSync,
  type MethodDefinition,
  type Options,
  type PackageDefinition,
} from '@grpc/proto-loader';
import { PlimsollError } from '../../errors.ts';
import { messageOf } from '../failures.ts';
import { misfit } from './fitting.ts';
import type { GrpcMethod, GrpcMethods } from './grpcMethod.ts';

/** Where the methods of a target are described: files of this machine, or what the target said of itself. */
export type GrpcDescription =
  | { readonly kind: 'files'; readonly files: readonly string[]; readonly folders: readonly string[] }
  /** Bytes of a FileDescriptorSet. */
  | { readonly kind: 'told'; readonly bytes: Uint8Array };

const reading: Options = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: false };

/** @throws PLM_PROTO for files that cannot be used */
export function grpcMethods(description: GrpcDescription): GrpcMethods {
  if (description.kind === 'told')
    return methodsIn(loadFileDescriptorSetFromBuffer(Buffer.from(description.bytes), reading));
  const { files, folders } = description;
  const given = files.map((file) => `"${file}"`).join(', ');
  const includeDirs = [...folders, ...files.map((file) => dirname(file))];
  let found: GrpcMethods;
  try {
    found = methodsIn(loadSync([...files], { ...reading, includeDirs }));
  } catch (error) {
    throw new PlimsollError('PLM_PROTO', given, messageOf(error), error);
  }
  if (found.size === 0) throw new PlimsollError('PLM_PROTO', given, 'it describes no service');
  return found;
}

function methodsIn(definition: PackageDefinition): GrpcMethods {
  const methods = new Map<string, GrpcMethod>();
  for (const described of Object.values(definition)) {
    if ('format' in described && typeof described.format === 'string') continue;
    for (const each of Object.values(described as Record<string, MethodDefinition<object, object>>)) {
      const name = each.path.slice(1);
      methods.set(name, {
        name,
        path: each.path,
        sendsMany: each.requestStream,
        givesMany: each.responseStream,
        encode: (message) => encoded(each, name, message),
        decode: (bytes) => each.responseDeserialize(bytes),
      });
    }
  }
  return methods;
}

function encoded(
  { requestSerialize, requestDeserialize }: MethodDefinition<object, object>,
  name: string,
  message: unknown,
): Buffer {
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    throw new TypeError(`a message of ${name} is an object with its fields`);
  let bytes: Buffer;
  try {
    bytes = requestSerialize(message);
  } catch (error) {
    throw new TypeError(`${name}: ${messageOf(error)}`, { cause: error });
  }
  const wrong = misfit(message, requestDeserialize(bytes));
  if (wrong !== null) throw new TypeError(`${name}: ${wrong}`);
  return bytes;
}
