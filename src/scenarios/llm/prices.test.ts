import { describe, expect, it } from 'vitest';
import { pricesOf } from './prices.ts';

describe('prices of a provider', () => {
  it('are those of its models, by their tokens', async () => {
    const prices = await pricesOf({ kind: 'provider', provider: 'openai' });
    expect(prices).toMatchObject({
      currency: 'USD',
      source: '@pydantic/genai-prices 0.1.8, openai',
      dated: null,
    });
    // 2.5, 1.25 when cached, and 10 for a million.
    expect(prices.costOf('gpt-4o', { input: 1000, cached: 400, output: 100 })).toBeCloseTo(0.003, 12);
    expect(prices.costOf('gpt-4o', { input: 0, cached: 0, output: 7 })).toBeCloseTo(0.00007, 12);
  });

  it('rise with the prompt where the provider says so', async () => {
    const { costOf } = await pricesOf({ kind: 'provider', provider: 'google' });
    const costOfInput = (input: number): number =>
      costOf('gemini-2.5-pro', { input, cached: 0, output: 0 }) ?? 0;
    expect(costOfInput(100_000)).toBeCloseTo(0.125, 9);
    expect(costOfInput(300_000)).toBeCloseTo(0.75, 9);
  });

  it('are not known of a model that it does not name', async () => {
    const { costOf } = await pricesOf({ kind: 'provider', provider: 'openai' });
    const tokens = { input: 10, cached: 0, output: 10 };
    expect([costOf('demo', tokens), costOf('claude-sonnet-4-5', tokens)]).toEqual([null, null]);
  });

  it('of nobody are refused', async () => {
    await expect(pricesOf({ kind: 'provider', provider: 'nobody' })).rejects.toMatchObject({
      code: 'PLM_PRICES',
      exitCode: 2,
    });
  });
});

describe('prices of a table', () => {
  it('are of the model of exactly that name', async () => {
    const table = {
      currency: 'EUR',
      dated: '2026-11-01',
      models: { 'm-1': { input: 2, output: 8 } },
    };
    const { costOf } = await pricesOf({ kind: 'table', file: 'p.json', table });
    // Without a price of its own a cached token costs what others do.
    expect(costOf('m-1', { input: 1000, cached: 900, output: 50 })).toBeCloseTo(0.0024, 12);
    const tokens = { input: 1, cached: 0, output: 1 };
    expect([costOf('m', tokens), costOf('m-10', tokens), costOf('toString', tokens)]).toEqual([
      null,
      null,
      null,
    ]);
  });
});
