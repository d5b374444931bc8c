import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { lookupAddresses, type Lookup } from './addresses.ts';
import { http1 } from './http1.ts';
import type { Http1Session } from './http1Session.ts';
import { reach } from './reach.ts';
import { parseConnectTo, parseLocalAddresses, straight, type Route } from './route.ts';
import { testCertificate, testKey } from './testing/certificate.ts';

interface Seen {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly host: string | undefined;
  readonly authorized: boolean | undefined;
}

class Stage {
  readonly seen: Seen[] = [];
  readonly #context: TestContext;

  constructor(context: TestContext) {
    this.#context = context;
  }

  async listen(server: Server, ...where: [string] | [number, string]): Promise<number> {
    server.on('request', (request, response) => {
      const { socket } = request;
      this.seen.push({
        from: socket.remoteAddress,
        to: socket.localAddress,
        host: request.headers.host,
        authorized: 'authorized' in socket ? socket.authorized === true : undefined,
      });
      response.end('ok');
    });
    await new Promise<void>((listening) => {
      if (typeof where[0] === 'string') server.listen(where[0], listening);
      else server.listen(where[0], where[1], listening);
    });
    this.#context.onTestFinished(
      () =>
        new Promise<void>((closed) => {
          server.close(() => closed());
          server.closeAllConnections();
        }),
    );
    return typeof where[0] === 'string' ? 0 : (server.address() as AddressInfo).port;
  }

  /** One request on each of so many connections. @returns the failures */
  async ask(
    url: string,
    route: Partial<Route>,
    connections = 1,
    lookup: Lookup = lookupAddresses,
  ): Promise<string[]> {
    const options = { timeoutMs: 1000, insecure: false, route: { ...straight, ...route } };
    if (lookup === lookupAddresses) await reach(url, options);
    const protocol = http1({ url, method: 'GET', headers: [], body: null, ...options }, lookup);
    const failures: string[] = [];
    for (let at = 0; at < connections; at++) {
      const session: Http1Session = protocol.session();
      await new Promise<void>((finished) => session.exchange(() => finished()));
      failures.push(session.failure);
      session.close();
    }
    return failures;
  }
}

describe('a route', () => {
  it('gives its source addresses to connections in turn', async (context) => {
    const stage = new Stage(context);
    const port = await stage.listen(createServer(), 0, '127.0.0.1');
    const localAddresses = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
    expect(await stage.ask(`http://127.0.0.1:${port}/`, { localAddresses }, 4)).toEqual(['', '', '', '']);
    expect(stage.seen.map(({ from }) => from)).toEqual(['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.2']);
  });

  it('spread, goes to each address of a name in turn; pinned, to the first that works', async (context) => {
    const stage = new Stage(context);
    const port = await stage.listen(createServer(), 0, '0.0.0.0');
    const lookup: Lookup = () => Promise.resolve(['127.0.0.5', '127.0.0.6', '127.0.0.7']);
    for (const spread of [true, false]) {
      expect(await stage.ask(`http://shop.test:${port}/`, { spread }, 4, lookup)).toEqual(['', '', '', '']);
    }
    expect(stage.seen.map(({ to }) => to?.at(-1)).join('')).toBe('5675' + '5555');
  });

  it('leads elsewhere, and still asks for the host of the URL', async (context) => {
    const stage = new Stage(context);
    const port = await stage.listen(createServer(), 0, '127.0.0.1');
    const connectTo = { host: '127.0.0.1', port };
    expect(await stage.ask('http://shop.test/cart', { connectTo })).toEqual(['']);
    expect(stage.seen).toMatchObject([{ host: 'shop.test' }]);
  });

  it('leads to a Unix socket', async (context) => {
    const stage = new Stage(context);
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-route-'));
    context.onTestFinished(() => rmSync(folder, { recursive: true }));
    const unixSocket = join(folder, 'service.sock');
    await stage.listen(createServer(), unixSocket);
    expect(await stage.ask('http://service.local/', { unixSocket }, 2)).toEqual(['', '']);
    expect(stage.seen).toMatchObject([{ host: 'service.local' }, { host: 'service.local' }]);
  });

  it('shows a client certificate, and trusts the authority that it is given', async (context) => {
    const stage = new Stage(context);
    const pair = { key: testKey, cert: testCertificate };
    const server = createTlsServer({
      ...pair,
      ca: testCertificate,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const port = await stage.listen(server as unknown as Server, 0, '127.0.0.1');
    const url = `https://localhost:${port}/`;
    const connectTo = { host: '127.0.0.1', port };
    expect(await stage.ask(url, { connectTo, ca: testCertificate, ...pair })).toEqual(['']);
    expect(stage.seen).toMatchObject([{ authorized: true }]);
    expect(await stage.ask(url, { connectTo, ca: testCertificate }).catch(() => ['refused'])).not.toEqual([
      '',
    ]);
  });
});

describe('source addresses', () => {
  it.each([
    ['10.0.0.5', ['10.0.0.5']],
    ['127.0.0.254-127.0.1.1', ['127.0.0.254', '127.0.0.255', '127.0.1.0', '127.0.1.1']],
    ['::1, 127.0.0.2-127.0.0.2', ['::1', '127.0.0.2']],
  ])('are read from %s', (text, addresses) => {
    expect(parseLocalAddresses(text)).toEqual(addresses);
  });

  it.each([
    'localhost',
    '127.0.0.9-127.0.0.2',
    '10.0.0.0-10.9.0.0',
    '127.0.0.1-',
    '',
    '1.2.3.4-1.2.3.5-1.2.3.6',
  ])('are not read from "%s"', (text) => {
    expect(() => parseLocalAddresses(text)).toThrow(/--local-address/);
  });
});

describe('where to connect to', () => {
  it.each([
    ['10.0.0.7:8080', { host: '10.0.0.7', port: 8080 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    ['backend:443', { host: 'backend', port: 443 }],
  ])('is read from %s', (text, found) => {
    expect(parseConnectTo(text)).toEqual(found);
  });

  it.each(['backend', ':80', 'backend:0', 'backend:65536', 'http://backend:80', 'a b:80'])(
    'is not read from "%s"',
    (text) => {
      expect(() => parseConnectTo(text)).toThrow(/--connect-to/);
    },
  );
});
