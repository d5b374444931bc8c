/**
 * Real databases for tests, each started in a folder of its own on a port of its own, and ended with the test.
 * Where a server is not installed, that is said and its tests are skipped. Nothing depends on a service of the machine.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { testCertificate, testKey } from '../../src/protocols/testing/certificate.ts';
import { closedPort } from './httpTarget.ts';

export interface DatabaseServer {
  readonly port: number;
  /** As a plain user with a password, where the database knows such; for SQLite the file. */
  readonly url: string;
  /** The password in it. */
  readonly password: string;
  /** Ends it at once, as a crash does. */
  kill(): void;
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Connections that it allows; three of them are reserved for administrators. */
  readonly maxConnections?: number;
  /** The only core that it may use. */
  readonly cpu?: number | undefined;
  /** Speaks TLS with the certificate of the tests, and lets nobody in without a client certificate of that authority. */
  readonly tls?: boolean;
}

/** Why a server cannot be started here; null where it can. Said once, for whoever reads the output of the tests. */
export const missing = {
  postgres: told('PostgreSQL', 'postgresql', postgresFolder() === null),
  redis: told('Redis', 'redis-server', !has('redis-server')),
  mysql: told('MariaDB', 'mariadb-server', !has('mariadbd') || !has('mariadb-install-db')),
} as const;

