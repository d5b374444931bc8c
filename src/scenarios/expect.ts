/** What a session expects: where it does not hold, the session ends there and counts as failed. */
import { isDeepStrictEqual } from 'node:util';
import { ExpectationFailed } from './expectationFailed.ts';
import { rateLimited } from './rateLimited.ts';

/**
 * Ends the session as failed unless both are equal, objects by what they hold; with one argument, unless it is true.
 * @param what added to the message
 * @throws ExpectationFailed
 */
function equal(actual: unknown, ...expected: readonly [expected?: unknown, what?: string]): void {
  const [wanted, what] = expected.length === 0 ? [true] : expected;
  if (Object.is(actual, wanted) || (typeof actual === 'object' && isDeepStrictEqual(actual, wanted))) return;
  const place = what === undefined ? '' : `${what}: `;
  throw new ExpectationFailed(`${place}expected ${shown(wanted)}, got ${shown(actual)}`);
}

/** `expect(reply.status, 200)`, and for what takes several requests `await expect.rateLimited(...)`. */
export const expect = Object.assign(equal, { rateLimited });

function shown(value: unknown): string {
  const text =
    typeof value === 'object'
      ? JSON.stringify(value)
      : typeof value === 'string'
        ? `"${value}"`
        : String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
