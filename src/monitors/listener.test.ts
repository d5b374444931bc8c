import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { findListener, reachedBy, topmost } from './listener.ts';
import type { ListeningSocket } from './procText.ts';

describe('which socket a connection arrives at', () => {
  const socket = (address: string): ListeningSocket => ({ address, port: 80, ownerUid: 0, inode: 1 });
  const addresses = (address: string, ...listening: string[]): string[] =>
    reachedBy(address, listening.map(socket)).map((reached) => reached.address);

  it('is the one with the exact address before any other', () => {
    expect(addresses('127.0.0.1', '0.0.0.0', '127.0.0.1', '::')).toEqual(['127.0.0.1']);
  });

  it('is for IPv4 any of IPv4, and any of IPv6 where there is no other', () => {
    expect(addresses('127.0.0.1', '::', '0.0.0.0')).toEqual(['0.0.0.0']);
    expect(addresses('127.0.0.1', '::', '::1')).toEqual(['::']);
  });

  it('is never of IPv4 for an IPv6 address', () => {
    expect(addresses('::1', '0.0.0.0', '127.0.0.1')).toEqual([]);
  });

  it('is on loopback for a connection to any address', () => {
    expect(addresses('0.0.0.0', '127.0.0.1')).toEqual(['127.0.0.1']);
  });

  it('may be several, where a port is shared', () => {
    expect(addresses('127.0.0.1', '0.0.0.0', '0.0.0.0')).toHaveLength(2);
  });
});

describe('the topmost of several holders', () => {
  const parents: Record<number, number> = { 50: 40, 40: 30, 31: 30, 30: 1, 60: 1, 1: 0 };
  const parent = (pid: number): number => parents[pid] ?? 0;

  it('is their common ancestor among them, also over one that holds nothing', () => {
    expect(topmost([50, 31, 30], parent)).toEqual([30]);
  });

  it('are several where they are strangers', () => {
    expect(topmost([60, 50, 31], parent)).toEqual([31, 50, 60]);
  });

  it('does not hang on a circle, which a reused pid may make for a moment', () => {
    expect(topmost([7], (pid) => (pid === 7 ? 8 : 7))).toEqual([]);
  });
});

const hasIpv6 = Object.values(networkInterfaces()).some((cards) =>
  cards?.some((card) => card.address === '::1'),
);
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
});

/** Runs a program that sends the port it listens on. */
async function listening(program: string): Promise<{ pid: number; port: number }> {
  const child = spawn(process.execPath, ['-e', program], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: true,
  });
  started.push(child);
  const [port] = (await once(child, 'message')) as [number];
  return { pid: child.pid ?? 0, port };
}

const server = (port: number, address: string): string => `
  const server = require('node:net').createServer().listen(${port}, '${address}', () => process.send(server.address().port));
  process.on('disconnect', () => process.exit());`;

describe.skipIf(process.platform !== 'linux')('finding who listens (needs /proc)', () => {
  it.each(['127.0.0.1', '0.0.0.0'])('finds a process that listens on %s', async (address) => {
    const { pid, port } = await listening(server(0, address));
    for (const host of [null, 'localhost', '127.0.0.1']) {
      const { process: found, reason } = await findListener(port, host);
      expect(found?.pid).toBe(pid);
      expect(found?.command).toContain(process.execPath);
      expect(reason).toBeNull();
    }
  });

  it.skipIf(!hasIpv6)('finds a process that listens on ::1 only (needs IPv6)', async () => {
    const { pid, port } = await listening(server(0, '::1'));
    expect((await findListener(port, '[::1]')).process?.pid).toBe(pid);
    expect((await findListener(port, null)).process?.pid).toBe(pid);
    expect((await findListener(port, '127.0.0.1')).process).toBeNull();
  });

  it.skipIf(!hasIpv6)('finds by an IPv4 address who listens on :: (needs IPv6)', async () => {
    const { pid, port } = await listening(server(0, '::'));
    expect((await findListener(port, '127.0.0.1')).process?.pid).toBe(pid);
  });

  it.skipIf(!hasIpv6)('tells two strangers apart who share a port number (needs IPv6)', async () => {
    const four = await listening(server(0, '127.0.0.1'));
    const six = await listening(server(four.port, '::1'));
    expect((await findListener(four.port, '127.0.0.1')).process?.pid).toBe(four.pid);
    expect((await findListener(four.port, '::1')).process?.pid).toBe(six.pid);
    expect((await findListener(four.port, null)).reason).toMatch(
      /is also listened on by process \d+, not watched/,
    );
  });

  it('chooses the master of forked workers that hold the same socket', async () => {
    const { pid, port } = await listening(`
      const { spawn } = require('node:child_process');
      const server = require('node:net').createServer().listen(0, '127.0.0.1', () => {
        for (let i = 0; i < 3; i++) spawn('sleep', ['1000'], { stdio: ['ignore', 'ignore', 'ignore', server._handle.fd] });
        process.send(server.address().port);
      });
      process.on('disconnect', () => process.exit());`);
    expect(await findListener(port, '127.0.0.1')).toMatchObject({ process: { pid }, reason: null });
  });

  it('chooses the primary of a cluster', async () => {
    const { pid, port } = await listening(`
      const cluster = require('node:cluster');
      cluster.setupPrimary({ exec: '/dev/stdin' });
      cluster.settings.execArgv = ['-e', "const s = require('node:net').createServer().listen(0, '127.0.0.1', () => process.send(s.address().port))"];
      cluster.schedulingPolicy = cluster.SCHED_RR;
      cluster.fork().once('message', (port) => process.send(port));
      cluster.fork();
      process.on('disconnect', () => process.exit());`);
    expect((await findListener(port, '127.0.0.1')).process?.pid).toBe(pid);
  });

  it('says why there is none', async () => {
    const { pid, port } = await listening(server(0, '127.0.0.1'));
    process.kill(-pid, 'SIGKILL');
    started.pop();
    while ((await findListener(port, null)).process !== null);
    expect((await findListener(port, null)).reason).toContain(`listen on port ${port}`);
    expect((await findListener(port, '192.0.2.1')).reason).toBe('192.0.2.1 is not this machine');
  });
});
