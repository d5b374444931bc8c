/**
 * The service with known answers (service.ts) behind WebSockets: each message is one request, and is answered with its own text
 * when the service is done with it.
 *
 *   jiti conformance/messageTarget.ts --kind workers --servers 4 --service-ms 20 --distribution fixed
 *   {"listening":40123}
 *
 * GET /count tells what was counted here. Messages of one channel may overtake each other: who sends several at a time needs
 * an id in them.
 */
import { createServer } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import { Alarm } from './alarm.ts';
import { Service } from './service.ts';
import { readOptions } from './serviceFlags.ts';

const { options, port } = readOptions(process.argv.slice(2));
const service = new Service(options);
const alarm = new Alarm(service);
const counted = { received: 0, answered: 0, lost: 0, resets: 0, connections: 0 };
const byStatus: Record<string, number> = {};

function answerTo(channel: WebSocket, text: string, status: number): void {
  if (channel.readyState !== channel.OPEN) {
    counted.lost++;
    return;
  }
  channel.send(text);
  counted.answered++;
  byStatus[status] = (byStatus[status] ?? 0) + 1;
}

const server = createServer((request, response) => {
  response.end(request.url === '/count' ? JSON.stringify({ ...counted, byStatus }) : 'ok');
});
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (channel) => {
  counted.connections++;
  channel.on('error', () => undefined); // its close follows
  channel.on('message', (data: Buffer) => {
    counted.received++;
    const text = data.toString('utf8');
    service.arrive(performance.now(), (status) => answerTo(channel, text, status));
    alarm.arm();
  });
});
server.listen({ port, host: '127.0.0.1', backlog: 4096 }, () => {
  const address = server.address();
  process.stdout.write(
    `${JSON.stringify({ listening: typeof address === 'object' ? address?.port : null })}\n`,
  );
});
