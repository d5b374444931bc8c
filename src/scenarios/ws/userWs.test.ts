import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { wiresTo } from '../../../test/kit/wires.ts';
import { WebSocketServer, type WebSocket } from 'ws';
import { noMessages, sumMessages, type MessageSlice } from '../../model/slice.ts';
import { Account } from '../account.ts';
import { UserWs } from './userWs.ts';
import type { Wires } from '../http/wires.ts';
import type { Channel } from './ws.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Chat {
  readonly id: number;
  readonly say: string;
}

/** Answers what it is told to: after a while, out of order, twice, or never. */
function chatting(channel: WebSocket, message: Buffer, isBinary: boolean): void {
  if (isBinary) return channel.send(message);
  const { id, say } = JSON.parse(message.toString('utf8')) as Chat;
  const answer = (): void => channel.send(JSON.stringify({ id, say: `you said ${say}` }));
  if (say === 'push') channel.send('news of the day');
  if (say === 'count') for (const seq of [1, 2, 5, 4, 4, 9]) channel.send(JSON.stringify({ seq }));
  if (say === 'vanish') return channel.terminate();
  if (say === 'close') return channel.close(1013);
  if (say === 'slow') return void setTimeout(answer, 40);
  if (say !== 'nothing') answer();
}

const floodBytes = 64 * 1024;
const floodLength = 400;
/** What a patient target keeps for one channel that does not read. */
const patienceBytes = 2 * 2 ** 20;

/** Sends numbered messages, more than any socket holds; above what it keeps it drops them, or closes. */
async function flood(channel: WebSocket, impatient: boolean, dropped: () => void): Promise<void> {
  for (let seq = 1; seq <= floodLength; seq++) {
    if (channel.bufferedAmount <= patienceBytes) channel.send(JSON.stringify({ seq, fill }));
    else if (impatient) return channel.close(1013);
    else dropped();
    await new Promise((next) => setImmediate(next));
  }
  channel.send(JSON.stringify({ last: floodLength }));
}
const fill = 'x'.repeat(floodBytes);

