/**
 * Opens one WebSocket (RFC 6455) through ws: a stream to the target, and the handshake on it.
 *
 * Exactly one of `opened` and `failed` is called, once, and never inside the call. `opened` is called before any message
 * can come, so that none is missed.
 *
 * Deliberately absent: compression of messages, which most services switch off.
 */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { connecting } from './connecting.ts';
import { connectFailure, exchangeFailure, messageOf, statusFailure } from './failures.ts';
import type { HttpRequest } from './httpRequest.ts';
import type { Opening } from './opening.ts';

export interface Opened {
  readonly channel: WebSocket;
  readonly socket: Socket;
  readonly connectMs: number;
  /** The handshakes of TLS and of HTTP that followed. */
  readonly handshakeMs: number;
}

export interface ChannelOptions {
  readonly opening: Opening;
  /** The handshake, as a request of HTTP. */
  readonly request: HttpRequest;
  /** Subprotocols that are offered. */
  readonly protocols: readonly string[];
  readonly timeoutMs: number;
  /** Told when the stream stands, before the handshake of HTTP. */
  readonly connected?: () => void;
}

/** @param failed is told the failure kind, and what a person should read of it */
export function openChannel(
  { opening, request, protocols, timeoutMs, connected }: ChannelOptions,
  opened: (opened: Opened) => void,
  failed: (failure: string, message: string) => void,
): void {
  connecting(opening, timeoutMs).then(
    ({ socket, connectMs, handshakeMs }) => {
      connected?.();
      const fromMs = performance.now();
      let isOver = false;
      const fail = (failure: string, message: string): void => {
        if (isOver) return;
        isOver = true;
        socket.destroy();
        failed(failure, message);
      };
      // Those of the handshake itself are ws's own.
      const own = request.headers.filter(
        ([name]) => !/^(host|connection|upgrade|accept|sec-websocket-.*)$/i.test(name),
      );
      const channel = new WebSocket(request.url.href.replace(/^http/, 'ws'), [...protocols], {
        headers: Object.fromEntries(own),
        perMessageDeflate: false,
        handshakeTimeout: timeoutMs,
        createConnection: () => socket,
      });
      channel.on('open', () => {
        if (isOver) return channel.terminate();
        isOver = true;
        opened({ channel, socket, connectMs, handshakeMs: handshakeMs + performance.now() - fromMs });
      });
      channel.on('unexpected-response', (_request, response) => {
        const status = response.statusCode ?? 0;
        fail(
          status >= 400 ? statusFailure(status) : 'bad-response',
          `the handshake was answered with status ${status}`,
        );
      });
      channel.on('error', (error: Error) => {
        const isLate = /handshake has timed out/.test(error.message);
        const isBroken = 'errno' in error || (error as { code?: unknown }).code === 'ECONNRESET';
        if (!isBroken) return fail(isLate ? 'timeout' : 'bad-response', messageOf(error));
        fail(exchangeFailure(error), `it ended in the handshake of the WebSocket: ${messageOf(error)}`);
      });
    },
    (error: unknown) => failed(connectFailure(error, opening.isTls), messageOf(error)),
  );
}

/** What a close code means for what was under way. 1006: without a word, as TCP ends when a process dies. */
export const closeFailure = (code: number): string => (code === 1006 ? 'closed' : `ws.${code}`);

/** How long a target may take to close in its turn, when we leave. */
const farewellMs = 500;

/** Closes in good order, so that the target has no broken connection in its log, and ends it where that takes too long. */
export function leaveChannel(channel: WebSocket): void {
  channel.on('error', () => undefined);
  channel.close(1000);
  setTimeout(() => channel.terminate(), farewellMs).unref();
}
