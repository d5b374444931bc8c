/**
 * A target: one HTTP/1.1 server process around a service with known answers.
 *
 *   jiti conformance/target.ts --kind workers --servers 4 --service-ms 20 --distribution fixed
 *   {"listening":40123}
 *
 * `/` is served, `/count` tells what was counted here: {"received", "answered", "byStatus", "resets", "connections"}.
 *
 * 1. `answered` is the number of answers written on `/`; /count itself is in no number.
 * 2. An answer leaves as soon as the process comes round to it. While few are due the last two milliseconds are
 *    spun away, so that it is late by microseconds; while many are due, by a millisecond at most.
 * 3. Raw sockets and a parser of the least that is needed: the target must cost less than the generator.
 */
import { createServer, type Socket } from 'node:net';
import { Alarm } from './alarm.ts';
import { Service, type ServiceOptions } from './service.ts';
import { readOptions } from './targetOptions.ts';

const texts: Readonly<Record<number, string>> = {
  200: 'OK',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

function message(status: number, body: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 ${status} ${texts[status] ?? 'Status'}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    'latin1',
  );
}

const counted = { received: 0, answered: 0, lost: 0, resets: 0, connections: 0 };
const byStatus: Record<string, number> = {};
const ready = new Map<number, Buffer>();

function answerTo(socket: Socket, status: number): void {
  if (socket.destroyed || !socket.writable) {
    counted.lost++;
    return;
  }
  let bytes = ready.get(status);
  if (bytes === undefined) ready.set(status, (bytes = message(status, status === 200 ? 'ok\n' : 'no\n')));
  socket.write(bytes);
  counted.answered++;
  byStatus[status] = (byStatus[status] ?? 0) + 1;
}

function serve(options: ServiceOptions, portWanted: number): void {
  const service = new Service(options);
  const alarm = new Alarm(service);
  let open = 0;

  const request = (socket: Socket, line: string): void => {
    if (line.startsWith('/count ')) {
      socket.write(message(200, JSON.stringify({ ...counted, byStatus, inside: service.inside })));
      return;
    }
    counted.received++;
    if (options.kind === 'bare') answerTo(socket, 200);
    else service.arrive(performance.now(), (status) => answerTo(socket, status));
  };

  const server = createServer({ noDelay: true }, (socket) => {
    counted.connections++;
    open++;
    socket.on('close', () => open--);
    socket.on('error', () => socket.destroy());
    if (open > (options.connectionsMost ?? Number.POSITIVE_INFINITY)) {
      counted.resets++;
      socket.resetAndDestroy();
      return;
    }
    let rest = '';
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      for (;;) {
        const headEnd = rest.indexOf('\r\n\r\n');
        if (headEnd < 0) break;
        const length = /^content-length: *(\d+)/im.exec(rest.slice(0, headEnd))?.[1];
        const end = headEnd + 4 + Number(length ?? 0);
        if (rest.length < end) break;
        const line = rest.slice(rest.indexOf(' ') + 1, rest.indexOf('\r\n'));
        rest = rest.slice(end);
        request(socket, line);
      }
      alarm.arm();
    });
  });
  server.listen({ port: portWanted, host: '127.0.0.1', backlog: 4096 }, () => {
    const address = server.address();
    process.stdout.write(
      `${JSON.stringify({ listening: typeof address === 'object' ? address?.port : null })}\n`,
    );
  });
}

const { options, port } = readOptions(process.argv.slice(2));
serve(options, port);
