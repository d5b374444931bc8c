/**
 * The texts of Linux' /proc, parsed. Pure: text in, numbers out.
 *
 * 1. A text that is not what proc(5) promises gives null, never a wrong number.
 * 2. A process may call itself anything: `(a) S 1 (b)` is a legal name, so the name ends at the last bracket.
 *
 * Source: Linux man-pages, proc_pid_stat(5), proc_pid_statm(5), proc_pid_io(5), proc_pid_limits(5), proc_net(5).
 */

/** Ticks of the CPU counters in a second: USER_HZ, 100 on every Linux that Node runs on. */
export const ticksPerSecond = 100;

export interface ProcessStat {
  readonly command: string;
  /** One letter; Z and X are dead. */
  readonly state: string;
  readonly parentPid: number;
  readonly groupId: number;
  /** User and system time of all its threads, living and ended. */
  readonly ownTicks: number;
  /** The same of all descendants that it has waited for. */
  readonly reapedTicks: number;
  readonly threads: number;
  /** Ticks from boot to its start: with the pid, the identity of a process. */
  readonly startTicks: number;
}

/** /proc/PID/stat */
export function parseStat(text: string): ProcessStat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const fields = text.slice(close + 2).split(' ');
  // Field n of the manual is fields[n - 3].
  const number = (n: number): number => Number(fields[n - 3]);
  const stat: ProcessStat = {
    command: text.slice(open + 1, close),
    state: fields[0] ?? '',
    parentPid: number(4),
    groupId: number(5),
    ownTicks: number(14) + number(15),
    reapedTicks: number(16) + number(17),
    threads: number(20),
    startTicks: number(22),
  };
  return Number.isFinite(stat.ownTicks + stat.reapedTicks + stat.threads + stat.startTicks) ? stat : null;
}

/** A process that has ended, whether or not its parent has taken notice. */
export function hasEnded(stat: ProcessStat): boolean {
  return stat.state === 'Z' || stat.state === 'X' || stat.state === 'x';
}

/** /proc/PID/statm → resident memory in pages. (The figure in `stat` is coarser: up to some MiB off.) */
export function parseResidentPages(text: string): number | null {
  const pages = Number(text.split(' ')[1]);
  return Number.isFinite(pages) ? pages : null;
}

/** Bytes that went to and came from the disk itself, not the page cache. */
export interface DiskBytes {
  readonly readBytes: number;
  readonly writeBytes: number;
}

/** /proc/PID/io */
export function parseDiskBytes(text: string): DiskBytes | null {
  const read = /^read_bytes: (\d+)$/m.exec(text)?.[1];
  const write = /^write_bytes: (\d+)$/m.exec(text)?.[1];
  return read === undefined || write === undefined
    ? null
    : { readBytes: Number(read), writeBytes: Number(write) };
}

/** /proc/PID/task/TID/children, or any line of pids. */
export function parsePids(text: string): number[] {
  return text.split(' ').flatMap((word) => (/^[1-9]\d*\n?$/.test(word) ? [Number(word)] : []));
}

/** /proc/PID/limits → the soft limit of open descriptors; infinite where there is none. */
export function parseOpenFilesLimit(text: string): number | null {
  const soft = /^Max open files +(\d+|unlimited)/m.exec(text)?.[1];
  if (soft === undefined) return null;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** /proc/sys/net/ipv4/ip_local_port_range → how many ports that is; both ends are in use. */
export function parsePortRange(text: string): number | null {
  const [first, last] = text.trim().split(/\s+/).map(Number);
  if (first === undefined || last === undefined || !(last >= first)) return null;
  return last - first + 1;
}

/** /proc/PID/auxv → the page size in bytes. Words are 8 bytes wide: Node runs on 64-bit Linux only. */
export function parsePageBytes(auxv: Buffer, littleEndian: boolean): number | null {
  const pageSizeKey = 6n;
  const word = (at: number): bigint => (littleEndian ? auxv.readBigUInt64LE(at) : auxv.readBigUInt64BE(at));
  for (let at = 0; at + 16 <= auxv.length; at += 16)
    if (word(at) === pageSizeKey) return Number(word(at + 8));
  return null;
}

export interface ListeningSocket {
  /** As `net` writes it: 127.0.0.1, ::1, 0.0.0.0, :: */
  readonly address: string;
  readonly port: number;
  readonly ownerUid: number;
  readonly inode: number;
}

/** One line of /proc/net/tcp or tcp6 → the socket, if it listens. */
export function parseListening(line: string, littleEndian: boolean): ListeningSocket | null {
  const match =
    /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ 0A \S+ \S+ \S+\s+(\d+)\s+\d+ (\d+)/.exec(line);
  if (match === null) return null;
  const [, hex = '', port = '', uid, inode] = match;
  return {
    address: addressText(hex, littleEndian),
    port: Number.parseInt(port, 16),
    ownerUid: Number(uid),
    inode: Number(inode),
  };
}

/** The kernel prints an address as 32-bit words in the byte order of the machine. */
function addressText(hex: string, littleEndian: boolean): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => {
    const four = (word.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
    return littleEndian ? four.reverse() : four;
  });
  if (bytes.length === 4) return bytes.join('.');
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0));
  return shortestIpv6(groups);
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
function shortestIpv6(groups: readonly number[]): string {
  let runStart = -1;
  let runLength = 1;
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > runLength) [runStart, runLength] = [start, end - start];
  }
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (runStart < 0) return text(groups);
  return `${text(groups.slice(0, runStart))}::${text(groups.slice(runStart + runLength))}`;
}
