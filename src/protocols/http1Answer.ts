/**
 * One kept answer: the bytes as they came, taken apart only when somebody asks.
 *
 * 1. The reader has judged the bytes already (http1Reader.ts): what stands here is well framed.
 * 2. At most `keptBytes` are kept; of a longer answer the body is known to be cut.
 * 3. Bytes are kept as a string of one character each (latin1): a string is made and forgotten at a tenth of what a
 *    buffer costs, and most answers are looked at no further than their status.
 *
 * Deliberately absent: decompression (no request of ours asks for it).
 */

import { keptBytes, type Arrival, type HttpAnswer } from './httpWire.ts';

const headEnd = '\r\n\r\n';
const lineEnd = '\r\n';

export class Http1Answer implements HttpAnswer {
  private readonly bodyless: boolean;
  protected kept = '';
  private headers: Map<string, string> | null = null;
  private bodyAt = 0;
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
    const head = this.head();
    if (this.bodyless) return [];
    const chunked = (head.get('transfer-encoding') ?? '').toLowerCase().endsWith('chunked');
    return chunked ? chunksOf(this.kept, this.bodyAt) : [[this.bodyAt, this.kept.length]];
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
    this.headers = new Map();
    if (to < 0) return this.headers;
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
    super.take(bytes, length, nowMs);
    this.reads.push({ atMs: nowMs, length: this.kept.length });
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
