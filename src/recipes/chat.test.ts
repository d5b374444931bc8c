import { property, array, assert, integer, nat } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../random.ts';
import type { ChatOptions, ChatReply } from '../scenarios/llm/llm.ts';
import type { ScenarioContext } from '../scenarios/scenario.ts';
import { noRowsGiven } from '../scenarios/feed.ts';
import { openFeeds } from '../scenarios/feedFile.ts';
import { varyBy } from '../scenarios/vary.ts';
import { tokenizerOf } from '../scenarios/llm/tokenizer.ts';
import { blockTokens, chatBaseUrl, chatScenario, isChatUrl, type ChatRecipe } from './chat.ts';

const recipe: ChatRecipe = {
  kind: 'chat',
  baseUrl: 'http://127.0.0.1:8000/v1',
  model: 'm',
  inputTokens: 30,
  outputTokens: 7,
  lengths: null,
  sharedTokens: 0,
  turns: 3,
  seed: 7,
  hangingUp: null,
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
  const user = { random: random(seed, 2) };
  const context = { llm, vary: varyBy(random(seed, 1)), data, user } as unknown as ScenarioContext;
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

  it('hangs up on a share of the answers, each by itself, and goes on', async () => {
    const hangingUp = { share: 0.25, cancelAfterTokens: 6 };
    const chats = await asked({ hangingUp, turns: 1 }, 1, 1e9, 4000);
    const hungUp = chats.filter(({ cancelAfterTokens }) => cancelAfterTokens === 6).length;
    expect(chats).toHaveLength(4000);
    // Four standard deviations of a binomial.
    expect(Math.abs(hungUp - 1000)).toBeLessThan(110);
    const timed = await asked({ hangingUp: { share: 1, cancelAfterMs: 700 }, turns: 2 });
    expect(timed.map(({ cancelAfterMs }) => cancelAfterMs)).toEqual([700, 700]);
  });

  it('ends with the first turn that fails', async () => {
    expect(await asked({}, 1, 2)).toHaveLength(2);
  });
});

describe('prompts made of the blocks of a trace', () => {
  const promptOf = async (blocks: readonly number[], input: number, seed = 7): Promise<string[]> => {
    const [chat] = await asked({ lengths: [{ input, output: 3, blocks }], turns: 1, seed });
    return (chat?.messages[0]?.content ?? '').split(' ');
  };

  it('begin alike for as long as their ids do, and have the wanted length', async () => {
    const ids = array(nat(50_000), { maxLength: 4 });
    const ends = integer({ min: 1, max: blockTokens });
    const rows: [number[], number[], number[], number, number][] = [];
    assert(
      property(ids, ids, ids, ends, ends, (same, one, other, oneEnd, otherEnd) => {
        rows.push([same, one, other, oneEnd, otherEnd]);
      }),
      { numRuns: 60, seed: 3 },
    );
    for (const [same, one, other, oneEnd, otherEnd] of rows) {
      // The last block is rarely whole.
      const [left, right] = [
        [...same, ...one, 60_001],
        [...same, ...other, 60_002],
      ];
      const [leftLength, rightLength] = [
        (left.length - 1) * blockTokens + oneEnd,
        (right.length - 1) * blockTokens + otherEnd,
      ];
      const [said, heard] = [await promptOf(left, leftLength), await promptOf(right, rightLength)];
      expect([said.length, heard.length]).toEqual([leftLength, rightLength]);
      const shared = same.length * blockTokens;
      expect(said.slice(0, shared)).toEqual(heard.slice(0, shared));
      const differs = one[0] !== other[0] && one.length > 0 && other.length > 0;
      if (differs) expect(said.slice(shared, shared + 40)).not.toEqual(heard.slice(shared, shared + 40));
    }
  });

  it('differ with the seed', async () => {
    expect(await promptOf([1, 2], 600)).not.toEqual(await promptOf([1, 2], 600, 8));
  });

  it('have as many tokens as words by the tokenizer of the day', async () => {
    const tokenizer = await tokenizerOf('o200k_base');
    const prompt = (await promptOf([3, 900, 41_000], 1500)).join(' ');
    expect(tokenizer.count(prompt)).toBe(1500);
  });
});

describe('a target llm://', () => {
  it('is an API over HTTP, and llms:// one over TLS', () => {
    expect(['llm://a:1/v1', 'llms://b/v1', 'http://c/'].map(isChatUrl)).toEqual([true, true, false]);
    expect(['llm://a:1/v1', 'llms://b/v1'].map(chatBaseUrl)).toEqual(['http://a:1/v1', 'https://b/v1']);
  });
});
