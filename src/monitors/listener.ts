/**
 * Which process listens on a TCP port of this machine.
 *
 *     /proc/net/tcp, tcp6 ──port, address──▶ inodes ──/proc/PID/fd──▶ holders ──parents──▶ the topmost holder
 *
 * 1. Never throws for lack of rights: who cannot know, says why.
 * 2. Where several processes hold the socket (prefork, cluster, master and workers) it is the topmost one, as its
 *    whole tree is watched. An init that opened the socket on behalf of a service is not the service.
 * 3. With an address, the socket that the kernel would choose: the exact address, then any of the same family, then
 *    any of IPv6 (which takes IPv4 too, unless told otherwise). Two programs may listen on 127.0.0.1 and ::1 with the
 *    same port and be strangers.
 * 4. It runs once before the load, and its reads are off the main thread or chunked.
 */
import { lookup } from 'node:dns/promises';
import { readlinkSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { isIP, isIPv4 } from 'node:net';
import { endianness, networkInterfaces } from 'node:os';
import { systemClock } from '../clock.ts';
import { Breath } from './breath.ts';
import { commandOf } from './commandLine.ts';
import { procTextOrNull } from './procFile.ts';
import { parseListening, parseStat, type ListeningSocket } from './procText.ts';
import { allPids } from './processTree.ts';

export interface Listener {
  readonly pid: number;
  readonly command: string;
}

export interface ListenerSearch {
  readonly process: Listener | null;
  /** Why there is none, or what to know about the one; a clause for the report. Null when all is plain. */
  readonly reason: string | null;
}

/**
 * @param host as in the target's URL: a name, an address, `[::1]`; null for any address of this machine
 */
export async function findListener(port: number, host: string | null): Promise<ListenerSearch> {
  if (process.platform !== 'linux') {
    return unknown('only on Linux can the process be found by its port; name it with --pid');
  }
  const addresses = host === null ? null : await addressesOf(host.replace(/^\[|\]$/g, ''));
  const here = addresses?.filter(isOfThisMachine) ?? null;
  if (addresses !== null && here?.length === 0) return unknown(`${host} is not this machine`);

  const onPort = (await listeningSockets()).filter((socket) => socket.port === port);
  const sockets =
    here === null ? onPort : (here.map((a) => reachedBy(a, onPort)).find((s) => s.length > 0) ?? []);
  if (sockets.length === 0) {
    return unknown(`no process of this machine (or of this container) is seen to listen on port ${port}`);
  }
  const holders = await holdersOf(new Set(sockets.map((socket) => socket.inode)));
  return choose(holders, sockets, port);
}

function unknown(reason: string): ListenerSearch {
  return { process: null, reason };
}

async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    return (await lookup(host, { all: true, verbatim: true })).map((entry) => entry.address);
  } catch {
    return [];
  }
}

function isOfThisMachine(address: string): boolean {
  if (address.startsWith('127.') || address === '::1' || address === '0.0.0.0' || address === '::')
    return true;
  const own = Object.values(networkInterfaces()).flatMap((cards) => cards ?? []);
  return own.some((card) => card.address === address);
}

/** The sockets that a connection to this address arrives at. */
export function reachedBy(address: string, sockets: readonly ListeningSocket[]): ListeningSocket[] {
  // A connection to 0.0.0.0 or :: goes to loopback.
  const exact = { '0.0.0.0': '127.0.0.1', '::': '::1' }[address] ?? address;
  const choices = isIPv4(exact) ? [exact, '0.0.0.0', '::'] : [exact, '::'];
  for (const choice of choices) {
    const matching = sockets.filter((socket) => socket.address === choice);
    if (matching.length > 0) return matching;
  }
  return [];
}

async function listeningSockets(): Promise<ListeningSocket[]> {
  const littleEndian = endianness() === 'LE';
  const sockets: ListeningSocket[] = [];
  for (const path of ['/proc/net/tcp', '/proc/net/tcp6']) {
    let file;
    try {
      file = await open(path);
    } catch {
      continue;
    }
    try {
      // The table has a line for each connection too and may be megabytes long: line by line, off the main thread.
      for await (const line of file.readLines({ encoding: 'latin1' })) {
        const socket = parseListening(line, littleEndian);
        if (socket !== null) sockets.push(socket);
      }
    } finally {
      await file.close();
    }
  }
  return sockets;
}

async function holdersOf(inodes: ReadonlySet<number>): Promise<number[]> {
  const links = new Set([...inodes].map((inode) => `socket:[${inode}]`));
  const breath = new Breath(systemClock);
  const holders: number[] = [];
  for (const pid of allPids()) {
    let descriptors: string[];
    try {
      descriptors = await readdir(`/proc/${pid}/fd`);
    } catch {
      continue;
    }
    for (const descriptor of descriptors) {
      if (breath.isDue()) await breath.take();
      if (!links.has(linkOf(`/proc/${pid}/fd/${descriptor}`))) continue;
      holders.push(pid);
      break;
    }
  }
  return holders;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function choose(
  holders: readonly number[],
  sockets: readonly ListeningSocket[],
  port: number,
): ListenerSearch {
  const services = holders.filter((pid) => !isInit(pid));
  const tops = topmost(services.length > 0 ? services : holders, parentOf);
  const [pid, ...others] = tops;
  if (pid === undefined) {
    const uids = [...new Set(sockets.map((socket) => socket.ownerUid))].join(', ');
    return unknown(
      `the process that listens on port ${port} runs as another user (uid ${uids}) or in another container, ` +
        'and may not be looked into; run Plimsoll as that user, or name the process with --pid',
    );
  }
  const command = commandOf(pid);
  if (command === null) return unknown(`the process that listens on port ${port} has just ended`);
  const reason =
    others.length > 0
      ? `port ${port} is also listened on by ${others.length === 1 ? 'process' : 'processes'} ${others.join(', ')}, not watched`
      : null;
  return { process: { pid, command }, reason };
}

/** Of these processes, those that have none of the others above them; lowest pid first. */
export function topmost(pids: readonly number[], parent: (pid: number) => number): number[] {
  const holders = new Set(pids);
  return pids
    .filter((pid) => {
      const above = new Set<number>();
      for (let up = parent(pid); up > 0 && !above.has(up); up = parent(up)) {
        if (holders.has(up)) return false;
        above.add(up);
      }
      return true;
    })
    .toSorted((a, b) => a - b);
}

function parentOf(pid: number): number {
  return parseStat(procTextOrNull(`/proc/${pid}/stat`) ?? '')?.parentPid ?? 0;
}

/** In a container process 1 may well be the service; an init of a machine never is. */
function isInit(pid: number): boolean {
  return pid === 1 && /^(systemd|init)$/.test(parseStat(procTextOrNull('/proc/1/stat') ?? '')?.command ?? '');
}
