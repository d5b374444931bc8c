/** The commands of one user (command.ts): child processes, begun by its account and ended with it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import type { Account } from '../account.ts';
import { killGroup, type ChildGroups } from './childGroups.ts';
import type { Command, CommandOptions, CommandReply } from './command.ts';

/** What the commands of a thread have in common. */
export interface CommandGround {
  readonly groups: ChildGroups;
  /** Of commands that say nothing themselves. */
  readonly timeoutMs: number;
  /** What was said of the last command that failed. */
  lastError: string;
}

const keptBytes = 1024 * 1024;

export class UserCommands {
  readonly #ground: CommandGround;
  readonly #account: Account;
  readonly #leaders = new Set<number>();

  constructor(ground: CommandGround, account: Account) {
    this.#ground = ground;
    this.#account = account;
  }

  readonly run: Command = (file, args = [], options = {}) => {
    const account = this.#account;
    if (account.isClosed) return new Promise(() => undefined);
    const { timeoutMs = this.#ground.timeoutMs } = options;
    if (!(timeoutMs > 0)) throw new TypeError(`command: timeoutMs ${timeoutMs} is no time`);
    const sentMs = performance.now();
    const started = begin(file, args, options);
    const dueMs = account.sent(sentMs);
    account.underWay++;
    return new Promise((resolve) => {
      void this.#toEnd(started, timeoutMs, options.input).then((ended) => {
        account.underWay--;
        if (account.isClosed) return;
        const { failure, firstMs, doneMs, bytes } = ended;
        const bytesSent = Buffer.byteLength(options.input ?? '');
        account.done(dueMs, { sentMs, firstMs, doneMs, bytesSent, bytesReceived: bytes }, failure);
        account.ended(failure);
        if (failure !== '') this.#ground.lastError = `the command ${file} ended with ${failure}`;
        resolve({ ...ended.reply, ok: failure === '', failure, responseMs: doneMs - dueMs });
      });
    });
  };

  /** Kills what is under way. The account is closed by then. */
  retire(): void {
    for (const leader of this.#leaders) killGroup(leader);
  }

  async #toEnd(
    started: ChildProcess | string,
    timeoutMs: number,
    input: string | Uint8Array | undefined,
  ): Promise<Ended> {
    if (typeof started === 'string') return endOf(started, new Output(null), new Output(null), null, null);
    const { groups } = this.#ground;
    const { pid = 0 } = started;
    const [stdout, stderr] = [new Output(started.stdout), new Output(started.stderr)];
    const place = pid === 0 ? null : groups.add(pid);
    const tooMany = pid !== 0 && place === null;
    if (tooMany) killGroup(pid);
    this.#leaders.add(pid);
    let failure = tooMany ? 'spawn.EAGAIN' : '';
    const late = setTimeout(() => {
      failure = 'timeout';
      if (pid !== 0) killGroup(pid);
      // A daemon that left the group may hold them for ever.
      started.stdout?.destroy();
      started.stderr?.destroy();
    }, timeoutMs);
    // A command that reads nothing closes its input; that is no failure.
    started.stdin?.on('error', () => undefined);
    started.stdin?.end(input);
    return new Promise((resolve) => {
      const end = (code: number | null, signal: string | null): void => {
        clearTimeout(late);
        this.#leaders.delete(pid);
        if (place !== null) groups.remove(place);
        resolve(endOf(failure, stdout, stderr, code, signal));
      };
      started.once('error', (error) => {
        failure = spawnFailure(error);
        end(null, null);
      });
      // What it left behind in its group would hold its output open.
      started.once('exit', () => killGroup(pid));
      started.once('close', end);
    });
  }
}

interface Ended {
  readonly reply: Omit<CommandReply, 'ok' | 'failure' | 'responseMs'>;
  readonly failure: string;
  readonly firstMs: number;
  readonly doneMs: number;
  readonly bytes: number;
}

/** @param failure what is known beside code and signal; empty where those say it */
function endOf(
  failure: string,
  stdout: Output,
  stderr: Output,
  code: number | null,
  signal: string | null,
): Ended {
  const doneMs = performance.now();
  const byItself = signal !== null ? `signal.${signal}` : code === 0 ? '' : `exit.${code}`;
  return {
    reply: { code, signal, stdout: stdout.text(), stderr: stderr.text(), cut: stdout.cut || stderr.cut },
    failure: failure === '' ? byItself : failure,
    firstMs: stdout.firstMs || stderr.firstMs || doneMs,
    doneMs,
    bytes: stdout.bytes + stderr.bytes,
  };
}

/** @returns the child, or a failure kind. @throws TypeError for arguments that are none */
function begin(file: string, args: readonly string[], options: CommandOptions): ChildProcess | string {
  const { env, cwd, input } = options;
  try {
    return spawn(file, args, {
      detached: process.platform !== 'win32',
      shell: false,
      windowsHide: true,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env },
    });
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).errno !== 'number') throw error;
    return spawnFailure(error);
  }
}

const spawnFailure = (error: unknown): string =>
  `spawn.${(error as NodeJS.ErrnoException).code ?? 'unknown'}`;

/** What a command wrote: the beginning of it is kept, all is read. */
class Output {
  readonly #kept: Buffer[] = [];
  bytes = 0;
  firstMs = 0;

  constructor(stream: Readable | null) {
    stream?.on('error', () => undefined);
    stream?.on('data', (chunk: Buffer) => {
      if (this.bytes === 0) this.firstMs = performance.now();
      const room = keptBytes - this.bytes;
      if (room > 0) this.#kept.push(room < chunk.length ? Buffer.from(chunk.subarray(0, room)) : chunk);
      this.bytes += chunk.length;
    });
  }

  get cut(): boolean {
    return this.bytes > keptBytes;
  }

  text(): string {
    return Buffer.concat(this.#kept).toString('utf8');
  }
}
