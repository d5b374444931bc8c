/**
 * Reads HTTP/1.x responses byte by byte, as they come off the wire (RFC 9112). Bench: bench/stages.ts.
 *
 * 1. The verdict does not depend on where the bytes were split.
 * 2. Nothing is allocated per response (a redirect's Location excepted). A line that is split between two
 *    reads is put together in one buffer that is kept; whole lines are judged where they lie.
 * 3. Body bytes are counted and forgotten: 100 MB take the memory of one read.
 * 4. What frames the message is judged strictly: two readers of the same bytes must not see two different
 *    answers. Bare LF, folded lines, a second Content-Length, a length beside a Transfer-Encoding are refused.
 * 5. A head, with all 1xx answers before it, ends within 64 KiB; so do a chunk-size line and the trailers.
 *
 * Deliberately absent: header values (but for the few that frame the message, keep the connection, or name a
 * redirect), decompression, upgrades.
 *
 *     status line -> header lines -> fixed body ------------------------> finished
 *          ^ (1xx)       |---------> chunk size -> data -> CR -> LF        ^   ^
 *          '-------------|              ^   '(0)-> trailer lines ----------|---'
 *                        |              '-----------------'                |
 *                        '---------> until close ----(end of stream)-------'
 */

/** More bytes are needed. */
export const reading = 0;
/** The response is whole, and nothing lies behind it. */
export const whole = 1;
/** No HTTP response; `reason` says why. */
export const bad = 2;
export type Outcome = typeof reading | typeof whole | typeof bad;

/** Why bytes are no HTTP response: the bounded set. */
export const badReasons = {
  version: 'does not begin with HTTP/1.0 or HTTP/1.1',
  status: 'status code is not three digits',
  header: 'header line without a proper name and value',
  fold: 'header folded over two lines',
  'line-end': 'line not ended by CR LF',
  'head-size': 'head, chunk-size line or trailers beyond 64 KiB',
  'content-length': 'Content-Length is not one number',
  'length-and-encoding': 'Content-Length beside Transfer-Encoding',
  'transfer-encoding': 'Transfer-Encoding with a gap, or with chunked not once and last',
  'chunk-size': 'chunk size is not a hexadecimal number',
  'chunk-end': 'chunk not ended by CR LF',
  upgrade: 'switches to a protocol nobody asked for',
  surplus: 'bytes behind the end of the response',
} as const;
export type BadReason = keyof typeof badReasons;

// Line states first: `state <= lastLineState` tells them from the body's.
const statusLine = 0;
const headerLine = 1;
const chunkSizeLine = 2;
const trailerLine = 3;
const lastLineState = trailerLine;
const fixedBody = 4;
const chunkData = 5;
const chunkCr = 6;
const chunkLf = 7;
const untilClose = 8;
const finished = 9;
const failed = 10;

const lineBytesLimit = 64 * 1024;
const locationCharsLimit = 1024;

const tab = 9;
const lf = 10;
const cr = 13;
const space = 32;
const comma = 44;
const zero = 48;
const colon = 58;
const semicolon = 59;
const equals = 61;

const httpSlash1Dot = Buffer.from('HTTP/1.');
const nameConnection = Buffer.from('connection');
const nameContentLength = Buffer.from('content-length');
const nameKeepAlive = Buffer.from('keep-alive');
const nameLocation = Buffer.from('location');
const nameSetCookie = Buffer.from('set-cookie');
const nameTransferEncoding = Buffer.from('transfer-encoding');
const wordChunked = Buffer.from('chunked');
const wordClose = Buffer.from('close');
const wordKeepAlive = Buffer.from('keep-alive');
const wordTimeout = Buffer.from('timeout');

/** 1 for the bytes a header name is made of (RFC 9110 section 5.6.2). */
const isToken = new Uint8Array(256);
for (const byte of Buffer.from(
  "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
)) {
  isToken[byte] = 1;
}

/** 1 for the bytes a line is made of: all but the control bytes, and tab. */
const isText = new Uint8Array(256)
  .fill(1, space)
  .fill(0, 127, 128)
  .fill(1, tab, tab + 1);

/** One reader serves one connection, response after response: `begin`, then `read` until it is not `reading`. */
export class Http1Reader {
  /** Status of the final response; 0 before its status line. */
  status = 0;
  /** Whether the connection may carry another request. Meaningful once the response is whole. */
  keepAlive = false;
  /** What the server's Keep-Alive header promises, in milliseconds; -1 when it promises nothing. */
  keepAliveTimeoutMs = -1;
  /** Body bytes so far, chunk framing not counted. */
  bodyBytes = 0;
  /** Location of a 3xx response, cut at 1024 characters; else empty. */
  location = '';
  /** Whether it sets a cookie. */
  setsCookie = false;
  /** Why the response is bad; else empty. */
  reason: BadReason | '' = '';

