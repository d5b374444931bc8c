/**
 * The databases of a thread: a pool for each that its scenarios name.
 *
 * 1. The pool is of the whole run. Threads have equal shares of it, the first ones one more where it does not divide, and
 *    each at least one.
 * 2. Scenarios that name the same database share its pool, as the parts of one service do.
 */
import { PlimsollError, type ErrorCode } from '../../errors.ts';
import type { DatabaseTrust } from '../../protocols/databases/databaseTls.ts';
import { databaseWire } from '../../protocols/databases/databaseClient.ts';
import { DatabasePool } from '../../protocols/databases/databasePool.ts';
import { databaseAddress, type DatabaseAddress } from '../../protocols/databases/databaseUrl.ts';
import type { Account } from '../account.ts';
import type { DatabaseOptions } from './db.ts';
import { databasesOf, type Scenario } from '../scenario.ts';
import { Statements, type Measures } from './statements.ts';
import { UserDb } from './userDb.ts';
import { UserRedis } from './userRedis.ts';

const usualPool = 10;

export interface DatabasesOptions {
  /** Of the scenarios. */
  readonly file: string;
  readonly timeoutMs: number;
  /** Whom to trust over TLS; the system's authorities when left out. */
  readonly trust?: DatabaseTrust;
  /** Which of the threads this is, from 0, and how many there are. */
  readonly share: number;
  readonly shares: number;
}

/** What a user is given of the databases of its scenario. */
export interface UserDatabases {
  readonly db: UserDb;
  readonly redis: UserRedis;
  /** Gives up what is under way. The account is closed by then. */
  retire(): void;
}

export class Databases {
  readonly #pools: ReadonlyMap<string, DatabasePool>;
  readonly #timeoutMs: number;

  /** Of scenarios that name none. */
  static readonly none = new Databases(new Map(), 0);

  private constructor(pools: ReadonlyMap<string, DatabasePool>, timeoutMs: number) {
    this.#pools = pools;
    this.#timeoutMs = timeoutMs;
  }

  /** Connects nowhere yet. @throws PLM_CLIENT, PLM_POOL */
  static async open(
    scenarios: readonly Scenario[],
    { file, timeoutMs, trust, share, shares }: DatabasesOptions,
  ): Promise<Databases> {
    const pools = new Map<string, DatabasePool>();
    for (const { url, pool = usualPool } of sharedBy(scenarios, shares)) {
      const wire = await databaseWire(databaseAddress(url), file, trust);
      pools.set(url, new DatabasePool(wire, shareOf(pool, share, shares), timeoutMs));
    }
    return new Databases(pools, timeoutMs);
  }

  get lastError(): string {
    return [...this.#pools.values()].map((pool) => pool.lastError).find((error) => error !== '') ?? '';
  }

  /** What one user has of them, for one account. */
  equip(scenario: Scenario, account: Account, measures: Measures): UserDatabases {
    const of = (prefix: 'db' | 'redis'): Statements | null => {
      const pools = databasesOf(scenario).map(({ url }) => this.#pools.get(url));
      const pool = pools.find((each) => (each?.wire.address.kind === 'redis') === (prefix === 'redis'));
      if (pool === undefined) return null;
      return new Statements(pool, account, measures, { timeoutMs: this.#timeoutMs, prefix });
    };
    const [sql, redis] = [of('db'), of('redis')];
    return {
      db: new UserDb(sql),
      redis: new UserRedis(redis),
      retire: () => {
        sql?.retire();
        redis?.retire();
      },
    };
  }

  /** Logs in to each once, and leaves. @throws what is in the way, as our own error: no load can be begun */
  async tryLogin(timeoutMs: number): Promise<void> {
    for (const pool of this.#pools.values()) {
      const { wire } = pool;
      try {
        const connection = await wire.connect(timeoutMs, () => undefined);
        await connection.end();
      } catch (error) {
        const kind = wire.failureOf(error, true);
        throw new PlimsollError(loginCodes[kind] ?? codeOf(kind), wire.address.name, pool.told(error), error);
      }
    }
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }
}

const loginCodes: Readonly<Record<string, ErrorCode>> = {
  'connect.refused': 'PLM_REFUSED',
  dns: 'PLM_UNKNOWN_HOST',
  tls: 'PLM_TLS',
};

const codeOf = (kind: string): ErrorCode => (/^(db|redis)\./.test(kind) ? 'PLM_LOGIN' : 'PLM_UNREACHABLE');

/** The databases that scenarios name, each once. @throws PLM_POOL where a pool cannot be divided, or two differ */
export function sharedBy(scenarios: readonly Scenario[], shares: number): readonly DatabaseOptions[] {
  const byUrl = new Map<string, DatabaseOptions>();
  for (const options of scenarios.flatMap(databasesOf)) {
    const { pool = usualPool } = options;
    const other = byUrl.get(options.url)?.pool ?? (byUrl.has(options.url) ? usualPool : pool);
    const given = `pool ${pool} of ${databaseAddress(options.url).name}`;
    if (pool !== other) throw new PlimsollError('PLM_POOL', given, `another scenario gives it ${other}`);
    if (pool < shares) {
      const threads = `${shares} threads of the generator need at least one connection each`;
      throw new PlimsollError('PLM_POOL', given, threads);
    }
    byUrl.set(options.url, options);
  }
  return [...byUrl.values()];
}

/** How many of the connections one thread has: together exactly as many as there are. */
export function shareOf(pool: number, share: number, shares: number): number {
  return Math.floor(pool / shares) + (share < pool % shares ? 1 : 0);
}

/** What a run is called whose scenarios have no base URL: by the first database of each. */
export function databaseTarget(scenario: Scenario): DatabaseAddress | null {
  const [first] = databasesOf(scenario);
  return first === undefined ? null : databaseAddress(first.url);
}
