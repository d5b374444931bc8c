/**
 * Knows an answer whose head is, byte for byte, that of an answer judged before: at a tenth of what judging costs.
 *
 * Under load most answers differ from the one before in nothing, or once a second in their Date.
 *
 * 1. The same bytes have the same meaning: what is known again was judged whole by the reader (http1Reader.ts), for the
 *    same request.
 * 2. Only what comes in one read, with a body of a length that its head states, on a connection that is kept.
 * 3. Learning costs as much as a few comparisons, so it is done seldom where heads never repeat.
 *
 * Bench: bench/stages.ts.
 */
import type { Http1Reader } from './http1Reader.ts';

/** Of so many answers that were not known, one is learnt. */
const learnOneIn = 8;

export class Http1Repeat {
  status = 0;
  keepAliveTimeoutMs = -1;
  /** As of a reader: what is known leads nowhere else, sets no cookie, and keeps its connection. */
  readonly location = '';
  readonly keepAlive = true;
  readonly setsCookie = false;
  private words = new Int32Array(0);
  /** Bytes of the whole answer, and of its head; 0 while none is known. */
  private length = 0;
  private headLength = 0;
  private missed = learnOneIn - 1;

  /** @param words the buffer that was read into @param length how many bytes of it were read */
  matches(words: Int32Array, length: number): boolean {
    if (length !== this.length) return false;
    const { words: known, headLength } = this;
    const whole = headLength >> 2;
    for (let at = 0; at < whole; at++) if (words[at] !== known[at]) return false;
    // little-endian, as every machine that Node runs on but one: the bytes beyond the head are the upper ones
    const shift = 32 - 8 * (headLength & 3);
    return shift === 32 || (words[whole]! ^ known[whole]!) << shift === 0;
  }

  /** An answer that was read whole in one read, and judged. */
  learn(words: Int32Array, length: number, reader: Http1Reader): void {
    if (++this.missed < learnOneIn) return;
    this.missed = 0;
    if (!reader.keepAlive || !reader.lengthIsStated || reader.location !== '' || reader.setsCookie) return;
    this.length = length;
    this.headLength = length - reader.bodyBytes;
    this.status = reader.status;
    this.keepAliveTimeoutMs = reader.keepAliveTimeoutMs;
    const needed = (this.headLength + 3) >> 2;
    if (this.words.length < needed) this.words = new Int32Array(needed);
    for (let at = 0; at < needed; at++) this.words[at] = words[at]!;
  }
}
