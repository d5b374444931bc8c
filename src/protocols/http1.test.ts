import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { http1, type Http1, type Http1Options } from './http1.ts';
import type { Http1Session } from './http1Session.ts';
import type { BadReason } from './http1Reader.ts';
import { straight } from './route.ts';
import { testCertificate } from './testing/certificate.ts';
import { ok, rawServer, type Asked, type RawServer, type RawServerOptions } from './testing/rawServer.ts';
import { exchanged, sessionContract } from './testing/sessionContract.ts';

/** Long enough for a kept connection to count as rested, in milliseconds. */
const rested = 250;

const cleanups: (() => Promise<void> | void)[] = [];
const sessions: Http1Session[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) session.abort('test over');
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serving(answer: (asked: Asked) => void, options?: RawServerOptions): Promise<RawServer> {
  const server = await rawServer(answer, options);
  cleanups.push(() => server.close());
  return server;
}

function against(
  url: string,
  changes: Partial<Http1Options> = {},
): { protocol: Http1; session: Http1Session } {
  const protocol = http1({
    url,
    method: 'GET',
    headers: [],
    body: null,
    timeoutMs: 1000,
    insecure: false,
    route: { ...straight, ca: testCertificate },
    ...changes,
  });
  const session = protocol.session();
  sessions.push(session);
  return { protocol, session };
}

/** Waits for what the wire brings about, without a fixed sleep. */
async function until(condition: () => boolean): Promise<void> {
  for (const endMs = performance.now() + 2000; !condition(); await sleep(2)) {
    if (performance.now() > endMs) throw new Error(`never came true: ${condition.toString()}`);
  }
}

/** A port nobody listens on. */
async function freePort(): Promise<number> {
  const server = await rawServer(() => undefined);
  await server.close();
  return server.port;
}

for (const tls of [false, true]) {
  sessionContract(tls ? 'http1 over TLS' : 'http1', async (behaviour) => {
    const server = await rawServer(
      ({ socket }) => {
        if (behaviour === 'answers') socket.write(ok());
        if (behaviour === 'breaks') {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', () => socket.destroy());
        }
      },
      { tls },
    );
    if (behaviour === 'refuses') await server.close();
    const { protocol } = against(server.url, { timeoutMs: behaviour === 'silent' ? 100 : 5000 });
    return { protocol, requests: () => server.requests, close: () => server.close() };
  });
}

