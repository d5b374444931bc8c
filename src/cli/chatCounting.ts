/** What the command line says of how chats are counted and priced. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { PlimsollError } from '../errors.ts';
import type { ChatCounting } from '../scenarios/llm/chatBooks.ts';
import type { PriceSource, PriceTable } from '../scenarios/llm/prices.ts';
import { tokenizerNames } from '../scenarios/llm/tokenizer.ts';
import { flagOf, type OptionReader } from './options.ts';

/** @param hasChats whether there can be any. @throws PLM_OPTION where there can be none, PLM_PRICES */
export function chatCounting(read: OptionReader, hasChats: boolean): ChatCounting {
  const stray = hasChats ? undefined : (['tokenizer', 'prices'] as const).find((name) => read.isFlag(name));
  if (stray !== undefined)
    throw new PlimsollError('PLM_OPTION', flagOf(stray), 'it goes with a target llm:// or a scenario file');
  const prices = hasChats ? read.text('prices') : null;
  return {
    tokenizer: hasChats ? read.choice('tokenizer', tokenizerNames) : null,
    prices: prices === null ? null : sourceOf(prices.text),
  };
}

const sourceOf = (given: string): PriceSource =>
  given.endsWith('.json')
    ? { kind: 'table', file: given, table: readTable(given) }
    : { kind: 'provider', provider: given };

const price = z.number().min(0).max(1_000_000);

const tableSchema = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/, 'a currency is three capitals, as USD'),
  dated: z.iso.date('a day is written 2026-11-01'),
  models: z
    .record(
      z.string().min(1),
      z.strictObject({
        inputPerMillion: price,
        cachedInputPerMillion: price.optional(),
        outputPerMillion: price,
      }),
    )
    .refine((models) => Object.keys(models).length > 0, 'it names no model'),
});

function readTable(file: string): PriceTable {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(resolve(file), 'utf8'));
  } catch (error) {
    throw new PlimsollError('PLM_PRICES', `"${file}"`, (error as Error).message, error);
  }
  const read = tableSchema.safeParse(json);
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue?.path.join('.') ?? '';
    throw new PlimsollError(
      'PLM_PRICES',
      `"${file}"`,
      `${where === '' ? '' : `${where}: `}${issue?.message ?? ''}`,
    );
  }
  const models = Object.entries(read.data.models).map(([name, each]) => [
    name,
    { input: each.inputPerMillion, cachedInput: each.cachedInputPerMillion, output: each.outputPerMillion },
  ]);
  return { ...read.data, models: Object.fromEntries(models) as PriceTable['models'] };
}