  private state = finished;
  private bodyless = false;
  private minorVersion = 1;
  private contentLength = -1;
  private encoded = false;
  private chunked = false;
  private saidClose = false;
  private saidKeepAlive = false;
  /** Bytes left of the fixed body or of the chunk. */
  private leftBytes = 0;
  /** Bytes that lines may still take. */
  private lineBudgetBytes = 0;
  /** Beginning of a line that was split between reads. */
  private kept: Buffer | null = null;
  private keptLength = 0;

  /** Expects a new response. @param bodyless whether it has no body whatever its headers say (HEAD). */
  begin(bodyless: boolean): void {
    this.bodyless = bodyless;
    this.state = statusLine;
    this.bodyBytes = 0;
    this.reason = '';
    this.lineBudgetBytes = lineBytesLimit;
    this.keptLength = 0;
    this.forgetHead();
  }

  /** Whether the head of a whole response states how long its body is, so that the same head means the same length. */
  get lengthIsStated(): boolean {
    return (
      this.contentLength >= 0 && !this.encoded && !this.bodyless && this.contentLength === this.bodyBytes
    );
  }

  /** Takes the first `end` bytes of the buffer, which is the caller's again afterwards. */
  read(bytes: Buffer, end: number): Outcome {
    let at = 0;
    while (at < end && this.state < finished) {
      at = this.state <= lastLineState ? this.takeLine(bytes, at, end) : this.takeBody(bytes, at, end);
    }
    if (this.state < finished) return reading;
    if (this.state === finished && at < end) this.refuse('surplus');
    return this.state === finished ? whole : bad;
  }

  /** The stream has ended: whole if that is what ends the body, `reading` if something is missing. */
  end(): Outcome {
    if (this.state === untilClose) this.state = finished;
    if (this.state === finished) return whole;
    return this.state === failed ? bad : reading;
  }

  /** Takes one line, or as much of it as is there. Returns where it stopped. */
  private takeLine(bytes: Buffer, from: number, end: number): number {
    let at = from;
    while (at < end && isToken[bytes[at]!] === 1) at++;
    const tokenTo = at; // the colon, in a header
    while (at < end && isText[bytes[at]!] === 1) at++;
    const textTo = at; // the CR, if all is well
    while (at < end && bytes[at] !== lf) at++;
    const next = at < end ? at + 1 : end;
    this.lineBudgetBytes -= next - from;
    if (this.lineBudgetBytes < 0) this.refuse('head-size');
    else if (at === end) this.keepPart(bytes, from, end);
    else if (this.keptLength === 0) this.judgeLine(bytes, from, at, tokenTo, textTo);
    else this.judgeKeptLine(bytes, from, next);
    return next;
  }

  /** Takes body bytes, all of one kind. Returns where it stopped. */
  private takeBody(bytes: Buffer, from: number, end: number): number {
    switch (this.state) {
      case fixedBody:
      case chunkData: {
        const taken = Math.min(this.leftBytes, end - from);
        this.leftBytes -= taken;
        this.bodyBytes += taken;
        if (this.leftBytes === 0) this.state = this.state === fixedBody ? finished : chunkCr;
        return from + taken;
      }
      case chunkCr:
        if (bytes[from] === cr) this.state = chunkLf;
        else this.refuse('chunk-end');
        return from + 1;
      case chunkLf:
        if (bytes[from] === lf) this.expectChunk();
        else this.refuse('chunk-end');
        return from + 1;
      default: // untilClose
        this.bodyBytes += end - from;
        return end;
    }
  }

