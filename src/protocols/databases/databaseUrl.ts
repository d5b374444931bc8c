/**
 * Addresses of databases.
 *
 * 1. `name` is what a person is shown: without user, password and parameters. The URL itself is shown nowhere.
 * 2. The file of SQLite lies beside the scenario file, where its path is relative.
 *
 * Deliberately absent: Unix sockets, and SQLite in memory, which belongs to one connection.
 */
import { dirname, resolve } from 'node:path';

export type DatabaseKind = 'postgres' | 'mysql' | 'sqlite' | 'redis';

const kinds: Readonly<Record<string, DatabaseKind>> = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
  'redis:': 'redis',
  'rediss:': 'redis',
  'sqlite:': 'sqlite',
};

const ports = { postgres: 5432, mysql: 3306, redis: 6379 } as const;

export interface DatabaseAddress {
  readonly kind: DatabaseKind;
  /** As it was given; it may hold a password. */
  readonly url: string;
  readonly name: string;
  /** Empty for none. */
  readonly password: string;
}

/** Whether a kind of target is one of them. */
export const isDatabase = (kind: string): kind is DatabaseKind =>
  Object.values(kinds).some((each) => each === kind);

/** @returns null for what is no URL of a database */
export function databaseKind(url: string): DatabaseKind | null {
  return kinds[/^[a-z]+:/i.exec(url)?.[0].toLowerCase() ?? ''] ?? null;
}

/** @throws TypeError for what is no usable URL of a database, without saying what was given: it may hold a password */
export function databaseAddress(given: string): DatabaseAddress {
  const kind = databaseKind(given);
  if (kind === null) {
    const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(given)?.[0];
    const what = scheme === undefined ? 'its URL has no scheme' : `${scheme} is no database known here`;
    throw new TypeError(`${what}; there are ${Object.keys(kinds).join(' ')}`);
  }
  if (kind === 'sqlite') {
    const path = given.slice('sqlite:'.length).replace(/\?.*$/, '');
    if (path === '' || path === '//' || path.includes(':memory:')) {
      throw new TypeError('SQLite needs a file that several connections can open: sqlite:orders.db');
    }
    return { kind, url: given, name: `sqlite:${path}`, password: '' };
  }
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || url.hostname === '') {
    throw new TypeError(`its URL is not whole; it needs a host: ${kind}://user:password@localhost/name`);
  }
  const port = url.port === '' ? ports[kind] : Number(url.port);
  const password = unescaped(url.password);
  return { kind, url: given, name: `${url.protocol}//${url.hostname}:${port}${url.pathname}`, password };
}

/** The file of SQLite. @param beside the scenario file */
export function sqliteFile({ url }: DatabaseAddress, beside: string): string {
  const path = url.slice('sqlite:'.length).replace(/\?.*$/, '');
  return resolve(dirname(beside), unescaped(path.replace(/^\/\//, '')));
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
