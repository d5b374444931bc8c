/** The model's answers: words without sense, repeatable from the seed, one word a token. */
import type { Random } from '../random.ts';

const words =
  'the ship carries a painted mark and no cargo may press it under water so the crew comes home'.split(' ');

/** @param tokens at least 1 */
export function reply(draw: Random, tokens: number): string {
  const spoken = Array.from({ length: tokens }, () => words[Math.floor(draw() * words.length)] as string);
  return `${spoken.join(' ')}.`;
}

/** The nth token of an answer, from 0, as it is streamed. */
export function token(draw: Random, nth: number): string {
  return `${nth === 0 ? '' : ' '}${words[Math.floor(draw() * words.length)] as string}`;
}
