/** How chats are counted and priced where the server leaves something open: what the user named, and the tools of a thread. */
import { pricesOf, type Prices, type PriceSource } from './prices.ts';
import { tokenizerOf, type Tokenizer, type TokenizerName } from './tokenizer.ts';

/** As the command line says it; plain data. */
export interface ChatCounting {
  readonly tokenizer: TokenizerName | null;
  readonly prices: PriceSource | null;
}

/** What a thread counts and prices with. */
export interface ChatBooks {
  readonly tokenizer: Tokenizer | null;
  readonly prices: Prices | null;
}

export const noBooks: ChatBooks = { tokenizer: null, prices: null };

/** @throws PLM_CLIENT where a package is not installed, PLM_PRICES for a provider that is not known */
export async function openBooks({ tokenizer, prices }: ChatCounting): Promise<ChatBooks> {
  return {
    tokenizer: tokenizer === null ? null : await tokenizerOf(tokenizer),
    prices: prices === null ? null : await pricesOf(prices),
  };
}
