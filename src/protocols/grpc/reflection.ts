/**
 * What a target says of its own methods: the reflection of gRPC, grpc.reflection.v1, or v1alpha where that is not known.
 *
 * 1. It is asked once, over a connection of its own, before any load: for the names of all services, for the files that
 *    describe them, and for what those import.
 * 2. A service that cannot be described is left out; a target that describes none is no target with reflection.
 */
import { fromJSON, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader';
import { metadataOf, type CallEnd, type GrpcChannel, type GrpcMetadata } from './grpcChannel.ts';

/** How it failed, as a call does. */
export class ReflectionFailed extends Error {
  readonly failure: string;

  constructor(failure: string, message: string) {
    super(message);
    this.failure = failure;
  }
}

/** @returns a FileDescriptorSet. @throws ReflectionFailed */
export async function reflected(
  channel: GrpcChannel,
  metadata: GrpcMetadata,
  deadlineMs: number,
): Promise<Uint8Array> {
  try {
    return await askedOf(channel, 'grpc.reflection.v1', metadata, deadlineMs);
  } catch (error) {
    if (!(error instanceof ReflectionFailed) || error.failure !== 'grpc.UNIMPLEMENTED') throw error;
    return askedOf(channel, 'grpc.reflection.v1alpha', metadata, deadlineMs);
  }
}

async function askedOf(
  channel: GrpcChannel,
  version: string,
  metadata: GrpcMetadata,
  deadlineMs: number,
): Promise<Uint8Array> {
  const conversation = new Conversation(channel, version, metadata, deadlineMs);
  try {
    const { list_services_response: list } = await conversation.ask({ list_services: '' });
    const files = new Map<string, FileAnswer>();
    const wanted = new Set<string>();
    const take = ({ file_descriptor_response: told }: Answer): void => {
      for (const bytes of told?.file_descriptor_proto ?? []) {
        const { name, dependency } = types.file.deserialize(bytes) as FileProto;
        files.set(name, { bytes });
        for (const each of dependency) wanted.add(each);
      }
    };
    for (const { name } of list?.service ?? []) {
      if (!name.startsWith('grpc.reflection.'))
        take(await conversation.ask({ file_containing_symbol: name }));
    }
    if (files.size === 0) throw new ReflectionFailed('', 'it describes no service');
    // What is added while it is gone through is gone through too.
    for (const name of wanted) if (!files.has(name)) take(await conversation.ask({ file_by_filename: name }));
    return types.set.serialize({ file: [...files.values()].map(({ bytes }) => bytes) });
  } finally {
    conversation.end();
  }
}

interface FileAnswer {
  readonly bytes: Buffer;
}

interface FileProto {
  readonly name: string;
  readonly dependency: readonly string[];
}

interface Answer {
  readonly file_descriptor_response: { readonly file_descriptor_proto: readonly Buffer[] } | null;
  readonly list_services_response: { readonly service: readonly { readonly name: string }[] } | null;
}

/** One question at a time. */
class Conversation {
  readonly #stream: ReturnType<GrpcChannel['stream']>;
  #told: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | null = null;
  #end: CallEnd | null = null;

  constructor(channel: GrpcChannel, version: string, metadata: GrpcMetadata, deadlineMs: number) {
    const path = `/${version}.ServerReflection/ServerReflectionInfo`;
    this.#stream = channel.stream(path, metadataOf(Object.entries(metadata)), deadlineMs, {
      message: (bytes) => {
        try {
          this.#told?.resolve(types.answer.deserialize(bytes) as Answer);
        } catch {
          this.#told?.reject(new ReflectionFailed('bad-response', 'its answer is no message of reflection'));
        }
      },
      end: (end) => {
        this.#end = end;
        this.#told?.reject(failureOf(end));
      },
    });
  }

  ask(question: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#end !== null) return reject(failureOf(this.#end));
      this.#told = { resolve, reject };
      this.#stream.send(types.question.serialize(question), () => undefined);
    });
  }

  end(): void {
    this.#told = null;
    this.#stream.end();
  }
}

const failureOf = ({ failure, message }: CallEnd): ReflectionFailed =>
  failure === ''
    ? new ReflectionFailed('stream.truncated', 'it ended the conversation')
    : new ReflectionFailed(failure, message);

/** What of reflection.proto and descriptor.proto is used here; both versions speak the same. */
const definition: PackageDefinition = fromJSON(
  {
    nested: {
      Question: {
        fields: {
          file_by_filename: { type: 'string', id: 3 },
          file_containing_symbol: { type: 'string', id: 4 },
          list_services: { type: 'string', id: 7 },
        },
        oneofs: { question: { oneof: ['file_by_filename', 'file_containing_symbol', 'list_services'] } },
      },
      Files: { fields: { file_descriptor_proto: { rule: 'repeated', type: 'bytes', id: 1 } } },
      Service: { fields: { name: { type: 'string', id: 1 } } },
      Services: { fields: { service: { rule: 'repeated', type: 'Service', id: 1 } } },
      Answer: {
        fields: {
          file_descriptor_response: { type: 'Files', id: 4 },
          list_services_response: { type: 'Services', id: 6 },
        },
      },
      File: {
        fields: {
          name: { type: 'string', id: 1 },
          dependency: { rule: 'repeated', type: 'string', id: 3 },
        },
      },
      FileSet: { fields: { file: { rule: 'repeated', type: 'bytes', id: 1 } } },
    },
  },
  { keepCase: true, defaults: true },
);

const typeOf = (name: string): MessageTypeDefinition<object, object> =>
  definition[name] as MessageTypeDefinition<object, object>;

const types = {
  question: typeOf('Question'),
  answer: typeOf('Answer'),
  file: typeOf('File'),
  set: typeOf('FileSet'),
};