  /** Keeps the part of a line until the rest comes. */
  private keepPart(bytes: Buffer, from: number, end: number): void {
    const length = this.keptLength + end - from;
    if (this.kept === null || this.kept.length < length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(256, 2 * length));
      this.kept?.copy(grown, 0, 0, this.keptLength);
      this.kept = grown;
    }
    bytes.copy(this.kept, this.keptLength, from, end);
    this.keptLength = length;
    // A server that speaks something else altogether may never end its line.
    if (this.state === statusLine && !beginsAsHttp1(this.kept, 0, length)) this.refuse('version');
  }

  private judgeKeptLine(bytes: Buffer, from: number, next: number): void {
    this.keepPart(bytes, from, next);
    const length = this.keptLength;
    this.keptLength = 0;
    const kept = this.kept!;
    let tokenTo = 0;
    while (isToken[kept[tokenTo]!] === 1) tokenTo++;
    let textTo = tokenTo;
    while (isText[kept[textTo]!] === 1) textTo++;
    if (this.state !== failed) this.judgeLine(kept, 0, length - 1, tokenTo, textTo);
  }

  /**
   * @param at where the line feed lies
   * @param tokenTo where the first byte lies that is not of a name
   * @param textTo where the first byte lies that is no text
   */
  private judgeLine(bytes: Buffer, from: number, at: number, tokenTo: number, textTo: number): void {
    const to = at - 1;
    const clean = textTo === to;
    if (this.state === statusLine && !beginsAsHttp1(bytes, from, at + 1)) this.refuse('version');
    else if (to < from || bytes[to] !== cr) this.refuse('line-end');
    else if (this.state === headerLine) {
      if (to === from) this.endHead();
      else this.header(bytes, from, tokenTo, to, clean);
    } else if (this.state === statusLine) this.statusLine(bytes, from, to, clean);
    else if (this.state === chunkSizeLine) this.chunkSize(bytes, from, to, clean);
    else if (to === from) this.state = finished;
    else this.header(bytes, from, tokenTo, to, clean);
  }

  /** `HTTP/1.1 200 OK`; the reason, and the space before it, may be missing. */
  private statusLine(bytes: Buffer, from: number, to: number, clean: boolean): void {
    const minor = bytes[from + 7]! - zero;
    if ((minor !== 0 && minor !== 1) || bytes[from + 8] !== space) return this.refuse('version');
    const hundreds = bytes[from + 9]! - zero;
    const tens = bytes[from + 10]! - zero;
    const ones = bytes[from + 11]! - zero;
    if (hundreds < 1 || hundreds > 9 || tens < 0 || tens > 9 || ones < 0 || ones > 9)
      return this.refuse('status');
    if (!clean || (to !== from + 12 && bytes[from + 12] !== space)) return this.refuse('status');
    this.minorVersion = minor;
    this.status = hundreds * 100 + tens * 10 + ones;
    this.state = headerLine;
  }

  /** `Name: value`. The names looked at are told apart by their length first. */
  private header(bytes: Buffer, from: number, nameTo: number, to: number, clean: boolean): void {
    if (bytes[from] === space || bytes[from] === tab) return this.refuse('fold');
    if (nameTo === from || bytes[nameTo] !== colon || !clean) return this.refuse('header');
    if (this.state === trailerLine) return;
    switch (nameTo - from) {
      case 8:
        if (this.status >= 300 && this.status < 400 && isWord(bytes, from, nameTo, nameLocation)) {
          this.location = bytes
            .toString('latin1', nameTo + 1, Math.min(to, nameTo + 2 + locationCharsLimit))
            .trim();
        }
        return;
      case 10:
        if (isWord(bytes, from, nameTo, nameConnection)) this.connection(bytes, nameTo + 1, to);
        else if (isWord(bytes, from, nameTo, nameKeepAlive)) this.keepAliveHeader(bytes, nameTo + 1, to);
        else if (isWord(bytes, from, nameTo, nameSetCookie)) this.setsCookie = true;
        return;
      case 14:
        if (isWord(bytes, from, nameTo, nameContentLength)) this.contentLengthHeader(bytes, nameTo + 1, to);
        return;
      case 17:
        if (isWord(bytes, from, nameTo, nameTransferEncoding)) this.transferEncoding(bytes, nameTo + 1, to);
        return;
    }
  }

  private contentLengthHeader(bytes: Buffer, from: number, to: number): void {
    const first = skipBlank(bytes, from, to);
    const last = trimBlank(bytes, first, to);
    if (this.contentLength >= 0 || first === last) return this.refuse('content-length');
    let length = 0;
    for (let at = first; at < last; at++) {
      const digit = bytes[at]! - zero;
      if (digit < 0 || digit > 9) return this.refuse('content-length');
      length = length * 10 + digit;
      if (length > Number.MAX_SAFE_INTEGER) return this.refuse('content-length');
    }
    this.contentLength = length;
  }

  private transferEncoding(bytes: Buffer, from: number, to: number): void {
    let at = from;
    do {
      const end = listItemEnd(bytes, at, to);
      const first = skipBlank(bytes, at, end);
      const last = trimBlank(bytes, first, end);
      // Chunked frames the message, so nothing may be wrapped around it.
      if (first === last || this.chunked) return this.refuse('transfer-encoding');
      this.encoded = true;
      this.chunked = isWord(bytes, first, last, wordChunked);
      at = end + 1;
    } while (at <= to);
  }

  private connection(bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to;) {
      const end = listItemEnd(bytes, at, to);
      const first = skipBlank(bytes, at, end);
      const last = trimBlank(bytes, first, end);
      if (isWord(bytes, first, last, wordClose)) this.saidClose = true;
      else if (isWord(bytes, first, last, wordKeepAlive)) this.saidKeepAlive = true;
      at = end + 1;
    }
  }

  /** `timeout=5, max=100`; anything odd in it promises nothing. */
  private keepAliveHeader(bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to;) {
      const end = listItemEnd(bytes, at, to);
      const first = skipBlank(bytes, at, end);
      const last = trimBlank(bytes, first, end);
      const value = first + wordTimeout.length;
      if (value + 1 < last && bytes[value] === equals && isWord(bytes, first, value, wordTimeout)) {
        let seconds = 0;
        for (let digitAt = value + 1; digitAt < last; digitAt++) {
          const digit = bytes[digitAt]! - zero;
          if (digit < 0 || digit > 9 || seconds > 1e6) return;
          seconds = seconds * 10 + digit;
        }
        this.keepAliveTimeoutMs = seconds * 1000;
      }
      at = end + 1;
    }
  }

  /** The empty line behind the headers: decides how the body ends (RFC 9112 section 6.3). */
  private endHead(): void {
    if (this.status === 101) return this.refuse('upgrade');
    if (this.status < 200) {
      this.forgetHead();
      this.state = statusLine;
      return;
    }
    if (this.contentLength >= 0 && this.encoded) return this.refuse('length-and-encoding');
    this.keepAlive = !this.saidClose && (this.minorVersion === 1 || (this.saidKeepAlive && !this.encoded));
    if (this.bodyless || this.status === 204 || this.status === 304 || this.contentLength === 0) {
      this.state = finished;
    } else if (this.chunked) {
      this.expectChunk();
    } else if (this.contentLength > 0) {
      this.leftBytes = this.contentLength;
      this.state = fixedBody;
    } else {
      this.keepAlive = false;
      this.state = untilClose;
    }
  }

  private expectChunk(): void {
    this.state = chunkSizeLine;
    this.lineBudgetBytes = lineBytesLimit;
  }

  /** `1f;name=value`; extensions are skipped. */
  private chunkSize(bytes: Buffer, from: number, to: number, clean: boolean): void {
    let size = 0;
    let at = from;
    for (let digit; at < to && (digit = hexDigit(bytes[at]!)) >= 0; at++) {
      size = size * 16 + digit;
      if (size > Number.MAX_SAFE_INTEGER) return this.refuse('chunk-size');
    }
    if (at === from || !clean) return this.refuse('chunk-size');
    if (at < to && bytes[skipBlank(bytes, at, to)] !== semicolon) return this.refuse('chunk-size');
    this.leftBytes = size;
    this.state = size === 0 ? trailerLine : chunkData;
  }

  private forgetHead(): void {
    this.status = 0;
    this.keepAlive = false;
    this.keepAliveTimeoutMs = -1;
    this.location = '';
    this.setsCookie = false;
    this.contentLength = -1;
    this.encoded = false;
    this.chunked = false;
    this.saidClose = false;
    this.saidKeepAlive = false;
  }

  private refuse(reason: BadReason): void {
    this.reason = reason;
    this.state = failed;
  }
}

