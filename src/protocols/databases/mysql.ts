/** MySQL and MariaDB, through mysql2. Failures are `db.` and the number of the error: their SQLSTATEs say too little. */
import { isIP } from 'node:net';
import { createConnection, type Connection, type SslOptions } from 'mysql2/promise';
import type { DatabaseConnection, DatabaseWire } from './database.ts';
import { dialled, type DatabaseTrust, type Dialled, type TlsOptions } from './databaseTls.ts';
import type { DatabaseAddress } from './databaseUrl.ts';
import { connectFailure, exchangeFailure } from '../failures.ts';

export function mysql(address: DatabaseAddress, _file: string, trust: DatabaseTrust): DatabaseWire {
  const to = dialled(address, trust);
  return {
    address,
    connect: (timeoutMs, lost) => connect(to, timeoutMs, lost),
    failureOf: (error, isConnecting) => {
      const { errno, code = '', sqlState } = error as { errno?: number; code?: string; sqlState?: unknown };
      if (typeof sqlState === 'string' && typeof errno === 'number') return `db.${errno}`;
      const ended = code === 'PROTOCOL_CONNECTION_LOST';
      if (!isConnecting) return ended ? 'closed' : exchangeFailure(error);
      return ended ? 'connect.reset' : connectFailure(error, code === 'HANDSHAKE_SSL_ERROR');
    },
    begin: 'start transaction',
    // A deadlock, and a lock that was waited for too long.
    aborts: ['db.1213', 'db.1205'],
  };
}

async function connect(
  { url: uri, tls }: Dialled,
  timeoutMs: number,
  lost: () => void,
): Promise<DatabaseConnection> {
  const connection = await createConnection({
    uri,
    connectTimeout: timeoutMs,
    ...(tls === null ? {} : { ssl: sslOf(uri, tls) }),
  });
  connection.on('error', lost);
  connection.on('end', lost);
  return new MysqlConnection(connection, lost);
}

/** mysql2 would hold the certificate of an IP address against the name localhost: there the authority alone counts. */
function sslOf(uri: string, { checkServerIdentity, ...tls }: TlsOptions): SslOptions {
  const isNamed = isIP(new URL(uri).hostname.replace(/^\[|\]$/g, '')) === 0;
  return { ...tls, verifyIdentity: isNamed && checkServerIdentity === undefined };
}

/** Of the status that the server sends with what a statement has changed. */
const inTransaction = 1;

class MysqlConnection implements DatabaseConnection {
  readonly #connection: Connection;
  readonly #lost: () => void;
  readonly #socket: { readonly bytesWritten: number; readonly bytesRead: number };
  #status = 0;

  constructor(connection: Connection, lost: () => void) {
    this.#connection = connection;
    this.#lost = lost;
    const core = connection as unknown as {
      connection: { stream: { bytesWritten: number; bytesRead: number } };
    };
    this.#socket = core.connection.stream;
  }

  async run(text: string, parameters: readonly unknown[]): ReturnType<DatabaseConnection['run']> {
    try {
      const [found] = await this.#connection.query(text, [...parameters]);
      if (Array.isArray(found)) return { rows: found, rowCount: found.length, value: null };
      this.#status = found.serverStatus;
      return { rows: [], rowCount: found.affectedRows, value: null };
    } catch (error) {
      if ((error as { fatal?: unknown }).fatal === true) this.#lost();
      throw error;
    }
  }

  bytes(): { sent: number; received: number } {
    return { sent: this.#socket.bytesWritten, received: this.#socket.bytesRead };
  }

  isClean(): boolean {
    return (this.#status & inTransaction) === 0;
  }

  destroy(): void {
    this.#connection.destroy();
  }

  end(): Promise<void> {
    return this.#connection.end();
  }
}
