/** MySQL and MariaDB, through mysql2. Failures are `db.` and the number of the error: their SQLSTATEs say too little. */
import { createConnection, type Connection } from 'mysql2/promise';
import type { DatabaseConnection, DatabaseWire } from './database.ts';
import type { DatabaseAddress } from './databaseUrl.ts';
import { connectFailure, exchangeFailure } from '../failures.ts';

export function mysql(address: DatabaseAddress): DatabaseWire {
  return {
    address,
    connect: (timeoutMs, lost) => connect(address.url, timeoutMs, lost),
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

async function connect(uri: string, timeoutMs: number, lost: () => void): Promise<DatabaseConnection> {
  const connection = await createConnection({ uri, connectTimeout: timeoutMs });
  connection.on('error', lost);
  connection.on('end', lost);
  return new MysqlConnection(connection, lost);
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
