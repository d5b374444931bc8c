/**
 * The text of a first scenario file: requests in their order, as a person would write them.
 *
 * 1. It runs as it stands, type-checks against the published types, and is laid out as prettier does it.
 * 2. No secret is in it: what sounds like one is looked up in the environment, and the head of the file names it.
 *
 * Pure.
 */
import { inert } from '../report/characters.ts';
import {
  ended,
  indented,
  jsonLiteral,
  lineWidth,
  Lookups,
  objectOf,
  prefixed,
  quoted,
  type Lines,
} from './literals.ts';
import { soundsSecret } from './redact.ts';

export interface Script {
  /** As the commands name it. */
  readonly file: string;
  readonly name: string;
  /** What it was made from, in a sentence. */
  readonly origin: string;
  readonly baseUrl: string;
  /** Of every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: boolean;
  readonly followsRedirects: boolean;
  /** One after the other; what is in one goes out at the same time. */
  readonly turns: readonly Turn[];
}

export interface Turn {
  /** Before it. */
  readonly pauseMs: number;
  readonly requests: readonly ScriptRequest[];
}

export interface ScriptRequest {
  readonly name: string;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
  /** A status of 400 or more that is no failure; null where there is none. */
  readonly accept: number | null;
}

/** Shorter ones are the browser's own. */
const shortestPauseMs = 100;

