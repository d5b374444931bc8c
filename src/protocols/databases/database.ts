/**
 * What a database has to offer: connections that run one statement at a time.
 *
 * 1. What a database says of a statement rejects with the client's own error; `failureOf` gives its failure kind.
 * 2. Nothing is sent but what is asked for and what logs in.
 */
import type { DatabaseTrust } from './databaseTls.ts';
import type { DatabaseAddress } from './databaseUrl.ts';

/** What a statement or a command gave. */
export interface Answer {
  /** Of a statement; none for a command. */
  readonly rows: readonly unknown[];
  /** Rows that it gave or changed. */
  readonly rowCount: number;
  /** Of a command. */
  readonly value: unknown;
}

export interface DatabaseConnection {
  run(statement: string, parameters: readonly unknown[]): Promise<Answer>;
  /** Bytes over its socket so far; 0 where it has none, or where the client hides it. */
  bytes(): { readonly sent: number; readonly received: number };
  /** Whether the next to use it finds it as if it were new: no transaction is open on it. */
  isClean(): boolean;
  /** At once, whatever is under way. */
  destroy(): void;
  /** In good order. Nothing may be under way. */
  end(): Promise<void>;
}

export interface DatabaseWire {
  readonly address: DatabaseAddress;
  /** @param lost is told when the connection has ended by itself */
  connect(timeoutMs: number, lost: () => void): Promise<DatabaseConnection>;
  /** The failure kind of what `connect` or `run` rejected with. */
  failureOf(error: unknown, isConnecting: boolean): string;
  /** What a transaction begins with. */
  readonly begin: string;
  /** Failures by which the database has chosen a transaction to give way to another: it may be made again. */
  readonly aborts: readonly string[];
}

/** Opens the wire of an address. @param file of the scenario, beside which SQLite's file lies */
export type Opener = (address: DatabaseAddress, file: string, trust: DatabaseTrust) => DatabaseWire;

/** The part of a failure kind that the database says: it is text of the target, so no more than a word. */
export function failureCode(text: string): string {
  return /^[A-Za-z0-9_]{1,40}/.exec(text)?.[0] ?? 'unknown';
}