/** Until the target has done with a channel what it does. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function stage(timeoutMs = 2000): Promise<{
  ws: UserWs;
  account: Account;
  wires: Wires;
  told: { sent: number; failures: string[]; connects: number };
  /** What the recorder was told of messages, added up. */
  messages: () => MessageSlice;
  times: { name: string; ms: number }[];
  /** What the target did with a flood. */
  flooded: { dropped: number; over: boolean };
}> {
  const server = createServer();
  const channels = new WebSocketServer({
    server,
    path: '/chat',
    handleProtocols: (set) => [...set].at(-1) ?? false,
  });
  const flooded = { dropped: 0, over: false };
  channels.on('connection', (channel) => {
    channel.on('message', (message: Buffer, isBinary) => {
      const say = isBinary ? '' : (JSON.parse(message.toString('utf8')) as Chat).say;
      if (!say.startsWith('flood')) return chatting(channel, message, isBinary);
      void flood(channel, say === 'flood, or close', () => flooded.dropped++).then(
        () => (flooded.over = true),
      );
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const told = { sent: 0, failures: [] as string[], connects: 0 };
  const account = new Account({
    connected: () => void told.connects++,
    sent: () => void told.sent++,
    done: (_due, _sent, _first, _done, failure) => void told.failures.push(failure),
  });
  const wires = wiresTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, timeoutMs);
  let messages: MessageSlice | null = null;
  const times: { name: string; ms: number }[] = [];
  const ws = new UserWs(wires, account, {
    time: (name, ms) => void times.push({ name, ms }),
    messages: (change) => void (messages = sumMessages(messages, { ...noMessages, ...change })),
  });
  cleanups.push(() => {
    ws.retire();
    channels.close();
    server.close();
  });
  account.begin(performance.now());
  return { ws, account, wires, told, times, messages: () => messages ?? noMessages, flooded };
}

const asked = (channel: Channel, id: number, say: string): Promise<Chat> =>
  channel
    .request({ id, say }, (message) => message.json<Chat>().id === id)
    .then((message) => message.json<Chat>());

describe('a WebSocket of a script', () => {
  it('is opened and asked, each counted as a request with its connection', async () => {
    const { ws, account, wires, told } = await stage();
    const chat = await ws.connect('/chat', { protocols: ['v1', 'v2'] });
    expect(chat.protocol).toBe('v2');
    expect(await asked(chat, 7, 'hello')).toEqual({ id: 7, say: 'you said hello' });
    expect(told).toEqual({ sent: 2, failures: ['', ''], connects: 1 });
    expect([wires.counts.connections, account.underWay, account.failure]).toEqual([1, 0, '']);
    expect(account.bytesReceived).toBeGreaterThan(0);
    await chat.close();
  });

  it('matches answers to what was asked, in whatever order they come', async () => {
    const { ws, told } = await stage();
    const chat = await ws.connect('/chat');
    const answers = await Promise.all([asked(chat, 1, 'slow'), asked(chat, 2, 'quick')]);
    expect(answers.map(({ say }) => say)).toEqual(['you said slow', 'you said quick']);
    expect(told.failures).toEqual(['', '', '']);
  });

  it('keeps what nobody asked for yet, and takes none of it for an answer', async () => {
    const { ws, told } = await stage();
    const chat = await ws.connect('/chat');
    await asked(chat, 1, 'push');
    expect((await chat.receive()).text()).toBe('news of the day');
    chat.send(new Uint8Array([7, 0, 255]));
    const bytes = await chat.receive((message) => message.isBinary);
    expect([...bytes.bytes()]).toEqual([7, 0, 255]);
    expect([chat.received, chat.missed, told.sent]).toEqual([3, 0, 2]);
  });

  it('keeps no more than a thousand, and counts what it forgot', async () => {
    const { ws } = await stage();
    const chat = await ws.connect('/chat');
    for (let nth = 0; nth < 1007; nth++) chat.send({ id: nth, say: 'x' });
    while (chat.received < 1007) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(chat.missed).toBe(7);
    expect((await chat.receive()).json<Chat>().id).toBe(7);
  });

  it('fails what waits when the target closes it, with its code, and everything after', async () => {
    const { ws, account, told } = await stage();
    const chat = await ws.connect('/chat');
    await expect(asked(chat, 1, 'close')).rejects.toThrow('ws.1013');
    expect([account.failure, told.failures]).toEqual(['ws.1013', ['', 'ws.1013']]);
    expect(() => chat.send('more')).toThrow('is closed');
    await expect(chat.receive()).rejects.toThrow('ws.1013');
    await chat.close();
  });

  it('fails what is not answered in time, and serves on', async () => {
    const { ws, account } = await stage(60);
    const chat = await ws.connect('/chat');
    await expect(asked(chat, 1, 'nothing')).rejects.toThrow('timeout');
    expect(account.failure).toBe('timeout');
    expect((await asked(chat, 2, 'still there?')).id).toBe(2);
    await expect(chat.receive(undefined, 0.02)).rejects.toThrow('timeout');
  });

  it('that cannot be opened is a failed request, and says why', async () => {
    const { ws, wires, told, account } = await stage();
    await expect(ws.connect('/elsewhere')).rejects.toThrow('status 400');
    expect([told.failures, account.failure]).toEqual([['http.400'], 'http.400']);
    expect(wires.lastError).toContain('400');
    await expect(ws.connect('ws://127.0.0.1:9/')).rejects.toThrow('ECONNREFUSED');
    expect(told.failures[1]).toBe('connect.refused');
  });

  it('counts the numbers of its messages, and says so to the script and to the level alike', async () => {
    const { ws, messages } = await stage();
    const chat = await ws.connect('/chat');
    const heard = chat.expectSequence((message) => message.json<{ seq?: number }>().seq, { first: 1 });
    await asked(chat, 1, 'count');
    expect(heard).toMatchObject({ numbered: 6, lost: 4, duplicated: 1, reordered: 1 });
    heard.end(11);
    expect(heard.lost).toBe(6);
    expect(messages()).toEqual({
      sent: 1,
      received: 7,
      numbered: 6,
      lost: 6,
      duplicated: 1,
      reordered: 1,
      closedByTarget: {},
      slowChannels: 0,
      slowPausedMs: 0,
      slowLost: 0,
      slowClosedByTarget: {},
    });
    expect(() => heard.end(0.5)).toThrow('whole');
  });

  it('that does not read lets the target feel it: what that drops is counted as lost by the slow', async () => {
    const { ws, messages, flooded } = await stage();
    const chat = await ws.connect('/chat');
    const heard = chat.expectSequence((message) => message.json<{ seq?: number }>().seq, { first: 1 });
    chat.pauseReading();
    chat.pauseReading();
    chat.send({ id: 1, say: 'flood' });
    await until(() => flooded.over);
    expect(flooded.dropped).toBeGreaterThan(20);
    expect(chat.received).toBeLessThan(40);
    chat.resumeReading();
    heard.end(
      (await chat.receive((message) => 'last' in message.json<object>())).json<{ last: number }>().last,
    );
    expect(heard.lost).toBe(flooded.dropped);
    expect(messages()).toMatchObject({
      slowChannels: 1,
      slowLost: flooded.dropped,
      lost: flooded.dropped,
      slowClosedByTarget: {},
    });
    expect(messages().slowPausedMs).toBeGreaterThan(1);
    await chat.close();
  });

  it('that does not read and is closed for it sees so when it reads again', async () => {
    const { ws, messages, flooded } = await stage();
    const chat = await ws.connect('/chat');
    chat.pauseReading();
    chat.send({ id: 1, say: 'flood, or close' });
    await until(() => flooded.over);
    expect(chat.closed).toBe('');
    chat.resumeReading();
    await until(() => chat.closed === 'ws.1013');
    expect(messages()).toMatchObject({
      closedByTarget: { 1013: 1 },
      slowClosedByTarget: { 1013: 1 },
      slowChannels: 1,
    });
  });

  it('that does not read can be left all the same, and stands in the count of those open until then', async () => {
    const { ws, wires, messages } = await stage();
    const chat = await ws.connect('/chat');
    expect(wires.openChannels).toBe(1);
    chat.pauseReading();
    await chat.close();
    expect(wires.openChannels).toBe(0);
    expect(messages()).toMatchObject({ closedByTarget: {}, slowChannels: 1 });
  });

  it('counts numbers of what came before anyone expected them, unless it was asked for', async () => {
    const { ws } = await stage();
    const chat = await ws.connect('/chat');
    await asked(chat, 1, 'count');
    const heard = chat.expectSequence((message) => message.json<{ seq: number }>().seq);
    expect(heard).toMatchObject({ numbered: 6, lost: 4, duplicated: 1, reordered: 1 });
  });

  it('counts by its code a channel that the target closes while nobody waits, but none that we close', async () => {
    const { ws, messages, account } = await stage();
    const [one, other, third] = await Promise.all([1, 2, 3].map(() => ws.connect('/chat')));
    one?.send({ id: 1, say: 'close' });
    other?.send({ id: 2, say: 'vanish' });
    const isOver = (channel?: Channel): boolean => !['', 'closing'].includes(channel?.closed ?? '');
    while (!isOver(one) || !isOver(other)) await new Promise((resolve) => setTimeout(resolve, 2));
    expect([one?.closed, other?.closed, third?.closed]).toEqual(['ws.1013', 'closed', '']);
    await third?.close();
    expect(messages().closedByTarget).toEqual({ 1006: 1, 1013: 1 });
    expect(account.failure).toBe('');
  });

  it('sends frames in real time, and tells how late each was', async () => {
    const { ws, messages, times } = await stage();
    const chat = await ws.connect('/chat');
    const fromMs = performance.now();
    expect(
      await chat.stream(
        [1, 2, 3, 4].map((nth) => new Uint8Array([nth, 7])),
        { everyMs: 15 },
      ),
    ).toBe(4);
    expect(performance.now() - fromMs).toBeGreaterThanOrEqual(45);
    expect(times.map(({ name }) => name)).toEqual(new Array(4).fill('ws.frame.lag'));
    expect(times.every(({ ms }) => ms >= 0)).toBe(true);
    expect(messages().sent).toBe(4);
    const echoed = [await chat.receive(), await chat.receive()].map((message) => message.bytes()[0]);
    expect(echoed).toEqual([1, 2]);
    await expect(chat.stream(['a'], { everyMs: -1 })).rejects.toThrow('no time');
  });

  it('is pinged, and fails a ping when it is closed', async () => {
    const { ws, told } = await stage();
    const chat = await ws.connect('/chat');
    expect(await chat.ping()).toBeGreaterThan(0);
    expect(told.sent).toBe(1);
    chat.send({ id: 1, say: 'vanish' });
    await expect(chat.ping()).rejects.toThrow('(closed)');
    await expect(chat.ping()).rejects.toThrow('is closed');
  });

  it('of a user that was given up tells nothing more', async () => {
    const { ws, account, told } = await stage();
    const chat = await ws.connect('/chat');
    const pending = asked(chat, 1, 'slow');
    void pending.catch(() => undefined);
    account.close();
    ws.retire();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(told).toMatchObject({ sent: 2, failures: [''] });
    expect(account.underWay).toBe(0);
  });
});