describe.each([false, true])('http1, answers (TLS: %s)', (tls) => {
  it('takes an answer that comes byte by byte', async () => {
    const answer = `HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n`;
    const server = await serving(
      ({ socket }) => {
        const say = (at: number): void => {
          if (at === answer.length) return;
          socket.write(answer[at]!);
          setImmediate(say, at + 1);
        };
        say(0);
      },
      { tls },
    );
    const { protocol, session } = against(server.url);
    for (let nth = 1; nth <= 3; nth++) {
      await exchanged(session);
      expect(session).toMatchObject({ failure: '', status: 200, bytesReceived: answer.length });
      expect(session.doneMs).toBeGreaterThan(session.firstMs);
    }
    expect(protocol.counts).toEqual({ connections: 1, retries: 0 });
  });

  it('streams 100 MB through one buffer', async () => {
    const part = Buffer.alloc(1 << 20, '\r\n');
    const server = await serving(
      ({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
        let left = 100;
        const more = (): void => {
          while (left-- > 0) {
            socket.write('100000\r\n');
            socket.write(part);
            if (!socket.write('\r\n')) return void socket.once('drain', more);
          }
          socket.write('0\r\n\r\n');
        };
        more();
      },
      { tls },
    );
    const { session } = against(server.url, { timeoutMs: 15_000 });
    let mostBytes = 0;
    const heldBytes = (): number => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    const atFirstBytes = heldBytes();
    const watch = setInterval(() => (mostBytes = Math.max(mostBytes, heldBytes() - atFirstBytes)), 5);
    await exchanged(session);
    clearInterval(watch);
    expect(session.failure).toBe('');
    expect(session.bytesReceived).toBe(100 * ((1 << 20) + 10) + 47 + 5);
    // The server's own parts and the test runner are in this process too.
    expect(mostBytes).toBeLessThan(60e6);
  }, 20_000);

  it('serves again on a fresh connection when the server closed the idle one', async () => {
    const server = await serving(({ socket }) => socket.write(ok()), { tls });
    const { protocol, session } = against(server.url, { method: 'POST', body: Buffer.from('x') });
    for (let nth = 1; nth <= 3; nth++) {
      await exchanged(session);
      expect(session.failure).toBe('');
      for (const socket of server.sockets) socket.end();
      await until(() => server.open === 0);
    }
    expect(protocol.counts).toEqual({ connections: 3, retries: 0 });
    expect(server.requests).toBe(3);
  });

  it('tells how long its connection took, the handshake apart, and nothing of one that was kept', async () => {
    const server = await serving(({ socket }) => socket.write(ok()), { tls });
    const { session } = against(server.url);
    await exchanged(session);
    expect(session.connectMs).toBeGreaterThan(0);
    if (tls) expect(session.handshakeMs).toBeGreaterThan(0);
    else expect(session.handshakeMs).toBe(0);
    expect((session.connectMs ?? 0) + (session.handshakeMs ?? 0)).toBeLessThan(
      session.doneMs - session.sentMs,
    );
    await exchanged(session);
    expect([session.connectMs, session.handshakeMs]).toEqual([0, 0]);
  });

  it('sends a large body whole', async () => {
    const bodies: number[] = [];
    const server = await serving(
      ({ socket, bodyBytes }) => {
        bodies.push(bodyBytes);
        socket.write(ok());
      },
      { tls },
    );
    const { protocol, session } = against(server.url, { method: 'PUT', body: Buffer.alloc(3_000_000, 'b') });
    await exchanged(session);
    await exchanged(session);
    expect(session.failure).toBe('');
    expect(session.bytesSent).toBeGreaterThan(3_000_000);
    expect(bodies).toEqual([3_000_000, 3_000_000]);
    expect(protocol.counts.connections).toBe(1);
  });
});

describe('http1, statuses', () => {
  it.each([
    [200, ''],
    [201, ''],
    [302, ''],
    [399, ''],
    [400, 'http.400'],
    [404, 'http.404'],
    [503, 'http.503'],
    [799, 'http.799'],
  ])('tells %d as %j and keeps the connection', async (status, failure) => {
    const server = await serving(({ socket }) =>
      socket.write(`HTTP/1.1 ${status} X\r\nContent-Length: 2\r\n\r\nab`),
    );
    const { protocol, session } = against(server.url);
    await exchanged(session);
    await exchanged(session);
    expect(session).toMatchObject({ status, failure, reason: '' });
    expect(protocol.counts).toEqual({ connections: 1, retries: 0 });
  });

  it('remembers where the last redirect leads, and does not follow it', async () => {
    const server = await serving(({ socket, nth }) =>
      socket.write(nth === 1 ? 'HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n' : ok()),
    );
    const { protocol, session } = against(server.url);
    await exchanged(session);
    await exchanged(session);
    expect(session.status).toBe(200);
    expect(protocol.lastRedirect).toBe('/login');
    expect(server.requests).toBe(2);
  });

  it('expects no body behind HEAD, 204 and 304', async () => {
    const server = await serving(({ socket, head, nth }) =>
      socket.write(
        head.startsWith('HEAD')
          ? 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n'
          : `HTTP/1.1 ${nth % 2 === 0 ? 204 : 304} X\r\n\r\n`,
      ),
    );
    for (const method of ['HEAD', 'GET']) {
      const { protocol, session } = against(server.url, { method });
      for (let nth = 1; nth <= 4; nth++) await exchanged(session);
      expect(session.failure).toBe('');
      expect(protocol.counts.connections).toBe(1);
    }
  });
});

describe('http1, the end of a connection', () => {
  it.each([
    ['Connection: close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\nok'],
  ])('honours %s, and lets the server close first', async (_name, answer) => {
    let closedByClientFirst = 0;
    const server = await serving(({ socket }) => {
      let ended = false;
      socket.on('end', () => {
        if (!ended) closedByClientFirst++;
      });
      socket.write(answer);
      setTimeout(() => {
        ended = true;
        socket.end();
      }, 5);
    });
    const { protocol, session } = against(server.url);
    for (let nth = 1; nth <= 4; nth++) {
      await exchanged(session);
      expect(session).toMatchObject({ failure: '', status: 200 });
    }
    expect(protocol.counts).toEqual({ connections: 4, retries: 0 });
    expect(server.requests).toBe(4);
    await until(() => server.open === 0);
    expect(closedByClientFirst).toBe(0);
  });

  it('gives a connection up that the server said it would close and did not', async () => {
    const server = await serving(({ socket }) => socket.write(ok('hi', 'Connection: close\r\n')));
    const { session } = against(server.url);
    await exchanged(session);
    expect(session.failure).toBe('');
    expect(server.open).toBe(1);
    await until(() => server.open === 0);
  });

  it('stays calm when a connection is reset that the server said it would close', async () => {
    const server = await serving(({ socket }) => {
      socket.write(ok('hi', 'Connection: close\r\n'), () => setTimeout(() => socket.resetAndDestroy(), 10));
    });
    const { session } = against(server.url);
    await exchanged(session);
    expect(session.failure).toBe('');
    await until(() => server.open === 0);
    await sleep(20);
    await exchanged(session);
    expect(session.failure).toBe('');
  });

  it('keeps HTTP/1.0 with keep-alive', async () => {
    const server = await serving(({ socket }) =>
      socket.write('HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok'),
    );
    const { protocol, session } = against(server.url);
    await exchanged(session);
    await exchanged(session);
    expect(protocol.counts.connections).toBe(1);
  });

  it('opens a connection per request when the user asks for close', async () => {
    const server = await serving(({ socket }) => socket.write(ok()));
    const { protocol, session } = against(server.url, { headers: [['Connection', 'close']] });
    await exchanged(session);
    await exchanged(session);
    expect(protocol.counts.connections).toBe(2);
  });

  it.each([
    ['in the head', 'HTTP/1.1 200 OK\r\nContent-Le'],
    ['in a fixed body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
    ['before the last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ])('tells an answer that is closed %s as closed, one that is reset there as reset', async (_name, part) => {
    for (const [how, failure] of [
      ['end', 'closed'],
      ['resetAndDestroy', 'reset'],
    ] as const) {
      const server = await serving(({ socket }) =>
        socket.write(part, () => setTimeout(() => socket[how](), 5)),
      );
      const { protocol, session } = against(server.url);
      for (let nth = 1; nth <= 2; nth++) {
        await exchanged(session);
        expect(session).toMatchObject({ failure, bytesReceived: part.length });
      }
      expect(protocol.counts).toEqual({ connections: 2, retries: 0 });
    }
  });

  it('tells a fresh connection that is closed without an answer as closed, reset as reset, and tries no second time', async () => {
    for (const [how, failure] of [
      ['end', 'closed'],
      ['resetAndDestroy', 'reset'],
    ] as const) {
      const server = await serving(({ socket }) => socket[how]());
      const { protocol, session } = against(server.url);
      await exchanged(session);
      expect(session.failure).toBe(failure);
      expect(server.requests).toBe(1);
      expect(protocol.counts).toEqual({ connections: 1, retries: 0 });
    }
  });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])(
    'sends %s once more when the kept connection is closed or reset under it',
    async (method) => {
      for (const how of ['end', 'resetAndDestroy'] as const) {
        const server = await serving(({ socket, nth }) => {
          if (nth === 1) socket.write('HTTP/1.1 204 No\r\n\r\n');
          else socket[how]();
        });
        const { protocol, session } = against(server.url, { method });
        await exchanged(session);
        const once = session.bytesSent;
        for (let nth = 1; nth <= 2; nth++) {
          await sleep(rested);
          const beforeMs = performance.now();
          await exchanged(session);
          expect(session).toMatchObject({ failure: '', status: 204, bytesSent: 2 * once });
          expect(session.sentMs - beforeMs).toBeLessThan(session.doneMs - beforeMs);
          expect(session.sentMs).toBeGreaterThanOrEqual(beforeMs);
        }
        expect(protocol.counts).toEqual({ connections: 3, retries: 2 });
        expect(server.requests).toBe(1 + 2 * 2);
      }
    },
  );

  it.each(['POST', 'PATCH'])('never sends %s a second time', async (method) => {
    for (const [how, failure] of [
      ['end', 'closed'],
      ['resetAndDestroy', 'reset'],
    ] as const) {
      const server = await serving(({ socket, nth }) => {
        if (nth === 1) socket.write('HTTP/1.1 204 No\r\n\r\n');
        else socket[how]();
      });
      const { protocol, session } = against(server.url, { method });
      await exchanged(session);
      expect(session.failure).toBe('');
      await sleep(rested);
      await exchanged(session);
      expect(session.failure).toBe(failure);
      expect(server.requests).toBe(2);
      expect(protocol.counts).toEqual({ connections: 1, retries: 0 });
    }
  });

  it('counts a connection that breaks in full use as a failure of the target, not as one that was idle for too long', async () => {
    for (const [how, failure] of [
      ['end', 'closed'],
      ['resetAndDestroy', 'reset'],
    ] as const) {
      const server = await serving(({ socket, nth }) => {
        if (nth <= 2) socket.write(ok());
        else socket[how]();
      });
      const { protocol, session } = against(server.url);
      await exchanged(session);
      await exchanged(session);
      await exchanged(session);
      expect(session.failure).toBe(failure);
      expect(server.requests).toBe(3);
      expect(protocol.counts).toEqual({ connections: 1, retries: 0 });
    }
  });

  it('copes with a target that closes behind each answer and does not say so', async () => {
    const server = await serving(({ socket }) => socket.end(ok()));
    const { session } = against(server.url);
    for (let nth = 1; nth <= 5; nth++) {
      await exchanged(session);
      expect(session.failure).toBe('');
    }
    expect(server.requests).toBe(5);
  });

  it('sends once more, not twice', async () => {
    const server = await serving(({ socket, connection, nth }) => {
      if (connection === 1 && nth === 1) socket.write(ok());
      else socket.end();
    });
    const { protocol, session } = against(server.url);
    await exchanged(session);
    await sleep(rested);
    await exchanged(session);
    expect(session.failure).toBe('closed');
    expect(server.requests).toBe(3);
    expect(protocol.counts).toEqual({ connections: 2, retries: 1 });
  });

  it('does not send again once a byte of the answer has come', async () => {
    const server = await serving(({ socket, nth }) => {
      if (nth === 1) socket.write(ok());
      else socket.end('H');
    });
    const { protocol, session } = against(server.url);
    await exchanged(session);
    await sleep(rested);
    await exchanged(session);
    expect(session.failure).toBe('closed');
    expect(protocol.counts.retries).toBe(0);
  });

  it('tells the second sending from the same instant, and refused when the server has gone', async () => {
    const server = await serving(({ socket, nth }) => {
      if (nth === 1) return void socket.write(ok());
      void server.close();
    });
    const { protocol, session } = against(server.url);
    await exchanged(session);
    await sleep(rested);
    await exchanged(session);
    expect(session.failure).toBe('connect.refused');
    expect(session.sentMs).toBeLessThan(session.doneMs);
    expect(protocol.counts).toEqual({ connections: 1, retries: 1 });
  });

  it('replaces a connection before the server gives it up, by what Keep-Alive promises', async () => {
    for (const [promise, connections] of [
      ['', 1],
      ['Keep-Alive: timeout=60\r\n', 1],
      ['Keep-Alive: timeout=0\r\n', 2],
    ] as const) {
      const server = await serving(({ socket }) => socket.write(ok('x', promise)));
      const { protocol, session } = against(server.url);
      await exchanged(session);
      await exchanged(session);
      expect(protocol.counts).toEqual({ connections, retries: 0 });
    }
  });

  it.each([
    ['replaces', 'POST', 2],
    ['keeps', 'GET', 1],
  ])('%s a connection that was idle for more than 4 s before %s', async (_does, method, connections) => {
    const server = await serving(({ socket }) => socket.write(ok()));
    const { protocol, session } = against(server.url, { method });
    const real = performance.now.bind(performance);
    try {
      await exchanged(session);
      performance.now = () => real() + 3900;
      await exchanged(session);
      expect(protocol.counts.connections).toBe(1);
      performance.now = () => real() + 7850;
      await exchanged(session);
      expect(protocol.counts.connections).toBe(1);
      performance.now = () => real() + 11_900;
      await exchanged(session);
      expect(protocol.counts).toEqual({ connections, retries: 0 });
      expect(session.failure).toBe('');
    } finally {
      performance.now = real;
    }
  });
});

describe('http1, a mad target', () => {
  it.each<[name: string, answer: string, reason: BadReason]>([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'version'],
    ['a length of letters', 'HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n', 'content-length'],
    [
      'two framings',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
      'length-and-encoding',
    ],
    ['a bad chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'chunk-size'],
    ['two answers at once', `${ok()}${ok()}`, 'surplus'],
    ['a head without end', `HTTP/1.1 200 OK\r\nA: ${'a'.repeat(70_000)}`, 'head-size'],
  ])('tells %s as bad-response', async (_name, answer, reason) => {
    const server = await serving(({ socket }) => socket.write(answer));
    const { protocol, session } = against(server.url);
    for (let nth = 1; nth <= 2; nth++) {
      await exchanged(session);
      expect(session).toMatchObject({ failure: 'bad-response', reason });
    }
    expect(protocol.lastError).toMatch(/^bad response: /);
    expect(protocol.counts).toEqual({ connections: 2, retries: 0 });
    await until(() => server.open === 0);
  });

  it('drops a connection on which bytes come that nobody asked for', async () => {
    const server = await serving(({ socket }) => {
      socket.write(ok());
      setTimeout(() => socket.write(ok('late')), 10);
    });
    const { protocol, session } = against(server.url);
    await exchanged(session);
    expect(session.failure).toBe('');
    await until(() => server.open === 0);
    await exchanged(session);
    expect(session.failure).toBe('');
    expect(protocol.counts).toEqual({ connections: 2, retries: 0 });
  });

  it('takes a new connection when it was answered before the body was sent', async () => {
    const server = await serving(() => undefined, {
      accepted: (socket) => {
        socket.once('data', () => {
          socket.pause();
          socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n');
        });
      },
    });
    const { protocol, session } = against(server.url, { method: 'POST', body: Buffer.alloc(20_000_000) });
    await exchanged(session);
    expect(session.failure).toBe('http.413');
    await exchanged(session);
    expect(session.failure).toBe('http.413');
    expect(protocol.counts.connections).toBe(2);
  });

  it('stays calm when connections break in every way while requests are aborted', async () => {
    const ways: ((socket: Socket) => void)[] = [
      (socket) => socket.write(ok()),
      (socket) => socket.end(),
      (socket) => socket.resetAndDestroy(),
      (socket) => void socket.end('HTTP/1.1 200'),
      (socket) => socket.write('\0'),
      (socket) => socket.write(ok(), () => socket.resetAndDestroy()),
      (socket) => socket.write(`${ok()}!`),
      () => undefined,
    ];
    let turn = 0;
    const server = await serving(({ socket }) => ways[turn++ % ways.length]!(socket));
    const { protocol } = against(server.url, { timeoutMs: 50 });
    const ends = new Map<string, number>();
    let begun = 0;
    await Promise.all(
      Array.from({ length: 13 }, async (_, place) => {
        const session = protocol.session();
        sessions.push(session);
        for (let nth = 0; nth < 40; nth++) {
          begun++;
          if ((nth + place) % 5 === 0) setImmediate(() => session.abort('stopped'));
          await exchanged(session);
          ends.set(session.failure, (ends.get(session.failure) ?? 0) + 1);
        }
      }),
    );
    expect([...ends.values()].reduce((sum, count) => sum + count)).toBe(begun);
    const known = ['', 'closed', 'reset', 'bad-response', 'timeout', 'stopped'];
    expect([...ends.keys()].filter((kind) => !known.includes(kind))).toEqual([]);
    expect(ends.size).toBeGreaterThanOrEqual(5);
  });
});

describe('http1, connecting', () => {
  it('tries every address of a name before it calls it refused, and remembers the one that worked', async () => {
    const server = await serving(({ socket }) => socket.write(ok('x', 'Connection: close\r\n')));
    let lookups = 0;
    const asked: string[] = [];
    const protocol = http1(
      {
        url: `http://two.test:${server.port}/`,
        method: 'GET',
        headers: [],
        body: null,
        timeoutMs: 1000,
        insecure: false,
      },
      (host) => {
        lookups++;
        asked.push(host);
        return Promise.resolve(['127.0.0.77', '127.0.0.1']);
      },
    );
    const session = protocol.session();
    for (let nth = 1; nth <= 3; nth++) {
      await exchanged(session);
      expect(session.failure).toBe('');
    }
    expect(asked).toEqual(['two.test']);
    expect(lookups).toBe(1);
    expect(protocol.counts).toEqual({ connections: 3, retries: 0 });
    await server.close();
    await exchanged(session);
    expect(session.failure).toBe('connect.refused');
  });

  it('resolves localhost by the system', async () => {
    const server = await serving(({ socket }) => socket.write(ok()));
    const { session } = against(`http://localhost:${server.port}/`);
    await exchanged(session);
    expect(session.failure).toBe('');
  });

  it('tells a name that is not resolved as dns, each time anew', async () => {
    let lookups = 0;
    const protocol = http1(
      {
        url: 'http://nobody.test/',
        method: 'GET',
        headers: [],
        body: null,
        timeoutMs: 1000,
        insecure: false,
      },
      () => {
        lookups++;
        return Promise.reject(
          Object.assign(new Error('getaddrinfo ENOTFOUND nobody.test'), { code: 'ENOTFOUND' }),
        );
      },
    );
    const session = protocol.session();
    await exchanged(session);
    await exchanged(session);
    expect(session.failure).toBe('dns');
    expect(lookups).toBe(2);
    expect(protocol.lastError).toMatch(/ENOTFOUND/);
  });

  it('tells a lookup without an answer as connect.timeout, and ignores a late one', async () => {
    let late: (addresses: string[]) => void = () => undefined;
    const server = await serving(() => undefined);
    const protocol = http1(
      {
        url: `http://slow.test:${server.port}/`,
        method: 'GET',
        headers: [],
        body: null,
        timeoutMs: 60,
        insecure: false,
      },
      () => new Promise((resolve) => (late = resolve)),
    );
    const session = protocol.session();
    await exchanged(session);
    expect(session.failure).toBe('connect.timeout');
    late(['127.0.0.1']);
    await sleep(20);
    expect(server.connections).toBe(0);
    expect(protocol.counts.connections).toBe(0);
  });

  it('tells a server that takes no more connections as connect.timeout', async () => {
    // A stopped process accepts nothing: once its backlog is full, the kernel answers no SYN.
    const script = `require('net').createServer().listen({port:0,host:'127.0.0.1',backlog:1},function(){console.log(this.address().port)})`;
    const child: ChildProcess = spawn(process.execPath, ['-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    cleanups.push(() => void child.kill('SIGKILL'));
    const port = Number(await new Promise((resolve) => child.stdout!.once('data', resolve)));
    child.kill('SIGSTOP');
    const fillers = Array.from({ length: 6 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    cleanups.push(() => fillers.forEach((one) => one.destroy()));
    await sleep(50);
    const { protocol, session } = against(`http://127.0.0.1:${port}/`, { timeoutMs: 100 });
    await exchanged(session);
    expect(session.failure).toBe('connect.timeout');
    expect(protocol.counts.connections).toBe(0);
  });

  it('tells an address no packet may go to as connect.unreachable', async () => {
    // 255.255.255.255 is refused by the kernel itself, on every machine.
    const { session } = against('http://255.255.255.255:9/', { timeoutMs: 500 });
    await exchanged(session);
    expect(session.failure).toBe('connect.unreachable');
  });

  it('tells exhausted descriptors as connect.descriptors', async () => {
    const server = await serving(({ socket }) => socket.write(ok()));
    const jiti = new URL('../../node_modules/jiti/lib/jiti-cli.mjs', import.meta.url).pathname;
    const child = spawn(
      'bash',
      [
        '-c',
        'ulimit -n 48; exec "$@"',
        'bash',
        process.execPath,
        jiti,
        'src/protocols/testing/manySessions.ts',
        server.url,
        '60',
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const out = await new Promise<string>((resolve) =>
      child.stdout.once('data', (text: Buffer) => resolve(text.toString())),
    );
    const kinds = JSON.parse(out) as Record<string, number>;
    expect(Object.keys(kinds).sort()).toEqual(['', 'connect.descriptors']);
    expect(kinds['']! + kinds['connect.descriptors']!).toBe(60);
  });

  it('reaches IPv6 where the machine has it', async () => {
    const server = await rawServer(({ socket }) => socket.write(ok()), { host: '::1' }).catch(() => null);
    if (server === null) return;
    cleanups.push(() => server.close());
    const { session } = against(server.url);
    await exchanged(session);
    expect(session.failure).toBe('');
  });
});

describe('http1 over TLS', () => {
  it('tells a certificate that is not trusted as tls, with the reason, and takes it when insecure', async () => {
    const server = await serving(({ socket }) => socket.write(ok()), { tls: true });
    const options = { url: server.url, method: 'GET', headers: [], body: null, timeoutMs: 1000 } as const;
    const strict = http1({ ...options, insecure: false });
    const session = strict.session();
    await exchanged(session);
    await exchanged(session);
    expect(session.failure).toBe('tls');
    expect(strict.lastError).toMatch(/self-signed/);
    expect(server.requests).toBe(0);
    const lax = http1({ ...options, insecure: true }).session();
    await exchanged(lax);
    expect(lax.failure).toBe('');
    lax.close();
  });

  it('tells a server that does not speak TLS as tls', async () => {
    const server = await serving(() => undefined, {
      accepted: (socket) => socket.once('data', () => socket.write(ok())),
    });
    const { protocol, session } = against(server.url.replace('http:', 'https:'));
    await exchanged(session);
    expect(session.failure).toBe('tls');
    expect(protocol.lastError.length).toBeGreaterThan(5);
    expect(protocol.lastError.length).toBeLessThanOrEqual(200);
  });

  it('tells a handshake that is reset or closed as connect.reset, one without an answer as connect.timeout', async () => {
    for (const [how, failure] of [
      ['resetAndDestroy', 'connect.reset'],
      ['end', 'connect.reset'],
      ['pause', 'connect.timeout'],
    ] as const) {
      const server = await serving(() => undefined, {
        accepted: (socket) => socket.once('data', () => socket[how]()),
      });
      const { session } = against(server.url.replace('http:', 'https:'), { timeoutMs: 100 });
      await exchanged(session);
      expect(session.failure).toBe(failure);
    }
  });

  it('asks for the name, offers http/1.1, and resumes the session', async () => {
    const seen: { name: unknown; alpn: unknown; reused: unknown }[] = [];
    const server = await serving(
      ({ socket }) => {
        const tls = socket as Socket & {
          servername?: unknown;
          alpnProtocol?: unknown;
          isSessionReused(): boolean;
        };
        seen.push({ name: tls.servername, alpn: tls.alpnProtocol, reused: tls.isSessionReused() });
        socket.write(ok());
      },
      { tls: true },
    );
    const { protocol, session } = against(`https://localhost:${server.port}/`);
    for (let nth = 1; nth <= 2; nth++) {
      await exchanged(session);
      expect(session.failure).toBe('');
      session.close();
    }
    expect(seen).toEqual([
      { name: 'localhost', alpn: 'http/1.1', reused: false },
      { name: 'localhost', alpn: 'http/1.1', reused: true },
    ]);
    expect(protocol.counts.connections).toBe(2);
  });
});

describe('http1, misuse', () => {
  it('does not close under an exchange', async () => {
    const server = await serving(({ socket }) => socket.write(ok()));
    const { session } = against(server.url);
    const ended = exchanged(session);
    expect(() => session.close()).toThrow(/abort/);
    await ended;
    expect(session.failure).toBe('');
  });

  it('tells a free port as refused right after a server left it', async () => {
    const { session } = against(`http://127.0.0.1:${await freePort()}/`);
    await exchanged(session);
    expect(session.failure).toBe('connect.refused');
  });
});
