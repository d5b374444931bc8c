/** The Redis of one user, as its script sees it (redis.ts). */
import type { Redis, RedisReply } from './redis.ts';
import type { Statements } from './statements.ts';

/** They change a connection for whoever has it next, or have more answers than one. */
const refused = new Set(
  'MULTI EXEC DISCARD WATCH UNWATCH SUBSCRIBE UNSUBSCRIBE PSUBSCRIBE PUNSUBSCRIBE SSUBSCRIBE SUNSUBSCRIBE MONITOR SELECT AUTH HELLO RESET QUIT SYNC PSYNC'.split(
    ' ',
  ),
);

export class UserRedis implements Redis {
  readonly #statements: Statements | null;

  /** @param statements null where the scenario names no Redis */
  constructor(statements: Statements | null) {
    this.#statements = statements;
  }

  async send<Value>(
    command: string,
    ...parameters: readonly (string | number)[]
  ): Promise<RedisReply<Value>> {
    if (this.#statements === null) {
      throw new TypeError("redis needs one: scenario('name', { database: { url: 'redis://...' } }, ...)");
    }
    if (refused.has(command.toUpperCase())) {
      throw new TypeError(`${command} changes a connection that others share: it cannot be sent`);
    }
    const { failure, message, answer, responseMs } = await this.#statements.alone(command, parameters);
    const value = (answer?.value ?? null) as Value | null;
    return { ok: failure === '', failure, message, value, responseMs };
  }
}
