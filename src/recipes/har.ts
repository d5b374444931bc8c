/**
 * Reads a recording of a browser (HAR 1.2) as the recipe of its replay.
 *
 * 1. Only requests of one origin are played: that of the target where it was recorded, else that of the first page.
 * 2. Every entry is played or counted among what is left out, with the reason; the note says so.
 * 3. What belongs to the connection or the browser's memory of then is not sent again: framing, hop-by-hop headers,
 *    cookies, validators of its cache. Origin and Referer follow the target where that is another.
 * 4. Times are taken as they are recorded, to a millisecond. What a page asks for waits for the page: from its first byte
 *    on others count as later, for a browser reads it while it comes.
 *
 * Deliberately absent: running the scripts of the pages. What they would ask for with new values is asked for with the old.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { PlimsollError } from '../errors.ts';
import { httpRequest } from '../protocols/httpRequest.ts';
import type { RecordedRequest, RecordingRecipe } from './recording.ts';
import { boundedNames, requestName } from './requestName.ts';

export interface HarOptions {
  /** Whose origin takes the place of the recorded one; null for the recorded one itself. */
  readonly target: string | null;
  /** No recorded pause is longer than this. */
  readonly longestPauseMs: number;
  /** Names of headers, in lower case, that the command line gives: they are not taken from the file. */
  readonly given: ReadonlySet<string>;
}

const fields = z.array(z.object({ name: z.string(), value: z.string().default('') })).default([]);

const entrySchema = z.object({
  startedDateTime: z.string(),
  time: z.number().nullish(),
  request: z.object({
    method: z.string(),
    url: z.string(),
    headers: fields,
    bodySize: z.number().nullish(),
    postData: z
      .object({
        mimeType: z.string().default(''),
        text: z.string().nullish(),
        encoding: z.string().nullish(),
        params: fields.nullish(),
      })
      .nullish(),
  }),
  response: z
    .object({
      status: z.number().nullish(),
      content: z.object({ mimeType: z.string().nullish() }).nullish(),
    })
    .nullish(),
  timings: z.object({ receive: z.number().nullish() }).nullish(),
  _resourceType: z.string().nullish(),
  _fromCache: z.string().nullish(),
});
type Entry = z.infer<typeof entrySchema>;

const harSchema = z.object({ log: z.object({ entries: z.array(entrySchema) }) });

/** @throws PLM_FILE, PLM_RECORDING */
export function readHar(file: string, options: HarOptions): RecordingRecipe {
  const entries = entriesOf(file);
  const name = basename(file);
  const left = new LeftOut();
  const answered = entries.filter((entry) => left.unless(reasonAgainst(entry), entry));
  const origin = originOf(answered, options.target);
  const own = answered.filter(
    (entry) => new URL(entry.request.url).origin === origin || left.of('of other origins', entry),
  );
  const baseUrl = options.target ?? origin ?? '';
  const site = baseUrl === '' ? '' : new URL(baseUrl).origin;
  const playable = own.filter((entry) => isSendable(entry, options) || left.of('that cannot be sent', entry));
  if (playable.length === 0)
    throw new PlimsollError(
      'PLM_RECORDING',
      `"${file}"`,
      `none of its ${entries.length} requests can be replayed: ${left.text()}`,
    );
  const { after, pausesMs, shortened } = ordered(playable, options.longestPauseMs);
  const names = boundedNames(
    playable.map(({ request }) => requestName(request.method, new URL(request.url).pathname)),
  );
  const requests = playable.map(({ request, response }, nth): RecordedRequest => ({
    name: names[nth] ?? request.method,
    method: request.method,
    url: pathOf(request.url),
    headers: headersOf(request, origin ?? '', site, options.given),
    body: bodyOf(request),
    status: response?.status ?? 0,
    after: after[nth] ?? [],
    pauseMs: pausesMs[nth] ?? 0,
  }));
  const pauses =
    shortened === 0
      ? ''
      : `; ${shortened === 1 ? '1 pause is' : `${shortened} pauses are`} shortened to ${options.longestPauseMs / 1000} s`;
  const note = `${playable.length} of ${entries.length} requests in ${name} are replayed on ${site}${left.text('; left out: ')}${pauses}`;
  return { kind: 'recording', name, baseUrl, requests, note };
}

