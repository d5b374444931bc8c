import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { settingsFor } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-prices-'));
afterAll(() => rmSync(folder, { recursive: true }));

const llm = 'llm://127.0.0.1:9/v1';
const file = (content: unknown): string => {
  const path = join(folder, 'prices.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const priced = (prices: string): ReturnType<typeof settingsFor> => settingsFor(llm, { model: 'm', prices });
const whole = {
  currency: 'EUR',
  dated: '2026-11-01',
  models: { m: { inputPerMillion: 3, outputPerMillion: 15 } },
};

describe('prices', () => {
  it('are those of a file, or of a provider by its id', async () => {
    const path = file(whole);
    expect((await priced(path)).target.chats).toEqual({
      tokenizer: null,
      prices: {
        kind: 'table',
        file: path,
        table: { ...whole, models: { m: { input: 3, cachedInput: undefined, output: 15 } } },
      },
    });
    expect((await priced('openai')).target.chats.prices).toEqual({ kind: 'provider', provider: 'openai' });
    expect((await settingsFor(llm, { model: 'm' })).target.chats).toEqual({ tokenizer: null, prices: null });
  });

  it.each([
    ['no JSON', '{oops', 'JSON'],
    ['no day', { ...whole, dated: 'yesterday' }, 'dated: a day is written 2026-11-01'],
    ['no currency', { ...whole, currency: 'euro' }, 'currency: a currency is three capitals'],
    ['no models', { ...whole, models: {} }, 'models: it names no model'],
    [
      'a price below 0',
      { ...whole, models: { m: { inputPerMillion: -3, outputPerMillion: 15 } } },
      'models.m',
    ],
    ['half a price', { ...whole, models: { m: { inputPerMillion: 3 } } }, 'models.m.outputPerMillion'],
    [
      'a slip of the pen',
      { ...whole, models: { m: { inputPerMilion: 3, outputPerMillion: 15 } } },
      'models.m',
    ],
  ])('of a file with %s are refused, and why', async (_, content, detail) => {
    await expect(priced(file(content))).rejects.toMatchObject({
      code: 'PLM_PRICES',
      exitCode: 2,
      detail: expect.stringContaining(detail) as string,
    });
  });

  it('of a file that is not there are refused', async () => {
    await expect(priced(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'PLM_PRICES' });
  });
});

describe('chats that are counted', () => {
  it.each([
    ['an encoding that nobody knows', llm, { model: 'm', tokenizer: 'abacus' }, 'PLM_OPTION'],
    ['a tokenizer for a plain URL', 'http://127.0.0.1:9/', { tokenizer: 'o200k_base' }, 'PLM_OPTION'],
    ['prices for a plain URL', 'http://127.0.0.1:9/', { prices: 'openai' }, 'PLM_OPTION'],
    ['hanging up without a share', llm, { model: 'm', cancelAfter: '20' }, 'PLM_OPTION'],
    ['hanging up on more than all', llm, { model: 'm', cancelShare: '1.2' }, 'PLM_NUMBER'],
    ['hanging up after no token', llm, { model: 'm', cancelShare: '0.2', cancelAfter: '0' }, 'PLM_NUMBER'],
    ['hanging up after weeks', llm, { model: 'm', cancelShare: '0.2', cancelAfter: '2w' }, 'PLM_DURATION'],
    ['hanging up on a plain URL', 'http://127.0.0.1:9/', { cancelShare: '0.2' }, 'PLM_OPTION'],
  ])('are refused for %s', async (_, target, flags, code) => {
    await expect(settingsFor(target, flags)).rejects.toMatchObject({ code, exitCode: 2 });
  });

  it.each([
    [{ cancelShare: '10%' }, { share: 0.1, cancelAfterTokens: 20 }],
    [
      { cancelShare: '0.25', cancelAfter: '7' },
      { share: 0.25, cancelAfterTokens: 7 },
    ],
    [
      { cancelShare: '1', cancelAfter: '1.5s' },
      { share: 1, cancelAfterMs: 1500 },
    ],
  ])('are hung up on as %o says', async (flags, hangingUp) => {
    const { target } = await settingsFor(llm, { model: 'm', ...flags });
    expect(target.recipe).toMatchObject({ hangingUp });
  });
});
