/**
 * The service's HTTP face.
 *
 * 1. The counts of GET /health are the service's own: what a load generator saw done must equal `answered`.
 * 2. A refused or impossible turn changes nothing in the store.
 * 3. Every error is `{error}` with what is wrong and what to do.
 */
import { Hono, type Context } from 'hono';
import { random } from '../random.ts';
import { askedOf, complete } from './completions.ts';
import { capacityPerSecond, unloadedMs } from './formula.ts';
import { giveFile, takeFile } from './files.ts';
import { callBack, callbackOf } from './callback.ts';
import { jobsPerSecond, type Job, type Jobs } from './jobs.ts';
import type { Rooms } from './rooms.ts';
import { turnsPerSession, type Store } from './store.ts';
import type { Answered, Refusal, Turns, TurnsOptions } from './turns.ts';
import { reply as speak } from './words.ts';

const sayLimit = 4000;
/** In a room whole documents may be shown. */
const roomLimit = 64_000;

export interface Parts {
  /** The instant of an arrival, with everything done that was due by then. */
  readonly arrivalMs: () => number;
  readonly turns: Turns;
  readonly jobs: Jobs;
  readonly rooms: Rooms;
  readonly store: Store;
  readonly options: TurnsOptions;
}

const endpoints =
  'POST /chat {say}, POST /v1/chat/completions, POST /sessions, POST /sessions/:id/turns {say}, GET /sessions/:id/history, POST /jobs {say, callback}, GET /jobs, GET /jobs/:id, POST /v1/rooms/:name, POST /files, GET /files/:bytes, GET /health, GET /model, and the WebSockets /v1/voice and /v1/rooms/:name';

