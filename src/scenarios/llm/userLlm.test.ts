import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { wiresTo } from '../../../test/kit/wires.ts';
import { httpTarget } from '../../../test/kit/httpTarget.ts';
import { Account } from '../account.ts';
import { UserHttp } from '../http/userHttp.ts';
import type { ChatBooks } from './chatBooks.ts';
import { pricesOf } from './prices.ts';
import { tokenizerOf } from './tokenizer.ts';
import { UserLlm } from './userLlm.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const words = ['The ', 'sea ', 'is ', 'wide.'];

const say = (response: ServerResponse, value: unknown): void =>
  void response.write(`data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`);
const token = (content: string, finish: string | null = null): unknown => ({
  choices: [{ delta: { content }, finish_reason: finish }],
});

/** First token after 30 ms, then one each 10 ms, and then the end that is wanted. */
function stream(response: ServerResponse, end: (response: ServerResponse) => void): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  for (const [at, word] of words.entries()) setTimeout(() => say(response, token(word)), 30 + 10 * at);
  setTimeout(() => end(response), 30 + 10 * words.length);
}

type Answering = (request: IncomingMessage, response: ServerResponse) => void;

const ending =
  (end: (response: ServerResponse) => void): Answering =>
  (request, response) => {
    if (request.url === '/v1/chat/completions') stream(response, end);
    else response.writeHead(503).end('{"error":{"message":"busy"}}');
  };

const stage = (end: (response: ServerResponse) => void): ReturnType<typeof against> => against(ending(end));

async function against(
  answer: Answering,
  { timeoutMs = 3000, books }: { timeoutMs?: number; books?: ChatBooks } = {},
): Promise<{
  llm: UserLlm;
  account: Account;
  told: { failures: string[]; times: Record<string, number[]>; counts: Record<string, number> };
}> {
  const target = await httpTarget(answer);
  cleanups.push(() => target.close());
  const told = {
    failures: [] as string[],
    times: {} as Record<string, number[]>,
    counts: {} as Record<string, number>,
  };
  const account = new Account({
    connected: () => undefined,
    sent: () => undefined,
    done: (_due, _sent, _first, _done, failure) => void told.failures.push(failure),
  });
  const wires = wiresTo(target.url, timeoutMs);
  const http = new UserHttp(wires, account, { redirects: 10, cookies: 'session' });
  cleanups.push(() => {
    account.close();
    http.retire('test over');
  });
  account.begin(performance.now());
  const llm = new UserLlm(
    http,
    {
      time: (name, ms) => void (told.times[name] ??= []).push(ms),
      count: (name, amount) => void (told.counts[name] = (told.counts[name] ?? 0) + amount),
    },
    books,
  );
  return { llm, account, told };
}

const ask = { model: 'm', messages: [{ role: 'user' as const, content: 'Tell me.' }], maxTokens: 9 };

