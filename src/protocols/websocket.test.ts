import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Session } from './protocol.ts';
import { straight } from './route.ts';
import { testCertificate, testKey } from './testing/certificate.ts';
import { exchanged, sessionContract } from './testing/sessionContract.ts';
import { webSocket, type WebSocketOptions, type WebSocketWire } from './websocket.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Answer = (channel: WebSocket, message: Buffer, isBinary: boolean, socket: Socket) => void;

interface Target {
  readonly url: string;
  messages: number;
  readonly headers: Record<string, string | string[] | undefined>[];
  close(): Promise<void>;
}

async function serving(answer: Answer, tls = false): Promise<Target> {
  const server: Server = tls ? createSecureServer({ key: testKey, cert: testCertificate }) : createServer();
  const channels = new WebSocketServer({ server });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const target: Target = {
    url: `${tls ? 'wss' : 'ws'}://127.0.0.1:${(server.address() as AddressInfo).port}/chat?room=7`,
    messages: 0,
    headers: [],
    close: () =>
      new Promise((closed) => {
        for (const socket of sockets) socket.destroy();
        channels.close();
        server.close(() => closed());
      }),
  };
  channels.on('connection', (channel, request) => {
    target.headers.push(request.headers);
    channel.on('error', () => undefined);
    channel.on('message', (message: Buffer, isBinary) => {
      target.messages++;
      answer(channel, message, isBinary, request.socket);
    });
  });
  cleanups.push(() => target.close());
  return target;
}

function against(
  url: string,
  change: Partial<WebSocketOptions> = {},
): { wire: WebSocketWire; session: Session } {
  const route = { ...straight, ca: testCertificate };
  const wire = webSocket({
    url,
    headers: [],
    body: null,
    timeoutMs: 5000,
    insecure: false,
    route,
    ...change,
  });
  const session = wire.session();
  cleanups.push(() => {
    session.abort('test over');
    session.close();
  });
  return { wire, session };
}

const echo: Answer = (channel, message, isBinary) => channel.send(message, { binary: isBinary });

for (const tls of [false, true]) {
  sessionContract(tls ? 'WebSocket over TLS' : 'WebSocket', async (behaviour) => {
    const target = await serving((channel, message, isBinary, socket) => {
      if (behaviour === 'answers') echo(channel, message, isBinary, socket);
      // A frame of ten bytes of which three come.
      if (behaviour === 'breaks') socket.end(Buffer.from([0x81, 0x0a, 0x61, 0x62, 0x63]));
    }, tls);
    if (behaviour === 'refuses') await target.close();
    const { wire } = against(target.url, { timeoutMs: behaviour === 'silent' ? 100 : 5000 });
    return { protocol: wire, requests: () => target.messages, close: () => target.close() };
  });
}

describe('a WebSocket', () => {
  it('carries the message as it was given, text or bytes', async () => {
    const seen: [string, boolean][] = [];
    const target = await serving((channel, message, isBinary, socket) => {
      seen.push([message.toString('latin1'), isBinary]);
      echo(channel, message, isBinary, socket);
    });
    for (const body of [null, Buffer.from('{"say":"ü"}'), Buffer.from([0xff, 0x00, 0xfe])]) {
      const { session } = against(target.url, { body });
      await exchanged(session);
      expect(session.failure).toBe('');
    }
    expect(seen).toEqual([
      ['ping', false],
      ['{"say":"Ã¼"}', false],
      ['ÿ\u0000þ', true],
    ]);
  });

  it('sends the headers of its handshake, credentials too', async () => {
    const target = await serving(echo);
    const { session } = against(target.url.replace('://', '://ada:secret@'), {
      headers: [['X-Run', 'seven']],
    });
    await exchanged(session);
    expect([session.failure, target.headers[0]?.['x-run']]).toEqual(['', 'seven']);
    expect(target.headers[0]?.['authorization']).toBe(
      `Basic ${Buffer.from('ada:secret').toString('base64')}`,
    );
    expect(target.headers[0]?.['user-agent']).toMatch(/^plimsoll\//);
  });

  it('tells how long connecting and the handshakes took, once', async () => {
    const target = await serving(echo, true);
    const { session } = against(target.url);
    await exchanged(session);
    expect((session.connectMs ?? 0) > 0 && (session.handshakeMs ?? 0) > 0).toBe(true);
    await exchanged(session);
    expect([session.connectMs, session.handshakeMs]).toEqual([0, 0]);
  });

  it.each([1000, 1011, 1013, 4001])(
    'that the target closes with %i fails with that code, and connects anew',
    async (code) => {
      let nth = 0;
      const target = await serving((channel, message, isBinary, socket) => {
        if (++nth === 2) channel.close(code);
        else echo(channel, message, isBinary, socket);
      });
      const { wire, session } = against(target.url);
      const failures: string[] = [];
      for (let turn = 0; turn < 3; turn++) failures.push((await exchanged(session)).failure);
      expect(failures).toEqual(['', `ws.${code}`, '']);
      expect(wire.counts.connections).toBe(2);
    },
  );

  it.each([403, 429, 503])('whose handshake is refused with %i fails with that status', async (status) => {
    const server = createServer();
    server.on('upgrade', (_request, socket) =>
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`),
    );
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    cleanups.push(() => void server.close());
    const { wire, session } = against(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await exchanged(session);
    expect(session.failure).toBe(`http.${status}`);
    expect(wire.lastError).toContain(String(status));
  });

  it('that is answered by plain HTTP, or by rubbish, is no WebSocket', async () => {
    for (const answer of ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'SSH-2.0-x\r\n']) {
      const server = createServer();
      server.on('upgrade', (_request, socket) => socket.end(answer));
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      cleanups.push(() => void server.close());
      const { session } = against(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await exchanged(session);
      expect(session.failure).toBe('bad-response');
    }
  });

  it('takes what comes unasked for no answer', async () => {
    const target = await serving((channel, message, isBinary, socket) => {
      echo(channel, message, isBinary, socket);
      channel.send('and another thing');
    });
    const { session } = against(target.url);
    await exchanged(session);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const before = target.messages;
    await exchanged(session);
    expect([session.failure, target.messages]).toEqual(['', before + 1]);
  });
});
