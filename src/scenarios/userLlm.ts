/** The chats of one user: requests of its HTTP whose answers are read as streams of tokens (llm.ts). */
import { readChat, tokenTimes } from './chatStream.ts';
import { eventsOf } from './events.ts';
import type { ChatOptions, ChatReply, Llm } from './llm.ts';
import type { Measures } from './statements.ts';
import type { UserHttp } from './userHttp.ts';

const usualPath = '/v1/chat/completions';

export class UserLlm implements Llm {
  readonly #http: UserHttp;
  readonly #recorder: Measures;

  constructor(http: UserHttp, recorder: Measures) {
    this.#http = http;
    this.#recorder = recorder;
  }

  async chat({
    model,
    messages,
    maxTokens,
    url = usualPath,
    headers,
    body,
  }: ChatOptions): Promise<ChatReply> {
    const json = {
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
      ...body,
    };
    const reply = await this.#http.request('POST', url, {
      json,
      stream: true,
      ...(headers === undefined ? {} : { headers }),
      inspect: (answer) => readChat(eventsOf(answer.arrivals())).failure,
    });
    const stream = readChat(reply.status === 200 ? reply.events() : []);
    const { text, finish, chunksMs, input } = stream;
    const output = stream.output ?? chunksMs.length;
    const times = tokenTimes(chunksMs, output, 0);
    const message = { role: 'assistant' as const, content: text };
    if (input !== null) this.#recorder.count('input tokens', input);
    if (output > 0) this.#recorder.count('output tokens', output);
    if (reply.ok) {
      if (times.ttftMs !== null) this.#recorder.time('ttft', times.ttftMs);
      if (times.tpotMs !== null) this.#recorder.time('tpot', times.tpotMs);
      for (const gapMs of times.itlMs) this.#recorder.time('itl', gapMs);
    }
    return {
      ok: reply.ok,
      failure: reply.failure,
      text,
      message,
      finish,
      ...times,
      responseMs: reply.responseMs,
      tokens: { input, output, source: stream.output === null ? 'chunks' : 'usage' },
    };
  }
}
