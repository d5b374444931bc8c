/**
 * What tokens cost: by a table that the user gives, or by the prices of a provider (@pydantic/genai-prices, a package of its
 * own with its data in it; nothing is asked over the network).
 *
 * 1. The user says whose prices they are. A model's name alone does not: who serves it sets the price.
 * 2. A model without a price has none: null, and never that of one with a similar name in a table.
 * 3. Each chat is priced by itself, for prices may rise with the length of its prompt.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PlimsollError } from '../../errors.ts';
import { optionalPeer } from '../../protocols/optionalPeer.ts';

/** Whose prices; plain data, made once from the command line. */
export type PriceSource =
  | { readonly kind: 'provider'; readonly provider: string }
  | { readonly kind: 'table'; readonly file: string; readonly table: PriceTable };

export interface PriceTable {
  /** ISO 4217. */
  readonly currency: string;
  /** The day from which they are, YYYY-MM-DD. */
  readonly dated: string;
  readonly models: Readonly<Record<string, ModelPrice>>;
}

/** In the table's currency, for a million tokens. */
export interface ModelPrice {
  readonly input: number;
  /** Of input tokens that the server had read before; as others when left out. */
  readonly cachedInput?: number | undefined;
  readonly output: number;
}

export interface ChatTokens {
  readonly input: number;
  /** Part of the input. */
  readonly cached: number;
  readonly output: number;
}

export interface Prices {
  readonly currency: string;
  /** Where they are from. */
  readonly source: string;
  /** Null where only the version of the source is known. */
  readonly dated: string | null;
  /** Null where the model has no price. */
  costOf(model: string, tokens: ChatTokens): number | null;
}

/** @throws PLM_CLIENT, PLM_PRICES */
export async function pricesOf(source: PriceSource): Promise<Prices> {
  return source.kind === 'table' ? ofTable(source.table, source.file) : await ofProvider(source.provider);
}

const million = 1_000_000;

function ofTable({ currency, dated, models }: PriceTable, file: string): Prices {
  return {
    currency,
    source: file,
    dated,
    costOf: (model, { input, cached, output }) => {
      const price = Object.hasOwn(models, model) ? models[model] : undefined;
      if (price === undefined) return null;
      const read = (input - cached) * price.input + cached * (price.cachedInput ?? price.input);
      return (read + output * price.output) / million;
    },
  };
}

const packageName = '@pydantic/genai-prices';

async function ofProvider(providerId: string): Promise<Prices> {
  const library = await optionalPeer(
    `--prices ${providerId}`,
    `${packageName}@0.1.8`,
    () => import('@pydantic/genai-prices'),
  );
  const provider = library.findProvider({ providerId });
  if (provider?.id !== providerId) {
    const seen = `${packageName} has no provider of this id; a file of prices ends in .json`;
    throw new PlimsollError('PLM_PRICES', `"${providerId}"`, seen);
  }
  // Looking a model up among hundreds takes long: each is found once.
  const found = new Map<string, typeof provider | null>();
  const providerOf = (model: string): typeof provider | null => {
    const known = found.get(model);
    if (known !== undefined) return known;
    const price = library.calcPrice({ input_tokens: 1, output_tokens: 1 }, model, { provider });
    const only = price === null ? null : { ...provider, models: [price.model] };
    if (found.size < mostModels) found.set(model, only);
    return only;
  };
  return {
    currency: 'USD',
    source: `${packageName} ${versionOf()}, ${providerId}`,
    dated: null,
    costOf: (model, { input, cached, output }) => {
      const only = providerOf(model);
      if (only === null) return null;
      const usage = { input_tokens: input, cache_read_tokens: cached, output_tokens: output };
      return library.calcPrice(usage, model, { provider: only })?.total_price ?? null;
    },
  };
}

/** A script may make up names without end. */
const mostModels = 1000;

/** The package does not say itself from when its prices are: its version does. */
function versionOf(): string {
  const entry = createRequire(import.meta.url).resolve(packageName);
  const { version } = JSON.parse(readFileSync(new URL('../package.json', `file://${entry}`), 'utf8')) as {
    version: string;
  };
  return version;
}
