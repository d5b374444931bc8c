/** PostgreSQL, through pg: one statement at a time on a connection. Failures are `db.` and the SQLSTATE. */
import { Client, type QueryResult } from 'pg';
import { failureCode, type DatabaseConnection, type DatabaseWire } from './database.ts';
import { dialled, wantsTls, type DatabaseTrust, type Dialled } from './databaseTls.ts';
import type { DatabaseAddress } from './databaseUrl.ts';
import { connectFailure, exchangeFailure } from '../failures.ts';

export function postgres(address: DatabaseAddress, _file: string, trust: DatabaseTrust): DatabaseWire {
  const to = dialled(address, trust);
  const isTls = wantsTls(address);
  return {
    address,
    connect: (timeoutMs, lost) => connect(to, timeoutMs, lost),
    failureOf: (error, isConnecting) => {
      if (isOfServer(error)) return `db.${failureCode(error.code ?? '')}`;
      const ended = /^Connection terminated/.test(messageIn(error));
      if (!isConnecting) return ended ? 'closed' : exchangeFailure(error);
      if (/timeout expired|due to connection timeout/.test(messageIn(error))) return 'connect.timeout';
      return ended ? 'connect.reset' : connectFailure(error, isTls);
    },
    begin: 'begin',
    aborts: ['db.40001', 'db.40P01'],
  };
}

async function connect(
  { url, tls }: Dialled,
  timeoutMs: number,
  lost: () => void,
): Promise<DatabaseConnection> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    ...(tls === null ? {} : { ssl: tls }),
    application_name: 'plimsoll',
  });
  // Without this an error of a connection at rest would end the thread.
  client.on('error', lost);
  client.on('end', lost);
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  try {
    await client.connect();
  } catch (error) {
    stream.destroy();
    throw error;
  }
  return new PostgresConnection(client, lost);
}

interface Socket {
  readonly bytesWritten: number;
  readonly bytesRead: number;
  destroy(): void;
}

class PostgresConnection implements DatabaseConnection {
  readonly #client: Client;
  readonly #lost: () => void;

  constructor(client: Client, lost: () => void) {
    this.#client = client;
    this.#lost = lost;
  }

  /** After a switch to TLS another one. */
  get #socket(): Socket {
    return (this.#client as unknown as { connection: { stream: Socket } }).connection.stream;
  }

  async run(text: string, parameters: readonly unknown[]): ReturnType<DatabaseConnection['run']> {
    try {
      const found = (await this.#client.query(text, [...parameters])) as QueryResult | QueryResult[];
      // Of several statements in one text, the last.
      const last = Array.isArray(found) ? found.at(-1) : found;
      return {
        rows: (last?.rows as unknown[] | undefined) ?? [],
        rowCount: last?.rowCount ?? 0,
        value: null,
      };
    } catch (error) {
      if (isOfServer(error) && error.severity !== 'ERROR') this.#lost();
      throw error;
    }
  }

  bytes(): { sent: number; received: number } {
    return { sent: this.#socket.bytesWritten, received: this.#socket.bytesRead };
  }

  isClean(): boolean {
    return this.#client.getTransactionStatus() === 'I';
  }

  destroy(): void {
    this.#socket.destroy();
  }

  end(): Promise<void> {
    return this.#client.end();
  }
}

/** What the server itself has said, in place of an answer. */
function isOfServer(error: unknown): error is Error & { code?: string; severity: string } {
  return error instanceof Error && typeof (error as { severity?: unknown }).severity === 'string';
}

const messageIn = (error: unknown): string => (error instanceof Error ? error.message : '');
