/** A real HTTP server that counts what it answers, on a port of its own. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpTargetServer {
  readonly url: string;
  readonly port: number;
  /** Requests that came in whole. */
  readonly received: () => number;
  close(): Promise<void>;
}

export async function httpTarget(
  answer: (request: IncomingMessage, response: ServerResponse, number: number) => void,
): Promise<HttpTargetServer> {
  let received = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => answer(request, response, ++received));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    received: () => received,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** A port that nothing listens on: it was free a moment ago. */
export async function closedPort(): Promise<number> {
  const target = await httpTarget(() => undefined);
  await target.close();
  return target.port;
}
