/**
 * `--start "COMMAND"`: starts the target, waits until it listens, stops it with everything it started.
 *
 * 1. No shell: the command is split by argumentList.ts and run as it is.
 * 2. Waiting means opening a TCP connection and closing it. No request is sent: what the target counts must equal what
 *    we say we sent, to the request.
 * 3. The command leads a process group of its own. Stopping is SIGTERM to the whole group, and SIGKILL for those that
 *    are left after 5 s. Descendants that left the group are sought by kinship.
 * 4. Nothing is left behind: when this process exits, a hook kills the group; when it is killed itself, and no hook
 *    runs, a small guardian does, which learns of our end by the closing of its standard input. Only a daemon that left
 *    both group and family can escape.
 * 5. Its output is drained always, or it would block on a full pipe, and only the end is kept.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { PlimsollError } from '../errors.ts';
import { splitCommand } from './argumentList.ts';
import { procTextOrNull } from './procFile.ts';
import { descendants, livingOfGroup } from './processTree.ts';
import { hasEnded, parseStat } from './procText.ts';

export interface StartOptions {
  readonly command: string;
  /** Where it is to listen: a name or an address, `[::1]` too. */
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** Ends the waiting: the command is stopped, and `start` rejects. */
  readonly signal?: AbortSignal;
}

export interface Started {
  readonly pid: number;
  /** Resolves when the command itself has ended, for whatever reason: "exit code 1", "signal SIGKILL". */
  readonly ended: Promise<string>;
  /** The last lines it wrote, to standard error or, if it wrote none there, to standard output. */
  lastLines(): string[];
  /** Resolves when nothing of it lives any more. May be called often. */
  stop(): Promise<void>;
}

const graceMs = 5000;
const pollMs = 50;
const connectTimeoutMs = 1000;
const keptCharacters = 8192;
const shownLines = 10;

/** @throws PLM_OPTION for a command that cannot be split, PLM_START when it does not come to listen */
export async function start(options: StartOptions, clock: Clock): Promise<Started> {
  const { environment, program, args } = splitCommand(options.command);
  const host = options.host.replace(/^\[|\]$/g, '');
  const given = `"${options.command}"`;
  if (await accepts(host, options.port)) {
    throw new PlimsollError('PLM_START', given, `something else already listens on port ${options.port}`);
  }

  const child = spawn(program, args, {
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const errors = lastText(child.stderr);
  const output = lastText(child.stdout);
  const lastLines = (): string[] => {
    const lines = errors().trim() === '' ? output() : errors();
    return lines.trimEnd().split('\n').slice(-shownLines).filter(Boolean);
  };
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ENOENT' ? `there is no command ${program}` : error.message),
    );
    // `close` comes after the last of the output, but never while a descendant holds the pipe.
    child.once('exit', (code, signal) => {
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      setTimeout(() => resolve(how), pollMs).unref();
      child.once('close', () => resolve(how));
    });
  });
  const pid = child.pid;
  if (pid === undefined) throw new PlimsollError('PLM_START', given, await ended);

  const release = killedWithUs(pid);
  let stopped: Promise<void> | null = null;
  const started: Started = {
    pid,
    ended,
    lastLines,
    stop: () => (stopped ??= stopGroup(child, pid, clock).finally(release)),
  };

  let how: string | null = null;
  void ended.then((text) => (how = text));
  const startMs = clock.nowMs();
  for (;;) {
    if (how !== null) break;
    // A connection that succeeds after the command has ended was taken by somebody else.
    if ((await accepts(host, options.port)) && how === null) return started;
    if (options.signal?.aborted === true || clock.nowMs() - startMs >= options.timeoutMs) break;
    await Promise.race([sleep(pollMs), ended]);
  }
  const reason =
    how !== null
      ? `it ended with ${how}`
      : options.signal?.aborted === true
        ? 'the waiting was interrupted'
        : `nothing after ${options.timeoutMs / 1000} s`;
  await started.stop();
  const lines = lastLines();
  throw new PlimsollError('PLM_START', given, lines.length === 0 ? reason : `${reason}\n${lines.join('\n')}`);
}

/** Whether a TCP connection can be opened. It is closed at once, and nothing is sent. */
async function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectTimeoutMs });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('timeout', () => settle(false));
  });
}

/** Drains a stream and keeps its end. */
function lastText(stream: NodeJS.ReadableStream): () => string {
  const decoder = new StringDecoder('utf8');
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text = (text + decoder.write(chunk)).slice(-keptCharacters);
  });
  stream.on('error', () => undefined);
  return () => text;
}

async function stopGroup(child: ChildProcess, groupId: number, clock: Clock): Promise<void> {
  const strays = (await descendants(groupId)).map((pid) => ({ pid, startTicks: startTicksOf(pid) }));
  const living = async (): Promise<number[]> => {
    const outside = strays.filter(
      ({ pid, startTicks }) => startTicks !== null && startTicksOf(pid) === startTicks,
    );
    return [...(await groupMembers(child, groupId)), ...outside.map(({ pid }) => pid)];
  };
  const signalAll = (pids: readonly number[], signal: NodeJS.Signals): void => {
    sendSignal(-groupId, signal);
    for (const pid of pids) if (strays.some((stray) => stray.pid === pid)) sendSignal(pid, signal);
  };
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    let left = await living();
    if (left.length > 0) signalAll(left, signal);
    const startMs = clock.nowMs();
    while (left.length > 0 && clock.nowMs() - startMs < graceMs) {
      await sleep(pollMs);
      left = await living();
    }
  }
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** Members of the group that have not ended; where there is no /proc, the leader stands for them all. */
async function groupMembers(child: ChildProcess, groupId: number): Promise<number[]> {
  if (!sendSignal(-groupId, 0)) return [];
  if (process.platform === 'linux') return livingOfGroup(groupId);
  return child.exitCode === null && child.signalCode === null ? [groupId] : [];
}

/** When the living process of this pid started; null when there is none. */
function startTicksOf(pid: number): number | null {
  const stat = parseStat(procTextOrNull(`/proc/${pid}/stat`) ?? '');
  return stat === null || hasEnded(stat) ? null : stat.startTicks;
}

/** @returns false when there is nobody to send it to */
function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/**
 * Kills the group when this process ends in any way. @returns lets go of it, once the group is gone
 *
 * The guardian's script is a constant; the group id is an argument. A line on its input dismisses it, the end of its
 * input lets it act. It sits in a session of its own, so that a Ctrl-C does not reach it.
 */
function killedWithUs(groupId: number): () => void {
  const kill = (): void => {
    sendSignal(-groupId, 'SIGKILL');
  };
  process.once('exit', kill);
  if (process.platform === 'win32') return () => process.removeListener('exit', kill);

  const guardian = spawn(
    '/bin/sh',
    ['-c', 'read line && exit 0; kill -s KILL -- "-$1"', 'sh', String(groupId)],
    {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  guardian.on('error', () => undefined);
  guardian.stdin.on('error', () => undefined);
  guardian.unref();
  (guardian.stdin as unknown as { unref(): void }).unref();
  return () => {
    process.removeListener('exit', kill);
    guardian.stdin.end('done\n');
  };
}
