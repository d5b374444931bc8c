/** The HTTP face over a real database; the service's time is moved by hand. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventQueue } from './agenda.ts';
import { conversationApp } from './app.ts';
import { plantable } from './defects.ts';
import { Jobs, jobsDefaults } from './jobs.ts';
import { Rooms } from './rooms.ts';
import { Store } from './store.ts';
import { Turns, turnsDefaults, type TurnsOptions } from './turns.ts';

let folder: string;
let store: Store;
let queue: EventQueue;
let nowMs: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-demo-test-'));
  store = new Store(folder);
  queue = new EventQueue();
  nowMs = 0;
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

function serviceOf(partial: Partial<TurnsOptions> = {}): Hono {
  const options = { ...turnsDefaults, ...partial };
  const turns = new Turns(queue, options, 0, () => {});
  return conversationApp({
    arrivalMs: () => nowMs,
    turns,
    jobs: new Jobs(queue, { ...jobsDefaults, workers: 1, backlogLimit: 2 }),
    rooms: new Rooms(),
    store,
    options,
  });
}

const post = (app: Hono, path: string, body?: unknown) =>
  app.request(path, { method: 'POST', ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

/** Posts, and lets a second of the service's time pass once the request has been taken in. */
async function converse(app: Hono, path: string, say = 'How much can she carry?') {
  const answer = post(app, path, { say });
  await new Promise((resolve) => setImmediate(resolve));
  nowMs += 1000;
  queue.runUntil(nowMs);
  const response = await answer;
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}
interface Body {
  readonly session: number;
  readonly turn: number;
  readonly reply: string;
  readonly tokens: number;
  readonly error: string;
}

