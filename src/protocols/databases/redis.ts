/** Redis and Valkey, through redis: one command at a time on a connection. Failures are `redis.` and the word it says. */
import { createClient, ErrorReply } from 'redis';
import { failureCode, type DatabaseConnection, type DatabaseWire } from './database.ts';
import { dialled, wantsTls, type DatabaseTrust, type Dialled } from './databaseTls.ts';
import type { DatabaseAddress } from './databaseUrl.ts';
import { connectFailure, exchangeFailure } from '../failures.ts';

export function redis(address: DatabaseAddress, _file: string, trust: DatabaseTrust): DatabaseWire {
  const to = dialled(address, trust);
  return {
    address,
    connect: (timeoutMs, lost) => connect(to, timeoutMs, lost),
    failureOf: (error, isConnecting) => {
      if (error instanceof ErrorReply) return `redis.${failureCode(error.message)}`;
      const { name = '' } = error as { name?: string };
      if (name === 'ConnectionTimeoutError') return 'connect.timeout';
      const ended = /^(SocketClosed|Disconnects|ClientClosed|ClientOffline)/.test(name);
      if (!isConnecting) return ended || isClosed(error) ? 'closed' : exchangeFailure(error);
      return ended ? 'connect.reset' : connectFailure(error, wantsTls(address));
    },
    begin: '',
    aborts: [],
  };
}

const isClosed = (error: unknown): boolean =>
  error instanceof Error && /closed|disconnect/i.test(`${error.name} ${error.message}`);

async function connect(
  { url, tls }: Dialled,
  timeoutMs: number,
  lost: () => void,
): Promise<DatabaseConnection> {
  const client = createClient({
    url,
    disableClientInfo: true,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: timeoutMs,
      reconnectStrategy: false,
      ...(tls === null ? {} : { tls: true as const, ...tls }),
    },
  });
  client.on('error', lost);
  client.on('end', lost);
  await client.connect();
  return {
    run: async (command, parameters) => {
      const value = await client.sendCommand([command, ...parameters.map(String)]);
      return { rows: [], rowCount: 0, value };
    },
    bytes: () => ({ sent: 0, received: 0 }),
    isClean: () => true,
    destroy: () => client.destroy(),
    end: () => client.close(),
  };
}
