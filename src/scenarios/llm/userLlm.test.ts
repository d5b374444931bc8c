import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { wiresTo } from '../../../test/kit/wires.ts';
import { httpTarget } from '../../../test/kit/httpTarget.ts';
import { Account } from '../account.ts';
import { UserHttp } from '../http/userHttp.ts';
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

async function stage(end: (response: ServerResponse) => void): Promise<{
  llm: UserLlm;
  account: Account;
  told: { failures: string[]; times: Record<string, number[]>; counts: Record<string, number> };
}> {
  const target = await httpTarget((request, response) => {
    if (request.url === '/v1/chat/completions') stream(response, end);
    else response.writeHead(503).end('{"error":{"message":"busy"}}');
  });
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
  const wires = wiresTo(target.url);
  const http = new UserHttp(wires, account, { redirects: 10, cookies: 'session' });
  cleanups.push(() => {
    account.close();
    http.retire('test over');
  });
  account.begin(performance.now());
  const llm = new UserLlm(http, {
    time: (name, ms) => void (told.times[name] ??= []).push(ms),
    count: (name, amount) => void (told.counts[name] = (told.counts[name] ?? 0) + amount),
  });
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
    expect(reply.tokens).toEqual({ input: 12, output: 4, source: 'usage' });
    expect(reply.message).toEqual({ role: 'assistant', content: 'The sea is wide.' });
    // A timer is never early, but for the grain of its clock.
    expect(reply.ttftMs ?? 0).toBeGreaterThan(28);
    expect(reply.tpotMs ?? 0).toBeGreaterThan(8);
    expect(reply.responseMs).toBeGreaterThan((reply.ttftMs ?? 0) + 3 * (reply.tpotMs ?? 0) - 1);
    expect(told.failures).toEqual(['']);
    expect([told.times['ttft']?.length, told.times['tpot']?.length, told.times['itl']?.length]).toEqual([
      1, 1, 3,
    ]);
    expect(told.counts).toEqual({ chats: 1, 'input tokens': 12, 'output tokens': 4 });
    expect(told.times['e2e']).toEqual([reply.responseMs]);
    expect(told.times['ntpot']).toEqual([reply.responseMs / 4]);
    expect([told.times['ttfo'], told.times['icl']]).toEqual([told.times['ttft'], told.times['itl']]);
    expect(account.failure).toBe('');
  });

  it('counts chunks where the server counts no tokens, and says so', async () => {
    const { llm, told } = await stage((response) => {
      say(response, token('', 'stop'));
      response.end('data: [DONE]\n\n');
    });
    expect((await llm.chat(ask)).tokens).toEqual({ input: null, output: 4, source: 'chunks' });
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
