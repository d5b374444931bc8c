import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { http2, type Http2Options } from './http2.ts';
import { httpRequest } from './httpRequest.ts';
import { keptBytes, type HttpSession, type HttpWire } from './httpWire.ts';
import { straight } from './route.ts';
import { testCertificate, testKey } from './testing/certificate.ts';
import { exchanged, sessionContract } from './testing/sessionContract.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, body: Buffer) => void;

interface Target {
  readonly url: string;
  requests: number;
  connections: number;
  close(): Promise<void>;
}

async function serving(answer: Answer, tls: boolean): Promise<Target> {
  const server: Http2Server | Http2SecureServer = tls
    ? createSecureServer({ key: testKey, cert: testCertificate })
    : createServer();
  const sessions = new Set<{ destroy(): void }>();
  const target: Target = {
    url: '',
    requests: 0,
    connections: 0,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const session of sessions) session.destroy();
      }),
  };
  server.on('session', (session) => {
    target.connections++;
    sessions.add(session);
    session.on('error', () => undefined);
    session.on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    target.requests++;
    stream.on('error', () => undefined);
    const parts: Buffer[] = [];
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () => answer(stream, headers, Buffer.concat(parts)));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  cleanups.push(() => target.close());
  return Object.assign(target, { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/` });
}

function against(
  url: string,
  changes: Partial<Http2Options> = {},
): {
  protocol: HttpWire;
  session: HttpSession;
} {
  const protocol = http2({
    url,
    method: 'GET',
    headers: [],
    body: null,
    timeoutMs: 5000,
    insecure: false,
    streams: 1,
    route: { ...straight, ca: testCertificate },
    ...changes,
  });
  const session = protocol.session();
  cleanups.push(() => {
    session.abort('test over');
    session.close();
  });
  return { protocol, session };
}

const hello: Answer = (stream) => {
  stream.respond({ ':status': 200 });
  stream.end('hello');
};

for (const tls of [false, true]) {
  sessionContract(tls ? 'http2 over TLS' : 'http2 in clear text', async (behaviour) => {
    const target = await serving((stream, headers, body) => {
      if (behaviour === 'answers') hello(stream, headers, body);
      if (behaviour === 'breaks') {
        stream.respond({ ':status': 200 });
        stream.write('half', () => setImmediate(() => stream.session?.destroy()));
      }
    }, tls);
    if (behaviour === 'refuses') await target.close();
    const { protocol } = against(target.url, { timeoutMs: behaviour === 'silent' ? 100 : 5000 });
    return { protocol, requests: () => target.requests, close: () => target.close() };
  });
}

describe('http2', () => {
  it('sends method, headers and body, without the headers that HTTP/2 does not know', async () => {
    const seen: { headers: IncomingHttpHeaders; body: string }[] = [];
    const target = await serving((stream, headers, body) => {
      seen.push({ headers, body: body.toString() });
      hello(stream, headers, body);
    }, true);
    const headers = [
      ['X-Run', 'seven'],
      ['Connection', 'close'],
      ['Accept', 'text/plain'],
    ] as const;
    const { session } = against(`${target.url}turns?n=1`, {
      method: 'POST',
      headers,
      body: Buffer.from('say this'),
    });
    await exchanged(session);
    expect(session.failure).toBe('');
    expect(seen).toMatchObject([
      {
        headers: {
          ':method': 'POST',
          ':path': '/turns?n=1',
          'x-run': 'seven',
          accept: 'text/plain',
          'content-length': '8',
        },
        body: 'say this',
      },
    ]);
    expect(seen[0]?.headers['user-agent']).toMatch(/^plimsoll\//);
  });

  it('sends what each exchange is given, and keeps the answers where they are wanted', async () => {
    const target = await serving((stream, headers, body) => {
      const path = headers[':path'] ?? '';
      stream.respond({ ':status': 201, 'set-cookie': ['a=1', 'b=2'], 'x-path': path });
      stream.write(`${headers[':method']} `);
      setImmediate(() => stream.end(path === '/long' ? Buffer.alloc(keptBytes) : body));
    }, true);
    const { session } = against(target.url);
    await exchanged(session);
    expect(session.answer).toBeNull();
    session.keeps = true;
    const said: (string | null | undefined)[][] = [];
    for (const say of ['this', 'that']) {
      const url = `${target.url}${say}`;
      session.request = httpRequest({ url, method: 'PUT', headers: [], body: Buffer.from(say) });
      await exchanged(session);
      const { answer } = session;
      said.push(['x-path', 'set-cookie', 'constructor'].map((name) => answer?.header(name)));
      expect([session.status, answer?.body().toString(), answer?.cut]).toEqual([201, `PUT ${say}`, false]);
    }
    expect(said).toEqual([
      ['/this', 'a=1, b=2', null],
      ['/that', 'a=1, b=2', null],
    ]);
    session.request = httpRequest({ url: `${target.url}long`, method: 'GET', headers: [], body: null });
    await exchanged(session);
    expect([session.failure, session.answer?.cut, session.answer?.body().length]).toEqual([
      '',
      true,
      keptBytes,
    ]);
  });

  it('sends the credentials of the URL', async () => {
    let seen: string | undefined;
    const target = await serving((stream, headers, body) => {
      seen = headers.authorization;
      hello(stream, headers, body);
    }, true);
    const { session } = against(target.url.replace('://', '://ada:secret@'));
    await exchanged(session);
    expect([session.failure, seen]).toEqual(['', `Basic ${Buffer.from('ada:secret').toString('base64')}`]);
  });

  it('gives so many sessions a connection, and each a stream on it', async () => {
    let [under, most] = [0, 0];
    const target = await serving((stream, headers, body) => {
      most = Math.max(most, ++under);
      setTimeout(() => {
        under--;
        hello(stream, headers, body);
      }, 30);
    }, true);
    const { protocol, session } = against(target.url, { streams: 5 });
    const sessions = [session, ...Array.from({ length: 11 }, () => protocol.session())];
    await Promise.all(sessions.map((one) => exchanged(one)));
    expect(sessions.map(({ failure }) => failure)).toEqual(sessions.map(() => ''));
    expect(protocol.counts.connections).toBe(3);
    expect(target.connections).toBe(3);
    expect(most).toBe(12);
    for (const one of sessions.slice(1)) one.close();
  });

  it('lets a session that closes take nothing from its neighbours', async () => {
    let answer: () => void = () => undefined;
    const target = await serving((stream, headers, body) => {
      if (headers[':path'] !== '/') throw new Error('another path');
      answer = () => hello(stream, headers, body);
      if (target.requests === 1) answer();
    }, true);
    const { protocol, session } = against(target.url, { streams: 2 });
    const neighbour = protocol.session();
    await exchanged(session);
    const underWay = exchanged(neighbour);
    while (target.requests < 2) await new Promise((resolve) => setTimeout(resolve, 2));
    session.close();
    setTimeout(() => answer(), 20);
    expect((await underWay).failure).toBe('');
    neighbour.close();
    expect(protocol.counts.connections).toBe(1);
  });

  it('takes statuses of 400 and more for failures, and tells where a redirect leads', async () => {
    const statuses = [503, 429, 302];
    const target = await serving((stream) => {
      stream.respond({ ':status': statuses.shift() ?? 200, location: '/elsewhere' });
      stream.end();
    }, false);
    const { protocol, session } = against(target.url);
    const kinds: string[] = [];
    for (let nth = 0; nth < 3; nth++) kinds.push((await exchanged(session)).failure);
    expect(kinds).toEqual(['http.503', 'http.429', '']);
    expect(protocol.lastRedirect).toBe('/elsewhere');
  });

  it('fails with tls, and says why, where the target does not choose HTTP/2', async () => {
    const server = createHttps({ key: testKey, cert: testCertificate }, (_, response) => response.end('ok'));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    cleanups.push(() => void server.close());
    const { protocol, session } = against(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await exchanged(session);
    expect(session.failure).toBe('tls');
    expect(protocol.lastError).not.toBe('');
  });

  it('ends a stream that the target resets as reset, and keeps the connection', async () => {
    let nth = 0;
    const target = await serving((stream, headers, body) => {
      if (++nth === 2) stream.close(2);
      else hello(stream, headers, body);
    }, true);
    const { protocol, session } = against(target.url);
    const kinds: string[] = [];
    for (let turn = 0; turn < 3; turn++) kinds.push((await exchanged(session)).failure);
    expect(kinds).toEqual(['', 'reset', '']);
    expect(protocol.counts.connections).toBe(1);
  });

  it('tells how long connecting took, once', async () => {
    const target = await serving(hello, true);
    const { session } = against(target.url);
    await exchanged(session);
    expect([session.connectMs ?? 0, session.handshakeMs ?? 0].every((ms) => ms > 0)).toBe(true);
    await exchanged(session);
    expect([session.connectMs, session.handshakeMs]).toEqual([0, 0]);
  });
});

describe('a stream of HTTP/2 that is listened to', () => {
  it('tells each part when it comes, and ends alone when it is given up', async () => {
    let closedWith = -1;
    const target = await serving((stream, headers) => {
      stream.respond({ ':status': 200 });
      if (headers[':path'] !== '/endless') return void stream.end('whole');
      stream.write('one');
      stream.on('close', () => (closedWith = stream.rstCode));
    }, false);
    const { protocol, session } = against(target.url, { streams: 2 });
    const other = protocol.session();
    cleanups.push(() => other.close());
    const endless = httpRequest({ url: `${target.url}endless`, method: 'GET', headers: [], body: null });
    session.keeps = true;
    session.request = endless;
    const parts: string[] = [];
    const given = new Promise<void>((resolve) => {
      session.hears = (bytes) => {
        parts.push(bytes.toString());
        queueMicrotask(() => session.abort('cancelled'));
      };
      session.exchange(() => resolve());
    });
    await given;
    await exchanged(other);
    expect([parts, session.failure, other.failure]).toEqual([['one'], 'cancelled', '']);
    // The neighbour has the same connection still.
    expect([protocol.counts.connections, target.connections]).toEqual([1, 1]);
    await expect.poll(() => closedWith).not.toBe(-1);
  });
});
