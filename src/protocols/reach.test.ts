import { afterEach, describe, expect, it } from 'vitest';
import { PlimsollError } from '../errors.ts';
import type { Lookup } from './addresses.ts';
import { reach, type ReachOptions } from './reach.ts';
import { straight } from './route.ts';
import { testCertificate } from './testing/certificate.ts';
import { rawServer, type RawServer, type RawServerOptions } from './testing/rawServer.ts';

const servers: RawServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
async function serving(options?: RawServerOptions): Promise<RawServer> {
  const server = await rawServer(() => undefined, options);
  servers.push(server);
  return server;
}

/** The code it fails with, or `reached`. */
async function outcome(url: string, changes: Partial<ReachOptions> = {}, lookup?: Lookup): Promise<string> {
  try {
    await reach(url, { timeoutMs: 300, insecure: false, ...changes }, lookup);
    return 'reached';
  } catch (error) {
    if (!(error instanceof PlimsollError)) throw error;
    expect(error.given).toBe(url);
    expect(error.message.length).toBeGreaterThan(url.length + 5);
    return error.code;
  }
}

describe('reach', () => {
  it('connects and sends no request', async () => {
    const server = await serving();
    expect(await outcome(server.url)).toBe('reached');
    expect(await outcome(`http://localhost:${server.port}/x`)).toBe('reached');
    expect(server.requests).toBe(0);
    expect(server.connections).toBe(2);
  });

  it('shakes hands, and trusts what it is told to trust', async () => {
    const server = await serving({ tls: true });
    expect(await outcome(server.url, { route: { ...straight, ca: testCertificate } })).toBe('reached');
    expect(
      await outcome(`https://localhost:${server.port}/`, { route: { ...straight, ca: testCertificate } }),
    ).toBe('reached');
    expect(await outcome(server.url, { insecure: true })).toBe('reached');
    expect(await outcome(server.url)).toBe('PLM_TLS');
    expect(
      await outcome(
        `https://wrong.test:${server.port}/`,
        { route: { ...straight, ca: testCertificate } },
        () => Promise.resolve(['127.0.0.1']),
      ),
    ).toBe('PLM_TLS');
    expect(server.requests).toBe(0);
  });

  it.each(['end', 'resetAndDestroy', 'pause'] as const)(
    'names PLM_TLS where the handshake meets %s',
    async (how) => {
      const server = await serving({ accepted: (socket) => socket.once('data', () => socket[how]()) });
      expect(await outcome(server.url.replace('http:', 'https:'))).toBe('PLM_TLS');
    },
  );

  it('names PLM_REFUSED where nothing listens, after every address was tried', async () => {
    const server = await serving();
    await server.close();
    expect(await outcome(server.url)).toBe('PLM_REFUSED');
    const other = await serving();
    const asked =
      (addresses: string[]): Lookup =>
      () =>
        Promise.resolve(addresses);
    const url = `http://two.test:${other.port}/`;
    expect(await outcome(url, {}, asked(['127.0.0.77', '127.0.0.1']))).toBe('reached');
    expect(await outcome(url, {}, asked(['127.0.0.77', '255.255.255.255']))).toBe('PLM_REFUSED');
  });

  it('names PLM_UNKNOWN_HOST, PLM_UNREACHABLE and PLM_TARGET', async () => {
    const failing: Lookup = () =>
      Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }));
    expect(await outcome('http://nobody.test/', {}, failing)).toBe('PLM_UNKNOWN_HOST');
    expect(await outcome('http://nobody.test/', {}, () => Promise.resolve([]))).toBe('PLM_UNKNOWN_HOST');
    expect(await outcome('http://255.255.255.255:9/')).toBe('PLM_UNREACHABLE');
    expect(await outcome('ftp://a/')).toBe('PLM_TARGET');
  });
});
