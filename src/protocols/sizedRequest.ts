/**
 * One request in a wanted size: what a volume profile sends at each of its stages.
 *
 * 1. `{bytes}` in the URL becomes the size: a target that answers with as much as it is asked for.
 * 2. `{filler}` in the body becomes letters, as many as bring the whole body to the size. A body that was not given is all letters.
 * 3. The letters are of seeded chance, and no two lines of them alike: what compresses bodies gains little.
 */
import { random } from '../random.ts';

export interface Sizeable {
  readonly url: string;
  readonly method: string;
  readonly body: Buffer | null;
}

const inUrl = /\{bytes\}|%7Bbytes%7D/gi;
const filler = Buffer.from('{filler}');

/** Whether its answers, or its bodies, can be of a wanted size. */
export function isSizeable(request: Sizeable): boolean {
  return hasBytes(request.url) || hasFiller(request);
}

/** The least size that its body can have. */
export function leastBytes(request: Sizeable): number {
  const { body } = request;
  return body === null || !hasFiller(request) ? 1 : Math.max(1, body.length - filler.length);
}

export function sizedRequest<Request extends Sizeable>(request: Request, bytes: number): Request {
  const { url, body } = request;
  const sized = url.replace(inUrl, String(bytes));
  if (!hasFiller(request)) return { ...request, url: sized };
  const whole = body ?? filler;
  const at = whole.indexOf(filler);
  const [before, after] = [whole.subarray(0, at), whole.subarray(at + filler.length)];
  const letters = lettersOf(Math.max(0, bytes - before.length - after.length));
  return { ...request, url: sized, body: Buffer.concat([before, letters, after]) };
}

const hasBytes = (url: string): boolean => url.search(inUrl) >= 0;

function hasFiller({ method, body }: Sizeable): boolean {
  if (body === null) return ['POST', 'PUT', 'PATCH'].includes(method);
  return body.includes(filler);
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Longer than what compression looks back on. */
const repeatedAfter = 65_536;

function lettersOf(count: number): Buffer {
  const draw = random(1, 5150);
  const some = Buffer.alloc(Math.min(count, repeatedAfter));
  for (let at = 0; at < some.length; at++) some[at] = alphabet.charCodeAt(Math.floor(64 * draw()));
  return count === 0 ? some : Buffer.alloc(count, some);
}
