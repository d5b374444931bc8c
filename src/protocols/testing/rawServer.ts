/**
 * A server for tests that says exactly the bytes it is told to, whole or broken, over TCP or TLS.
 *
 * It parses requests just far enough to count them, so that the client's counts can be held against the server's.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { testCertificate, testKey } from './certificate.ts';

export interface Asked {
  readonly socket: Socket;
  /** Head of the request, as text. */
  readonly head: string;
  readonly bodyBytes: number;
  /** The how manyth connection of the server, from 1. */
  readonly connection: number;
  /** The how manyth request on its connection, from 1. */
  readonly nth: number;
}

export interface RawServer {
  readonly port: number;
  readonly url: string;
  readonly requests: number;
  readonly connections: number;
  /** Connections that are open now. */
  readonly open: number;
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

export interface RawServerOptions {
  readonly tls?: boolean;
  readonly host?: string;
  readonly port?: number;
  /** Called instead of reading requests, if given. */
  readonly accepted?: (socket: Socket, connection: number) => void;
}

export async function rawServer(
  answer: (asked: Asked) => void,
  { tls = false, host = '127.0.0.1', port = 0, accepted }: RawServerOptions = {},
): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let requests = 0;
  let connections = 0;
  const serve = (socket: Socket): void => {
    const connection = ++connections;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    if (accepted !== undefined) return accepted(socket, connection);
    let nth = 0;
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (let end; (end = text.indexOf('\r\n\r\n')) >= 0;) {
        const head = text.slice(0, end + 4);
        const bodyBytes = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
        if (text.length < head.length + bodyBytes) return;
        text = text.slice(head.length + bodyBytes);
        requests++;
        answer({ socket, head, bodyBytes, connection, nth: ++nth });
      }
    });
  };
  const server: Server = tls
    ? createTlsServer({ key: testKey, cert: testCertificate, ALPNProtocols: ['http/1.1'] }, serve)
    : createServer({ noDelay: true }, serve);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${bound}/`,
    get requests() {
      return requests;
    },
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    sockets,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** A response with Content-Length, as most servers write it. */
export function ok(body = 'hello', extraHeaders = ''): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${extraHeaders}Content-Length: ${body.length}\r\n\r\n${body}`;
}