describe('the conversation service', () => {
  it('opens a session, answers turns in it and remembers them', async () => {
    const app = serviceOf();
    const opened = await post(app, '/sessions');
    expect(opened.status).toBe(201);
    const { id } = (await opened.json()) as { id: number };
    const first = await converse(app, `/sessions/${id}/turns`, 'Is she seaworthy?');
    const second = await converse(app, `/sessions/${id}/turns`, 'And in winter?');
    expect([first.status, second.status]).toEqual([200, 200]);
    expect([first.body.turn, second.body.turn]).toEqual([1, 2]);
    expect(first.body.reply.split(' ')).toHaveLength(first.body.tokens);
    const history = await app.request(`/sessions/${id}/history`);
    expect(await history.json()).toEqual({
      id,
      turns: [first, second].map(({ body: { turn, reply, tokens } }, index) => ({
        turn,
        say: ['Is she seaworthy?', 'And in winter?'][index],
        reply,
        tokens,
      })),
    });
  });

  it('refuses the sixteenth turn of a session and says what to do', async () => {
    const app = serviceOf();
    const id = store.openSession();
    for (let turn = 1; turn <= 15; turn++) {
      expect((await converse(app, `/sessions/${id}/turns`)).body.turn).toBe(turn);
    }
    const { status, body } = await converse(app, `/sessions/${id}/turns`);
    expect(status).toBe(409);
    expect(body.error).toBe('This session has had its 15 turns. Open another with POST /sessions.');
    expect(store.history(id)).toHaveLength(15);
  });

  it('goes on to a new session by itself at /chat', async () => {
    const app = serviceOf();
    const sessions: number[] = [];
    for (let turn = 0; turn < 31; turn++) sessions.push((await converse(app, '/chat')).body.session);
    const [first, second, third] = [...new Set(sessions)];
    expect(sessions.filter((id) => id === first)).toHaveLength(15);
    expect(sessions.filter((id) => id === second)).toHaveLength(15);
    expect(sessions.filter((id) => id === third)).toHaveLength(1);
  });

  it('tells in Server-Timing where the time of a turn went', async () => {
    const { headers } = await converse(serviceOf({ defect: plantable.lock }), '/chat');
    expect(headers.get('server-timing')).toMatch(/^line;dur=0\.0, model;dur=\d+\.\d, section;dur=11\.0$/);
  });

  it('answers 503 with Retry-After when no more may wait, and stores nothing of it', async () => {
    const app = serviceOf({ workers: 1, lineLimit: 0 });
    const id = store.openSession();
    const taken = post(app, `/sessions/${id}/turns`, { say: 'first' });
    await new Promise((resolve) => setImmediate(resolve));
    const refused = await post(app, `/sessions/${id}/turns`, { say: 'second' });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    queue.runUntil(1000);
    expect((await taken).status).toBe(200);
    expect(store.history(id).map(({ say }) => say)).toEqual(['first']);
    const health = await app.request('/health');
    expect(await health.json()).toEqual({
      ok: true,
      accepted: 1,
      answered: 1,
      refused: 1,
      inFlight: 0,
      waiting: 0,
    });
  });

  it('answers 429 with Retry-After above a rate limit', async () => {
    const app = serviceOf({ defect: { kind: 'rate-limit', perSecond: 0.2, burst: 1 } });
    expect((await converse(app, '/chat')).status).toBe(200);
    const { status, headers } = await converse(app, '/chat');
    expect(status).toBe(429);
    expect(headers.get('retry-after')).toBe('4');
  });

  it.each([undefined, {}, { say: '' }, { say: 3 }, ['say'], null, { say: 'x'.repeat(4001) }])(
    'answers 400 to the body %j',
    async (body) => {
      const response = await post(serviceOf(), '/chat', body);
      expect(response.status).toBe(400);
    },
  );

  it.each(['/sessions/77/turns', '/sessions/none/turns'])('answers 404 to %s', async (path) => {
    expect((await post(serviceOf(), path, { say: 'Anyone?' })).status).toBe(404);
  });

  it('takes and gives bodies of a size, and refuses what is too large', async () => {
    const service = serviceOf();
    const post = (bytes: number): Promise<Response> =>
      Promise.resolve(service.request('/files', { method: 'POST', body: 'x'.repeat(bytes) }));
    expect(await (await post(70_001)).json()).toEqual({ bytes: 70_001 });
    expect((await post(4 * 1024 ** 2 + 1)).status).toBe(413);
    expect((await (await service.request('/files/1537')).arrayBuffer()).byteLength).toBe(1537);
    expect((await service.request('/files/many')).status).toBe(400);
  });

  it('names its endpoints to who asks for another', async () => {
    const response = await serviceOf().request('/chat');
    expect(response.status).toBe(404);
    expect(((await response.json()) as Body).error).toContain('POST /chat {say}');
  });

  it('tells its own capacity, with the numbers of the formula', async () => {
    const response = await serviceOf({ defect: plantable.cliff }).request('/model');
    const told = (await response.json()) as Record<string, number>;
    const { t0, ts, tp, batch, promptTokens, outputTokens, timeScale } = told as Record<string, number> &
      Record<'t0' | 'ts' | 'tp' | 'batch' | 'promptTokens' | 'outputTokens' | 'timeScale', number>;
    const demandMs = (promptTokens * tp + outputTokens * (t0 / batch + ts)) * timeScale;
    expect(told['perSecond']).toBeCloseTo(1000 / demandMs, 9);
    expect(told['beyond']).toEqual({ inFlight: 40, perSecond: 64 });
    expect(told['why']).toContain('more than 40 turns in flight');
  });
});

describe('the store', () => {
  it('finds its sessions again when it is opened anew', () => {
    const id = store.openSession();
    store.beginTurn(id);
    store.endTurn(id, { turn: 1, say: 'Aye?', reply: 'aye.', tokens: 1 });
    store.close();
    store = new Store(folder);
    expect(store.history(id)).toEqual([{ turn: 1, say: 'Aye?', reply: 'aye.', tokens: 1 }]);
    expect(store.beginTurn(id)).toBe(2);
    expect(store.openSession()).toBe(id + 1);
  });
});