export function scriptText(script: Script): string {
  const { file, name, origin, baseUrl, headers, compression, followsRedirects, turns } = script;
  const lookups = new Lookups();
  const [only] = turns;
  const isOne = turns.length === 1 && only?.requests.length === 1;
  const body =
    isOne && only.requests[0] !== undefined ? single(only.requests[0], lookups) : sequence(turns, lookups);
  const pauses = body.some((line) => line.includes('await pause('));
  const shared = Object.entries(headers).map(
    ([key, value]) => [key, headerValue(key, value, lookups)] as const,
  );
  const options = objectOf([
    ['baseUrl', [quoted(baseUrl)]],
    ...(shared.length === 0 ? [] : [['headers', objectOf(shared)] as const]),
    ...(compression ? [['compression', ['true']] as const] : []),
    ...(followsRedirects ? [] : [['redirects', ['0']] as const]),
  ]);
  const think = '// think: [1, 3], // seconds between two sessions of a user';
  const lines = [
    ...head(file, origin, lookups.names),
    `import { ${isOne ? 'expect, ' : ''}scenario } from 'plimsoll';`,
    '',
    'export default scenario(',
    ...indented([
      `${quoted(name)},`,
      ...ended([...options.slice(0, -1), `  ${think}`, ...options.slice(-1)], ','),
      `async ({ http, step${pauses ? ', pause' : ''} }) => {`,
      ...indented(body),
      '},',
    ]),
    ');',
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function head(file: string, origin: string, secrets: readonly string[]): string[] {
  const told =
    secrets.length === 0
      ? []
      : [' *', ' * Secrets are not in it. Set before a run:', ...secrets.map((each) => ` *     ${each}`)];
  const plain = (text: string): string => inert(text).replaceAll('*/', '* /');
  return [
    '/**',
    ` * ${plain(origin)}`,
    ' *',
    ` *     npx plimsoll run ${plain(file)} --users 1`,
    ` *     npx plimsoll capacity ${plain(file)}`,
    ...told,
    ' */',
  ];
}

function single(request: ScriptRequest, lookups: Lookups): string[] {
  const call = stepOf(request, 'const reply = await ', ';', 4, lookups);
  return [
    '// A step has its own line in the report. A request that fails makes its session fail.',
    ...call,
    '// What does not hold ends the session, and counts as a failure.',
    `expect(reply.ok, true, ${quoted(request.name)});`,
  ];
}

function sequence(turns: readonly Turn[], lookups: Lookups): string[] {
  const lines: string[] = [
    '// Each step has its own line in the report. A request that fails makes its session fail.',
  ];
  for (const { pauseMs, requests } of turns) {
    const pauseSeconds = Math.round(pauseMs / 100) / 10;
    if (pauseMs >= shortestPauseMs && pauseSeconds > 0) lines.push('', `await pause(${pauseSeconds});`);
    const [first] = requests;
    if (first === undefined) continue;
    if (requests.length === 1) lines.push(...stepOf(first, 'await ', ';', 4, lookups));
    else {
      const all = requests.flatMap((each) => stepOf(each, '', ',', 6, lookups));
      lines.push(
        'await Promise.all([',
        ...indented(['// At the same time, as they were recorded.', ...all]),
        ']);',
      );
    }
  }
  return lines;
}

/** `await step('GET /x', () => http.get('/x'));` @param column where it begins */
function stepOf(
  request: ScriptRequest,
  before: string,
  after: string,
  column: number,
  lookups: Lookups,
): Lines {
  const options = optionsOf(request, column + 4, lookups);
  const { verb, first } = callee(request);
  const args = [...first, urlText(request.url, lookups)];
  const open = `${before}step(${quoted(request.name)}, () =>`;
  const flat = `${verb}(${args.join(', ')})`;
  const whole = `${open} ${flat})${after}`;
  if (options === null && column + whole.length <= lineWidth) return [whole];
  const call = callLines(verb, args, options, column + 2);
  return [open, ...indented(ended(call, ',')), `)${after}`];
}

/** A call on lines of its own. */
function callLines(verb: string, args: readonly string[], options: Lines | null, column: number): Lines {
  const flat = `${verb}(${args.join(', ')}`;
  if (options === null && column + flat.length + 2 <= lineWidth) return [`${flat})`];
  if (options !== null && column + flat.length + 3 <= lineWidth)
    return ended(prefixed(`${flat}, `, options), ')');
  const each = [...args.map((arg) => `${arg},`), ...(options === null ? [] : ended(options, ','))];
  return [`${verb}(`, ...indented(each), ')'];
}

const verbs = ['get', 'head', 'post', 'put', 'patch', 'delete'];

function callee({ method }: ScriptRequest): { readonly verb: string; readonly first: readonly string[] } {
  const verb = verbs.find((each) => each.toUpperCase() === method);
  return verb === undefined
    ? { verb: 'http.request', first: [quoted(method)] }
    : { verb: `http.${verb}`, first: [] };
}

/** The address as a string, or as a template where the environment has a part of it. */
function urlText(url: string, lookups: Lookups): string {
  const [path = '', query] = splitOnce(url, '?');
  const secrets = (query ?? '').split('&').filter((each) => isSecretPair(each));
  if (secrets.length === 0) return quoted(url);
  const parts = (query ?? '').split('&').map((each) => {
    const [name = '', value = ''] = splitOnce(each, '=');
    if (!isSecretPair(each)) return inTemplate(each);
    return `${inTemplate(name)}=\${encodeURIComponent(${lookups.of(decoded(name), value)})}`;
  });
  return `\`${inTemplate(path)}?${parts.join('&')}\``;
}

function isSecretPair(pair: string): boolean {
  const [name = '', value = ''] = splitOnce(pair, '=');
  return value !== '' && soundsSecret(decoded(name));
}

const inTemplate = (text: string): string => text.replace(/[\\`]|\$\{/g, '\\$&');

function splitOnce(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function headerValue(name: string, value: string, lookups: Lookups): Lines {
  return [soundsSecret(name) && value !== '' ? lookups.of(name, value) : quoted(value)];
}

/** What stands behind the address; null for nothing. @param column where its names begin */
function optionsOf({ headers, body, accept }: ScriptRequest, column: number, lookups: Lookups): Lines | null {
  const content = body === null ? null : contentOf(body, headers['content-type'] ?? '', column + 2, lookups);
  const kept = Object.entries(headers).filter(
    ([name, value]) => name !== 'content-type' || value.toLowerCase() !== content?.type,
  );
  const entries: (readonly [string, Lines])[] = [];
  if (kept.length > 0)
    entries.push([
      'headers',
      objectOf(kept.map(([name, value]) => [name, headerValue(name, value, lookups)])),
    ]);
  if (content !== null) entries.push([content.option, content.lines]);
  if (accept !== null) entries.push(['accept', [`[${accept}]`]]);
  return entries.length === 0 ? null : objectOf(entries);
}

interface ContentText {
  readonly option: 'json' | 'form' | 'body';
  /** The content type that the option sends by itself. */
  readonly type: string;
  readonly lines: Lines;
}

/** The body as a person would give it; where that would send other bytes, as it is. */
function contentOf(body: string | Uint8Array, type: string, column: number, lookups: Lookups): ContentText {
  if (typeof body !== 'string')
    return { option: 'body', type: '', lines: bytesText(Buffer.from(body).toString('base64'), column) };
  if (/json/i.test(type)) {
    const value = parsed(body);
    const isSame = value !== undefined && bare(JSON.stringify(value)) === bare(body);
    const lines = isSame ? jsonLiteral(value, '', column + 'json: '.length, lookups) : null;
    if (lines !== null) return { option: 'json', type: 'application/json', lines };
  }
  if (/^application\/x-www-form-urlencoded/i.test(type)) {
    const fields = [...new URLSearchParams(body)];
    const isSame = new URLSearchParams(fields).toString() === body;
    if (isSame && new Set(fields.map(([name]) => name)).size === fields.length) {
      const lines = objectOf(fields.map(([name, value]) => [name, headerValue(name, value, lookups)]));
      return { option: 'form', type: 'application/x-www-form-urlencoded', lines };
    }
  }
  const lines = holdsSecret(body) ? [lookups.of('body', body)] : [quoted(body)];
  return { option: 'body', type: '', lines };
}

function bytesText(base64: string, column: number): Lines {
  const flat = `Buffer.from(${quoted(base64)}, 'base64')`;
  if (column + 'body: '.length + flat.length < lineWidth) return [flat];
  return ['Buffer.from(', `  ${quoted(base64)},`, "  'base64',", ')'];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const bare = (text: string): string => text.replace(/\s/g, '');

/** Names in JSON, in forms and in parts of forms. */
function holdsSecret(body: string): boolean {
  const names = [
    ...[...body.matchAll(/"([^"\\]+)"\s*:/g)].map(([, name]) => name ?? ''),
    ...[...body.matchAll(/name="([^"]+)"/g)].map(([, name]) => name ?? ''),
    ...[...body.matchAll(/(?:^|[&\s<])([\w.-]+)[=>]/g)].map(([, name]) => name ?? ''),
  ];
  return names.some(soundsSecret);
}
