/**
 * The recipe of an OpenAPI file: a session is one operation, drawn by weight, so that sessions per second are requests
 * per second.
 *
 * 1. What is sent was made when the recipe was: some variants of each operation, of which a session takes one by its
 *    user's own chance. Nothing of the file is read while the load is held.
 * 2. An answer that the file documents is a success below 400. Below 400 and not documented is a `check` that does not
 *    hold; from 400 on an answer fails as usual, documented or not.
 * 3. Redirects are not followed: one that is documented is the answer.
 */
import { scenario, type Scenario } from '../scenarios/scenario.ts';

export interface OperationsRecipe {
  readonly kind: 'operations';
  /** That of the file. */
  readonly name: string;
  readonly baseUrl: string;
  readonly operations: readonly Operation[];
  /** What of the file is played, and what is not, in a sentence for a person. */
  readonly note: string;
}

export interface Operation {
  /** For the report: `GET /users/{id}`. */
  readonly name: string;
  readonly method: string;
  /** How often it is called, relative to the others. */
  readonly weight: number;
  /** Below 400. */
  readonly documented: readonly number[];
  /** At least one. */
  readonly variants: readonly Variant[];
}

export interface Variant {
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export function operationsScenario({ name, baseUrl, operations }: OperationsRecipe): Scenario {
  const total = operations.reduce((sum, { weight }) => sum + weight, 0);
  const drawn = (at: number): Operation | undefined => {
    let left = at * total;
    return operations.find(({ weight }) => (left -= weight) < 0) ?? operations.at(-1);
  };
  return scenario(name, { baseUrl, redirects: 0 }, async ({ http, step, check, vary, user }) => {
    const operation = drawn(user.random());
    if (operation === undefined) return;
    const { url, headers, body } = vary.pick(operation.variants);
    // What is plain is built once by the wire.
    const isPlain = body === null && Object.keys(headers).length === 0;
    const options = isPlain ? undefined : { headers, ...(body === null ? {} : { body }) };
    const reply = await step(operation.name, () => http.request(operation.method, url, options));
    if (reply.ok && !operation.documented.includes(reply.status))
      check(`${operation.name} was answered with ${reply.status}, which is not documented`, false);
  });
}
