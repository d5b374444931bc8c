/** The client of a database: a package of its own, loaded when a scenario names the database. */
import { optionalPeer } from '../optionalPeer.ts';
import type { DatabaseWire, Opener } from './database.ts';
import { usualTrust, type DatabaseTrust } from './databaseTls.ts';
import type { DatabaseAddress, DatabaseKind } from './databaseUrl.ts';

const openers: Readonly<Record<DatabaseKind, () => Promise<Opener>>> = {
  postgres: async () => (await import('./postgres.ts')).postgres,
  mysql: async () => (await import('./mysql.ts')).mysql,
  sqlite: async () => (await import('./sqlite.ts')).sqlite,
  redis: async () => (await import('./redis.ts')).redis,
};

/** The package of each client, in the version that is tried. libsql comes with Plimsoll. */
const clients: Readonly<Record<DatabaseKind, string>> = {
  postgres: 'pg@8.23.1',
  mysql: 'mysql2@3.24.5',
  redis: 'redis@6.3.1',
  sqlite: 'libsql@0.5.29',
};

/** @throws PLM_CLIENT where its client is not installed */
export async function databaseWire(
  address: DatabaseAddress,
  file: string,
  trust: DatabaseTrust = usualTrust,
  from: Readonly<Record<DatabaseKind, () => Promise<Opener>>> = openers,
): Promise<DatabaseWire> {
  const open = await optionalPeer(address.name, clients[address.kind], from[address.kind]);
  return open(address, file, trust);
}
