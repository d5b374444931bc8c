/** What a session expects: where it does not hold, the session ends there and counts as failed. */
import { isDeepStrictEqual } from 'node:util';

export class ExpectationFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExpectationFailed';
  }
}

/**
 * Ends the session as failed unless both are equal, objects by what they hold; with one argument, unless it is true.
 * @param what added to the message
 * @throws ExpectationFailed
 */
export function expect(actual: unknown, ...expected: readonly [expected?: unknown, what?: string]): void {
  const [wanted, what] = expected.length === 0 ? [true] : expected;
  if (Object.is(actual, wanted) || (typeof actual === 'object' && isDeepStrictEqual(actual, wanted))) return;
  const place = what === undefined ? '' : `${what}: `;
  throw new ExpectationFailed(`${place}expected ${shown(wanted)}, got ${shown(actual)}`);
}

function shown(value: unknown): string {
  const text =
    typeof value === 'object'
      ? JSON.stringify(value)
      : typeof value === 'string'
        ? `"${value}"`
        : String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
