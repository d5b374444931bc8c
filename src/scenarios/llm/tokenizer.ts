/**
 * Counts tokens where no server does, by the encoding that the user names: gpt-tokenizer, a package of its own.
 *
 * 1. Nothing is guessed: an encoding is named, and the same text counts the same wherever it is counted.
 * 2. What a target says cannot keep the thread. Pairs are merged in a time that grows with the square of a run without spaces
 *    (64,000 letters take 3 s), so that runs are counted in parts of 200 characters, each a token more or less.
 * 3. It takes 0.3 s to load: before the load, in each thread, and only where it is asked for.
 *
 * Deliberately absent: what the template of a model puts around messages. Counted prompts are therefore a little short.
 */
import { optionalPeer } from '../../protocols/optionalPeer.ts';

export interface Tokenizer {
  readonly name: TokenizerName;
  count(text: string): number;
}

interface Encoding {
  countTokens(text: string, options: { disallowedSpecial: Set<string> }): number;
}

const encodings = {
  o200k_base: () => import('gpt-tokenizer/encoding/o200k_base'),
  o200k_harmony: () => import('gpt-tokenizer/encoding/o200k_harmony'),
  cl100k_base: () => import('gpt-tokenizer/encoding/cl100k_base'),
  p50k_base: () => import('gpt-tokenizer/encoding/p50k_base'),
  r50k_base: () => import('gpt-tokenizer/encoding/r50k_base'),
} satisfies Record<string, () => Promise<Encoding>>;

export type TokenizerName = keyof typeof encodings;
export const tokenizerNames = Object.keys(encodings) as TokenizerName[];

/** @throws PLM_CLIENT where the package is not installed */
export async function tokenizerOf(
  name: TokenizerName,
  from: Readonly<Record<TokenizerName, () => Promise<Encoding>>> = encodings,
): Promise<Tokenizer> {
  const encoding = await optionalPeer(`--tokenizer ${name}`, 'gpt-tokenizer@4.0.0', from[name]);
  // What looks like a token of the model's own is text where a user or a model says it.
  const options = { disallowedSpecial: new Set<string>() };
  return {
    name,
    count: (text) => partsOf(text).reduce((sum, part) => sum + encoding.countTokens(part, options), 0),
  };
}

const longRun = /\S{200}(?=\S)/g;

/** The text, cut within runs that would take too long. */
function partsOf(text: string): readonly string[] {
  if (text === '') return [];
  const parts: string[] = [];
  let from = 0;
  for (const { index } of text.matchAll(longRun)) {
    parts.push(text.slice(from, index + 200));
    from = index + 200;
  }
  parts.push(text.slice(from));
  return parts;
}
