/**
 * A target whose streams are known to the token and to the message.
 *
 *   jiti conformance/streamTarget.ts --seed 7 --cap 40
 *   {"listening":40123}
 *
 * - POST /v1/chat/completions: as many tokens as `max_tokens` asks for, the first 200 ms after the request came, each other
 *   25 ms after the one before. Instants are absolute, so that nothing drifts. Whoever leaves is sent no more.
 * - WebSocket /sequence: messages numbered from 1, some of them dropped, sent twice, or swapped with the next; then one that
 *   tells the last number, and whether the target will close the channel (code 1012).
 * - WebSocket /cap: so many connections at once; the next are refused with 503.
 * - WebSocket /hold: takes 512 KiB of memory for each connection, and gives it back when that ends.
 * - GET /count: what was done, which is the truth.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { parseArgs } from 'node:util';
import { WebSocketServer, type WebSocket } from 'ws';
import { random } from '../src/random.ts';
import { heldKibibytes, tokenEveryMs, tokenFirstMs, type StreamTruth } from './streamTruth.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, cap: { type: 'string', default: '40' } },
});
const cap = Number(values.cap);
const draw = random(Number(values.seed), 1);
const truth = {
  chats: 0,
  inputTokens: 0,
  outputTokens: 0,
  cut: 0,
  cutTokens: 0,
  numbered: 0,
  lost: 0,
  duplicated: 0,
  reordered: 0,
  closed: 0,
  heard: 0,
  opened: 0,
  refused: 0,
  mostOpen: 0,
} satisfies StreamTruth;

/** Timers are late by a millisecond: the last two are spun away. */
function at(dueMs: number, run: () => void): void {
  const leftMs = dueMs - performance.now();
  if (leftMs <= 0) run();
  else if (leftMs > 2) setTimeout(() => at(dueMs, run), Math.floor(leftMs - 1.5));
  else setImmediate(() => at(dueMs, run));
}

function complete(request: IncomingMessage, response: ServerResponse): void {
  const cameMs = performance.now();
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    const asked = JSON.parse(body) as { max_tokens: number; messages: { content: string }[] };
    const input = asked.messages
      .map(({ content }) => content)
      .join(' ')
      .split(' ').length;
    const output = asked.max_tokens;
    truth.chats++;
    truth.inputTokens += input;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (value: unknown): void => void response.write(`data: ${JSON.stringify(value)}\n\n`);
    let said = 0;
    let hasLeft = false;
    response.on('close', () => {
      hasLeft = !response.writableFinished;
      if (!hasLeft) return;
      truth.cut++;
      truth.cutTokens += said;
    });
    const speak = (nth: number): void => {
      if (hasLeft) return;
      said++;
      send({ choices: [{ index: 0, delta: { content: `${nth} ` }, finish_reason: null }] });
      truth.outputTokens++;
      if (nth + 1 < output) return at(cameMs + tokenFirstMs + (nth + 1) * tokenEveryMs, () => speak(nth + 1));
      send({ choices: [{ index: 0, delta: {}, finish_reason: 'length' }] });
      send({ choices: [], usage: { prompt_tokens: input, completion_tokens: output } });
      response.end('data: [DONE]\n\n');
    };
    at(cameMs + tokenFirstMs, () => speak(0));
  });
}

/** Counts what it does to messages as it does it. */
function number(channel: WebSocket): void {
  channel.on('message', () => truth.heard++);
  const length = 300 + Math.floor(draw() * 200);
  let seq = 0;
  const say = (which: number): void => {
    truth.numbered++;
    channel.send(JSON.stringify({ seq: which }));
  };
  while (seq < length) {
    const chance = draw();
    if (chance < 0.04) {
      seq++;
      truth.lost++;
    } else if (chance < 0.07) {
      say(++seq);
      say(seq);
      truth.duplicated++;
    } else if (chance < 0.12) {
      say(seq + 2);
      say(seq + 1);
      seq += 2;
      truth.reordered++;
    } else say(++seq);
  }
  const leaves = draw() < 0.3;
  channel.send(JSON.stringify({ last: seq, leaves }));
  if (!leaves) return;
  truth.closed++;
  channel.close(1012);
}

/** What is written to is in memory. */
const hold = (channel: WebSocket): void =>
  void Object.assign(channel, { memory: Buffer.alloc(heldKibibytes * 1024, 1) });

const channels = new WebSocketServer({ noServer: true });
let open = 0;

function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
  if (request.url === '/sequence') return channels.handleUpgrade(request, socket, head, number);
  if (request.url === '/hold') return channels.handleUpgrade(request, socket, head, hold);
  if (open >= cap) {
    truth.refused++;
    socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  open++;
  truth.mostOpen = Math.max(truth.mostOpen, open);
  truth.opened++;
  channels.handleUpgrade(request, socket, head, (channel) => channel.on('close', () => open--));
}

const server = createServer((request, response) => {
  if (request.url === '/count') response.end(JSON.stringify(truth));
  else if (request.method === 'POST') complete(request, response);
  else response.end('ok');
});
server.keepAliveTimeout = 75_000;
server.on('upgrade', upgrade);
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const address = server.address();
  process.stdout.write(
    `${JSON.stringify({ listening: typeof address === 'object' ? address?.port : null })}\n`,
  );
});