export async function startPostgres({
  maxConnections = 100,
  cpu,
  tls = false,
}: PostgresOptions = {}): Promise<DatabaseServer> {
  const bin = postgresFolder() ?? '';
  const folder = folderFor('postgres');
  const port = await closedPort();
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password);
  const initdb = [join(bin, 'initdb'), '-D', data, '-U', 'postgres', '-N', '--locale=C', '-E', 'UTF8'];
  done(as('postgres', [...initdb, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`]));
  const { certificate, key } = tls ? ownPair(folder, 'postgres') : { certificate: '', key: '' };
  if (tls) {
    const hba = join(data, 'pg_hba.conf');
    const ofClerk = [
      'hostssl all clerk 127.0.0.1/32 scram-sha-256 clientcert=verify-ca',
      'hostnossl all clerk 127.0.0.1/32 reject',
    ];
    writeFileSync(hba, [...ofClerk, readFileSync(hba, 'utf8')].join('\n'));
  }
  const settings = {
    ...(tls ? { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key, ssl_ca_file: certificate } : {}),
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    max_connections: String(maxConnections),
    fsync: 'off',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const pinned = cpu === undefined ? [] : ['taskset', '-c', String(cpu)];
  const child = begin(as('postgres', [...pinned, join(bin, 'postgres'), '-D', data, ...flags]));
  const there = ['-h', '127.0.0.1', '-p', String(port)];
  await until(child, () => spawnSync(join(bin, 'pg_isready'), [...there, '-q']).status === 0);
  const statements = [`create role clerk login password '${password}'`, 'create database shop owner clerk'];
  for (const statement of statements) {
    const ask = [
      join(bin, 'psql'),
      ...there,
      '-U',
      'postgres',
      '-q',
      '-v',
      'ON_ERROR_STOP=1',
      '-c',
      statement,
    ];
    done(ask, { PGPASSWORD: password });
  }
  return server(port, `postgres://clerk:${password}@127.0.0.1:${port}/shop`, child, folder, 'SIGINT');
}

/** @param tls speaks it, on its only port, and asks for no client certificate */
export async function startRedis({
  tls = false,
  cpu,
}: { tls?: boolean; cpu?: number | undefined } = {}): Promise<DatabaseServer> {
  const folder = folderFor('redis');
  const port = await closedPort();
  const pair = tls ? ownPair(folder, 'redis') : { certificate: '', key: '' };
  const child = begin([
    ...(cpu === undefined ? [] : ['taskset', '-c', String(cpu)]),
    ...['redis-server', tls ? '--tls-port' : '--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
    ...(tls ? ['--port', '0', '--tls-cert-file', pair.certificate, '--tls-key-file', pair.key] : []),
    ...(tls ? ['--tls-auth-clients', 'no', '--tls-ca-cert-file', pair.certificate] : []),
    ...['--save', '', '--requirepass', password, '--maxclients', '30'],
  ]);
  await listening(port, child);
  return server(port, `redis${tls ? 's' : ''}://:${password}@127.0.0.1:${port}`, child, folder, 'SIGTERM');
}

/** @param tls speaks it where it is asked to */
export async function startMysql({ tls = false } = {}): Promise<DatabaseServer> {
  const folder = folderFor('mysql');
  const pair = tls ? ownPair(folder, 'mysql') : { certificate: '', key: '' };
  const port = await closedPort();
  const data = join(folder, 'data');
  done(
    as('mysql', [
      ...[
        'mariadb-install-db',
        '--no-defaults',
        `--datadir=${data}`,
        '--auth-root-authentication-method=normal',
      ],
      ...['--skip-test-db', '--skip-name-resolve'],
    ]),
  );
  const socket = join(folder, 'socket');
  const child = begin(
    as('mysql', [
      ...['mariadbd', '--no-defaults', `--datadir=${data}`, `--port=${port}`, '--bind-address=127.0.0.1'],
      ...[`--socket=${socket}`, `--pid-file=${join(folder, 'pid')}`, '--skip-name-resolve'],
      ...(tls ? [`--ssl-cert=${pair.certificate}`, `--ssl-key=${pair.key}`] : []),
      ...['--innodb-flush-log-at-trx-commit=0', '--max-connections=20', '--innodb-lock-wait-timeout=1'],
    ]),
  );
  await listening(port, child);
  done([
    ...['mariadb', '--no-defaults', `--socket=${socket}`, '-u', 'root', '-e'],
    `create database shop; create user clerk@'127.0.0.1' identified by '${password}'; grant all on shop.* to clerk@'127.0.0.1'`,
  ]);
  return server(port, `mysql://clerk:${password}@127.0.0.1:${port}/shop`, child, folder, 'SIGTERM');
}

/** SQLite has no server: a file in a folder of its own. */
export function sqliteInFolder(): DatabaseServer {
  const folder = folderFor('sqlite');
  const stop = (): Promise<void> => Promise.resolve(rmSync(folder, { recursive: true, force: true }));
  return { port: 0, url: `sqlite:${join(folder, 'shop.db')}`, password: '', kill: () => undefined, stop };
}

const password = 'sesame-7';

function server(
  port: number,
  url: string,
  child: ChildProcess,
  folder: string,
  signal: 'SIGINT' | 'SIGTERM',
): DatabaseServer {
  const end = async (how: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill(how);
      const late = setTimeout(() => child.kill('SIGKILL'), 5000);
      await gone;
      clearTimeout(late);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  return { port, url, password, kill: () => void child.kill('SIGQUIT'), stop: () => end(signal) };
}

function postgresFolder(): string | null {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).map(Number) : [];
  const newest = versions.filter(Number.isFinite).toSorted((a, b) => b - a)[0];
  if (newest !== undefined) return join(root, String(newest), 'bin');
  return has('initdb') && has('postgres') ? '' : null;
}

function has(program: string): boolean {
  return spawnSync('which', [program], { stdio: 'ignore' }).status === 0;
}

function told(name: string, program: string, isMissing: boolean): string | null {
  if (!isMissing) return null;
  const why = `${name} is not installed (${program}): its tests are skipped`;
  process.stderr.write(`${why}\n`);
  return why;
}

/** Servers refuse to run as root: there they run as their own user. */
function as(user: string, command: readonly string[]): string[] {
  if (process.getuid?.() !== 0) return [...command];
  return ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', ...command];
}

function folderFor(name: 'postgres' | 'redis' | 'mysql' | 'sqlite'): string {
  const folder = mkdtempSync(join(tmpdir(), `plimsoll-${name}-`));
  if (process.getuid?.() !== 0 || name === 'redis' || name === 'sqlite') return folder;
  const id = (flag: string): number => Number(spawnSync('id', [flag, name]).stdout.toString());
  chownSync(folder, id('-u'), id('-g'));
  chmodSync(folder, 0o700);
  return folder;
}

/** The key pair of the tests in files of the server's own user. */
function ownPair(folder: string, user: 'postgres' | 'redis' | 'mysql'): { certificate: string; key: string } {
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  writeFileSync(certificate, testCertificate);
  writeFileSync(key, testKey, { mode: 0o600 });
  if (process.getuid?.() === 0 && user !== 'redis') {
    const id = (flag: string): number => Number(spawnSync('id', [flag, user]).stdout.toString());
    for (const file of [certificate, key]) chownSync(file, id('-u'), id('-g'));
  }
  return { certificate, key };
}

function begin([program = '', ...args]: readonly string[]): ChildProcess {
  const child = spawn(program, args, { stdio: 'ignore', cwd: '/' });
  process.once('exit', () => child.kill('SIGKILL'));
  return child;
}

/** Runs a command to its end. */
function done([program = '', ...args]: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  const { status, stderr } = spawnSync(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: '/',
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr.toString()}`);
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  const listens = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
  await until(child, listens);
}

async function until(child: ChildProcess, isReady: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    if (await isReady()) return;
    await sleep(25);
  }
  throw new Error('the server was not ready in 15 s');
}
