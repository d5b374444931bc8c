/** Recordings and descriptions as targets, from outside: what arrives at a real server is held against what the file says. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, type TestContext } from 'vitest';
import { folderFor, plimsoll } from './kit/bin.ts';
import { closedPort } from './kit/httpTarget.ts';

const shopHar = fileURLToPath(new URL('recordings/shop.har', import.meta.url));
const shopApi = fileURLToPath(new URL('recordings/shop.openapi.yaml', import.meta.url));

interface Arrived {
  readonly what: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Requests that were under way when it came, itself among them. */
  readonly underWay: number;
}

/** A server that keeps what arrives, and answers a moment later. */
async function shop(
  { onTestFinished }: TestContext,
  statusOf: (what: string) => number,
): Promise<{ readonly url: string; readonly arrived: readonly Arrived[] }> {
  const arrived: Arrived[] = [];
  let underWay = 0;
  const server = createServer((request, response) => {
    underWay++;
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const what = `${request.method} ${request.url}`;
      arrived.push({ what, headers: request.headers, body: Buffer.concat(parts), underWay });
      setTimeout(() => {
        underWay--;
        const headers = what === 'GET /?page=1' ? { 'set-cookie': `sid=now-${arrived.length}` } : {};
        response.writeHead(statusOf(what), statusOf(what) === 302 ? { location: '/there' } : headers).end();
      }, 15);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrived };
}

const asRecorded = (what: string): number =>
  what === 'POST /login' ? 302 : what === 'GET /missing' ? 404 : what === 'GET /style.css' ? 304 : 200;

const held = ['--users', '1', '--duration', '1500ms', '--slo', 'p95<5s,errors<1%', '--longest-pause', '40ms'];

describe.concurrent('a recording', () => {
  it('is replayed as it was: order, overlap, bodies, cookies of now, and each request counted', async (context) => {
    const { url, arrived } = await shop(context, asRecorded);
    const folder = folderFor(context);
    const run = plimsoll(context, ['run', url, '--har', shopHar, ...held, '--workers', '1'], folder);
    const { code, stdout, stderr } = await run.ended;
    const report = run.report();
    const level = report.experiments[0]?.levels[0];
    const sessions = level?.sessions?.done ?? 0;
    expect(code, stderr).toBe(0);
    expect(sessions).toBeGreaterThan(1);
    expect(level?.sessions).toMatchObject({ failed: 0, unfinished: 0 });
    expect(report.requests).toMatchObject({ done: arrived.length, sent: arrived.length, failed: 0 });
    expect(arrived.length).toBe(9 * sessions);
    const first = arrived.slice(0, 9);
    expect(first[0]?.what).toBe('GET /?page=1');
    expect(
      first
        .slice(1, 4)
        .map(({ what }) => what)
        .toSorted(),
    ).toEqual(['GET /items/17', 'GET /items/18', 'GET /style.css']);
    expect(first.slice(4).map(({ what }) => what)).toEqual([
      'POST /login',
      'GET /account/4f2b8c1e-1111-4222-8333-944455566677',
      'PUT /avatar',
      'GET /missing',
      'POST /items/17/reviews',
    ]);
    // The three that overlapped in the recording overlap now; nothing else does.
    expect(Math.max(...arrived.map(({ underWay }) => underWay))).toBe(3);
    expect(first[6]?.body).toEqual(Buffer.from([0x00, 0xff, 0x10, 0x80]));
    expect(first[4]?.body.toString()).toBe('user=ada&tag=a+b&tag=c%26d');
    expect(first[4]?.headers).toMatchObject({ origin: url, cookie: 'sid=now-1', 'content-length': '26' });
    expect(arrived[9]?.headers.cookie).toBeUndefined();
    expect(arrived.every(({ headers }) => headers['if-none-match'] === undefined)).toBe(true);

    expect(report.target).toMatchObject({ kind: 'scenario', name: `shop.har on ${url}/` });
    expect(level?.throughput?.unit).toBe('sessions/s');
    expect(Object.fromEntries((level?.steps ?? []).map(({ name, done }) => [name, done]))).toEqual({
      'GET /': sessions,
      'GET /style.css': sessions,
      'GET /items/:id': 2 * sessions,
      'POST /login': sessions,
      'GET /account/:id': sessions,
      'PUT /avatar': sessions,
      'GET /missing': sessions,
      'POST /items/:id/reviews': sessions,
    });
    expect(stderr).toMatch(
      /^plimsoll: 9 of 16 requests in shop\.har are replayed on http.*left out: .*2 of other origins/,
    );
    const codes = report.findings.map((finding) => finding.code);
    expect(codes).toContain('scenario.played');
    expect(codes).not.toContain('target.redirects');
    const written = readdirSync(join(folder, 'report')).filter((name) => name.startsWith('report.'));
    expect(written.length).toBeGreaterThan(2);
    for (const name of written)
      expect(readFileSync(join(folder, 'report', name), 'utf8')).not.toContain('hunter2');
    expect(stdout + stderr).not.toContain('hunter2');
  });

  it('fails where an answer is not the recorded one', async (context) => {
    const { url } = await shop(context, (what) => (what === 'GET /items/18' ? 503 : asRecorded(what)));
    const run = plimsoll(context, ['run', url, '--har', shopHar, ...held]);
    const { code } = await run.ended;
    const level = run.report().experiments[0]?.levels[0];
    expect(level?.errors.byKind).toEqual({ 'http.503': level?.sessions?.done });
    expect(level?.sessions?.failed).toBe(level?.sessions?.done);
    expect(code).toBe(1);
  });

  it('that is sent elsewhere now is no success, though nothing failed', async (context) => {
    const { url } = await shop(context, (what) => (what.startsWith('GET /account') ? 302 : asRecorded(what)));
    const { code, stderr } = await plimsoll(context, ['run', url, '--har', shopHar, ...held]).ended;
    expect(stderr).toContain('GET /account/:id was recorded with 200, and is 302 now');
    expect(stderr).toContain('[PLM_SCRIPT]');
    expect(code).toBe(2);
  });
});

describe.concurrent('a description', () => {
  const api = ['--openapi', shopApi, '--duration', '1500ms', '--users', '3', '--slo', 'p95<5s,errors<1%'];

  it('is called by its operations that read, by weight, one a session', async (context) => {
    const { url, arrived } = await shop(context, () => 200);
    const run = plimsoll(context, ['run', `${url}/v2`, ...api, '--header', 'X-Token: hunter2']);
    const { code, stdout, stderr } = await run.ended;
    const report = run.report();
    const level = report.experiments[0]?.levels[0];
    expect(code, stderr).toBe(0);
    expect(report.requests).toMatchObject({ done: arrived.length, failed: 0 });
    expect(level?.sessions?.done).toBe(arrived.length);
    const counts = Object.fromEntries((level?.steps ?? []).map(({ name, done }) => [name, done]));
    const arrivedAs = (pattern: RegExp): number => arrived.filter(({ what }) => pattern.test(what)).length;
    expect(counts).toEqual({
      'GET /items': arrivedAs(/^GET \/v2\/items\?/),
      'GET /items/{id}': arrivedAs(/^GET \/v2\/items\/\d+$/),
      'HEAD /items/{id}': arrivedAs(/^HEAD \/v2\/items\/\d+$/),
    });
    // Of weights 3, 1 and 1.
    expect(Math.abs((counts['GET /items'] ?? 0) / arrived.length - 0.6)).toBeLessThan(0.25);
    expect(arrived.every(({ headers }) => headers['x-token'] === 'hunter2')).toBe(true);
    expect(stderr).toMatch(
      /^plimsoll: 3 of 6 operations .*2 that write \(--allow-writes\), GET \/files\/\{path\} /,
    );
    expect(stdout + stderr + JSON.stringify(report)).not.toContain('hunter2');
  });

  it('counts an answer that it does not document as a failure', async (context) => {
    const { url } = await shop(context, (what) => (what.startsWith('GET /v2/items?') ? 206 : 200));
    const run = plimsoll(context, ['run', `${url}/v2`, ...api]);
    const { code } = await run.ended;
    const level = run.report().experiments[0]?.levels[0];
    const items = level?.steps.find(({ name }) => name === 'GET /items')?.done;
    expect(level?.errors.byKind).toEqual({ check: items });
    expect(code).toBe(1);
  });
});

describe.concurrent('the embedded service', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const started = (port: number): string[] => [
    '--start',
    `node ${join(root, 'dist/demo/service.js')} --port ${port}`,
  ];
  const short = ['--duration', '1500ms', '--slo', 'p95<5s,errors<1%'];

  it('is called by its description among the examples', async (context) => {
    const port = await closedPort();
    const description = join(root, 'examples/demo.openapi.yaml');
    const args = [
      'run',
      `http://127.0.0.1:${port}`,
      '--openapi',
      description,
      '--allow-writes',
      '--users',
      '2',
    ];
    const run = plimsoll(context, [...args, ...short, ...started(port)]);
    const { code, stderr } = await run.ended;
    const level = run.report().experiments[0]?.levels[0];
    expect(code, stderr).toBe(0);
    expect(level?.errors.byKind, stderr).toEqual({});
    expect(level?.sessions?.done).toBe(level?.requests.done);
  });

  it('is run by the scenario that init writes', async (context) => {
    const folder = folderFor(context);
    const port = await closedPort();
    const url = `http://127.0.0.1:${port}/chat`;
    const body = ['--body', '{"say":"And then?"}', '--header', 'Content-Type: application/json'];
    const written = await plimsoll(context, ['init', url, 'first.ts', ...body], folder).ended;
    expect(written).toMatchObject({ code: 0, stderr: '' });
    expect(written.stdout).toContain('npx plimsoll run first.ts --users 1');
    const again = await plimsoll(context, ['init', url, 'first.ts'], folder).ended;
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('--force to write over it.  [PLM_EXISTS]');
    const run = plimsoll(context, ['run', 'first.ts', '--users', '2', ...short, ...started(port)], folder);
    const { code, stderr } = await run.ended;
    expect(code, stderr).toBe(0);
    expect(run.report().experiments[0]?.levels[0]?.steps).toMatchObject([{ name: 'POST /chat', failed: 0 }]);
  });
});
