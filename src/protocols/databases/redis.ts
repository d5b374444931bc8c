/** Redis and Valkey, through redis: one command at a time on a connection. Failures are `redis.` and the word it says. */
import { createClient, ErrorReply } from 'redis';
import { failureCode, type DatabaseConnection, type DatabaseWire } from './database.ts';
import type { DatabaseAddress } from './databaseUrl.ts';
import { connectFailure, exchangeFailure } from '../failures.ts';

export function redis(address: DatabaseAddress): DatabaseWire {
  return {
    address,
    connect: (timeoutMs, lost) => connect(address.url, timeoutMs, lost),
    failureOf: (error, isConnecting) => {
      if (error instanceof ErrorReply) return `redis.${failureCode(error.message)}`;
      const { name = '' } = error as { name?: string };
      if (name === 'ConnectionTimeoutError') return 'connect.timeout';
      const ended = /^(SocketClosed|Disconnects|ClientClosed|ClientOffline)/.test(name);
      if (!isConnecting) return ended || isClosed(error) ? 'closed' : exchangeFailure(error);
      return ended ? 'connect.reset' : connectFailure(error, address.url.startsWith('rediss'));
    },
    begin: '',
    aborts: [],
  };
}

const isClosed = (error: unknown): boolean =>
  error instanceof Error && /closed|disconnect/i.test(`${error.name} ${error.message}`);

async function connect(url: string, timeoutMs: number, lost: () => void): Promise<DatabaseConnection> {
  const client = createClient({
    url,
    disableClientInfo: true,
    disableOfflineQueue: true,
    socket: { connectTimeout: timeoutMs, reconnectStrategy: false },
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
