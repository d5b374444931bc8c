/**
 * One kept answer: the bytes as they came, taken apart only when somebody asks.
 *
 * 1. The reader has judged the bytes already (http1Reader.ts): what stands here is well framed.
 * 2. At most `keptBytes` are kept; of a longer answer the body is known to be cut.
 * 3. Bytes are kept as a string of one character each (latin1): a string is made and forgotten at a tenth of what a
 *    buffer costs, and most answers are looked at no further than their status.
 *
 * 4. An answer that somebody listens to keeps its head alone: a stream may be longer than memory.
 *
 * Deliberately absent: decompression (no request of ours asks for it).
 */

import { keptBytes, type Arrival, type BodyListener, type HttpAnswer } from './httpWire.ts';

const headEnd = '\r\n\r\n';
const lineEnd = '\r\n';

export class Http1Answer implements HttpAnswer {
  private readonly bodyless: boolean;
  protected kept = '';
  private headers: Map<string, string> | null = null;
  /** Where the body begins in what was kept; 0 until its head has been looked at whole. */
  protected bodyAt = 0;
  cut = false;

  /** @param bodyless whether no answer to this request has a body, whatever its head says */
  constructor(bodyless: boolean) {
    this.bodyless = bodyless;
  }

  /** Keeps the first bytes of a buffer that is the caller's again afterwards. */
  take(bytes: Buffer, length: number, _nowMs: number): void {
    const room = keptBytes - this.kept.length;
    if (length > room) this.cut = true;
    if (room > 0) this.kept += bytes.toString('latin1', 0, Math.min(room, length));
  }

  header(name: string): string | null {
    return this.head().get(name) ?? null;
  }

  cookies(): string[] {
    this.head();
    const head = this.kept.slice(0, this.bodyAt);
    return [...head.matchAll(/\r\nset-cookie:[ \t]*([^\r]*)/gi)].map(([, value = '']) => value.trim());
  }

  body(): Buffer {
    const data = this.pieces().map(([from, to]) => this.kept.slice(from, to));
    return Buffer.from(data.join(''), 'latin1');
  }

  arrivals(): readonly Arrival[] {
    return [];
  }

  /** Where the data of the body lie in what was kept. */
  protected pieces(): readonly (readonly [from: number, to: number])[] {
    const isChunked = this.isChunked();
    if (this.bodyless) return [];
    return isChunked ? chunksOf(this.kept, this.bodyAt) : [[this.bodyAt, this.kept.length]];
  }

  protected isChunked(): boolean {
    return (this.head().get('transfer-encoding') ?? '').toLowerCase().endsWith('chunked');
  }

  private head(): Map<string, string> {
    if (this.headers !== null) return this.headers;
    let from = 0;
    let to = this.kept.indexOf(headEnd);
    // Interim answers (1xx) stand before the final one.
    while (to >= 0 && this.kept[from + 'HTTP/1.1 '.length] === '1') {
      from = to + headEnd.length;
      to = this.kept.indexOf(headEnd, from);
    }
    if (to < 0) return new Map();
    this.headers = new Map();
    this.bodyAt = to + headEnd.length;
    for (const line of this.kept.slice(from, to).split(lineEnd).slice(1)) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      const known = this.headers.get(name);
      this.headers.set(name, known === undefined ? value : `${known}, ${value}`);
    }
    return this.headers;
  }
}

/** An answer that knows when each part of it came: of a stream of tokens. */
export class TimedAnswer extends Http1Answer {
  /** How much had come by when. */
  private readonly reads: { readonly atMs: number; readonly length: number }[] = [];

  override take(bytes: Buffer, length: number, nowMs: number): void {
    const before = this.kept.length;
    super.take(bytes, length, nowMs);
    // Beyond what is kept there is nothing to be timed.
    if (this.kept.length > before) this.reads.push({ atMs: nowMs, length: this.kept.length });
  }

  override arrivals(): readonly Arrival[] {
    const parts: Arrival[] = [];
    let read = 0;
    for (const [from, to] of this.pieces()) {
      for (let at = from; at < to;) {
        while ((this.reads[read]?.length ?? Number.POSITIVE_INFINITY) <= at) read++;
        const { atMs, length } = this.reads[read]!;
        const end = Math.min(to, length);
        parts.push({ atMs, bytes: Buffer.from(this.kept.slice(at, end), 'latin1') });
        at = end;
      }
    }
    return parts;
  }
}

/** An answer whose body is told as it comes. */
export class HeardAnswer extends Http1Answer {
  private readonly listener: BodyListener;
  private chunked = false;
  /** Bytes of the chunk under way that are still to come. */
  private leftBytes = 0;
  /** The last chunk has come: what follows is none of the body. */
  private over = false;
  /** The beginning of a line of the framing that was split between two reads. */
  private split = '';

  constructor(bodyless: boolean, listener: BodyListener) {
    super(bodyless);
    this.listener = listener;
  }

  override take(bytes: Buffer, length: number, nowMs: number): void {
    if (this.bodyAt > 0) return this.hear(bytes.toString('latin1', 0, length), nowMs);
    super.take(bytes, length, nowMs);
    this.chunked = this.isChunked();
    if (this.bodyAt === 0) return;
    const come = this.kept.slice(this.bodyAt);
    this.kept = this.kept.slice(0, this.bodyAt);
    this.hear(come, nowMs);
  }

  private hear(text: string, nowMs: number): void {
    if (this.over) return;
    const data = this.chunked ? this.unframed(this.split + text) : text;
    if (data !== '') this.listener(Buffer.from(data, 'latin1'), nowMs);
  }

  /** The data in a part of a chunked body, which begins with what was left of the part before. */
  private unframed(text: string): string {
    let data = '';
    this.split = '';
    for (let at = 0; ;) {
      const end = Math.min(text.length, at + this.leftBytes);
      data += text.slice(at, end);
      this.leftBytes -= end - at;
      at = end;
      if (this.leftBytes > 0) return data;
      // The line of a size comes after the end of the chunk before, if there was one.
      const lineAt = text.startsWith(lineEnd, at) ? at + lineEnd.length : at;
      const lineEndAt = text.indexOf(lineEnd, lineAt);
      if (lineEndAt < 0) {
        this.split = text.slice(at);
        return data;
      }
      const size = Number.parseInt(text.slice(lineAt, lineEndAt), 16);
      this.over = !(size > 0);
      if (this.over) return data;
      this.leftBytes = size;
      at = lineEndAt + lineEnd.length;
    }
  }
}

/** Where the data of a chunked body lie, as far as they were kept. */
function chunksOf(text: string, from: number): (readonly [from: number, to: number])[] {
  const chunks: (readonly [number, number])[] = [];
  for (let at = from; ;) {
    const end = text.indexOf(lineEnd, at);
    if (end < 0) return chunks;
    const size = Number.parseInt(text.slice(at, end), 16);
    if (!(size > 0)) return chunks;
    const dataAt = end + lineEnd.length;
    if (dataAt < text.length) chunks.push([dataAt, Math.min(text.length, dataAt + size)]);
    at = dataAt + size + lineEnd.length;
  }
}

/** What keeps the answer to a request. @param timed with the instants of its parts @param hears told of its body as it comes */
export function answerKept(bodyless: boolean, timed: boolean, hears: BodyListener | null): Http1Answer {
  if (hears !== null) return new HeardAnswer(bodyless, hears);
  return timed ? new TimedAnswer(bodyless) : new Http1Answer(bodyless);
}
