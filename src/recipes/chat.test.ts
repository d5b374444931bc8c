import { describe, expect, it } from 'vitest';
import { random } from '../random.ts';
import type { ChatOptions, ChatReply } from '../scenarios/llm/llm.ts';
import type { ScenarioContext } from '../scenarios/scenario.ts';
import { noRowsGiven } from '../scenarios/feed.ts';
import { openFeeds } from '../scenarios/feedFile.ts';
import { varyBy } from '../scenarios/vary.ts';
import { chatBaseUrl, chatScenario, isChatUrl, type ChatRecipe } from './chat.ts';

const recipe: ChatRecipe = {
  kind: 'chat',
  baseUrl: 'http://127.0.0.1:8000/v1',
  model: 'm',
  inputTokens: 30,
  outputTokens: 7,
  lengths: null,
  sharedTokens: 0,
  turns: 3,
};

/** Plays a session against a model that says its turn, and fails from one on. */
async function asked(
  change: Partial<ChatRecipe> = {},
  seed = 1,
  failsFrom = 99,
  sessions = 1,
): Promise<ChatOptions[]> {
  const chats: ChatOptions[] = [];
  const llm = {
    chat: (options: ChatOptions) => {
      chats.push({ ...options, messages: [...options.messages] });
      const text = `answer ${chats.length}`;
      return Promise.resolve({
        ok: chats.length < failsFrom,
        message: { role: 'assistant', content: text },
      } as ChatReply);
    },
  };
  const played = chatScenario({ ...recipe, ...change });
  const feeds = openFeeds([played], 'llm://', { share: 0, seed, given: noRowsGiven() });
  const data = Object.fromEntries(
    Object.entries(played.options.data ?? {}).map(([name, rows]) => [name, feeds.get(rows)]),
  );
  const context = { llm, vary: varyBy(random(seed, 1)), data } as unknown as ScenarioContext;
  for (let session = 0; session < sessions; session++) await played.run(context);
  return chats;
}

const words = (text: string | undefined): number => (text ?? '').split(' ').length;

describe('a conversation without a script', () => {
  it('asks below the path of the API, for the model and no more than so many tokens', async () => {
    const [first] = await asked();
    expect(first).toMatchObject({ model: 'm', maxTokens: 7, url: '/v1/chat/completions' });
    expect((await asked({ baseUrl: 'http://127.0.0.1:8000/' }))[0]?.url).toBe('/chat/completions');
  });

  it('sends with each turn all that was said before', async () => {
    const chats = await asked();
    expect(chats.map(({ messages }) => messages.map(({ role }) => role[0]).join(''))).toEqual([
      'u',
      'uau',
      'uauau',
    ]);
    expect(chats[2]?.messages[3]?.content).toBe('answer 2');
  });

  it('says prompts of about the wanted length, and never the same twice', async () => {
    const [one, two] = [await asked(), await asked({}, 2)];
    const said = [...one, ...two].map(({ messages }) => messages.at(-1)?.content);
    expect(said.map(words)).toEqual([30, 30, 30, 30, 30, 30]);
    expect(new Set(said).size).toBe(6);
  });

  it('begins every conversation alike where that is wanted', async () => {
    const [one, two] = [await asked({ sharedTokens: 12 }), await asked({ sharedTokens: 12 }, 2)];
    expect(one[0]?.messages[0]).toEqual(two[0]?.messages[0]);
    expect([one[0]?.messages[0]?.role, words(one[0]?.messages[0]?.content)]).toEqual(['system', 12]);
  });

  it('takes its lengths from a trace, each the next', async () => {
    const lengths = [
      { input: 11, output: 3 },
      { input: 25, output: 8 },
    ];
    const chats = await asked({ lengths, turns: 1 }, 1, 99, 3);
    expect(chats.map(({ messages, maxTokens }) => [words(messages[0]?.content), maxTokens])).toEqual([
      [11, 3],
      [25, 8],
      [11, 3],
    ]);
  });

  it('ends with the first turn that fails', async () => {
    expect(await asked({}, 1, 2)).toHaveLength(2);
  });
});

describe('a target llm://', () => {
  it('is an API over HTTP, and llms:// one over TLS', () => {
    expect(['llm://a:1/v1', 'llms://b/v1', 'http://c/'].map(isChatUrl)).toEqual([true, true, false]);
    expect(['llm://a:1/v1', 'llms://b/v1'].map(chatBaseUrl)).toEqual(['http://a:1/v1', 'https://b/v1']);
  });
});
