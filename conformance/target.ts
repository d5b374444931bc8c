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
import { parseArgs } from 'node:util';
import { Service, type ServiceOptions } from './service.ts';

/** Events closer together than this are not worth spinning for: it would burn the core all the time. */
const spinAboveGapMs = 2.5;
const spinMs = 2;

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

/** Comes back when the service has something due. */
class Alarm {
  readonly #service: Service;
  #armedForMs = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;
  /** Mean time between answers, smoothed. */
  #gapMs = 1000;
  #lastMs = 0;

  constructor(service: Service) {
    this.#service = service;
  }

  /** To be called after anything that may have changed what is due next. */
  arm(): void {
    const dueMs = this.#service.nextMs;
    if (dueMs >= this.#armedForMs) return;
    this.#armedForMs = dueMs;
    clearTimeout(this.#timer);
    this.#wait(++this.#turn);
  }

  #wait(turn: number): void {
    if (turn !== this.#turn) return;
    const nowMs = performance.now();
    const leftMs = this.#armedForMs - nowMs;
    if (leftMs <= 0) this.#ring(nowMs);
    else if (leftMs > spinMs)
      this.#timer = setTimeout(() => this.#wait(turn), Math.floor(leftMs - spinMs / 2));
    else if (this.#gapMs > spinAboveGapMs) setImmediate(() => this.#wait(turn));
    else this.#timer = setTimeout(() => this.#wait(turn), 1);
  }

  #ring(nowMs: number): void {
    this.#gapMs += 0.05 * (Math.min(1000, nowMs - this.#lastMs) - this.#gapMs);
    this.#lastMs = nowMs;
    this.#armedForMs = Number.POSITIVE_INFINITY;
    this.#service.runUntil(nowMs);
    this.arm();
  }
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

/** `--service-ms 20` becomes `serviceMs: 20`. */
function readOptions(argv: readonly string[]): { options: ServiceOptions; port: number } {
  const { tokens } = parseArgs({ args: [...argv], strict: false, tokens: true });
  const read: Record<string, string | number> = {};
  for (const token of tokens) {
    if (token.kind === 'option') {
      const name = token.name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
      const text = token.value ?? argv[token.index + 1] ?? '';
      read[name] = text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    }
  }
  const port = typeof read.port === 'number' ? read.port : 0;
  delete read.port;
  return { options: read as unknown as ServiceOptions, port };
}

const { options, port } = readOptions(process.argv.slice(2));
serve(options, port);
