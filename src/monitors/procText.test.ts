import { describe, expect, it } from 'vitest';
import {
  hasEnded,
  parseDiskBytes,
  parseListening,
  parseOpenFilesLimit,
  parsePageBytes,
  parsePids,
  parsePortRange,
  parseResidentPages,
  parseStat,
} from './procText.ts';

const statLine = (name: string, state: string): string =>
  `4711 (${name}) ${state} 12 4700 4700 0 -1 4194304 900 800 0 0 ` +
  `250 31 77 5 20 0 11 0 161908 1234567 8888 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n`;

describe('/proc/PID/stat', () => {
  it('gives times, threads, parent, group and birth', () => {
    expect(parseStat(statLine('node', 'S'))).toEqual({
      command: 'node',
      state: 'S',
      parentPid: 12,
      groupId: 4700,
      ownTicks: 281,
      reapedTicks: 82,
      threads: 11,
      startTicks: 161908,
    });
  });

  it('is not misled by a process that calls itself ") R 1 (("', () => {
    const stat = parseStat(statLine(') R 1 ((', 'S'));
    expect(stat).toMatchObject({ command: ') R 1 ((', state: 'S', ownTicks: 281, startTicks: 161908 });
  });

  it('tells the dead from the living', () => {
    const ended = ['Z', 'X', 'R', 'S', 'D', 'T'].filter((state) => {
      const stat = parseStat(statLine('node', state));
      return stat !== null && hasEnded(stat);
    });
    expect(ended).toEqual(['Z', 'X']);
  });

  it('gives null for an empty or a cut text', () => {
    expect(parseStat('')).toBeNull();
    expect(parseStat('4711 (node) S 12 4700')).toBeNull();
  });
});

it('reads resident pages as the second number of statm', () => {
  expect(parseResidentPages('180000 12760 9000 500 0 30000 0\n')).toBe(12760);
  expect(parseResidentPages('')).toBeNull();
});

describe('/proc/PID/io', () => {
  it('gives what went to the disk, not what was asked of the page cache', () => {
    const text =
      'rchar: 9000001\nwchar: 8000001\nsyscr: 70\nsyscw: 60\nread_bytes: 4096\nwrite_bytes: 12288\ncancelled_write_bytes: 512\n';
    expect(parseDiskBytes(text)).toEqual({ readBytes: 4096, writeBytes: 12288 });
  });

  it('gives null where the kernel does not account for it', () => {
    expect(parseDiskBytes('rchar: 1\nwchar: 2\n')).toBeNull();
  });
});

it('reads children as pids, and none from an empty text', () => {
  expect(parsePids('81 1099 23 ')).toEqual([81, 1099, 23]);
  expect(parsePids('81\n')).toEqual([81]);
  expect(parsePids('')).toEqual([]);
});

describe('/proc/PID/limits', () => {
  const text = (soft: string): string =>
    'Limit                     Soft Limit           Hard Limit           Units     \n' +
    'Max processes             96365                96365                processes \n' +
    `Max open files            ${soft.padEnd(20)} 524288               files     \n`;

  it('gives the soft limit of open files', () => {
    expect(parseOpenFilesLimit(text('1024'))).toBe(1024);
  });

  it('gives infinity for unlimited and null for a text without it', () => {
    expect(parseOpenFilesLimit(text('unlimited'))).toBe(Number.POSITIVE_INFINITY);
    expect(parseOpenFilesLimit('')).toBeNull();
  });
});

it('counts both ends of the port range', () => {
  expect(parsePortRange('32768\t60999\n')).toBe(28_232);
  expect(parsePortRange('')).toBeNull();
});

describe('/proc/PID/auxv', () => {
  const auxv = (pairs: readonly (readonly [number, number])[], littleEndian: boolean): Buffer => {
    const buffer = Buffer.alloc(pairs.length * 16);
    const write = (value: number, at: number): number =>
      littleEndian ? buffer.writeBigUInt64LE(BigInt(value), at) : buffer.writeBigUInt64BE(BigInt(value), at);
    pairs.forEach(([key, value], i) => {
      write(key, i * 16);
      write(value, i * 16 + 8);
    });
    return buffer;
  };

  it('holds the page size under key 6, in the byte order of the machine', () => {
    const pairs = [
      [33, 123_456],
      [6, 65_536],
      [0, 0],
    ] as const;
    expect(parsePageBytes(auxv(pairs, true), true)).toBe(65_536);
    expect(parsePageBytes(auxv(pairs, false), false)).toBe(65_536);
  });

  it('gives null where the key is missing', () => {
    expect(parsePageBytes(auxv([[0, 0]], true), true)).toBeNull();
  });
});

describe('/proc/net/tcp', () => {
  const rest =
    '00000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 56789 1 0 100 0 0 10 0';
  const line = (local: string): string => `   3: ${local} ${rest}`;

  it('gives address, port, owner and inode of a socket that listens', () => {
    expect(parseListening(line('0100007F:1F90'), true)).toEqual({
      address: '127.0.0.1',
      port: 8080,
      ownerUid: 1001,
      inode: 56789,
    });
  });

  it('leaves out connections and the heading', () => {
    expect(parseListening(line('0100007F:1F90').replace(' 0A ', ' 01 '), true)).toBeNull();
    expect(parseListening('  sl  local_address rem_address   st tx_queue', true)).toBeNull();
  });

  it('reads the words of an address in the byte order of the machine', () => {
    expect(parseListening(line('7F000001:1F90'), false)?.address).toBe('127.0.0.1');
  });

  it.each([
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000001000000', '::1'],
    ['0000000000000000FFFF00000A00A8C0', '192.168.0.10'],
    ['B80D0120000000000000000002000100', '2001:db8::1:2'],
    ['000080FE00000000FF005450B6AB0EFE', 'fe80::5054:ff:fe0e:abb6'],
  ])('writes the IPv6 address %s as %s', (hex, address) => {
    expect(parseListening(line(`${hex}:1F90`), true)?.address).toBe(address);
  });
});
