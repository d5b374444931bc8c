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

import { keptBytes, type HttpAnswer } from './httpWire.ts';

const headEnd = '\r\n\r\n';
const lineEnd = '\r\n';

export class Http1Answer implements HttpAnswer {
  private readonly bodyless: boolean;
  private kept = '';
  private headers: Map<string, string> | null = null;
  private bodyAt = 0;
  cut = false;

  /** @param bodyless whether no answer to this request has a body, whatever its head says */
  constructor(bodyless: boolean) {
    this.bodyless = bodyless;
  }

  /** Keeps the first bytes of a buffer that is the caller's again afterwards. */
  take(bytes: Buffer, length: number): void {
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
    const head = this.head();
    if (this.bodyless) return Buffer.alloc(0);
    const chunked = (head.get('transfer-encoding') ?? '').toLowerCase().endsWith('chunked');
    return Buffer.from(chunked ? unchunked(this.kept, this.bodyAt) : this.kept.slice(this.bodyAt), 'latin1');
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

/** The data of a chunked body, as far as it was kept. */
function unchunked(text: string, from: number): string {
  let data = '';
  for (let at = from; ;) {
    const end = text.indexOf(lineEnd, at);
    if (end < 0) return data;
    const size = Number.parseInt(text.slice(at, end), 16);
    if (!(size > 0)) return data;
    const dataAt = end + lineEnd.length;
    data += text.slice(dataAt, dataAt + size);
    at = dataAt + size + lineEnd.length;
  }
}
