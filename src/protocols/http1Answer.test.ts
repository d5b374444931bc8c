import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeardAnswer, Http1Answer, TimedAnswer } from './http1Answer.ts';
import { keptBytes } from './httpWire.ts';

function answer(
  bytes: Buffer | string,
  { bodyless = false, timed = false, splitAt = [] as readonly number[] } = {},
): Http1Answer {
  const all = Buffer.from(bytes as string, 'latin1');
  const kept = timed ? new TimedAnswer(bodyless) : new Http1Answer(bodyless);
  const edges = [0, ...[...splitAt].sort((a, b) => a - b).filter((at) => at < all.length), all.length];
  const shared = Buffer.alloc(Math.max(1, all.length), 0x2e);
  for (const [i, from] of edges.slice(0, -1).entries()) {
    const length = all.copy(shared, 0, from, edges[i + 1]);
    kept.take(shared, length, 10 * i);
    shared.fill(0x2e); // the buffer is the caller's again
  }
  return kept;
}

const json = '{"say":"gr\u00fc\u00df Gott"}';
const utf8 = Buffer.from(json, 'utf8');
const fixed = Buffer.concat([
  Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Length: ${utf8.length}\r\nSet-Cookie: a=1\r\nset-cookie:b=2 \r\n\r\n`,
  ),
  utf8,
]);

describe('a kept answer', () => {
  it('gives its headers by name in lower case, repeated ones joined', () => {
    expect(answer(fixed).header('set-cookie')).toBe('a=1, b=2');
    expect(answer(fixed).header('content-length')).toBe(String(utf8.length));
    expect(answer(fixed).header('x-none')).toBeNull();
  });

  it('gives its body byte for byte, wherever it was split', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.nat(400), { maxLength: 5 }),
        (body, splitAt) => {
          const bytes = Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nX: y\r\n\r\n'), body]);
          expect(answer(bytes, { splitAt }).body()).toEqual(Buffer.from(body));
        },
      ),
    );
  });

  it('puts a chunked body together, wherever it was split, without extensions and trailers', () => {
    const chunked =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n4;a=b\r\n\r\n\r\n\r\nC\r\nsay hello! :\r\n0\r\nx: 1\r\n\r\n';
    for (let at = 1; at < chunked.length; at++) {
      expect(
        answer(chunked, { splitAt: [at] })
          .body()
          .toString(),
      ).toBe('\r\n\r\nsay hello! :');
    }
  });

  it('is that of the final answer, not of an interim one', () => {
    const interim = answer(
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nX: final\r\n\r\nbody',
    );
    expect([interim.header('link'), interim.header('x'), interim.body().toString()]).toEqual([
      null,
      'final',
      'body',
    ]);
  });

  it('to HEAD has no body, whatever its length says', () => {
    expect(answer('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n', { bodyless: true }).body().length).toBe(0);
  });

  it('beyond what is kept is known to be cut, and takes no more memory', () => {
    const exact = answer('HTTP/1.1 200 OK\r\n\r\n'.padEnd(keptBytes, 'x'));
    expect(exact.cut).toBe(false);
    const longer = answer('HTTP/1.1 200 OK\r\n\r\n'.padEnd(keptBytes + 3, 'x'), { splitAt: [keptBytes - 5] });
    expect(longer.cut).toBe(true);
    expect(longer.body().length).toBe(keptBytes - 'HTTP/1.1 200 OK\r\n\r\n'.length);
  });

  it('has neither headers nor body while its head is not whole', () => {
    expect(answer('HTTP/1.1 200 OK\r\nX: y\r\n').header('x')).toBeNull();
  });
});

describe('a timed answer', () => {
  const chunked =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n2;x=y\r\n, \r\n6\r\nworld!\r\n0\r\n\r\n';
  const stated = 'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nhello, world!';

  it('has its body in the parts in which it came, each with its instant, wherever it was split', () => {
    const splits = fc.uniqueArray(fc.integer({ min: 1, max: chunked.length }), { maxLength: 20 });
    fc.assert(
      fc.property(fc.constantFrom(chunked, stated), splits, (bytes, splitAt) => {
        const parts = answer(bytes, { timed: true, splitAt }).arrivals();
        expect(Buffer.concat(parts.map((part) => part.bytes)).toString()).toBe('hello, world!');
        const times = parts.map(({ atMs }) => atMs);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }),
    );
  });

  it('puts each part into the read that brought its last byte', () => {
    const splitAt = [chunked.indexOf('llo'), chunked.indexOf('world')];
    const parts = answer(chunked, { timed: true, splitAt }).arrivals();
    expect(parts.map(({ atMs, bytes }) => [atMs, bytes.toString()])).toEqual([
      [0, 'he'],
      [10, 'llo'],
      [10, ', '],
      [20, 'world!'],
    ]);
  });

  it('that nobody asked to be timed has no parts', () => {
    expect(answer(chunked).arrivals()).toEqual([]);
  });
});

describe('an answer that is listened to', () => {
  /** The body as it was told, and when each part of it was. */
  function heard(
    bytes: Buffer,
    splitAt: readonly number[],
  ): { body: string; atMs: number[]; head: string | null } {
    const parts: string[] = [];
    const atMs: number[] = [];
    const answer = new HeardAnswer(false, (part, ms) => {
      parts.push(part.toString('latin1'));
      atMs.push(ms);
    });
    const cuts = [0, ...splitAt, bytes.length].sort((one, other) => one - other);
    for (const [nth, from] of cuts.slice(0, -1).entries()) {
      const part = bytes.subarray(from, cuts[nth + 1]);
      answer.take(part, part.length, nth);
    }
    return { body: parts.join(''), atMs, head: answer.header('x-kind') };
  }

  const head = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX-Kind: tokens\r\n';

  it('tells its body and nothing of its framing, wherever it was split', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 40, unit: 'binary-ascii' }), { maxLength: 6 }),
        fc.boolean(),
        fc.array(fc.nat(400), { maxLength: 12 }),
        (chunks, isChunked, cuts) => {
          const whole = chunks.join('');
          const framed = chunks.map((chunk) => `${chunk.length.toString(16)};x=1\r\n${chunk}\r\n`).join('');
          const text = isChunked
            ? `${head}Transfer-Encoding: chunked\r\n\r\n${framed}0\r\nTrailer: 1\r\n\r\n`
            : `${head}Content-Length: ${whole.length}\r\n\r\n${whole}`;
          const bytes = Buffer.from(text, 'latin1');
          const { body, head: kind } = heard(
            bytes,
            cuts.map((cut) => cut % bytes.length),
          );
          expect([body, kind]).toEqual([whole, 'tokens']);
        },
      ),
      { numRuns: 400, seed: 5 },
    );
  });

  it('tells each part when it comes', () => {
    const bytes = Buffer.from(`${head}Content-Length: 6\r\n\r\nonetwo`);
    expect(heard(bytes, [bytes.length - 3])).toEqual({ body: 'onetwo', atMs: [0, 1], head: 'tokens' });
  });
});
