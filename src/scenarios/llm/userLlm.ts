/** The chats of one user: requests of its HTTP whose answers are read as streams of tokens (llm.ts). */
import { streamCounts, type StreamTime } from '../../model/stream.ts';
import { readChat, tokenTimes } from './chatStream.ts';
import { eventsOf } from '../http/events.ts';
import type { ChatOptions, ChatReply, Llm } from './llm.ts';
import type { Measures } from '../databases/statements.ts';
import type { UserHttp } from '../http/userHttp.ts';

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
    const { text, finish, chunksMs, outputMs, input } = stream;
    const output = stream.output ?? chunksMs.length;
    const { iclMs, ...times } = tokenTimes(chunksMs, output, 0);
    const message = { role: 'assistant' as const, content: text };
    this.#count('chats', 1);
    if (chunksMs.length > 0 && stream.output === null) this.#count('uncounted', 1);
    if (input !== null) this.#count('input', input);
    if (output > 0) this.#count('output', output);
    if (reply.ok) {
      this.#times('ttft', [times.ttftMs]);
      this.#times('ttfo', [outputMs]);
      this.#times('tpot', [times.tpotMs]);
      this.#times('itl', times.itlMs);
      this.#times('icl', iclMs);
      this.#times('ntpot', [output > 0 ? reply.responseMs / output : null]);
      this.#times('e2e', [reply.responseMs]);
    } else if (output > 0) this.#count('wasted', (input ?? 0) + output);
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

  #count(what: keyof typeof streamCounts, amount: number): void {
    this.#recorder.count(streamCounts[what], amount);
  }

  #times(name: StreamTime, known: readonly (number | null)[]): void {
    for (const ms of known) if (ms !== null) this.#recorder.time(name, ms);
  }
}
