import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as http1Server } from 'node:http';
import { createServer as http2Server, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer as tcpServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { grpcServer, harbourProto, type GrpcServerOptions } from '../../../test/kit/grpcServer.ts';
import { closedPort } from '../../../test/kit/httpTarget.ts';
import { noMessages, sumMessages, type MessageSlice } from '../../model/slice.ts';
import { grpcClient } from '../../protocols/grpc/grpcClient.ts';
import { straight } from '../../protocols/route.ts';
import { testCertificate } from '../../protocols/testing/certificate.ts';
import { Account } from '../account.ts';
import { scenario } from '../scenario.ts';
import type { GrpcOptions } from './grpc.ts';
import { askedByReflection, GrpcTargets, type GrpcTargetsOptions } from './grpcTargets.ts';
import type { UserGrpc } from './userGrpc.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** What a server is given to notice that somebody has left. */
const later = { timeout: 10_000 };

const usual: Omit<GrpcTargetsOptions, 'told'> = {
  file: 'harbour.ts',
  url: null,
  timeoutMs: 2000,
  insecure: false,
  route: straight,
  headers: [],
  streams: 1,
};

interface Told {
  sent: number;
  readonly failures: string[];
  connects: number;
  readonly steps: [name: string, failed: boolean][];
  readonly firsts: number[];
  messages: MessageSlice | null;
}

interface User {
  readonly grpc: UserGrpc;
  readonly account: Account;
  giveUp(): void;
}

/** Users of one target, and what they tell. */
async function stage(
  grpc: GrpcOptions,
  options: Partial<GrpcTargetsOptions> = {},
): Promise<{ user: () => User; told: Told; targets: GrpcTargets }> {
  const named = scenario('harbour', { grpc }, () => Promise.resolve());
  const given = { ...usual, ...options };
  const targets = await GrpcTargets.open([named], {
    ...given,
    told: await askedByReflection([named], given),
  });
  const told: Told = { sent: 0, failures: [], connects: 0, steps: [], firsts: [], messages: noMessages };
  const user = (): User => {
    const account = new Account({
      connected: () => void told.connects++,
      sent: () => void told.sent++,
      done: (_due, _sent, _first, _done, failure) => void told.failures.push(failure),
    });
    const own = targets.equip(named, account, {
      step: (name, _ms, failed) => void told.steps.push([name, failed]),
      time: (name, ms) => void (name === 'grpc.first' && told.firsts.push(ms)),
      messages: (change) => {
        told.messages = sumMessages(told.messages, { ...noMessages, ...change });
      },
    });
    const giveUp = (): void => {
      account.close();
      own.retire();
    };
    cleanups.push(giveUp);
    account.begin(performance.now());
    return { grpc: own, account, giveUp };
  };
  return { user, told, targets };
}

async function harbour(options: GrpcServerOptions = {}, target: Partial<GrpcTargetsOptions> = {}) {
  const server = await grpcServer(options);
  cleanups.push(() => server.kill());
  const proto = options.reflection === 'none' ? { proto: harbourProto } : {};
  return { server, ...(await stage({ url: server.url, ...proto }, target)) };
}

const [greet, watch, load, radio] = ['Greet', 'Watch', 'Load', 'Radio'].map(
  (method) => `harbour.Harbour/${method}`,
) as [string, string, string, string];

describe('a call of gRPC', () => {
  it.each(['all', 'v1alpha', 'none'] as const)(
    'is one request, answered by its method (reflection: %s)',
    async (reflection) => {
      const { user, told, server } = await harbour({ reflection });
      const { grpc, account } = user();
      const reply = await grpc.call<{ text: string }>(greet, { name: 'Ada', flag: 'PILOT', holds: ['7', 9] });
      expect(reply).toMatchObject({ ok: true, failure: '', code: 'OK', value: { text: 'Welcome, Ada.' } });
      expect(reply.header('x-berth')).toBe('7');
      expect(reply.header('x-other')).toBeNull();
      expect([told.sent, told.failures, told.steps]).toEqual([1, [''], [[greet, false]]]);
      expect(told.messages).toEqual(noMessages);
      expect([server.counted.calls, account.failure, account.underWay]).toEqual([1, '', 0]);
    },
  );

  it.each([
    ['busy', 'grpc.RESOURCE_EXHAUSTED'],
    ['unknown', 'grpc.NOT_FOUND'],
    ['away', 'grpc.UNAVAILABLE'],
  ])('that is refused fails with the status, and does not throw: %s', async (name, failure) => {
    const { user, told, targets } = await harbour();
    const { grpc, account } = user();
    const reply = await grpc.call(greet, { name });
    expect(reply).toMatchObject({ ok: false, failure, message: `the harbour is ${name}`, value: null });
    expect([told.failures, told.steps, account.failure]).toEqual([[failure], [[greet, true]], failure]);
    expect(targets.lastError).toBe(`${failure.slice(5)}: the harbour is ${name}`);
    // What refused it is there: the connection is kept.
    await grpc.call(greet, { name: 'Ada' });
    expect([told.failures, told.connects]).toEqual([[failure, ''], 1]);
  });

  it('that is not answered ends at its deadline, which the target is told', async () => {
    const { user, told, server } = await harbour();
    const { grpc } = user();
    const reply = await grpc.call(greet, { name: 'ghost' }, { deadlineMs: 130 });
    expect([reply.failure, reply.code, told.failures]).toEqual(['timeout', 'DEADLINE_EXCEEDED', ['timeout']]);
    expect(reply.responseMs).toBeGreaterThan(120);
    expect(server.last.deadlineMs).toBeLessThan(131);
    await expect(grpc.call(greet, {}, { deadlineMs: 0 })).rejects.toThrow('deadlineMs 0 is no time to wait');
    expect(told.sent).toBe(1);
  });

  it('sends metadata: its own before that of the command line', async () => {
    const headers = [
      ['X-Pilot', 'Grace'],
      ['x-tide', 'low'],
      ['Host', 'elsewhere'],
    ] as const;
    const { user, server } = await harbour({}, { headers });
    await user().grpc.call(greet, {}, { metadata: { 'x-pilot': 'Ada' } });
    const { metadata } = server.last;
    expect([metadata.get('x-pilot'), metadata.get('x-tide'), metadata.get('host')]).toEqual([
      ['Ada'],
      ['low'],
      [],
    ]);
  });

  const misfits: [message: Record<string, unknown>, said: string][] = [
    [{ nmae: 'Ada' }, 'has no field "nmae"'],
    [{ draught_cm: 'deep' }, 'draught_cm does not take this text'],
    [{ draught_cm: 3.7 }, 'draught_cm does not take this number'],
    [{ draught_cm: 2 ** 31 }, 'draught_cm does not take this number'],
    [{ flag: 'PIRATE' }, 'flag does not take this text'],
    [{ name: true }, 'name does not take this boolean'],
    [{ tug: { nmae: 'Bee' } }, 'tug has no field "nmae"'],
    [{ holds: [1, 'two'] }, 'holds[1] does not take this text'],
    [{ tug: 'Bee' }, 'object expected'],
  ];
  it.each(misfits)('whose message does not fit throws before anything is sent: %j', async (message, said) => {
    const { user, told } = await harbour();
    await expect(user().grpc.call(greet, message)).rejects.toThrow(said);
    expect(told.sent).toBe(0);
  });

  it('of a method that does not exist names those that do', async () => {
    const { user, told } = await harbour();
    const { grpc } = user();
    await expect(grpc.call('harbour.Harbour/Gret')).rejects.toThrow(
      `there is no method "harbour.Harbour/Gret"; there are ${greet}, ${watch}, ${load}, ${radio}`,
    );
    expect(() => grpc.stream(greet)).toThrow('streams at neither side');
    await expect(grpc.call(greet, [{}, {}])).rejects.toThrow('takes one message, not 2');
    expect(told.sent).toBe(0);
  });

  it('needs a scenario that names a target', async () => {
    const named = scenario('shop', () => Promise.resolve());
    const targets = await GrpcTargets.open([named], { ...usual, told: {} });
    const account = new Account({ connected: () => undefined, sent: () => undefined, done: () => undefined });
    const recorder = { step: () => undefined, time: () => undefined, messages: () => undefined };
    await expect(targets.equip(named, account, recorder).call(greet)).rejects.toThrow('grpc needs a target');
  });
});

describe('a stream of gRPC', () => {
  it('from the target is gone through message by message, in order, and counted', async () => {
    const { user, told, server } = await harbour();
    const { grpc } = user();
    const positions = grpc.stream<{ number: number }>(watch, { positions: 2503 });
    const numbers: number[] = [];
    for await (const { number } of positions) numbers.push(number);
    expect(numbers).toEqual(Array.from({ length: 2503 }, (_, at) => at + 1));
    const reply = await positions.close();
    expect(reply).toMatchObject({ ok: true, received: 2503, sent: 1, value: { number: 2503 } });
    expect(reply.firstMs).toBeLessThanOrEqual(reply.responseMs);
    expect([told.sent, told.failures, told.firsts.length]).toEqual([1, [''], 1]);
    expect(told.messages).toMatchObject({ sent: 1, received: server.counted.told });
  });

  it('that nobody reads makes the target wait, and loses nothing', async () => {
    const { user, told, server } = await harbour();
    const positions = user().grpc.stream<{ number: number }>(
      watch,
      { positions: 12_000 },
      { deadlineMs: 20_000 },
    );
    await expect.poll(() => positions.received, later).toBeGreaterThan(999);
    expect(await positions.receive()).toMatchObject({ number: 1 });
    expect(positions.received).toBeLessThan(3000);
    expect((await positions.close()).received).toBe(12_000);
    expect(told.messages?.received).toBe(server.counted.told);
  });

  it('to the target ends with its one answer', async () => {
    const { user, told, server } = await harbour();
    const { grpc } = user();
    const crates = grpc.stream<{ crates: number; weight_kg: string }>(load);
    for (const weight of [700, 25, 5]) expect(await crates.send({ weight_kg: weight })).toBe(true);
    expect(await crates.close()).toMatchObject({ ok: true, sent: 3, value: { crates: 3, weight_kg: '730' } });
    expect(() => void crates.send({ weight_kg: 1 })).not.toThrow();
    expect(await crates.send({ weight_kg: 1 })).toBe(false);
    expect(await grpc.call(load, [{ weight_kg: 1 }, { weight_kg: 2 }])).toMatchObject({ sent: 2 });
    expect(told.messages).toMatchObject({ sent: server.counted.heard, received: 2 });
  });

  it('of both sides is a conversation', async () => {
    const { user, told, server } = await harbour();
    const channel = user().grpc.stream<{ text: string }>(radio);
    for (const text of ['Ada calling', 'request a pilot']) {
      await channel.send({ text });
      expect(await channel.receive()).toEqual({ text: `${text}, over` });
    }
    channel.end();
    expect(await channel.receive()).toBeNull();
    expect(() => void channel.send({ text: 'too late' })).not.toThrow();
    expect(told.messages).toMatchObject({ sent: server.counted.heard, received: server.counted.told });
    expect(told.failures).toEqual(['']);
  });

  it('of both sides that is one call throws away what comes, so that the target never waits for a reader', async () => {
    const { user, told, server } = await harbour();
    const words = Array.from({ length: 4000 }, () => ({ text: 'x'.repeat(1000) }));
    const reply = await user().grpc.call(radio, words, { deadlineMs: 15_000 });
    expect(reply).toMatchObject({ ok: true, sent: 4000, received: 4000 });
    expect(told.messages).toMatchObject({ sent: server.counted.heard, received: server.counted.told });
  });

  it('that fails in its middle has given what came before', async () => {
    const { user, told } = await harbour();
    const positions = user().grpc.stream(watch, { ship: 'fog', positions: 7 });
    let count = 0;
    while ((await positions.receive()) !== null) count++;
    const reply = await positions.close();
    expect([count, reply.failure, reply.message]).toEqual([7, 'grpc.DATA_LOSS', 'fog came up']);
    expect([told.failures, told.firsts]).toEqual([['grpc.DATA_LOSS'], []]);
  });

  it('that the target ends early takes no more messages', async () => {
    const { user, told } = await harbour();
    const channel = user().grpc.stream(radio);
    await channel.send({ text: 'mayday' });
    expect(await channel.receive()).toBeNull();
    expect(await channel.send({ text: 'anybody' })).toBe(false);
    expect(told.failures).toEqual(['grpc.ABORTED']);
  });

  it('that is left early is cancelled, and has not failed', async () => {
    const { user, told, server } = await harbour();
    const { grpc, account } = user();
    const endless = grpc.stream<{ number: number }>(watch, { positions: 1_000_000, every_ms: 1 });
    for await (const { number } of endless) if (number === 3) break;
    const reply = await endless.close();
    expect([reply.ok, reply.code, told.failures, account.failure]).toEqual([
      true,
      'CANCELLED',
      ['cancelled'],
      '',
    ]);
    await expect.poll(() => server.counted.cancelled, later).toBe(1);
  });

  it('that is cancelled has ended at once, and once, and the target is told', async () => {
    const { user, told, server } = await harbour();
    const { grpc, account } = user();
    const endless = grpc.stream(watch, { positions: 1_000_000, every_ms: 1 });
    await endless.receive();
    let idle = 0;
    account.idle = () => void idle++;
    expect(account.underWay).toBe(1);
    endless.cancel();
    expect([account.underWay, idle, told.sent, told.failures]).toEqual([0, 1, 1, ['cancelled']]);
    endless.cancel();
    await expect.poll(() => server.counted.cancelled, later).toBe(1);
    expect([account.underWay, idle, told.failures, told.connects]).toEqual([0, 1, ['cancelled'], 1]);
  });

  it('that is cancelled before it found its connection leaves that to the next call', async () => {
    const { user, told } = await harbour();
    const { grpc, account } = user();
    grpc.stream(watch, { positions: 3 }).cancel();
    expect([account.underWay, account.failure, told.failures]).toEqual([0, '', ['cancelled']]);
    expect((await grpc.call(greet, { name: 'Ada' })).ok).toBe(true);
    expect([told.sent, told.failures, told.connects]).toEqual([2, ['cancelled', ''], 1]);
  });

  it('whose connection breaks was truncated; a call that waits has lost its connection', async () => {
    const { user, told, server } = await harbour();
    const { grpc } = user();
    const endless = grpc.stream(watch, { positions: 1_000_000, every_ms: 5 });
    const waiting = grpc.call(greet, { name: 'ghost' });
    await endless.receive();
    await expect.poll(() => server.counted.calls, later).toBe(2);
    server.kill();
    // A crash resets the streams, or only breaks the connection under them.
    expect((await waiting).failure).toMatch(/^(closed|reset)$/);
    expect((await endless.close()).failure).toBe('stream.truncated');
    expect(told.failures.length).toBe(2);
  });

  it('of a session that is given up is cancelled, and nothing of it is told', async () => {
    const { user, told, server } = await harbour();
    const { grpc, giveUp } = user();
    const endless = grpc.stream(watch, { positions: 1_000_000, every_ms: 1 });
    await endless.receive();
    giveUp();
    await expect.poll(() => server.counted.cancelled, later).toBe(1);
    const before = { ...told, messages: { ...noMessages, ...told.messages } };
    void grpc.call(greet, {});
    void grpc.stream(watch, { positions: 3 }).close();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect([told, server.counted.calls]).toEqual([before, 1]);
    expect(told.failures).toEqual([]);
  });
});

describe('connections of gRPC', () => {
  it('are one for each user, or as many share one as is said', async () => {
    for (const [streams, wanted] of [
      [1, 5],
      [2, 3],
      [7, 1],
    ] as const) {
      const { user, told } = await harbour({}, { streams });
      const users = Array.from({ length: 5 }, user);
      await Promise.all(users.map(({ grpc }) => grpc.call(greet, { name: 'Ada' })));
      await Promise.all(users.map(({ grpc }) => grpc.call(greet, { name: 'Bee' })));
      expect([told.connects, told.sent]).toEqual([wanted, 10]);
      // Whoever comes takes the place of one who left.
      users[1]?.giveUp();
      await user().grpc.call(greet, {});
      expect(told.connects).toBe(streams === 1 ? 6 : wanted);
    }
  });

  it('that several share and that cannot be had fail the calls of all, each for itself', async () => {
    const port = await closedPort();
    const address = { url: `grpc://127.0.0.1:${port}`, proto: harbourProto };
    const { user, told } = await stage(address, { streams: 7 });
    const users = Array.from({ length: 5 }, user);
    for (let nth = 1; nth <= 2; nth++) {
      const replies = await Promise.all(users.map(({ grpc }) => grpc.call(greet, {})));
      expect(replies.map(({ failure }) => failure)).toEqual(users.map(() => 'connect.refused'));
    }
    expect([told.sent, told.connects]).toEqual([10, 0]);
    // One that gives up early takes nothing from those who still wait for the connection.
    const mute = tcpServer((socket) => void socket.on('error', () => undefined));
    cleanups.push(() => void mute.close());
    await new Promise<void>((there) => void mute.listen(port, '127.0.0.1', there));
    const [first, second] = await Promise.all([
      users[0]?.grpc.call(greet, {}, { deadlineMs: 90 }),
      users[1]?.grpc.call(greet, {}, { deadlineMs: 310 }),
    ]);
    expect([first?.failure, second?.failure]).toEqual(['connect.timeout', 'connect.timeout']);
    expect(second?.responseMs).toBeGreaterThan(290);
  });

  it('are opened again at once when the target is back', async () => {
    const port = await closedPort();
    const { user, told } = await stage({ url: `grpc://127.0.0.1:${port}`, proto: harbourProto });
    const { grpc } = user();
    for (let nth = 0; nth < 3; nth++) expect((await grpc.call(greet, {})).failure).toBe('connect.refused');
    const server = await grpcServer({ port });
    cleanups.push(() => server.kill());
    expect((await grpc.call(greet, {})).failure).toBe('');
    expect([told.sent, told.connects]).toEqual([4, 1]);
  });

  it('with TLS trust the authority that was given', async () => {
    const route = { ...straight, ca: testCertificate };
    const { user, told } = await harbour({ tls: true }, { route });
    expect((await user().grpc.call(greet, { name: 'Ada' })).ok).toBe(true);
    const { user: stranger } = await stage(
      { url: `grpcs://127.0.0.1:${(await grpcServerWithTls()).port}`, proto: harbourProto },
      {},
    );
    expect((await stranger().grpc.call(greet, {})).failure).toBe('tls');
    expect(told.failures).toEqual(['']);
  });

  async function grpcServerWithTls() {
    const server = await grpcServer({ tls: true });
    cleanups.push(() => server.kill());
    return server;
  }
});

describe('what does not speak gRPC', () => {
  const listening = async (server: Server | Http2Server): Promise<number> => {
    cleanups.push(() => void server.close());
    await new Promise<void>((there) => void server.listen(0, '127.0.0.1', there));
    return (server.address() as AddressInfo).port;
  };
  const streaming = (serve: (stream: ServerHttp2Stream) => void): Http2Server => {
    const server = http2Server();
    server.on('stream', (stream) => {
      stream.on('error', () => undefined);
      serve(stream);
    });
    return server;
  };
  const grpcHead = { ':status': 200, 'content-type': 'application/grpc' };
  const strangers: [what: string, server: () => Server | Http2Server, failure: string][] = [
    ['HTTP/1.1', () => http1Server((_request, response) => void response.end('hello')), 'bad-response'],
    ['silence', () => tcpServer((socket) => void socket.on('error', () => undefined)), 'connect.timeout'],
    ['a closed door', () => tcpServer((socket) => void socket.destroy()), 'connect.reset'],
    [
      'HTTP/2 with 404',
      () => http2Server((_request, response) => void response.writeHead(404).end('no')),
      'http.404',
    ],
    [
      'HTTP/2 with a page',
      () => http2Server((_request, response) => void response.end('<html>page')),
      'bad-response',
    ],
    ['a broken connection', () => streaming((stream) => stream.session?.destroy()), 'closed'],
    ['a refused stream', () => streaming((stream) => stream.close(7)), 'reset'],
    [
      'no status',
      () =>
        streaming((stream) => {
          stream.respond(grpcHead);
          stream.end();
        }),
      'reset',
    ],
    [
      'OK without a message',
      () =>
        streaming((stream) => {
          stream.respond({ ...grpcHead, 'grpc-status': '0' }, { endStream: true });
        }),
      'bad-response',
    ],
    [
      'a message that is none',
      () =>
        streaming((stream) => {
          stream.respond(grpcHead, { waitForTrailers: true });
          stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
          stream.end(Buffer.from([0, 0, 0, 0, 1, 0x2f]));
        }),
      'bad-response',
    ],
  ];
  it.each(strangers)('fails as what it is: %s', async (_what, server, failure) => {
    const port = await listening(server());
    const options = { timeoutMs: 400 };
    const { user, told } = await stage({ url: `grpc://127.0.0.1:${port}`, proto: harbourProto }, options);
    const reply = await user().grpc.call(greet, { name: 'Ada' });
    expect([reply.failure, reply.ok, told.failures]).toEqual([failure, false, [failure]]);
    expect(reply.message).not.toBe('');
    await expect(stage({ url: `grpc://127.0.0.1:${port}` }, options)).rejects.toMatchObject({
      name: 'PlimsollError',
    });
  });
});

describe('a description', () => {
  it('that is missing is asked for by name', async () => {
    const server = await grpcServer({ reflection: 'none' });
    cleanups.push(() => server.kill());
    await expect(stage({ url: server.url })).rejects.toMatchObject({
      code: 'PLM_REFLECTION',
      message: expect.stringContaining('it serves no reflection') as string,
      remedy: expect.stringContaining('--proto FILE') as string,
    });
  });

  it('that cannot be read is said with its place', async () => {
    const nowhere = { url: 'grpc://127.0.0.1:1', proto: 'nowhere.proto' };
    await expect(stage(nowhere)).rejects.toMatchObject({ code: 'PLM_PROTO' });
    const broken = mkdtempSync(join(tmpdir(), 'plimsoll-proto-'));
    cleanups.push(() => rmSync(broken, { recursive: true }));
    writeFileSync(join(broken, 'broken.proto'), 'syntax = "proto3";\npackage broken;\nservice {\n');
    await expect(stage({ ...nowhere, proto: join(broken, 'broken.proto') })).rejects.toMatchObject({
      code: 'PLM_PROTO',
      message: expect.stringContaining('line 3') as string,
    });
    await expect(stage({ ...nowhere, proto: '../../package.json' })).rejects.toMatchObject({
      code: 'PLM_PROTO',
    });
  });

  it('needs packages that are named where they are not installed', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    await expect(grpcClient('grpc://localhost:50051', () => Promise.reject(missing))).rejects.toMatchObject({
      code: 'PLM_CLIENT',
      message: expect.stringContaining('npm install @grpc/grpc-js@1.14.7 @grpc/proto-loader@0.8.1') as string,
    });
  });
});
