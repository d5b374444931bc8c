/** Takes the calls of the addresses of a scenario's sessions in a thread, on loopback; opened when the first address is asked for. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly atMs: number;
}

const keptBytes = 1024 * 1024;

export class WebhookReceiver {
  readonly #expected = new Map<string, (call: Received) => void>();
  #base: Promise<string> | null = null;

  /** @param take is called once, when the address is. @returns the address, and how to give it up */
  async expect(take: (call: Received) => void): Promise<{ readonly url: string; forget(): void }> {
    const base = await (this.#base ??= this.#listen());
    // Nobody guesses the address of another session.
    const path = `/${randomUUID()}`;
    this.#expected.set(path, take);
    return { url: base + path, forget: () => void this.#expected.delete(path) };
  }

  #listen(): Promise<string> {
    const server = createServer((request, response) => this.#called(request, response));
    // The end of the thread waits neither for it nor for connections that targets keep.
    server.unref();
    server.on('connection', (socket) => socket.unref());
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        server.on('error', () => undefined);
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      });
    });
  }

  #called(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    let kept = 0;
    request.on('data', (chunk: Buffer) => {
      if (kept < keptBytes) chunks.push(chunk.subarray(0, keptBytes - kept));
      kept += chunk.length;
    });
    request.on('end', () => {
      const path = request.url ?? '';
      const take = this.#expected.get(path);
      this.#expected.delete(path);
      response.writeHead(take === undefined ? 410 : 204).end();
      const { method = '', headers } = request;
      take?.({ method, headers, body: Buffer.concat(chunks), atMs: performance.now() });
    });
    // A call that breaks off has not come.
    request.on('error', () => undefined);
  }
}
