/**
 * A target of gRPC: the harbour of the examples, around a service with known answers.
 *
 *   jiti conformance/grpcTarget.ts --kind workers --servers 4 --service-ms 20 --distribution fixed
 *   {"listening":40123}
 *
 * What listens there is a plain server of HTTP, for the counts alone: `/count` tells them, with the port of gRPC.
 *
 * 1. `Greet` is served by the service. Its streams are answered at once: what counts there are the messages.
 * 2. Whoever draws more than 15 m is refused (FAILED_PRECONDITION), and takes no time of the service.
 * 3. A message is counted when it was written, or read.
 */
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import {
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
import { Alarm } from './alarm.ts';
import { Service } from './service.ts';
import { readOptions } from './serviceFlags.ts';

/** What `/count` tells. */
export interface CallTruth {
  readonly grpcPort: number;
  /** Calls of each method, and of those of `Greet` the ones that were refused. */
  readonly Greet: number;
  readonly Watch: number;
  readonly Load: number;
  readonly Radio: number;
  readonly refused: number;
  /** Answers of `Greet`, and those that nobody waited for any more. */
  readonly answered: number;
  readonly lost: number;
  /** Messages of streams that were read, and that were written. */
  readonly heard: number;
  readonly told: number;
}

const deepestCm = 1500;
const proto = fileURLToPath(new URL('../examples/harbour.proto', import.meta.url));
const described = loadSync(proto, { keepCase: true, longs: String, enums: String, defaults: true });
const truth = {
  grpcPort: 0,
  Greet: 0,
  Watch: 0,
  Load: 0,
  Radio: 0,
  refused: 0,
  answered: 0,
  lost: 0,
  heard: 0,
  told: 0,
};

const service = new Service(readOptions(process.argv.slice(2)).options);
const alarm = new Alarm(service);

const server = new Server({ 'grpc.enable_channelz': 0 });
server.addService(described['harbour.Harbour'] as ServiceDefinition, {
  Greet: (
    call: ServerUnaryCall<{ name: string; draught_cm: number }, unknown>,
    answer: sendUnaryData<unknown>,
  ) => {
    truth.Greet++;
    const { name, draught_cm: draughtCm } = call.request;
    if (draughtCm > deepestCm) {
      truth.refused++;
      answer({ code: status.FAILED_PRECONDITION, details: 'the harbour is 15 m deep' });
      return;
    }
    service.arrive(performance.now(), () => {
      if (call.cancelled) truth.lost++;
      else truth.answered++;
      answer(null, { text: `Welcome, ${name}.` });
    });
    alarm.arm();
  },
  Watch: (call: ServerWritableStream<{ positions: number }, unknown>) => {
    truth.Watch++;
    truth.heard++;
    for (let number = 1; number <= call.request.positions; number++) {
      truth.told++;
      call.write({ number, north: 53.5, east: 9.9 });
    }
    call.end();
  },
  Load: (call: ServerReadableStream<{ weight_kg: number }, unknown>, answer: sendUnaryData<unknown>) => {
    truth.Load++;
    let [crates, weight] = [0, 0];
    call.on('data', ({ weight_kg: kilograms }: { weight_kg: number }) => {
      truth.heard++;
      crates++;
      weight += kilograms;
    });
    call.on('end', () => {
      truth.told++;
      answer(null, { crates, weight_kg: weight });
    });
  },
  Radio: (call: ServerDuplexStream<{ text: string }, { text: string }>) => {
    truth.Radio++;
    call.on('data', (words: { text: string }) => {
      truth.heard++;
      truth.told++;
      call.write(words);
    });
    call.on('end', () => call.end());
  },
});
new ReflectionService(described).addToServer(server);

server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  truth.grpcPort = port;
  const counts = createServer((_request, response) => void response.end(JSON.stringify(truth)));
  counts.listen(0, '127.0.0.1', () => {
    const address = counts.address();
    const listening = typeof address === 'object' ? address?.port : null;
    process.stdout.write(`${JSON.stringify({ listening })}\n`);
  });
});
