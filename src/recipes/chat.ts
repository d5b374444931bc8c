/**
 * The recipe of an `llm://` target: conversations in chat completions, with prompts of a wanted length.
 *
 * 1. A session is a conversation of so many turns, each sent with all that was said before, so that the context grows as
 *    it does for people. It ends with the first turn that fails.
 * 2. Prompts are common short English words, of which the usual tokenizers make a token each; how many tokens they were is
 *    what the server says (`usage`). No two prompts are alike, but for the shared beginning, which is the same for all.
 * 3. The lengths may be those of a trace: each conversation takes the next of them, as each arrival of a replay does its instant.
 * 4. `max_tokens` bounds the answers; a model that ends earlier says less, and the report counts what it said.
 * 5. A trace may say which blocks of 512 tokens its prompts are made of (Mooncake, `hash_ids`). A block is the same words wherever
 *    it stands, made from the seed and its id: prompts whose ids begin alike begin alike, so that a cache of prefixes finds
 *    as much as it did then. The last block of a prompt is as short as the prompt needs.
 * 6. A share of the answers may be hung up on. The conversation goes on from what was heard, as after an interruption.
 */
import { random } from '../random.ts';
import type { HangUp } from '../scenarios/llm/hearing.ts';
import type { ChatMessage } from '../scenarios/llm/llm.ts';
import { feed } from '../scenarios/feed.ts';
import { scenario, type Scenario } from '../scenarios/scenario.ts';
import { varyBy } from '../scenarios/vary.ts';

export interface ChatLengths {
  readonly input: number;
  readonly output: number;
  /** Ids of the blocks of the input, each of `blockTokens`; left out where nothing is said of them. */
  readonly blocks?: readonly number[];
}

export interface HangingUp extends HangUp {
  /** Of the answers, 0 to 1. */
  readonly share: number;
}

export interface ChatRecipe {
  readonly kind: 'chat';
  /** Of the API as its users write it: http://localhost:8000/v1. */
  readonly baseUrl: string;
  readonly model: string;
  /** Of each thing that the user says. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of each conversation in turn, in the place of both; null where all are alike. */
  readonly lengths: readonly ChatLengths[] | null;
  /** Of the system message that all conversations begin with; 0 for none. */
  readonly sharedTokens: number;
  readonly turns: number;
  /** Of the blocks of a trace. */
  readonly seed: number;
  /** Null where every answer is heard to its end. */
  readonly hangingUp: HangingUp | null;
}

/** As in the traces of Mooncake. */
export const blockTokens = 512;

export function chatScenario(recipe: ChatRecipe): Scenario {
  const { baseUrl, model, inputTokens: input, outputTokens: output, sharedTokens, turns, hangingUp } = recipe;
  const url = `${new URL(baseUrl).pathname.replace(/\/+$/, '')}/chat/completions`;
  const shared: readonly ChatMessage[] =
    sharedTokens === 0 ? [] : [{ role: 'system', content: varyBy(random(1, 1)).line(sharedTokens) }];
  const lengths = feed<ChatLengths>(recipe.lengths ?? [{ input, output }]);
  const blocks = new Blocks(recipe.seed);
  const { share = 0, ...hangUp } = hangingUp ?? {};
  return scenario('chat', { baseUrl, data: { lengths } }, async ({ llm, vary, data, user }) => {
    const messages = [...shared];
    const { input: words, output: maxTokens, blocks: ids = [] } = data.lengths.next();
    for (let turn = 1; turn <= turns; turn++) {
      const isRecorded = turn === 1 && ids.length > 0;
      messages.push({ role: 'user', content: isRecorded ? blocks.prompt(ids, words) : vary.line(words) });
      const hangsUp = share > 0 && user.random() < share;
      const reply = await llm.chat({ model, messages, maxTokens, url, ...(hangsUp ? hangUp : {}) });
      if (!reply.ok) return;
      messages.push(reply.message);
    }
  });
}

/** So many blocks are kept, of some 2.5 kB each; others are made anew. */
const mostBlocks = 4096;
/** Blocks draw from a chance of their own, and not from that of a user. */
const chanceOfBlocks = 0x626c6f63;

class Blocks {
  readonly #seed: number;
  readonly #kept = new Map<number, string>();

  constructor(seed: number) {
    this.#seed = seed ^ chanceOfBlocks;
  }

  /** @param tokens of the whole, of which the last block has the rest */
  prompt(ids: readonly number[], tokens: number): string {
    const rest = tokens - (ids.length - 1) * blockTokens;
    return ids
      .map((id, nth) => (nth < ids.length - 1 ? this.#block(id) : firstWords(this.#block(id), rest)))
      .join(' ');
  }

  #block(id: number): string {
    const known = this.#kept.get(id);
    if (known !== undefined) return known;
    // Words alone: a capital or a full stop may be a token more.
    const made = varyBy(random(this.#seed, id)).line(blockTokens).slice(0, -1).toLowerCase();
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= mostBlocks && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(id, made);
    return made;
  }
}

const firstWords = (text: string, count: number): string => text.split(' ').slice(0, count).join(' ');

/** The URL that `llm://` (and with TLS `llms://`) stands for. */
export const chatBaseUrl = (given: string): string => given.replace(/^llm(s?):\/\//, 'http$1://');

export const isChatUrl = (given: string): boolean => /^llms?:\/\//.test(given);
