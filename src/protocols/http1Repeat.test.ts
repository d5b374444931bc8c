import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Http1Reader, whole } from './http1Reader.ts';
import { Http1Repeat } from './http1Repeat.ts';

const shared = Buffer.allocUnsafeSlow(4096);
const words = new Int32Array(shared.buffer, 0, 1024);

/** Reads an answer as http1 does. @returns whether it was known, and its status */
class Reading {
  readonly repeat = new Http1Repeat();
  private readonly reader = new Http1Reader();

  once(answer: string): { known: boolean; status: number } {
    const length = shared.write(answer, 'latin1');
    shared.fill(0xa5, length); // what lies behind is of another answer
    if (this.repeat.matches(words, length)) return { known: true, status: this.repeat.status };
    this.reader.begin(false);
    if (this.reader.read(shared, length) !== whole) throw new Error('no whole answer');
    this.repeat.learn(words, length, this.reader);
    return { known: false, status: this.reader.status };
  }
}

const ok = (more = '', body = 'hello'): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;

describe('an answer like one before', () => {
  it('is known by its head, whatever its body says', () => {
    const reading = new Reading();
    expect(reading.once(ok())).toEqual({ known: false, status: 200 });
    expect(reading.once(ok())).toEqual({ known: true, status: 200 });
    expect(reading.once(ok('', 'other'))).toEqual({ known: true, status: 200 });
  });

  it('is not known where any byte of the head differs, or the length', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{0,9}$/),
        fc.nat(400),
        fc.integer({ min: 1, max: 255 }),
        (pad, place, flip) => {
          const answer = ok(`X-Pad: ${pad}\r\n`);
          const reading = new Reading();
          reading.once(answer);
          const headLength = answer.length - 5;
          const at = place % headLength;
          const changed = Buffer.from(answer, 'latin1');
          changed[at] = (changed[at] ?? 0) ^ flip;
          const length = changed.copy(shared);
          expect(reading.repeat.matches(words, length)).toBe(false);
          expect(reading.once(answer).known).toBe(true);
          shared.write(`${answer}!`, 'latin1');
          expect(reading.repeat.matches(words, length + 1)).toBe(false);
        },
      ),
    );
  });

  it('has the status of the one before, be it a failure', () => {
    const reading = new Reading();
    const refused = 'HTTP/1.1 429 Too Many Requests\r\nKeep-Alive: timeout=7\r\nContent-Length: 2\r\n\r\nno';
    reading.once(refused);
    expect(reading.once(refused)).toEqual({ known: true, status: 429 });
    expect(reading.repeat.keepAliveTimeoutMs).toBe(7000);
  });

  it.each([
    ['chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['closing', ok('Connection: close\r\n')],
    ['a redirect', 'HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n'],
    ['without a length', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['without a body that its length promises', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n'],
  ])('is never known where its head does not say all: %s', (_, answer) => {
    const reading = new Reading();
    for (let nth = 0; nth < 40; nth++) expect(reading.once(answer).known).toBe(false);
  });

  it('is learnt anew when the head has changed for good, as a Date does each second', () => {
    const reading = new Reading();
    for (let second = 0; second < 5; second++) {
      const known = Array.from({ length: 100 }, () => reading.once(ok(`Date: ${second}\r\n`)).known);
      expect(known.filter((each) => each).length).toBeGreaterThan(90);
    }
  });
});