describe('chat completions', () => {
  const ask = { model: 'm', messages: [{ role: 'user', content: 'How much can she carry?' }] };

  /** Moves the service's time on until the answer has come. */
  async function answered(app: Hono, body: unknown): Promise<{ status: number; text: string }> {
    const waiting = post(app, '/v1/chat/completions', body);
    await new Promise((resolve) => setImmediate(resolve));
    nowMs += 1000;
    queue.runUntil(nowMs);
    const response = await waiting;
    return { status: response.status, text: await response.text() };
  }
  const chunks = (text: string): unknown[] =>
    text
      .split('\n\n')
      .filter((each) => each.startsWith('data: {'))
      .map((each) => JSON.parse(each.slice(6)) as unknown);

  it('are whole where nobody asks for a stream', async () => {
    const { status, text } = await answered(serviceOf(), ask);
    const body = JSON.parse(text) as {
      choices: { message: { content: string }; finish_reason: string }[];
      usage: Record<string, number>;
    };
    expect(status).toBe(200);
    expect(body.choices[0]?.finish_reason).toBe('stop');
    expect(body.choices[0]?.message.content.split(' ').length).toBe(body.usage['completion_tokens']);
    // 23 characters
    expect(body.usage['prompt_tokens']).toBe(6);
  });

  it('are a chunk for each token, the reason of their end, what they used, and the end', async () => {
    const { text } = await answered(serviceOf(), {
      ...ask,
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 3,
    });
    const told = chunks(text) as {
      choices: { delta: { content?: string }; finish_reason: string | null }[];
      usage?: Record<string, number>;
    }[];
    const content = told
      .flatMap(({ choices }) => choices[0]?.delta.content ?? [])
      .filter((each) => each !== '');
    expect(content.length).toBe(3);
    expect(
      told.map(({ choices }) => choices[0]?.finish_reason ?? null).filter((each) => each !== null),
    ).toEqual(['length']);
    expect(told.at(-1)?.usage).toMatchObject({ completion_tokens: 3 });
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
  });

  it('are counted as answered turns, and refused as turns are', async () => {
    const app = serviceOf();
    await answered(app, { ...ask, stream: true });
    expect(await (await app.request('/health')).json()).toMatchObject({ accepted: 1, answered: 1 });
    const limited = serviceOf({ defect: { ...plantable['rate-limit'], perSecond: 1, burst: 1 } });
    await answered(limited, ask);
    nowMs -= 990;
    expect((await post(limited, '/v1/chat/completions', ask)).status).toBe(429);
  });

  it.each([undefined, {}, { messages: [] }, { messages: [{ role: 'user' }] }, { ...ask, max_tokens: 0 }])(
    'need messages: %j is refused with 400',
    async (body) => {
      const response = await post(serviceOf(), '/v1/chat/completions', body);
      expect(response.status).toBe(400);
      expect(((await response.json()) as { error: { message: string } }).error.message).not.toBe('');
    },
  );
});

describe('jobs', () => {
  const say = { say: 'press no cargo' };

  it('are taken with 202 and the place to ask, and known as queued, running and done', async () => {
    const app = serviceOf();
    const taken = await post(app, '/jobs', say);
    expect([taken.status, taken.headers.get('location')]).toEqual([202, '/jobs/1']);
    await post(app, '/jobs', say);
    const told = async (id: number): Promise<unknown> => (await app.request(`/jobs/${id}`)).json();
    expect(await told(1)).toEqual({ id: 1, status: 'running' });
    expect(await told(2)).toEqual({ id: 2, status: 'queued' });
    nowMs += 51;
    queue.runUntil(nowMs);
    expect(await told(1)).toEqual({ id: 1, status: 'done', result: { words: 3 } });
    expect((await app.request('/jobs/7')).status).toBe(404);
    expect(await (await app.request('/jobs')).json()).toMatchObject({ done: 1, running: 1, perSecond: 20 });
  });

  it('are refused with a time to come back when no more may wait, and when nothing is to be done', async () => {
    const app = serviceOf();
    for (let nth = 0; nth < 3; nth++) expect((await post(app, '/jobs', say)).status).toBe(202);
    const refused = await post(app, '/jobs', say);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await post(app, '/jobs', {})).status).toBe(400);
  });
});

describe('a room', () => {
  it('tells who speaks how many listen, and refuses what is no object', async () => {
    const app = serviceOf();
    const said = await post(app, '/v1/rooms/harbour', { seq: 7 });
    expect([said.status, await said.json()]).toEqual([202, { listeners: 0 }]);
    expect((await post(app, '/v1/rooms/harbour', 'hello')).status).toBe(400);
  });
});
