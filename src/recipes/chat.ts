/**
 * The recipe of an `llm://` target: conversations in chat completions, with prompts of a wanted length.
 *
 * 1. A session is a conversation of so many turns, each sent with all that was said before, so that the context grows as
 *    it does for people. It ends with the first turn that fails.
 * 2. Prompts are common short English words, of which the usual tokenizers make a token each; how many tokens they were is
 *    what the server says (`usage`). No two prompts are alike, but for the shared beginning, which is the same for all.
 * 3. The lengths may be those of a trace: each conversation takes the next of them, as each arrival of a replay does its instant.
 * 4. `max_tokens` bounds the answers; a model that ends earlier says less, and the report counts what it said.
 */
import { random } from '../random.ts';
import type { ChatMessage } from '../scenarios/llm/llm.ts';
import { feed } from '../scenarios/feed.ts';
import { scenario, type Scenario } from '../scenarios/scenario.ts';
import { varyBy } from '../scenarios/vary.ts';

export interface ChatLengths {
  readonly input: number;
  readonly output: number;
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
}

export function chatScenario(recipe: ChatRecipe): Scenario {
  const { baseUrl, model, inputTokens: input, outputTokens: output, sharedTokens, turns } = recipe;
  const url = `${new URL(baseUrl).pathname.replace(/\/+$/, '')}/chat/completions`;
  const shared: readonly ChatMessage[] =
    sharedTokens === 0 ? [] : [{ role: 'system', content: varyBy(random(1, 1)).line(sharedTokens) }];
  const lengths = feed<ChatLengths>(recipe.lengths ?? [{ input, output }]);
  return scenario('chat', { baseUrl, data: { lengths } }, async ({ llm, vary, data }) => {
    const messages = [...shared];
    const { input: words, output: maxTokens } = data.lengths.next();
    for (let turn = 1; turn <= turns; turn++) {
      messages.push({ role: 'user', content: vary.line(words) });
      const reply = await llm.chat({ model, messages, maxTokens, url });
      if (!reply.ok) return;
      messages.push(reply.message);
    }
  });
}

/** The URL that `llm://` (and with TLS `llms://`) stands for. */
export const chatBaseUrl = (given: string): string => given.replace(/^llm(s?):\/\//, 'http$1://');

export const isChatUrl = (given: string): boolean => /^llms?:\/\//.test(given);