/** Whether the bytes, as far as they go, are those of `HTTP/1.`. */
function beginsAsHttp1(bytes: Buffer, from: number, to: number): boolean {
  const length = Math.min(to - from, httpSlash1Dot.length);
  for (let at = 0; at < length; at++) if (bytes[from + at] !== httpSlash1Dot[at]) return false;
  return true;
}

/** Whether the bytes are this word, in either case. @param word lower-case letters and hyphens only */
function isWord(bytes: Buffer, from: number, to: number, word: Buffer): boolean {
  if (to - from !== word.length) return false;
  for (let at = 0; at < word.length; at++) if ((bytes[from + at]! | 32) !== word[at]) return false;
  return true;
}

function skipBlank(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && (bytes[at] === space || bytes[at] === tab)) at++;
  return at;
}

function trimBlank(bytes: Buffer, from: number, to: number): number {
  let at = to;
  while (at > from && (bytes[at - 1] === space || bytes[at - 1] === tab)) at--;
  return at;
}

/** Where the item of a comma list ends that begins here. */
function listItemEnd(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== comma) at++;
  return at;
}

/** 0 to 15, or -1. */
function hexDigit(byte: number): number {
  if (byte >= zero && byte <= 57) return byte - zero;
  const folded = byte | 32;
  return folded >= 97 && folded <= 102 ? folded - 87 : -1;
}
