/**
 * One kept answer: the bytes as they came, taken apart only when somebody asks.
 *
 * 1. The reader has judged the bytes already (http1Reader.ts): what stands here is well framed.
 * 2. At most `keptBytes` are kept; of a longer answer the body is known to be cut.
 *
 * Deliberately absent: decompression (no request of ours asks for it).
 */

/** 1 MiB: enough for what a script reads, and ten thousand users cannot fill the memory at once. */
export const keptBytes = 1024 * 1024;

const headEnd = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');

export class Http1Answer {
  private readonly bodyless: boolean;
  private parts: Buffer[] = [];
  private length = 0;
  private headers: Map<string, string> | null = null;
  private bodyAt = 0;
  /** More came than is kept. */
  cut = false;

  constructor(bodyless: boolean) {
    this.bodyless = bodyless;
  }

  /** Copies the first bytes of a buffer that is the caller's again afterwards. */
  take(bytes: Buffer, length: number): void {
    const room = keptBytes - this.length;
    if (length > room) this.cut = true;
    if (room <= 0) return;
    const taken = Math.min(room, length);
    this.parts.push(Buffer.from(bytes.subarray(0, taken)));
    this.length += taken;
  }

  /** A header by its name in lower case, several joined by commas; null where it is missing. */
  header(name: string): string | null {
    return this.head().get(name) ?? null;
  }

  /** The body without its framing. */
  body(): Buffer {
    const head = this.head();
    if (this.bodyless) return Buffer.alloc(0);
    const bytes = this.whole().subarray(this.bodyAt);
    return (head.get('transfer-encoding') ?? '').toLowerCase().endsWith('chunked') ? unchunked(bytes) : bytes;
  }

  private whole(): Buffer {
    const [only] = this.parts;
    if (this.parts.length === 1 && only !== undefined) return only;
    const whole = Buffer.concat(this.parts);
    this.parts = [whole];
    return whole;
  }

  private head(): Map<string, string> {
    if (this.headers !== null) return this.headers;
    const bytes = this.whole();
    let from = 0;
    let to = bytes.indexOf(headEnd);
    // Interim answers (1xx) stand before the final one.
    while (to >= 0 && bytes[from + 9] === 0x31) {
      from = to + headEnd.length;
      to = bytes.indexOf(headEnd, from);
    }
    this.headers = new Map();
    if (to < 0) return this.headers;
    this.bodyAt = to + headEnd.length;
    for (const line of bytes.toString('latin1', from, to).split('\r\n').slice(1)) {
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
function unchunked(bytes: Buffer): Buffer {
  const data: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf(lineEnd, at);
    if (end < 0) break;
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16);
    if (!(size > 0)) break;
    data.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(data);
}