function entriesOf(file: string): readonly Entry[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new PlimsollError('PLM_FILE', `"${file}"`, (error as Error).message, error);
  }
  const wrong = (detail: string): PlimsollError => new PlimsollError('PLM_RECORDING', `"${file}"`, detail);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, in which there may be secrets.
    throw wrong('it is no JSON');
  }
  const read = harSchema.safeParse(json);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw wrong(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it is no HAR'}`);
  }
  const { entries } = read.data.log;
  if (entries.length === 0) throw wrong('it has no entries');
  const undated = entries.findIndex(({ startedDateTime }) => Number.isNaN(Date.parse(startedDateTime)));
  if (undated >= 0) throw wrong(`log.entries.${undated}.startedDateTime is no time`);
  // Some recorders write an entry when it ended.
  return entries.toSorted((a, b) => startOf(a) - startOf(b));
}

/** Why an entry can be no request of a replay; empty where it can. */
function reasonAgainst({ request, response, _resourceType, _fromCache }: Entry): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(request.url)?.[1]?.toLowerCase() ?? '';
  if (scheme === 'ws' || scheme === 'wss' || _resourceType === 'websocket' || response?.status === 101)
    return 'for WebSockets';
  if (scheme !== 'http' && scheme !== 'https') return `of ${scheme === '' ? 'no scheme' : `${scheme}:`}`;
  if (!URL.canParse(request.url)) return 'without a usable address';
  if ((response?.status ?? 0) <= 0) return 'without an answer';
  if (typeof _fromCache === 'string') return "answered by the browser's cache";
  const { postData, bodySize } = request;
  const hasBody = typeof postData?.text === 'string' || (postData?.params?.length ?? 0) > 0;
  return !hasBody && (bodySize ?? 0) > 0 ? 'whose body was not recorded' : '';
}

/** That of the target where it was recorded; else of the first page, which is where the first redirects lead. */
function originOf(entries: readonly Entry[], target: string | null): string | null {
  const origins = entries.map(({ request }) => new URL(request.url).origin);
  const wanted = target === null ? null : new URL(target).origin;
  if (wanted !== null && origins.includes(wanted)) return wanted;
  const first = entries.findIndex(({ response }) => !isRedirect(response?.status ?? 0));
  return origins[Math.max(0, first)] ?? null;
}

const isRedirect = (status: number): boolean => status >= 300 && status < 400 && status !== 304;

function isSendable({ request }: Entry, { given }: HarOptions): boolean {
  const body = bodyOf(request);
  try {
    const headers = Object.entries(headersOf(request, '', '', given));
    httpRequest({
      url: request.url,
      method: request.method,
      headers,
      body: body === null ? null : Buffer.from(body),
    });
    return true;
  } catch {
    return false;
  }
}

function pathOf(given: string): string {
  const { pathname, search } = new URL(given);
  return pathname + search;
}

/** Of the connection, of the framing, or of what the browser remembered. */
const notSent = new Set(
  (
    'host content-length transfer-encoding connection keep-alive proxy-connection proxy-authorization te trailer upgrade ' +
    'http2-settings expect cookie if-none-match if-modified-since if-range'
  ).split(' '),
);

function headersOf(
  { headers, postData }: Entry['request'],
  origin: string,
  site: string,
  given: ReadonlySet<string>,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const { name, value } of headers) {
    const folded = name.toLowerCase();
    if (name.startsWith(':') || notSent.has(folded) || given.has(folded)) continue;
    const own = folded === 'origin' || (folded === 'referer' && value.startsWith(`${origin}/`));
    const moved = own && value.startsWith(origin) ? site + value.slice(origin.length) : value;
    kept[folded] = folded in kept ? `${kept[folded]}, ${moved}` : moved;
  }
  const type = contentType(kept['content-type'] ?? '', postData);
  if (type !== '' && !given.has('content-type')) kept['content-type'] = type;
  return kept;
}

