/** WebSockets of scenarios through the whole command: what a target does to messages is counted exactly. */
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer, type WebSocket } from 'ws';
import { describe, expect, it, type TestContext } from 'vitest';
import { folderFor, plimsoll } from './kit/bin.ts';
import { closedPort } from './kit/httpTarget.ts';

/** A server of WebSockets in this process. */
async function served(context: TestContext, opened: (channel: WebSocket) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', opened);
  await new Promise((listening) => server.on('listening', listening));
  context.onTestFinished(() => void server.close());
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function scenarioIn(folder: string, body: string): string {
  const file = join(folder, 'session.ts');
  writeFileSync(
    file,
    `import { scenario } from 'plimsoll';
     export default scenario('listening', async ({ ws, check, pause, measure, user }) => { ${body} });`,
  );
  return file;
}

describe.concurrent('messages of a scenario', { timeout: 60_000 }, () => {
  it('are counted as the target lost, copied and swapped them, over all threads', async (context) => {
    const did = { sent: 0, lost: 0, duplicated: 0, reordered: 0 };
    const url = await served(context, (channel) => {
      const say = (seq: number): void => {
        did.sent++;
        channel.send(JSON.stringify({ seq }));
      };
      let seq = 0;
      for (let nth = 0; nth < 40; nth++) {
        if (nth % 8 === 3) {
          seq++;
          did.lost++;
        } else if (nth % 10 === 4) {
          say(++seq);
          say(seq);
          did.duplicated++;
        } else if (nth % 11 === 5) {
          say(seq + 2);
          say(seq + 1);
          seq += 2;
          did.reordered++;
        } else say(++seq);
      }
      // And the last two never leave, which only this message tells.
      did.lost += 2;
      channel.send(JSON.stringify({ last: seq + 2 }));
    });
    const folder = folderFor(context);
    const file = scenarioIn(
      folder,
      `const channel = await ws.connect('/');
       const heard = channel.expectSequence((message) => message.json().seq, { first: 1 });
       const told = await channel.receive((message) => message.json().last > 0);
       heard.end(told.json().last);
       await channel.close();
       await pause(0.05);`,
    );
    const args = ['run', file, '--base-url', url, '--users', '6', '--duration', '2s', '--workers', '2'];
    const run = plimsoll(context, args, folder);
    const { stdout, stderr } = await run.ended;
    const level = run.report().experiments[0]?.levels[0];
    const sessions = level?.sessions?.done ?? 0;
    expect(sessions, stderr).toBeGreaterThan(10);
    expect(level?.sessions).toMatchObject({ failed: 0, unfinished: 0 });
    expect(level?.messages).toEqual({
      sent: 0,
      received: did.sent + sessions,
      numbered: did.sent,
      lost: did.lost,
      duplicated: did.duplicated,
      reordered: did.reordered,
      closedByTarget: {},
      slow: null,
    });
    expect(stdout).toContain('Messages: 0 sent');
    expect(run.report().findings.map(({ code }) => code)).toContain('messages.disordered');
  });

  it('break a load by what was lost, though no request failed', async (context) => {
    const url = await served(context, (channel) => {
      for (let seq = 1; seq <= 50; seq++) if (seq % 10 !== 3) channel.send(JSON.stringify({ seq }));
    });
    const folder = folderFor(context);
    const file = scenarioIn(
      folder,
      `const channel = await ws.connect('/');
       const heard = channel.expectSequence((message) => message.json().seq, { first: 1 });
       await channel.receive((message) => message.json().seq === 50);
       await channel.close();`,
    );
    const args = ['run', file, '--base-url', url, '--users', '2', '--duration', '1s', '--workers', '1'];
    const run = plimsoll(context, [...args, '--slo', 'errors<1%,lost<8%'], folder);
    const { code, stdout, stderr } = await run.ended;
    const level = run.report().experiments[0]?.levels[0];
    expect(level?.requests.failed, stderr).toBe(0);
    const [errors, lost] = level?.objectives ?? [];
    expect(errors?.met).toBe(true);
    expect(lost).toMatchObject({
      metric: 'lost',
      met: false,
      value: 0.1,
      of: 50 * (level?.sessions?.done ?? 0),
    });
    expect(code).toBe(1);
    expect(stdout).toContain('lost < 8 %');
    const refused = await plimsoll(context, ['run', url, '--slo', 'lost<1%'], folder).ended;
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('only a scenario knows which number a message has');
  });

  it('count a channel that the target closes while it is idle, and the session goes on', async (context) => {
    let closed = 0;
    const url = await served(context, (channel) => {
      setTimeout(() => {
        closed++;
        channel.close(1001);
      }, 60);
    });
    const folder = folderFor(context);
    const file = scenarioIn(
      folder,
      `const channel = await ws.connect('/');
       await pause(0.2);
       check('still open', channel.closed === '');`,
    );
    const args = ['run', file, '--base-url', url, '--users', '3', '--duration', '2s', '--workers', '1'];
    const run = plimsoll(context, args, folder);
    await run.ended;
    const level = run.report().experiments[0]?.levels[0];
    expect(closed).toBeGreaterThan(10);
    expect(level?.messages?.closedByTarget).toEqual({ 1001: closed });
    expect(level?.errors.byKind).toEqual({ check: closed });
    expect(level?.sessions?.failed).toBe(closed);
  });
});

describe.concurrent('a storm of reconnections', { timeout: 60_000 }, () => {
  it('shows in the time until users are back, and in connections per second', async (context) => {
    const channels = new Set<WebSocket>();
    const [users, storms] = [12, { dropped: 0, droppedMs: 0, backMs: [] as number[] }];
    const url = await served(context, (channel) => {
      channels.add(channel);
      if (storms.dropped > 0) storms.backMs.push(performance.now() - storms.droppedMs);
      channel.on('close', () => channels.delete(channel));
      if (channels.size < users || storms.dropped > 0) return;
      setTimeout(() => {
        storms.dropped = channels.size;
        storms.droppedMs = performance.now();
        for (const each of channels) each.terminate();
      }, 1200);
    });
    const folder = folderFor(context);
    const file = scenarioIn(
      folder,
      `const channel = await ws.connect('/');
       for (let nth = 0; nth < 300 && channel.closed === ''; nth++) await pause(0.01);
       await channel.close();
       await pause([0.05, 0.2]);`,
    );
    const args = ['run', file, '--base-url', url, '--users', String(users), '--duration', '4s'];
    const run = plimsoll(context, [...args, '--workers', '1'], folder);
    const { stderr } = await run.ended;
    const report = run.report();
    const level = report.experiments[0]?.levels[0];
    expect(storms.dropped, stderr).toBe(users);
    expect(storms.backMs.length).toBe(users);
    expect(level?.messages?.closedByTarget).toEqual({ 1006: users });
    const back = level?.steps.find(({ name }) => name === 'ws.back');
    expect(back?.done).toBe(users);
    // As the target saw it: from when it dropped them all until the last was back.
    expect(Math.abs((back?.response.max ?? 0) - Math.max(...storms.backMs))).toBeLessThan(25);
    const most = report.findings.find(({ code }) => code === 'messages.reconnected');
    expect(most?.statement).toContain(`closed ${users} WebSockets: 99 % were back within`);
    expect(level?.connections.mostPerSecond).toBeLessThanOrEqual(2 * users);
    const opened = report.timeline.map(
      ({ connectionsPerSecond, durationMs }) => (connectionsPerSecond * durationMs) / 1000,
    );
    expect(opened.reduce((sum, each) => sum + each, 0)).toBeCloseTo(level?.connections.opened ?? 0, 1);
    expect(level?.connections.opened).toBe(2 * users);
  });
});

/** Runs one of the examples against the service of the demo. */
async function exampleOf(context: TestContext, name: string, args: readonly string[]) {
  const port = await closedPort();
  const root = fileURLToPath(new URL('..', import.meta.url));
  const run = plimsoll(context, [
    ...['run', join(root, 'examples', name), '--base-url', `http://127.0.0.1:${port}`, '--workers', '1'],
    ...['--duration', '3s', '--slo', 'p95<5s,errors<1%', ...args],
    ...['--start', `node ${join(root, 'dist/demo/service.js')} --port ${port}`],
  ]);
  const { stderr } = await run.ended;
  const report = run.report();
  const level = report.experiments[0]?.levels[0];
  if (level === undefined) throw new Error(stderr);
  expect(level.sessions?.failed, stderr).toBe(0);
  return { level, report, part: (wanted: string) => level.steps.find(({ name }) => name === wanted) };
}

describe.concurrent('an example with the service of the demo', { timeout: 60_000 }, () => {
  it('speaks and listens in frames of 20 ms, of which none is lost', async (context) => {
    const { level, part } = await exampleOf(context, 'voice.ts', ['--users', '4', '--duration', '6s']);
    const { sent = 0, received = 0, numbered = 0 } = level.messages ?? {};
    expect(level.messages).toMatchObject({ lost: 0, duplicated: 0, reordered: 0, closedByTarget: {} });
    const utterances = part('first sound')?.done ?? 0;
    expect(utterances).toBe(2 * (level.sessions?.done ?? 0));
    // Each utterance ends with one message of text, and is answered with two.
    expect(part('ws.frame.lag')?.done).toBe(sent - utterances);
    expect(numbered).toBe(received - 2 * utterances);
    expect(part('ping')?.done).toBe(level.sessions?.done);
    // At least twenty frames and their pauses lie in each of two utterances.
    expect(level.sessions?.duration.p50 ?? 0).toBeGreaterThan(2 * 19 * 20);
  });

  it('awaits jobs until they are done, no faster than four workers do them', async (context) => {
    const { level, part } = await exampleOf(context, 'queue.ts', ['--users', '10']);
    expect(part('completion')?.done).toBe(level.sessions?.done);
    const done = level.sessions?.done ?? 0;
    expect(level.queues).toMatchObject([
      { name: 'completion', enqueued: done, completed: done, drain: { left: 0 } },
    ]);
    // Each of ten users waits for one.
    expect(level.queues[0]?.backlog).toBeLessThanOrEqual(10);
    // Ten users on four workers of 50 ms each: by Little's law 125 ms, and what asking every 25 ms adds.
    expect(part('completion')?.response.p50 ?? 0).toBeGreaterThan(100);
    expect(level.sessions?.done ?? 0).toBeLessThanOrEqual((80 * level.spentMs) / 1000);
  });

  it('keeps idle connections, and says why it cannot tell what so few cost', async (context) => {
    const { level, report } = await exampleOf(context, 'idle.ts', ['--users', '20', '--slo', 'errors<1%']);
    expect(level.connections).toMatchObject({ opened: 20, channels: 20 });
    expect(level.messages?.closedByTarget ?? {}).toEqual({});
    expect(report.connectionMemory).toMatchObject({ bytes: null, plateaus: 0 });
    expect(report.connectionMemory?.reason).toContain('0 of at least 5 levels');
  });

  it('reads nothing for a while, and tells what became of that', async (context) => {
    const { level, report } = await exampleOf(context, 'slow.ts', ['--users', '10', '--duration', '4s']);
    const { lost, slow } = level.messages ?? {};
    expect(slow?.channels).toBeGreaterThanOrEqual(9);
    // Each of them did not read for two seconds.
    expect(slow?.pausedMs).toBeGreaterThanOrEqual(2000 * ((slow?.channels ?? 0) - 9));
    expect([lost, slow?.lost, slow?.closedByTarget]).toEqual([0, 0, {}]);
    expect(report.findings.map(({ code }) => code)).toContain('messages.slow-consumers');
  });

  it('measures how long a message takes to a listener, and to the last of all', async (context) => {
    const { level, part } = await exampleOf(context, 'room.ts', ['--users', '10']);
    const heard = part('listener / fan-out');
    const all = part('listener / fan-out to all');
    // What comes when a listener has heard enough is received, and measured by nobody.
    expect(heard?.done ?? 0).toBeLessThanOrEqual(level.messages?.received ?? 0);
    expect(all?.done ?? 0).toBeGreaterThan(0);
    expect(all?.done ?? 0).toBeLessThanOrEqual(level.requests.done);
    expect(all?.response.max ?? 0).toBeLessThanOrEqual(heard?.response.max ?? 0);
  });
});