export function conversationApp({ arrivalMs, turns, jobs, rooms, store, options }: Parts): Hono {
  const app = new Hono();
  const words = random(options.seed, 3);
  let chatSession = store.openSession();

  app.post('/sessions', (c) => c.json({ id: store.openSession() }, 201));

  app.post('/sessions/:id/turns', async (c) => {
    const session = Number(c.req.param('id'));
    const say = await readSay(c);
    if (say === undefined) return c.json({ error: sayWanted }, 400);
    if (!store.has(session)) return c.json({ error: unknownSession(c.req.param('id')) }, 404);
    return answerTurn(c, say, () => {
      const turn = store.beginTurn(session);
      return turn === undefined ? undefined : { session, turn };
    });
  });

  app.post('/chat', async (c) => {
    const say = await readSay(c);
    if (say === undefined) return c.json({ error: sayWanted }, 400);
    return answerTurn(c, say, () => {
      let turn = store.beginTurn(chatSession);
      if (turn === undefined) {
        chatSession = store.openSession();
        turn = store.beginTurn(chatSession);
      }
      return turn === undefined ? undefined : { session: chatSession, turn };
    });
  });

  app.post('/v1/chat/completions', async (c) => {
    const asked = askedOf(await c.req.json().catch(() => undefined));
    if (typeof asked === 'string') return c.json({ error: { message: asked } }, 400);
    return complete(c, asked, arrivalMs(), turns, words, (refusal) => refuse(c, refusal));
  });

  app.get('/sessions/:id/history', (c) => {
    const session = Number(c.req.param('id'));
    if (!store.has(session)) return c.json({ error: unknownSession(c.req.param('id')) }, 404);
    return c.json({ id: session, turns: store.history(session) });
  });

  app.post('/jobs', async (c) => {
    const say = await readSay(c);
    if (say === undefined) return c.json({ error: sayWanted }, 400);
    const callback = callbackOf(await c.req.json());
    const told = callback === undefined ? undefined : (job: Job): void => callBack(callback, job);
    const job = jobs.take(arrivalMs(), say, told);
    if (job !== undefined) {
      c.header('Location', `/jobs/${job.id}`);
      return c.json(job, 202);
    }
    const retryAfterSeconds = Math.max(1, Math.ceil(jobs.drainSeconds));
    return refuse(c, {
      status: 503,
      retryAfterSeconds,
      why: `${jobs.counts.queued} jobs wait, and no more may`,
    });
  });

  app.get('/jobs/:id', (c) => {
    arrivalMs();
    const job = jobs.find(Number(c.req.param('id')));
    if (job === undefined) return c.json({ error: `There is no job ${c.req.param('id')}, or no more.` }, 404);
    return c.json(job);
  });

  app.get('/jobs', (c) => {
    arrivalMs();
    const perSecond = jobsPerSecond(jobs.options);
    return c.json({
      ...jobs.counts,
      ...jobs.options,
      perSecond,
      formula: 'perSecond = workers · 1000 / jobMs',
    });
  });

  app.post('/v1/rooms/:name', async (c) => {
    const message: unknown = await c.req.json().catch(() => undefined);
    if (typeof message !== 'object' || message === null || JSON.stringify(message).length > roomLimit) {
      return c.json({ error: `The body must be a JSON object of at most ${roomLimit} characters.` }, 400);
    }
    return c.json({ listeners: rooms.say(c.req.param('name'), { ...message }) }, 202);
  });

  app.post('/files', takeFile);

  app.get('/files/:bytes', giveFile);

  app.get('/health', (c) => {
    arrivalMs();
    return c.json({ ok: true, ...turns.counts });
  });

  app.get('/model', (c) => {
    const { model, workers, lineLimit, defect, seed } = options;
    return c.json({
      ...turns.ceiling,
      defect,
      modelPerSecond: capacityPerSecond(model),
      unloadedMs: unloadedMs(model),
      formula: 'perSecond = 1000 / (timeScale · (P·tp + O·(t0/B + ts))), times in model milliseconds',
      t0: model.stepMs,
      ts: model.stepPerRequestMs,
      tp: model.perPromptTokenMs,
      ...model,
      workers,
      lineLimit,
      seed,
    });
  });

  app.notFound((c) =>
    c.json({ error: `${c.req.method} ${c.req.path} is not served. There is ${endpoints}.` }, 404),
  );
  app.onError((error, c) => c.json({ error: error.message }, 500));

  /** @param begin takes the turn in the store, once it is admitted; undefined when its session is full */
  function answerTurn(
    c: Context,
    say: string,
    begin: () => { session: number; turn: number } | undefined,
  ): Response | Promise<Response> {
    const atMs = arrivalMs();
    const refusal = turns.refusal(atMs);
    if (refusal) return refuse(c, refusal);
    const begun = begin();
    if (!begun) return c.json({ error: fullSession }, 409);
    const { session, turn } = begun;
    return new Promise((resolve) => {
      turns.take(atMs, (answered) => {
        const tokens = answered.outputTokens;
        const reply = speak(words, tokens);
        try {
          store.endTurn(session, { turn, say, reply, tokens });
        } catch (error) {
          resolve(c.json({ error: `The turn could not be stored: ${(error as Error).message}.` }, 500));
          return;
        }
        c.header('Server-Timing', serverTiming(answered));
        resolve(c.json({ session, turn, reply, tokens }));
      });
    });
  }

  return app;
}

const sayWanted = `The body must be JSON with a text of 1 to ${sayLimit} characters: {"say": "Good morning"}.`;
const fullSession = `This session has had its ${turnsPerSession} turns. Open another with POST /sessions.`;
const unknownSession = (id: string): string => `There is no session ${id}. Open one with POST /sessions.`;

function refuse(c: Context, { status, retryAfterSeconds, why }: Refusal): Response {
  c.header('Retry-After', String(retryAfterSeconds));
  return c.json({ error: `${why}. Try again in ${retryAfterSeconds} s.` }, status);
}

/** Where the turn's time went: in line for a worker, with the model, and in the critical section. */
function serverTiming({ arrivedMs, startedMs, repliedMs, doneMs }: Answered): string {
  const part = (name: string, durationMs: number): string => `${name};dur=${durationMs.toFixed(1)}`;
  return [
    part('line', startedMs - arrivedMs),
    part('model', repliedMs - startedMs),
    part('section', doneMs - repliedMs),
  ].join(', ');
}

/** The text of the request; undefined when the body is not what it should be. */
async function readSay(c: Context): Promise<string | undefined> {
  const body: unknown = await c.req.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null || !('say' in body)) return undefined;
  const { say } = body;
  return typeof say === 'string' && say.length > 0 && say.length <= sayLimit ? say : undefined;
}