const boundary = 'plimsoll-recorded';
const isMultipart = (type: string): boolean => /^multipart\/form-data/i.test(type);

function contentType(recorded: string, postData: Entry['request']['postData']): string {
  const type = recorded === '' ? (postData?.mimeType ?? '') : recorded;
  const isMade = typeof postData?.text !== 'string' && (postData?.params?.length ?? 0) > 0;
  if (!isMade) return type;
  return isMultipart(type)
    ? `multipart/form-data; boundary=${boundary}`
    : 'application/x-www-form-urlencoded';
}

function bodyOf({ postData }: Entry['request']): string | Uint8Array | null {
  if (postData === null || postData === undefined) return null;
  const { text, encoding, params, mimeType } = postData;
  if (typeof text === 'string') return encoding === 'base64' ? Buffer.from(text, 'base64') : text;
  if (params === null || params === undefined || params.length === 0) return null;
  if (!isMultipart(mimeType))
    return new URLSearchParams(params.map(({ name, value }): [string, string] => [name, value])).toString();
  const parts = params.map(
    ({ name, value }) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name.replace(/["\r\n]/g, '_')}"\r\n\r\n${value}\r\n`,
  );
  return `${parts.join('')}--${boundary}--\r\n`;
}

const startOf = ({ startedDateTime }: Entry): number => Date.parse(startedDateTime);

/** From when on others may be its consequences. */
function answeredMs(entry: Entry): number {
  const { time, timings, response } = entry;
  const endMs = startOf(entry) + Math.max(0, time ?? 0);
  const isPage = /html/i.test(response?.content?.mimeType ?? '') || isRedirect(response?.status ?? 0);
  return isPage ? Math.max(startOf(entry), endMs - Math.max(0, timings?.receive ?? 0)) : endMs;
}

/** What each waits for, and how long afterwards it began. Recorders write when a request began in whole milliseconds. */
function ordered(
  entries: readonly Entry[],
  longestPauseMs: number,
): { after: number[][]; pausesMs: number[]; shortened: number } {
  const starts = entries.map(startOf);
  const ends = entries.map(answeredMs);
  const firstMs = starts[0] ?? 0;
  let shortened = 0;
  const after: number[][] = [];
  const pausesMs = starts.map((startMs, nth) => {
    const before = ends.flatMap((endMs, other) => (other < nth && endMs <= startMs + 1 ? [other] : []));
    // What the last of them waited for needs no naming.
    const last = before.at(-1) ?? -1;
    after.push(before.filter((other) => other === last || (ends[other] ?? 0) > (starts[last] ?? 0) + 1));
    const fromMs = before.length === 0 ? firstMs : Math.max(...before.map((other) => ends[other] ?? 0));
    const pauseMs = Math.max(0, Math.round(startMs - fromMs));
    if (pauseMs > longestPauseMs) shortened++;
    return Math.min(pauseMs, longestPauseMs);
  });
  return { after, pausesMs, shortened };
}

/** What is not played, counted by reason. */
class LeftOut {
  readonly #counts = new Map<string, number>();
  readonly #hosts = new Set<string>();

  /** @returns false, for a filter */
  of(reason: string, { request }: Entry): false {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    if (reason === 'of other origins') this.#hosts.add(new URL(request.url).host);
    return false;
  }

  unless(reason: string, entry: Entry): boolean {
    return reason === '' || this.of(reason, entry);
  }

  /** "3 of other origins (cdn.test), 1 for WebSockets"; empty where nothing is left out. */
  text(before = ''): string {
    const parts = [...this.#counts].map(([reason, count]) =>
      reason === 'of other origins' ? `${count} ${reason} (${this.#hostsText()})` : `${count} ${reason}`,
    );
    return parts.length === 0 ? '' : before + parts.join(', ');
  }

  #hostsText(): string {
    const hosts = [...this.#hosts];
    return hosts.length <= 3
      ? hosts.join(', ')
      : `${hosts.slice(0, 3).join(', ')} and ${hosts.length - 3} more`;
  }
}
