/**
 * The `redis` of a scenario, where its `database` is one: a command at a time on a connection of the pool.
 *
 *     const found = await redis.send('GET', 'user:7');
 *     await redis.send('SET', 'user:7', 'ada', 'EX', 60);
 *
 * Each command is one request; `redis.acquire` and `redis.execute` stand beside the steps. A command that fails says so in its
 * reply and does not throw. What changes a connection for good (MULTI, SUBSCRIBE, SELECT ...) is refused.
 */
export interface Redis {
  send<Value = unknown>(
    command: string,
    ...parameters: readonly (string | number)[]
  ): Promise<RedisReply<Value>>;
}

export interface RedisReply<Value = unknown> {
  readonly ok: boolean;
  /** Why not: `redis.WRONGTYPE`, `timeout`, `pool` ...; empty for success. */
  readonly failure: string;
  readonly message: string;
  /** What came back; null where it failed. */
  readonly value: Value | null;
  /** From when it was due to its answer, waiting for a connection included. */
  readonly responseMs: number;
}