describe('a chat', () => {
  it('is one request, with the times of its tokens and what it used', async () => {
    const { llm, account, told } = await stage((response) => {
      say(response, token('', 'stop'));
      say(response, { choices: [], usage: { prompt_tokens: 12, completion_tokens: 4 } });
      say(response, '[DONE]');
      response.end();
    });
    const reply = await llm.chat(ask);
    expect(reply).toMatchObject({ ok: true, text: 'The sea is wide.', finish: 'stop' });
    expect(reply.tokens).toEqual({ input: 12, cached: null, output: 4, source: 'usage' });
    expect(reply.message).toEqual({ role: 'assistant', content: 'The sea is wide.' });
    // A timer is never early, but for the grain of its clock.
    expect(reply.ttftMs ?? 0).toBeGreaterThan(28);
    expect(reply.tpotMs ?? 0).toBeGreaterThan(8);
    expect(reply.responseMs).toBeGreaterThan((reply.ttftMs ?? 0) + 3 * (reply.tpotMs ?? 0) - 1);
    expect(told.failures).toEqual(['']);
    expect([told.times['ttft']?.length, told.times['tpot']?.length, told.times['itl']?.length]).toEqual([
      1, 1, 3,
    ]);
    expect(told.counts).toEqual({ chats: 1, 'chats by usage': 1, 'input tokens': 12, 'output tokens': 4 });
    expect(told.times['e2e']).toEqual([reply.responseMs]);
    expect(told.times['ntpot']).toEqual([reply.responseMs / 4]);
    expect([told.times['ttfo'], told.times['icl']]).toEqual([told.times['ttft'], told.times['itl']]);
    expect(account.failure).toBe('');
  });

  it('asks for tokens as they are made, and not for what a packer puts together', async () => {
    const asked: unknown[] = [];
    const { llm } = await against((request, response) => {
      asked.push(request.headers['accept-encoding']);
      response.end();
    });
    await llm.chat(ask);
    expect(asked).toEqual(['identity']);
  });

  it('counts chunks where the server counts no tokens, and says so', async () => {
    const { llm, told } = await stage((response) => {
      say(response, token('', 'stop'));
      response.end('data: [DONE]\n\n');
    });
    expect((await llm.chat(ask)).tokens).toEqual({ input: null, cached: null, output: 4, source: 'chunks' });
    expect(told.counts).toEqual({ chats: 1, 'chats without usage': 1, 'output tokens': 4 });
  });

  it('that is cut off has failed, and its times count for nothing', async () => {
    const { llm, account, told } = await stage((response) => void response.end());
    const reply = await llm.chat(ask);
    expect([reply.ok, reply.failure, reply.text]).toEqual([false, 'stream.truncated', 'The sea is wide.']);
    expect([told.failures, account.failure]).toEqual([['stream.truncated'], 'stream.truncated']);
    expect(told.times).toEqual({});
    // Tokens that were made and thrown away are waste, and were paid for all the same.
    expect(told.counts).toEqual({
      chats: 1,
      'chats without usage': 1,
      'output tokens': 4,
      'wasted tokens': 4,
      'wasted chats without input tokens': 1,
    });
  });

  it('that tells an error in its middle has failed with it', async () => {
    const { llm } = await stage((response) => {
      say(response, { error: { message: 'out of memory' } });
      response.end();
    });
    expect(await llm.chat(ask)).toMatchObject({ ok: false, failure: 'stream.error' });
  });

  it('that is refused is what HTTP says', async () => {
    const { llm, told } = await stage((response) => void response.end());
    const reply = await llm.chat({ ...ask, url: '/elsewhere' });
    expect(reply).toMatchObject({ ok: false, failure: 'http.503', ttftMs: null, tokens: { output: 0 } });
    expect([told.failures, told.counts]).toEqual([['http.503'], { chats: 1 }]);
  });
});

/** Says so many tokens, one each 10 ms, and never ends; `left` resolves when it is left. */
function endless(everyMs = 10, most = Number.POSITIVE_INFINITY): { answer: Answering; left: Promise<void> } {
  let leave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => (leave = resolve));
  const answer: Answering = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    let said = 0;
    const timer = setInterval(() => {
      if (said++ < most) say(response, token('on '));
    }, everyMs);
    response.on('close', () => {
      clearInterval(timer);
      leave();
    });
  };
  return { answer, left };
}

