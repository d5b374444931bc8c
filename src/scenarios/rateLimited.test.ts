import { describe, expect as that, it } from 'vitest';
import { expect } from './expect.ts';
import { ExpectationFailed } from './expectationFailed.ts';
import type { Reply } from './http/http.ts';

interface Limiter {
  readonly accepts: number;
  readonly status?: number;
  readonly retryAfter?: string;
  readonly failsAt?: number;
  /** How long each answer takes. */
  readonly answerMs?: number;
}

/** A target that accepts so many requests, and then refuses. */
function target({ accepts, status = 429, retryAfter, failsAt = -1, answerMs = 0 }: Limiter) {
  const seen: (readonly number[])[] = [];
  const request = async ({ accept = [] }: { accept?: readonly number[] }): Promise<Reply> => {
    seen.push(accept);
    if (answerMs > 0) await new Promise((resolve) => setTimeout(resolve, answerMs));
    const now = seen.length - 1 === failsAt ? 500 : seen.length > accepts ? status : 201;
    const ok = now < 400 || accept.includes(now);
    const header = (name: string): string | null => (name === 'retry-after' ? (retryAfter ?? null) : null);
    return { status: now, ok, failure: ok ? '' : `http.${now}`, header } as Reply;
  };
  return { seen, request };
}

const limit = { after: 10, per: '1m' };

describe('a rate limit', () => {
  it('that is as expected holds, and is told', async () => {
    const { seen, request } = target({ accepts: 10, retryAfter: '37' });
    const found = await expect.rateLimited({ ...limit, retryAfter: true }, request);
    that(found).toMatchObject({ accepted: 10, retryAfterMs: 37_000 });
    that(seen).toEqual(Array.from({ length: 11 }, () => [429]));
  });

  it('may refuse with another status, and needs not say when to come back', async () => {
    const { request } = target({ accepts: 10, status: 503 });
    that(await expect.rateLimited({ ...limit, status: 503 }, request)).toMatchObject({ retryAfterMs: null });
  });

  it('that refills gives back what it should while requests go, and no more', async () => {
    // 20 in 100 ms are one in 5 ms; ten requests of 5 ms at least take 50, so ten may have come back.
    const { request } = target({ accepts: 22, answerMs: 3 });
    that((await expect.rateLimited({ after: 20, per: '200ms' }, request)).accepted).toBe(22);
  });

  it.each([
    ['is lower', { accepts: 7 }, limit, '7 were accepted, or others'],
    ['is higher by one', { accepts: 11 }, limit, '11 were accepted, or a window'],
    ['is not there', { accepts: 99 }, limit, 'there is none, 30 requests were accepted'],
    ['says nothing of coming back', { accepts: 10 }, { ...limit, retryAfter: true }, 'without saying when'],
    [
      'says to come back too late',
      { accepts: 10, retryAfter: '90' },
      { ...limit, retryAfter: true },
      'in 90 s, which is longer',
    ],
    ['fails otherwise', { accepts: 10, failsAt: 4 }, limit, 'a request failed with http.500'],
    [
      'is never reached in its window',
      { accepts: 99, answerMs: 12 },
      { after: 10, per: '30ms' },
      'took longer',
    ],
  ] as const)('that %s fails with what was seen', async (_, limiter, wanted, message) => {
    const trying = expect.rateLimited(wanted, target(limiter).request);
    await that(trying).rejects.toThrow(ExpectationFailed);
    await that(trying).rejects.toThrow(message);
  });

  it('needs a number of requests and a window', async () => {
    await that(expect.rateLimited({ after: -1, per: '1m' }, target({ accepts: 1 }).request)).rejects.toThrow(
      'after -1',
    );
    await that(
      expect.rateLimited({ after: 1, per: '1 minute' }, target({ accepts: 1 }).request),
    ).rejects.toThrow('"1 minute" is not a duration');
  });
});
