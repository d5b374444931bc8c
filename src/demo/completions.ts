/**
 * Chat completions as the OpenAI API has them, streamed or whole, from the same workers and the same model as the turns of
 * the conversation service. Each token is sent when its step of the model is due to end.
 *
 * Deliberately absent: a session (the caller sends all that was said), tools, several choices.
 */
import type { Context } from 'hono';
import type { Random } from '../random.ts';
import type { Refusal, Turns } from './turns.ts';
import { token } from './words.ts';

interface Asked {
  readonly model: string;
  readonly stream: boolean;
  readonly withUsage: boolean;
  readonly mostTokens: number | null;
  readonly promptTokens: number;
}

/** @returns what is wrong, where the body is no request */
export function askedOf(body: unknown): Asked | string {
  if (typeof body !== 'object' || body === null || !('messages' in body)) return wanted;
  const {
    model,
    messages,
    stream,
    max_tokens: most,
    stream_options: options,
  } = body as Record<string, unknown>;
  if (!Array.isArray(messages) || messages.length === 0) return wanted;
  const said = messages.map((each) => (each as { content?: unknown }).content);
  if (!said.every((content) => typeof content === 'string')) return wanted;
  if (most !== undefined && !(Number.isInteger(most) && Number(most) > 0))
    return 'max_tokens is a whole number above 0';
  return {
    model: typeof model === 'string' ? model : 'demo',
    stream: stream === true,
    withUsage: (options as { include_usage?: unknown } | undefined)?.include_usage === true,
    mostTokens: most === undefined ? null : Number(most),
    // About four characters to a token, as in English.
    promptTokens: Math.max(1, Math.ceil(said.join('').length / 4)),
  };
}

const wanted =
  'The body must be JSON with messages: {"model": "m", "messages": [{"role": "user", "content": "Good morning"}]}';

/** Answers one request. @param refuse how a refusal is told */
export function complete(
  c: Context,
  asked: Asked,
  atMs: number,
  turns: Turns,
  words: Random,
  refuse: (refusal: Refusal) => Response,
): Response | Promise<Response> {
  const refusal = turns.refusal(atMs);
  if (refusal !== undefined) return refuse(refusal);
  const { model, promptTokens, mostTokens } = asked;
  const usage = (output: number): unknown => ({
    prompt_tokens: promptTokens,
    completion_tokens: output,
    total_tokens: promptTokens + output,
  });
  if (!asked.stream) {
    return new Promise((resolve) => {
      let text = '';
      turns.take(
        atMs,
        ({ outputTokens }) => {
          const message = { role: 'assistant', content: text };
          const choices = [{ index: 0, message, finish_reason: reason(outputTokens, mostTokens) }];
          resolve(c.json({ object: 'chat.completion', model, choices, usage: usage(outputTokens) }));
        },
        { mostTokens, token: (nth) => void (text += token(words, nth)) },
      );
    });
  }
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      let isGone = false;
      const send = (value: unknown): void => {
        if (isGone) return;
        try {
          controller.enqueue(
            encoder.encode(`data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`),
          );
        } catch {
          // Whoever asked has left; the model does not know.
          isGone = true;
        }
      };
      const chunk = (delta: unknown, finish: string | null): unknown => ({
        object: 'chat.completion.chunk',
        model,
        choices: [{ index: 0, delta, finish_reason: finish }],
      });
      send(chunk({ role: 'assistant', content: '' }, null));
      turns.take(
        atMs,
        ({ outputTokens }) => {
          send(chunk({}, reason(outputTokens, mostTokens)));
          if (asked.withUsage)
            send({ object: 'chat.completion.chunk', model, choices: [], usage: usage(outputTokens) });
          send('[DONE]');
          if (!isGone) controller.close();
        },
        { mostTokens, token: (nth) => send(chunk({ content: token(words, nth) }, null)) },
      );
    },
  });
  return c.body(stream, 200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
}

const reason = (output: number, most: number | null): string =>
  most !== null && output >= most ? 'length' : 'stop';