describe('a chat that is cancelled on purpose', () => {
  it('ends with the connection when so many tokens have come, and has not failed', async () => {
    const talker = endless(10, 3);
    const { llm, account, told } = await against(talker.answer);
    const reply = await llm.chat({ ...ask, cancelAfterTokens: 3 });
    await talker.left;
    expect(reply).toMatchObject({ ok: true, failure: '', cancelled: true, finish: null, text: 'on on on ' });
    expect([told.failures, account.failure, account.isLate]).toEqual([['cancelled'], '', false]);
    expect(reply.tokens.output).toBe(3);
    expect(told.counts).toEqual({
      chats: 1,
      'chats without usage': 1,
      'output tokens': 3,
      'cancelled chats': 1,
      'output tokens of cancelled chats': 3,
      'wasted tokens': 3,
      'wasted chats without input tokens': 1,
    });
    // Of a whole answer nothing is known.
    expect(Object.keys(told.times).sort()).toEqual(['icl', 'ttfo', 'ttft']);
  });

  it('ends after a time, though nothing has come', async () => {
    const talker = endless(10_000);
    const { llm, told } = await against(talker.answer);
    const reply = await llm.chat({ ...ask, cancelAfterMs: 40 });
    await talker.left;
    expect(reply).toMatchObject({ ok: true, cancelled: true, text: '', ttftMs: null });
    expect(reply.responseMs).toBeGreaterThan(38);
    expect(told.times).toEqual({});
    expect(told.counts).toMatchObject({ 'cancelled chats': 1, 'chats cancelled before a token': 1 });
  });

  it('is whole where the answer ended before, and the connection is kept', async () => {
    const ports = new Set<number | undefined>();
    const { llm, told } = await against((request, response) => {
      ports.add(request.socket.remotePort);
      stream(response, () => {
        say(response, token('', 'stop'));
        response.end();
      });
    });
    for (const cancel of [{ cancelAfterTokens: 5 }, { cancelAfterMs: 2000 }]) {
      const reply = await llm.chat({ ...ask, ...cancel });
      expect(reply).toMatchObject({ ok: true, cancelled: false, text: 'The sea is wide.' });
    }
    expect([told.failures, told.counts['cancelled chats'], ports.size]).toEqual([['', ''], undefined, 1]);
  });

  it('leaves the user able to ask again', async () => {
    const talker = endless(10, 2);
    let asked = 0;
    const { llm, told } = await against((request, response) => {
      if (asked++ === 0) return talker.answer(request, response);
      stream(response, () => {
        say(response, token('', 'stop'));
        response.end();
      });
    });
    await llm.chat({ ...ask, cancelAfterTokens: 2 });
    expect(await llm.chat(ask)).toMatchObject({ ok: true, cancelled: false, text: 'The sea is wide.' });
    expect(told.failures).toEqual(['cancelled', '']);
  });

  it('is refused for what is no amount', async () => {
    const { llm } = await against(endless().answer);
    await expect(llm.chat({ ...ask, cancelAfterTokens: 0 })).rejects.toThrow('whole number from 1 on');
    await expect(llm.chat({ ...ask, cancelAfterMs: -1 })).rejects.toThrow('no time of 0 ms or more');
  });
});

const longAnswer: Answering = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const padding = 'p'.repeat(150);
  for (let nth = 0; nth < 10_000; nth++)
    say(response, { padding, choices: [{ delta: { content: 'on ' }, finish_reason: null }] });
  say(response, token('', 'stop'));
  response.end();
};

describe('a stream that goes wrong', () => {
  it('that never ends is a timeout, and what it said is waste', async () => {
    const talker = endless();
    const { llm, told } = await against(talker.answer, { timeoutMs: 500 });
    const reply = await llm.chat(ask);
    await talker.left;
    expect(reply).toMatchObject({ ok: false, failure: 'timeout', cancelled: false });
    expect(told.failures).toEqual(['timeout']);
    expect(told.counts['wasted tokens']).toBe(reply.tokens.output);
    expect(reply.tokens.output).toBeGreaterThan(0);
    expect(told.times).toEqual({});
  });

  it('whose connection breaks in its middle says how, and what it said is waste', async () => {
    const { llm, told } = await stage((response) => void response.destroy());
    expect(await llm.chat(ask)).toMatchObject({ ok: false, failure: 'closed', text: 'The sea is wide.' });
    expect(told.counts).toMatchObject({ 'output tokens': 4, 'wasted tokens': 4 });
  });

  it('whose error has tokens before it counts them as waste', async () => {
    const { llm, told } = await stage((response) => {
      say(response, { error: { message: 'out of memory' } });
      response.end();
    });
    await llm.chat(ask);
    expect(told.counts).toMatchObject({ 'output tokens': 4, 'wasted tokens': 4 });
  });

  it('with an event that is longer than a megabyte is an error, and not kept', async () => {
    const { llm } = await against((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`data: ${'x'.repeat(3_000_000)}\n\n`);
    });
    expect(await llm.chat(ask)).toMatchObject({ ok: false, failure: 'stream.error', text: '' });
  });

  it('is none where it is but long: ten thousand tokens of two megabytes', async () => {
    const { llm } = await against(longAnswer, { timeoutMs: 30_000 });
    const reply = await llm.chat(ask);
    expect([reply.ok, reply.tokens.output, reply.text.length]).toEqual([true, 10_000, 30_000]);
  });

  it('is none in a burst of refusals: each is a 429, without tokens', async () => {
    let asked = 0;
    const { llm, told } = await against((_request, response) => {
      if (++asked > 2) return void response.writeHead(429, { 'retry-after': '1' }).end('{"error":{}}');
      stream(response, () => {
        say(response, token('', 'stop'));
        say(response, { choices: [], usage: { prompt_tokens: 12, completion_tokens: 4 } });
        response.end();
      });
    });
    for (let chat = 1; chat <= 5; chat++) await llm.chat(ask);
    expect(told.failures).toEqual(['', '', 'http.429', 'http.429', 'http.429']);
    expect(told.counts).toEqual({ chats: 5, 'chats by usage': 2, 'input tokens': 24, 'output tokens': 8 });
  });
});

