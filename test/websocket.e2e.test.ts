/** WebSockets of scenarios through the whole command: what a target does to messages is counted exactly. */
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import { describe, expect, it, type TestContext } from 'vitest';
import { folderFor, plimsoll } from './kit/bin.ts';

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

describe.concurrent('messages of a scenario', () => {
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
    });
    expect(stdout).toContain('Messages: 0 sent');
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
