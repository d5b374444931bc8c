/** gRPC from outside: the command line against real servers. Real time, so side by side. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, type TestContext } from 'vitest';
import { folderFor, plimsoll, until } from './kit/bin.ts';
import { grpcServer, harbourProto, type GrpcServer, type GrpcServerOptions } from './kit/grpcServer.ts';
import { closedPort } from './kit/httpTarget.ts';
import { testCertificate } from '../src/protocols/testing/certificate.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const limits = ['--slo', 'p95<5s,errors<1%'];

async function harbour(context: TestContext, options: GrpcServerOptions = {}): Promise<GrpcServer> {
  const server = await grpcServer(options);
  context.onTestFinished(() => server.kill());
  return server;
}

/** A scenario file in a folder of its own. */
function scenarioIn(folder: string, url: string, body: string): string {
  const file = join(folder, 'harbour.ts');
  writeFileSync(
    file,
    `import { expect, scenario } from 'plimsoll';
     export default scenario('harbour', { grpc: ${JSON.stringify({ url })} }, async ({ grpc }) => { ${body} });`,
  );
  return file;
}

describe.concurrent('gRPC', () => {
  it('of the examples runs against the service beside it, in all four shapes', async (context) => {
    const folder = folderFor(context);
    const port = await closedPort();
    const service = `node ${join(root, 'examples/harbour.server.js')} --port ${port}`;
    const run = plimsoll(
      context,
      [
        ...['run', join(root, 'examples/grpc.ts'), '--base-url', `grpc://127.0.0.1:${port}`],
        ...['--rate', '30/s', '--duration', '2s', '--start', service, ...limits],
      ],
      folder,
    );
    const { code, stderr } = await run.ended;
    const report = run.report();
    const level = report.experiments[0]?.levels[0];
    // A machine that others use makes the level invalid; its counts stand.
    expect([0, 4], stderr).toContain(code);
    expect(report.target).toMatchObject({
      kind: 'grpc',
      name: `grpc://127.0.0.1:${port}`,
      protocol: 'gRPC',
      streamsPerConnection: 1,
    });
    const done = level?.sessions?.done ?? 0;
    expect(done).toBeGreaterThan(30);
    expect(level?.sessions?.failed).toBe(0);
    expect(level?.requests.done).toBe(4 * done);
    const steps = Object.fromEntries((level?.steps ?? []).map((step) => [step.name, step.done]));
    const method = (name: string): string => `harbour.Harbour/${name}`;
    expect(steps).toEqual({
      [method('Greet')]: done,
      [method('Watch')]: done,
      [method('Load')]: done,
      [method('Radio')]: done,
      'grpc.first': 2 * done,
    });
    // 1 + 2 + 2 messages there, 5 + 1 + 2 back; a call of one message each way is no stream.
    expect(level?.messages).toMatchObject({ sent: 5 * done, received: 8 * done, lost: null });
    expect(level?.target).toMatchObject({ networkInBytesPerSecond: null });
  });

  it('of a URL alone is one method, described by the target, whose count is ours', async (context) => {
    const server = await harbour(context);
    const target = `${server.url}/harbour.Harbour/Greet`;
    const flags = [
      '--data',
      '{"name": "sesame-7"}',
      '--header',
      'x-pilot: sesame-7',
      '--workers',
      '2',
      ...limits,
    ];
    const run = plimsoll(context, ['run', target, '--users', '6', '--duration', '2s', ...flags]);
    const { code, stdout, stderr } = await run.ended;
    const report = run.report();
    const level = report.experiments[0]?.levels[0];
    expect(stdout + stderr + JSON.stringify(report)).not.toContain('sesame');
    expect(level?.requests.failed, stdout + stderr).toBe(0);
    expect(report.requests.done).toBe(server.counted.calls);
    expect(level?.sessions?.done).toBe(level?.requests.done);
    expect(level?.connections.opened).toBe(6);
    expect(report.target).toMatchObject({ kind: 'grpc', name: target });
    expect(server.last.metadata.get('x-pilot')).toEqual(['sesame-7']);
    expect([0, 4]).toContain(code);
  });

  it('over TLS trusts --ca, with users that share connections', async (context) => {
    const server = await harbour(context, { tls: true, reflection: 'v1alpha' });
    const folder = folderFor(context);
    writeFileSync(join(folder, 'ca.pem'), testCertificate);
    const target = `grpcs://localhost:${server.port}/harbour.Harbour/Watch`;
    const flags = [
      '--data',
      '{"positions": 3}',
      '--ca',
      'ca.pem',
      '--streams',
      '4',
      '--workers',
      '1',
      ...limits,
    ];
    const run = plimsoll(context, ['run', target, '--users', '8', '--duration', '1s', ...flags], folder);
    const { stderr } = await run.ended;
    const report = run.report();
    const level = report.experiments[0]?.levels[0];
    expect(level?.requests.failed, stderr).toBe(0);
    expect(level?.connections.opened).toBe(2);
    expect(level?.messages).toMatchObject({ received: server.counted.told, sent: server.counted.calls });
    expect(level?.messages?.received).toBe(3 * report.requests.done);
    expect(report.target.streamsPerConnection).toBe(4);
  });

  it('cuts streams that never end with the run, and its counts balance', async (context) => {
    const server = await harbour(context);
    const folder = folderFor(context);
    const body = `const stream = grpc.stream('harbour.Harbour/Watch', { positions: 1000000, every_ms: 10 }, { deadlineMs: Infinity });
      for await (const position of stream);`;
    const file = scenarioIn(folder, server.url, body);
    const flags = ['--users', '3', '--duration', '1s', '--timeout', '1s', '--workers', '1', '--debug'];
    const run = plimsoll(context, ['run', file, ...flags], folder);
    const { stderr } = await run.ended;
    const { requests } = run.report();
    expect(requests, stderr).toMatchObject({ due: 3, sent: 3, done: 0, unfinished: 3 });
    expect(server.counted.calls).toBe(3);
    await until('the target has noticed', () => server.counted.cancelled === 3);
    // Ten seconds are given to what may still end.
  }, 60_000);

  it('lets a session end with streams that are left early or cancelled', async (context) => {
    const server = await harbour(context);
    const folder = folderFor(context);
    const body = `const endless = { positions: 1000000, every_ms: 5 };
      for await (const position of grpc.stream('harbour.Harbour/Watch', endless)) break;
      const stream = grpc.stream('harbour.Harbour/Watch', endless);
      await stream.receive();
      stream.cancel();`;
    const file = scenarioIn(folder, server.url, body);
    const run = plimsoll(context, ['run', file, '--rate', '20/s', '--duration', '1s', ...limits], folder);
    const { code, stderr } = await run.ended;
    const report = run.report();
    const level = report.experiments[0]?.levels[0];
    expect([0, 4], stderr).toContain(code);
    expect(level?.errors.byKind).toEqual({});
    const done = level?.sessions?.done ?? 0;
    expect(done).toBeGreaterThan(5);
    expect(level?.requests).toMatchObject({ sent: 2 * done, done: 2 * done, unfinished: 0, failed: 0 });
    // The rehearsal before the load plays a session too.
    await until('the target was told', () => server.counted.cancelled === server.counted.calls);
    expect(server.counted.calls).toBeGreaterThanOrEqual(2 * done);
  });

  it('counts refusals by their status, and takes what is used up as a limit', async (context) => {
    const server = await harbour(context);
    const target = `${server.url}/harbour.Harbour/Greet`;
    const run = plimsoll(context, [
      ...['run', target, '--data', '{"name": "busy"}', '--proto', harbourProto],
      ...['--users', '2', '--duration', '1s', '--workers', '1'],
    ]);
    const { code, stderr } = await run.ended;
    const report = run.report();
    const level = report.experiments[0]?.levels[0];
    expect(level?.errors.byKind).toEqual({ 'grpc.RESOURCE_EXHAUSTED': server.counted.calls });
    expect(report.findings.map((finding) => finding.code)).toContain('failure.grpc.RESOURCE_EXHAUSTED');
    expect(stderr).toContain('[PLM_FAILING]');
    expect(code).toBe(3);
  });

  const greet = 'harbour.Harbour/Greet';
  const refused: [given: string, flags: readonly string[], exit: number, code: string, words: string][] = [
    [`SERVER/harbour.Harbour/Gret`, [], 2, 'PLM_METHOD', `there are ${greet}, harbour.Harbour/Watch`],
    [
      `SERVER/${greet}`,
      ['--data', '{"draught_cm": "sesame-7"}'],
      2,
      'PLM_MESSAGE',
      'does not take this text',
    ],
    [`MUTE/${greet}`, [], 2, 'PLM_REFLECTION', 'it serves no reflection'],
    [`PAGE/${greet}`, [], 3, 'PLM_FAILING', 'what answers there does not speak gRPC'],
    [`PAGE/${greet}`, ['--proto', harbourProto], 3, 'PLM_FAILING', 'bad-response'],
    [`grpc://127.0.0.1:CLOSED/${greet}`, [], 3, 'PLM_REFUSED', 'ECONNREFUSED'],
    [`grpc://clerk:sesame-7@127.0.0.1:9/${greet}`, [], 2, 'PLM_TARGET', 'no user, password or parameters'],
  ];
  for (const [given, flags, exit, code, words] of refused) {
    it(`that cannot be called ends with ${code} in clear words: ${given} ${flags.join(' ')}`, async (context) => {
      const folder = folderFor(context);
      const server = await harbour(context, given.startsWith('MUTE') ? { reflection: 'none' } : {});
      const page = createServer((_request, response) => void response.end('hello'));
      await new Promise<void>((listening) => void page.listen(0, '127.0.0.1', listening));
      context.onTestFinished(() => void page.close());
      const target = given
        .replace(/SERVER|MUTE/, server.url)
        .replace('PAGE', `grpc://127.0.0.1:${(page.address() as AddressInfo).port}`)
        .replace('CLOSED', String(await closedPort()));
      const load = ['--users', '1', '--duration', '1s', '--workers', '1', '--debug'];
      const {
        code: ended,
        stdout,
        stderr,
      } = await plimsoll(context, ['run', target, ...flags, ...load], folder).ended;
      expect(stderr).toContain(`[${code}]`);
      expect(stderr.replace(/\s+/g, ' ')).toContain(words);
      expect(stdout + stderr).not.toContain('sesame');
      expect(ended).toBe(exit);
      expect(server.counted.calls).toBe(0);
    });
  }

  it('of a scenario that names a method wrong is a fault of its script', async (context) => {
    const server = await harbour(context);
    const folder = folderFor(context);
    const file = scenarioIn(folder, server.url, `await grpc.call('harbour.Harbour/Gret');`);
    const { code, stderr } = await plimsoll(
      context,
      ['run', file, '--users', '1', '--duration', '1s'],
      folder,
    ).ended;
    expect(stderr).toContain('[PLM_SCRIPT]');
    expect(stderr.replace(/\s+/g, ' ')).toContain('there is no method "harbour.Harbour/Gret"; there are');
    expect(code).toBe(2);
  });
});
