/**
 * The `command` of a scenario: a program that runs once, as one request.
 *
 *     const reply = await command('node', ['convert.js', 'in.png'], { timeoutMs: 5000 });
 *     expect(reply.code, 0);
 *
 * 1. There is no shell: the file is run with these arguments as they are.
 * 2. It is counted as any request, from when it was due until its output has ended. A code other than 0 is a failure.
 * 3. It leads a process group of its own, which is killed when it takes too long, when its session is given up, and when the
 *    run ends; what it leaves behind in that group is killed when it ends.
 *
 * Deliberately absent: output as it comes. What is needed while a command runs is a server.
 */
export interface CommandOptions {
  /** What it reads from its standard input; nothing when left out. */
  readonly input?: string | Uint8Array;
  /** Variables beside those of Plimsoll itself. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder it runs in; that of Plimsoll itself when left out. */
  readonly cwd?: string;
  /** Milliseconds until it is killed, above 0; `--timeout` when left out. */
  readonly timeoutMs?: number;
}

/** Never throws for what the command does; wrong arguments do. */
export type Command = (
  file: string,
  args?: readonly string[],
  options?: CommandOptions,
) => Promise<CommandReply>;

export interface CommandReply {
  /** Whether it ended by itself, with code 0. */
  readonly ok: boolean;
  /** Why not: `exit.3`, `signal.SIGSEGV`, `spawn.ENOENT`, `timeout`; empty for success. */
  readonly failure: string;
  /** Null where a signal ended it, or where it never ran. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The first 1 MiB, as UTF-8. */
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it wrote more than is kept. */
  readonly cut: boolean;
  /** Milliseconds, from when it was due. */
  readonly responseMs: number;
}
