/**
 * A rate limit, verified from outside: requests go one after the other, as fast as answers come, until one is refused.
 *
 * 1. It holds where as many were accepted as the limit allows. A limit that refills steadily (a token bucket) gives back
 *    some while they go: so many more may be accepted, after times the elapsed share of the window, rounded down.
 * 2. What took longer than the window to be refused says nothing of the limit, and is not taken for one.
 * 3. The refusal that is wanted is no error: the request is given what makes it one of the accepted statuses.
 *
 * Deliberately absent: a second probe. Where more were accepted, the limit is higher or a window of the target began anew
 * in between; the message says so, and another session will tell.
 */
import { performance } from 'node:perf_hooks';
import { parseDurationMs } from '../units.ts';
import { LimitWrong } from './expectationFailed.ts';
import type { Reply, RequestOptions } from './http/http.ts';
import { retryAfterMs } from './http/retryAfter.ts';

export interface RateLimit {
  /** So many requests are accepted in a window. */
  readonly after: number;
  /** The window: `'1m'`, `'10s'`. */
  readonly per: string;
  /** Of the refusal; 429 when left out. */
  readonly status?: number;
  /** Whether the refusal has to say when to come back (Retry-After), and no later than the window. */
  readonly retryAfter?: boolean;
}

/** What was measured. */
export interface RateLimited {
  readonly accepted: number;
  /** From the first request to the refusal. */
  readonly withinMs: number;
  /** Null where the refusal does not say. */
  readonly retryAfterMs: number | null;
}

/**
 * Ends the session as failed unless the target limits the rate as it should.
 * @param request makes one request, with the options that it is given
 * @throws LimitWrong with what was measured
 */
export async function rateLimited(
  { after, per, status = 429, retryAfter = false }: RateLimit,
  request: (options: Pick<RequestOptions, 'accept'>) => PromiseLike<Reply>,
): Promise<RateLimited> {
  if (!(Number.isInteger(after) && after >= 0))
    throw new TypeError(`expect.rateLimited: after ${after} is not a number of requests`);
  const windowMs = parseDurationMs(per);
  const limit = `${after} in ${per}`;
  // Twice the limit shows as well as any number that there is none.
  const most = 2 * after + 10;
  const startMs = performance.now();
  for (let accepted = 0; accepted < most; accepted++) {
    const reply = await request({ accept: [status] });
    const withinMs = performance.now() - startMs;
    if (reply.status !== status) {
      if (!reply.ok) throw new LimitWrong(`rate limit of ${limit}: a request failed with ${reply.failure}`);
      if (withinMs > windowMs)
        throw new LimitWrong(
          `rate limit of ${limit}: not reached, for ${accepted + 1} requests took longer than that`,
        );
      continue;
    }
    const refilled = Math.floor((after * withinMs) / windowMs);
    if (accepted < after || accepted > after + refilled) {
      const why =
        accepted < after
          ? 'or others had used some of it before'
          : 'or a window of the target began anew in between';
      throw new LimitWrong(`rate limit of ${limit}: ${accepted} were accepted, ${why}`);
    }
    const restMs = retryAfterMs(reply.header('retry-after'), Date.now());
    if (retryAfter && restMs === null)
      throw new LimitWrong(
        `rate limit of ${limit}: it refuses without saying when to come back (Retry-After)`,
      );
    if (retryAfter && restMs !== null && restMs > windowMs + 1000)
      throw new LimitWrong(
        `rate limit of ${limit}: it says to come back in ${restMs / 1000} s, which is longer than the window`,
      );
    return { accepted, withinMs, retryAfterMs: restMs };
  }
  throw new LimitWrong(`rate limit of ${limit}: there is none, ${most} requests were accepted`);
}
