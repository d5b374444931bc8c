/**
 * A service of gRPC for examples/grpc.ts to call: `node examples/harbour.server.js --port 50051`. It serves reflection.
 * With SIGTERM it prints what it counted, as JSON, and ends.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';

const { values } = parseArgs({ options: { port: { type: 'string', default: '50051' } } });
const described = loadSync(fileURLToPath(new URL('harbour.proto', import.meta.url)), {
  keepCase: true,
  longs: String,
  enums: String,
  defaults: true,
});
const counted = { greeted: 0, watched: 0, positions: 0, loaded: 0, crates: 0, calls: 0, words: 0 };

const harbour = {
  Greet: ({ request }, answer) => {
    counted.greeted++;
    if (request.draught_cm > 1500)
      return answer({ code: status.FAILED_PRECONDITION, details: 'the harbour is 15 m deep' });
    answer(null, { text: `Welcome, ${request.name}.` });
  },
  Watch: (stream) => {
    counted.watched++;
    const { positions, every_ms: everyMs } = stream.request;
    let number = 0;
    const tell = () => {
      do {
        if (stream.cancelled) return;
        if (number === positions) return stream.end();
        number++;
        counted.positions++;
        stream.write({ number, north: 53.5 + number / 1000, east: 9.9 });
      } while (everyMs === 0);
      setTimeout(tell, everyMs);
    };
    tell();
  },
  Load: (stream, answer) => {
    let [crates, weight] = [0, 0];
    stream.on('data', ({ weight_kg: kilograms }) => {
      crates++;
      counted.crates++;
      weight += kilograms;
    });
    stream.on('end', () => {
      counted.loaded++;
      answer(null, { crates, weight_kg: weight });
    });
  },
  Radio: (stream) => {
    counted.calls++;
    stream.on('data', ({ text }) => {
      counted.words++;
      stream.write({ text: `${text}, over` });
    });
    stream.on('end', () => stream.end());
  },
};

const server = new Server();
server.addService(described['harbour.Harbour'], harbour);
new ReflectionService(described).addToServer(server);
server.bindAsync(`127.0.0.1:${values.port}`, ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`${JSON.stringify({ listening: port })}\n`);
});
process.on('SIGTERM', () => {
  process.stdout.write(`${JSON.stringify(counted)}\n`);
  process.exit();
});
