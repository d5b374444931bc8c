import { describe, expect, it } from 'vitest';
import { ChatReader, tokenTimes, type ChatStream } from './chatStream.ts';
import { eventsOf, type ServerEvent } from '../http/events.ts';

const chunk = (atMs: number, content: string | null, finish: string | null = null): ServerEvent => ({
  event: 'message',
  data: JSON.stringify({ choices: [{ delta: content === null ? {} : { content }, finish_reason: finish }] }),
  atMs,
});
const bare = (atMs: number, data: unknown): ServerEvent => ({
  event: 'message',
  data: typeof data === 'string' ? data : JSON.stringify(data),
  atMs,
});

function readChat(events: readonly ServerEvent[]): ChatStream {
  const reader = new ChatReader();
  for (const event of events) reader.take(event);
  return reader.ended();
}

describe('the stream of a chat', () => {
  it('is its text, the instants of its chunks, how it ended and what it used', () => {
    const usage = {
      choices: [],
      usage: { prompt_tokens: 31, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 17 } },
    };
    const events = [
      chunk(40, ''),
      chunk(50, 'The '),
      chunk(62, 'sea'),
      chunk(70, null, 'stop'),
      bare(71, usage),
      bare(71, '[DONE]'),
    ];
    expect(readChat(events)).toEqual({
      text: 'The sea',
      thought: '',
      cut: false,
      finish: 'stop',
      failure: '',
      message: '',
      chunksMs: [50, 62],
      outputMs: 50,
      input: 31,
      cached: 17,
      output: 5,
    });
  });

  it('counts thoughts as tokens, and not as text', () => {
    const thought = bare(30, { choices: [{ delta: { reasoning_content: 'hm' } }] });
    const { text, chunksMs, outputMs } = readChat([thought, chunk(50, 'yes', 'stop')]);
    expect([text, chunksMs, outputMs]).toEqual(['yes', [30, 50], 50]);
  });

  it('keeps a megabyte of what is said without end, and counts all of it', () => {
    const long = 'x'.repeat(400_000);
    const { text, cut, chunksMs } = readChat([1, 2, 3, 4, 5].map((atMs) => chunk(atMs, long)));
    expect([text.length, cut, chunksMs.length]).toEqual([1_200_000, true, 5]);
  });

  it('that ends without a reason was cut off', () => {
    expect(readChat([chunk(50, 'The ')]).failure).toBe('stream.truncated');
    expect(readChat([]).failure).toBe('stream.truncated');
    expect(readChat([chunk(50, 'a', 'length')]).failure).toBe('');
  });

  it('that tells an error has failed, with what it said', () => {
    const { failure, message, text } = readChat([
      chunk(50, 'The '),
      bare(60, { error: { message: 'overloaded' } }),
    ]);
    expect([failure, message, text]).toEqual(['stream.error', 'overloaded', 'The ']);
    expect(readChat([bare(1, '{oops')]).failure).toBe('stream.error');
  });
});

describe('times of tokens', () => {
  it('are those of the definitions, where each chunk is a token', () => {
    expect(tokenTimes([150, 170, 200, 210], 4, 100)).toEqual({
      ttftMs: 50,
      tpotMs: 20,
      itlMs: [20, 30, 10],
      iclMs: [20, 30, 10],
    });
  });

  it('share the gap of a chunk among its tokens', () => {
    // Seven tokens in three chunks: one, then three, then three.
    expect(tokenTimes([150, 180, 204], 7, 100)).toEqual({
      ttftMs: 50,
      tpotMs: 9,
      itlMs: [10, 10, 10, 8, 8, 8],
      iclMs: [30, 24],
    });
  });

  it('are unknown where there is but one token, or none', () => {
    expect(tokenTimes([150], 1, 100)).toEqual({ ttftMs: 50, tpotMs: null, itlMs: [], iclMs: [] });
    expect(tokenTimes([], 0, 100)).toEqual({ ttftMs: null, tpotMs: null, itlMs: [], iclMs: [] });
    expect(tokenTimes([150], 9, 100).tpotMs).toBeNull();
  });
});

describe('server-sent events', () => {
  const parts = (...texts: [number, string | Buffer][]): { atMs: number; bytes: Buffer }[] =>
    texts.map(([atMs, text]) => ({ atMs, bytes: Buffer.from(text as string) }));

  it('come when their last line has come', () => {
    expect(
      eventsOf(
        parts([10, 'data: a\n'], [20, '\ndata: b\ndata: c\n\nevent: end\nda'], [30, 'ta: d\n\ndata: lost']),
      ),
    ).toEqual([
      { event: 'message', data: 'a', atMs: 20 },
      { event: 'message', data: 'b\nc', atMs: 20 },
      { event: 'end', data: 'd', atMs: 30 },
    ]);
  });

  it('put characters together that were split', () => {
    const bytes = Buffer.from('data: ü\n\n');
    const split = parts([1, bytes.subarray(0, 7)], [2, bytes.subarray(7)]);
    expect(eventsOf(split)).toEqual([{ event: 'message', data: 'ü', atMs: 2 }]);
  });
});
