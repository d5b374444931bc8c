/** A real server of gRPC on a port of its own: the harbour of the examples, which does what its messages ask for, and counts. */
import { fileURLToPath } from 'node:url';
import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { testCertificate, testKey } from '../../src/protocols/testing/certificate.ts';

export const harbourProto = fileURLToPath(new URL('../../examples/harbour.proto', import.meta.url));

export interface GrpcServer {
  readonly port: number;
  readonly url: string;
  /** Calls that came, that were cancelled, and messages of streams that came and went. */
  readonly counted: { calls: number; cancelled: number; heard: number; told: number };
  /** What came beside the message of the last greeting. */
  readonly last: { metadata: Metadata; deadlineMs: number };
  /** Breaks all connections, as a crash does. */
  kill(): void;
}

export interface GrpcServerOptions {
  readonly reflection?: 'none' | 'v1alpha' | 'all';
  readonly tls?: boolean;
  readonly port?: number;
}

interface Ship {
  readonly name: string;
  readonly draught_cm: number;
}
interface Lookout {
  readonly ship: string;
  readonly positions: number;
  readonly every_ms: number;
}
interface Words {
  readonly text: string;
}

/** The names of ships that are not greeted: with a status, or never. */
const statuses: Readonly<Record<string, number>> = {
  busy: status.RESOURCE_EXHAUSTED,
  unknown: status.NOT_FOUND,
  away: status.UNAVAILABLE,
};

export async function grpcServer({
  reflection = 'all',
  tls = false,
  port: wanted = 0,
}: GrpcServerOptions = {}): Promise<GrpcServer> {
  const described = loadSync(harbourProto, { keepCase: true, longs: String, enums: String, defaults: true });
  const counted = { calls: 0, cancelled: 0, heard: 0, told: 0 };
  const last = { metadata: new Metadata(), deadlineMs: 0 };
  const server = new Server();
  const began = (call: { on(event: 'cancelled', told: () => void): unknown }): void => {
    counted.calls++;
    call.on('cancelled', () => void counted.cancelled++);
  };
  server.addService(described['harbour.Harbour'] as ServiceDefinition, {
    Greet: (call: ServerUnaryCall<Ship, unknown>, answer: sendUnaryData<unknown>) => {
      began(call);
      const { name } = call.request;
      last.metadata = call.metadata;
      last.deadlineMs = Number(call.getDeadline()) - Date.now();
      const code = statuses[name];
      if (code !== undefined) return answer({ code, details: `the harbour is ${name}` });
      if (name === 'ghost') return;
      const trailer = new Metadata();
      trailer.set('x-berth', '7');
      answer(null, { text: `Welcome, ${name}.` }, trailer);
    },
    Watch: (call: ServerWritableStream<Lookout, unknown>) => {
      began(call);
      const { ship, positions, every_ms: everyMs } = call.request;
      let number = 0;
      const tell = (): void => {
        do {
          if (call.cancelled) return;
          if (number === positions && ship === 'fog')
            return void call.emit('error', { code: status.DATA_LOSS, details: 'fog came up' });
          if (number === positions) return void call.end();
          counted.told++;
          call.write({ number: ++number, north: 53.5, east: 9.9 });
        } while (everyMs === 0);
        setTimeout(tell, everyMs);
      };
      tell();
    },
    Load: (call: ServerReadableStream<{ weight_kg: number }, unknown>, answer: sendUnaryData<unknown>) => {
      began(call);
      let [crates, weight] = [0, 0];
      call.on('data', ({ weight_kg: kilograms }: { weight_kg: number }) => {
        counted.heard++;
        crates++;
        weight += kilograms;
      });
      call.on('end', () => answer(null, { crates, weight_kg: weight }));
    },
    Radio: (call: ServerDuplexStream<Words, Words>) => {
      began(call);
      call.on('data', ({ text }: Words) => {
        counted.heard++;
        if (text === 'mayday')
          return void call.emit('error', { code: status.ABORTED, details: 'abandon ship' });
        counted.told++;
        // It hears no more than it can tell.
        if (!call.write({ text: `${text}, over` })) call.pause().once('drain', () => call.resume());
      });
      call.on('end', () => call.end());
    },
  });
  if (reflection !== 'none') {
    new ReflectionService(described).addToServer({
      addService: (service, handlers) => {
        const [method] = Object.values(service);
        const isOld = method?.path.startsWith('/grpc.reflection.v1alpha.') === true;
        if (isOld || reflection === 'all') server.addService(service, handlers);
      },
    });
  }
  const secure = ServerCredentials.createSsl(null, [
    { private_key: Buffer.from(testKey), cert_chain: Buffer.from(testCertificate) },
  ]);
  const port = await new Promise<number>((listening, failed) =>
    server.bindAsync(
      `127.0.0.1:${wanted}`,
      tls ? secure : ServerCredentials.createInsecure(),
      (error, bound) => (error === null ? listening(bound) : failed(error)),
    ),
  );
  const url = `grpc${tls ? 's' : ''}://127.0.0.1:${port}`;
  return { port, url, counted, last, kill: () => server.forceShutdown() };
}