describe('tokens that the server does not count', () => {
  it('are those of the tokenizer, in and out, whatever the chunks held', async () => {
    const books = { tokenizer: await tokenizerOf('o200k_base'), prices: null };
    const { llm, told } = await against(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        say(response, token('The sea is '));
        say(response, token('wide and the ship is small'));
        say(response, token('', 'stop'));
        response.end();
      },
      { books },
    );
    const reply = await llm.chat(ask);
    expect(reply.tokens).toEqual({ input: 3, cached: null, output: 9, source: 'tokenizer' });
    expect(told.counts).toMatchObject({ 'chats by tokenizer': 1, 'input tokens': 3, 'output tokens': 9 });
    expect(told.counts['ms of the tokenizer']).toBeGreaterThan(0);
  });
});

describe('the price of chats', () => {
  const table = {
    currency: 'EUR',
    dated: '2026-11-01',
    models: { m: { input: 3, cachedInput: 0.5, output: 20 } },
  };
  const usage = {
    prompt_tokens: 1200,
    completion_tokens: 40,
    prompt_tokens_details: { cached_tokens: 1000 },
  };
  const counting: Answering = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    say(response, token('wide', 'stop'));
    say(response, { choices: [], usage });
    response.end();
  };

  it('is that of its tokens, less for those that were cached', async () => {
    const books = { tokenizer: null, prices: await pricesOf({ kind: 'table', file: 'p.json', table }) };
    const { llm, told } = await against(counting, { books });
    expect((await llm.chat(ask)).tokens).toMatchObject({ input: 1200, cached: 1000, output: 40 });
    // 200 at 3, 1000 at 0.5 and 40 at 20, each for a million.
    expect(told.counts['cost']).toBeCloseTo(0.0019, 12);
    expect(told.counts['wasted cost']).toBeUndefined();
    await llm.chat({ ...ask, model: 'other' });
    expect([told.counts['chats without a price'], told.counts['cached input tokens']]).toEqual([1, 2000]);
  });

  it('is waste where it was cancelled, and not known where nobody counted its tokens', async () => {
    const prices = await pricesOf({ kind: 'table', file: 'p.json', table });
    const counted = await against(endless().answer, {
      books: { tokenizer: await tokenizerOf('o200k_base'), prices },
    });
    const { tokens } = await counted.llm.chat({ ...ask, cancelAfterTokens: 2 });
    expect(tokens.source).toBe('tokenizer');
    const cost = (3 * (tokens.input ?? 0) + 20 * tokens.output) / 1e6;
    expect(counted.told.counts['wasted cost']).toBeCloseTo(cost, 12);
    expect(counted.told.counts['cost']).toBeCloseTo(cost, 12);
    const bare = await against(endless().answer, { books: { tokenizer: null, prices } });
    await bare.llm.chat({ ...ask, cancelAfterTokens: 2 });
    expect(bare.told.counts).toMatchObject({ 'chats without a price': 1, 'wasted chats without a price': 1 });
    expect(bare.told.counts['cost']).toBeUndefined();
  });

  it('is nothing where the request was refused', async () => {
    const books = { tokenizer: null, prices: await pricesOf({ kind: 'table', file: 'p.json', table }) };
    const { llm, told } = await against((_request, response) => void response.writeHead(429).end(), {
      books,
    });
    await llm.chat(ask);
    expect(told.counts).toMatchObject({ cost: 0, 'wasted cost': 0 });
    expect(told.counts['chats without a price']).toBeUndefined();
  });
});
