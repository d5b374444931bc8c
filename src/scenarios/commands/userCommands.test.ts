/** Real commands. What they leave behind is sought by its process id. */
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { isAlive, until } from '../../../test/kit/bin.ts';
import { Account } from '../account.ts';
import { ChildGroups } from './childGroups.ts';
import type { CommandOptions, CommandReply } from './command.ts';
import { UserCommands, type CommandGround } from './userCommands.ts';

const node = process.execPath;

/** A user, and what is told of its requests. */
function stage({ onTestFinished }: TestContext, timeoutMs = 20_000) {
  const told: { sent: number; failures: string[]; bytes: number[][] } = { sent: 0, failures: [], bytes: [] };
  const account = new Account({
    connected: () => undefined,
    sent: () => void told.sent++,
    done: (dueMs, sentMs, firstMs, doneMs, failure, sent, received) => {
      expect(dueMs <= sentMs && sentMs <= firstMs && firstMs <= doneMs).toBe(true);
      told.failures.push(failure);
      told.bytes.push([sent, received]);
    },
  });
  const ground: CommandGround = { groups: new ChildGroups(), timeoutMs, lastError: '' };
  const commands = new UserCommands(ground, account);
  onTestFinished(() => ground.groups.end());
  const run = (code: string, options?: CommandOptions): Promise<CommandReply> =>
    commands.run(node, ['-e', code], options);
  return { account, commands, ground, told, run };
}

function folderOf({ onTestFinished }: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'plimsoll-command-')));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Starts another that lasts, notes both process ids, and then does this. */
const withChild = (file: string, then = 'wait'): [string, string[]] => [
  'sh',
  ['-c', `sleep 3071 & echo "$$ $!" > "${file}"; ${then}`],
];

const pidsIn = (file: string): number[] => {
  try {
    return readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
};

describe.concurrent('a command', () => {
  it('is one request, from its input to the end of its output', async (context) => {
    const { run, told } = stage(context);
    const reply = await run('process.stdin.pipe(process.stdout); console.error("heard")', { input: 'salt' });
    expect(reply).toMatchObject({ ok: true, failure: '', code: 0, signal: null, cut: false });
    expect([reply.stdout, reply.stderr]).toEqual(['salt', 'heard\n']);
    expect(reply.responseMs).toBeGreaterThan(0);
    expect(told).toEqual({ sent: 1, failures: [''], bytes: [[4, 10]] });
  });

  it.for([
    ['a code', 'process.exit(3)', 'exit.3', { code: 3, signal: null }],
    ['a signal', 'process.kill(process.pid, "SIGKILL")', 'signal.SIGKILL', { code: null, signal: 'SIGKILL' }],
  ] as const)('that ends with %s has failed so', async ([, code, failure, ended], context) => {
    const { run, told, account, ground } = stage(context);
    expect(await run(code)).toMatchObject({ ok: false, failure, ...ended });
    expect(told.failures).toEqual([failure]);
    expect(account.failure).toBe(failure);
    expect(ground.lastError).toContain(failure);
  });

  it('that is not there has failed, and never ran', async (context) => {
    const { commands, told } = stage(context);
    const reply = await commands.run('/no/such/command-7');
    expect(reply).toMatchObject({ failure: 'spawn.ENOENT', code: null, signal: null, stdout: '' });
    expect(told).toMatchObject({ sent: 1, failures: ['spawn.ENOENT'] });
  });

  it('gets its arguments as they are: there is no shell', async (context) => {
    const { commands } = stage(context);
    const args = ['$HOME', '; exit 9', '*', 'a b'];
    const reply = await commands.run(node, ['-p', 'JSON.stringify(process.argv.slice(1))', ...args]);
    expect(JSON.parse(reply.stdout)).toEqual(args);
  });

  it('has variables and a folder of its own', async (context) => {
    const { run } = stage(context);
    const cwd = folderOf(context);
    const reply = await run('console.log(process.env.SALT + " " + process.cwd())', {
      env: { SALT: 'sea' },
      cwd,
    });
    expect(reply.stdout).toBe(`sea ${cwd}\n`);
  });

  it('may write without end: the first MiB is kept, and all is counted', async (context) => {
    const { run, told } = stage(context);
    const reply = await run('process.stdout.write("x".repeat(3_000_000))');
    expect(reply).toMatchObject({ ok: true, cut: true });
    expect(reply.stdout.length).toBe(1024 * 1024);
    expect(told.bytes).toEqual([[0, 3_000_000]]);
  });

  it('that closes its input is no failure', async (context) => {
    const { run } = stage(context);
    const input = Buffer.alloc(2_000_000);
    expect(await run('process.stdin.destroy()', { input })).toMatchObject({ failure: '' });
  });

  it('that takes too long is killed, with what it started', async (context) => {
    const { commands, told } = stage(context);
    const file = join(folderOf(context), 'pids');
    const reply = await commands.run(...withChild(file), { timeoutMs: 900 });
    expect(reply).toMatchObject({ failure: 'timeout', signal: 'SIGKILL' });
    expect(reply.responseMs).toBeGreaterThan(890);
    expect(told.failures).toEqual(['timeout']);
    const pids = pidsIn(file);
    expect(pids.length).toBe(2);
    await until('both have ended', () => !pids.some(isAlive));
  });

  it('leaves nothing in its group when it ends by itself', async (context) => {
    const { commands } = stage(context);
    const file = join(folderOf(context), 'pids');
    const reply = await commands.run(...withChild(file, 'exit 0'));
    expect(reply.failure).toBe('');
    const pids = pidsIn(file);
    await until('both have ended', () => !pids.some(isAlive));
  });

  it('of a session that is given up is killed, and told by nobody', async (context) => {
    const { account, commands, run, told } = stage(context);
    const file = join(folderOf(context), 'pids');
    let ended = false;
    void commands.run(...withChild(file)).then(() => (ended = true));
    await until('it runs', () => pidsIn(file).length === 2);
    account.close();
    commands.retire();
    await until('both have ended', () => !pidsIn(file).some(isAlive));
    expect([ended, told.failures]).toEqual([false, []]);
    expect(await Promise.race([run('0'), Promise.resolve('never')])).toBe('never');
  });

  it('is ended by whoever has the memory of its group', async (context) => {
    const { ground, commands } = stage(context);
    const file = join(folderOf(context), 'pids');
    const reply = commands.run(...withChild(file));
    await until('it runs', () => pidsIn(file).length === 2);
    new ChildGroups(ground.groups.shared).end();
    expect(await reply).toMatchObject({ failure: 'signal.SIGKILL' });
    await until('both have ended', () => !pidsIn(file).some(isAlive));
  });

  it.for([0, -5, Number.NaN])('refuses %d as a time-out, and counts nothing', (timeoutMs, context) => {
    const { run, told } = stage(context);
    expect(() => run('0', { timeoutMs })).toThrow('is no time');
    expect(told.sent).toBe(0);
  });
});

describe('the memory of groups', () => {
  it('takes as many as it has places, and gives places free', () => {
    const groups = new ChildGroups(new SharedArrayBuffer(4 * 4096));
    // No process has such an id.
    const places = Array.from({ length: 4096 }, (_, i) => groups.add(2 ** 30 + i));
    expect(new Set(places).size).toBe(4096);
    expect(groups.add(2 ** 30 + 4096)).toBeNull();
    groups.remove(17);
    expect(groups.add(2 ** 30 + 4097)).toBe(17);
    groups.end();
    expect(groups.add(2 ** 30)).not.toBeNull();
  });
});
