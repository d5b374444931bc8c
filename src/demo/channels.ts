/**
 * The WebSockets of the service: /v1/voice and /v1/rooms/NAME. What is no such path is refused in the handshake.
 *
 * A client that breaks the protocol, or sends a message of more than 64 KiB, is closed by ws with its code.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Rooms } from './rooms.ts';
import { Voice, type VoiceParts } from './voice.ts';

const longestBytes = 64 * 1024;

export interface ChannelParts {
  readonly voice: VoiceParts;
  readonly rooms: Rooms;
}

/** @returns how to end all that are open */
export function serveChannels(server: Server, { voice, rooms }: ChannelParts): () => void {
  const channels = new WebSocketServer({ noServer: true, maxPayload: longestBytes });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const path = new URL(request.url ?? '/', 'http://127.0.0.1').pathname;
    const room = /^\/v1\/rooms\/([^/]+)$/.exec(path)?.[1];
    if (path !== '/v1/voice' && room === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    channels.handleUpgrade(request, socket, head, (channel) => {
      channel.on('error', () => undefined); // its close follows
      if (room === undefined) speakOn(channel, voice);
      else
        channel.on(
          'close',
          rooms.enter(room, (text) => channel.send(text)),
        );
    });
  });
  return () => {
    for (const channel of channels.clients) channel.terminate();
  };
}

function speakOn(channel: WebSocket, parts: VoiceParts): void {
  const voice = new Voice(parts, {
    text: (message) => channel.send(JSON.stringify(message)),
    frame: (bytes) => channel.send(bytes),
  });
  channel.on('message', (data: Buffer, isBinary) => {
    if (isBinary) voice.hear();
    else voice.told(data.toString('utf8'));
  });
  channel.on('close', () => voice.leave());
}
