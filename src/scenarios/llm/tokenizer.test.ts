import { describe, expect, it } from 'vitest';
import { tokenizerNames, tokenizerOf } from './tokenizer.ts';

describe('a tokenizer', () => {
  it.each([
    // As OpenAI's own tiktoken counts them.
    ['o200k_base', 'hello world', 2],
    ['cl100k_base', 'tiktoken is great!', 6],
    ['o200k_base', '', 0],
  ] as const)('%s counts "%s"', async (name, text, tokens) => {
    expect((await tokenizerOf(name)).count(text)).toBe(tokens);
  });

  it('takes what looks like a token of the model for the text that it is', async () => {
    const { count } = await tokenizerOf('o200k_base');
    expect(count('<|endoftext|>')).toBeGreaterThan(1);
  });

  it('is not held up by a run without spaces', async () => {
    const { count } = await tokenizerOf('o200k_base');
    const fromMs = performance.now();
    // Whole, this takes seconds: eight letters make a token.
    expect(Math.abs(count('a'.repeat(64_000)) - 8000)).toBeLessThan(330);
    expect(performance.now() - fromMs).toBeLessThan(1000);
  });

  it('that is not installed says what to install', async () => {
    const missing = (): Promise<never> =>
      Promise.reject(Object.assign(new Error('none'), { code: 'ERR_MODULE_NOT_FOUND' }));
    const from = Object.fromEntries(tokenizerNames.map((name) => [name, missing])) as never;
    await expect(tokenizerOf('o200k_base', from)).rejects.toMatchObject({
      code: 'PLM_CLIENT',
      detail: 'it needs a package of its own: npm install gpt-tokenizer@4.0.0',
    });
  });
});
