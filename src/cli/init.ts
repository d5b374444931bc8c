/** `plimsoll init`: writes a first scenario from a URL, a recording or an OpenAPI file. Nothing is sent, nothing written over. */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { PlimsollError } from '../errors.ts';
import { noteOf } from '../recipes/recipe.ts';
import type { OperationsRecipe } from '../recipes/operations.ts';
import type { RecordedRequest, RecordingRecipe } from '../recipes/recording.ts';
import { requestName } from '../recipes/requestName.ts';
import { OptionReader, parseHeader, readBody, type RawOptions } from './options.ts';
import { httpTarget, recipeFor } from './recipes.ts';
import { isScenarioFile } from './target.ts';
import { scriptText, type Script, type ScriptRequest, type Turn } from './scriptText.ts';

export interface Written {
  readonly file: string;
  /** What of a recording or description is in it, and what is not; empty where there is nothing to say. */
  readonly note: string;
}

/**
 * @param given the URL and the name of the file, each where it is given
 * @throws PLM_EXISTS where the file is there, PLM_OUT where it cannot be written, and what is wrong with what it is made from
 */
export async function init(given: readonly string[], flags: RawOptions): Promise<Written> {
  const file = given.find(isScenarioFile) ?? 'session.ts';
  const [target = null, ...more] = given.filter((each) => each !== file);
  if (more.length > 0)
    throw new PlimsollError('PLM_OPTION', `"${more[0]}"`, 'a URL and a name ending in .ts are taken');
  const read = new OptionReader(flags, {}, '');
  const made = await recipeFor(target, read);
  const recipe = made?.recipe ?? null;
  if (recipe !== null && (recipe.kind === 'chat' || recipe.kind === 'call'))
    throw new PlimsollError(
      'PLM_OPTION',
      `"${target}" with init`,
      `it writes requests of HTTP; examples/${recipe.kind === 'chat' ? 'tokens.ts is a scenario of tokens' : 'grpc.ts is one of gRPC'}`,
    );
  if (recipe === null && target === null) throw new PlimsollError('PLM_NO_TARGET', '"plimsoll init"');
  const script =
    recipe === null
      ? fromUrl(target ?? '', read)
      : recipe.kind === 'recording'
        ? fromRecording(recipe)
        : fromOperations(recipe);
  const headers = read
    .list('header')
    .map(parseHeader)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    // Of the one request it is its own.
    .filter(([name]) => recipe !== null || name !== 'content-type');
  const text = scriptText({
    ...script,
    file,
    headers: { ...script.headers, ...Object.fromEntries(headers) },
  });
  write(file, text, flags['force'] === true);
  return { file, note: noteOf(recipe) };
}

function write(file: string, text: string, over: boolean): void {
  try {
    writeFileSync(file, text, { flag: over ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new PlimsollError('PLM_EXISTS', `"${file}"`);
    throw new PlimsollError('PLM_FILE', `"${file}"`, (error as Error).message, error);
  }
}

type Draft = Omit<Script, 'file'>;

function fromUrl(given: string, read: OptionReader): Draft {
  const url = httpTarget(given, 'init');
  const body = read.text('body');
  const bytes = body === null ? null : Buffer.from(readBody(body.text));
  const method = (read.text('method')?.text ?? (bytes === null ? 'GET' : 'POST')).toUpperCase();
  const name = requestName(method, url.pathname);
  const type = read
    .list('header')
    .map(parseHeader)
    .find(([header]) => header.toLowerCase() === 'content-type');
  const request: ScriptRequest = {
    name,
    method,
    url: url.pathname + url.search,
    headers: type === undefined ? {} : { 'content-type': type[1] },
    body: bytes === null || !isText(bytes) ? bytes : bytes.toString(),
    accept: null,
  };
  return {
    name: 'session',
    origin: 'A first scenario: one request, for the rest of a session to be written behind it.',
    baseUrl: url.origin,
    headers: credentialsOf(url),
    compression: false,
    followsRedirects: true,
    turns: [{ pauseMs: 0, requests: [request] }],
  };
}

const isText = (bytes: Buffer): boolean => Buffer.from(bytes.toString()).equals(bytes);

/** Of an address with user and password; they do not stay in it. */
const credentialsOf = ({ username, password }: URL): Record<string, string> =>
  username === '' && password === ''
    ? {}
    : { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };

/** What a browser says of itself, and nobody would write. */
const ofBrowsers =
  /^(sec-.*|user-agent|accept|accept-(language|encoding|charset)|referer|origin|upgrade-insecure-requests|dnt|priority|pragma|cache-control|purpose)$/;

function fromRecording({ name, baseUrl, requests }: RecordingRecipe): Draft {
  const url = new URL(baseUrl);
  return {
    name: basename(name, '.har'),
    origin: `A first scenario, from the requests in ${name}. Headers that only browsers send are left out.`,
    baseUrl: url.origin,
    headers: credentialsOf(url),
    compression: requests.some(({ headers }) => headers['accept-encoding'] !== undefined),
    followsRedirects: false,
    turns: turnsOf(requests),
  };
}

const mostAtOnce = 6;

/** What waits for as many others is at the same time, six at most. */
function turnsOf(requests: readonly RecordedRequest[]): Turn[] {
  const depths: number[] = [];
  const byDepth: RecordedRequest[][] = [];
  for (const request of requests) {
    const depth = Math.max(-1, ...request.after.map((nth) => depths[nth] ?? 0)) + 1;
    depths.push(depth);
    (byDepth[depth] ??= []).push(request);
  }
  return byDepth.flatMap((all) =>
    Array.from({ length: Math.ceil(all.length / mostAtOnce) }, (_, nth): Turn => {
      const some = all.slice(nth * mostAtOnce, (nth + 1) * mostAtOnce);
      return {
        pauseMs: nth === 0 ? Math.min(...some.map(({ pauseMs }) => pauseMs)) : 0,
        requests: some.map(recorded),
      };
    }),
  );
}

const recorded = ({ name, method, url, headers, body, status }: RecordedRequest): ScriptRequest => ({
  name,
  method,
  url,
  headers: Object.fromEntries(Object.entries(headers).filter(([header]) => !ofBrowsers.test(header))),
  body,
  accept: status >= 400 && status < 500 ? status : null,
});

function fromOperations({ name, baseUrl, operations }: OperationsRecipe): Draft {
  const url = new URL(baseUrl);
  return {
    name: basename(name).replace(/\.(ya?ml|json)$/i, ''),
    origin: `A first scenario, from the operations in ${name}: each once, with the first values that were found or made.`,
    baseUrl: url.origin,
    headers: credentialsOf(url),
    compression: false,
    followsRedirects: true,
    turns: operations.flatMap(({ name: operation, method, variants: [first] }): Turn[] =>
      first === undefined
        ? []
        : [{ pauseMs: 0, requests: [{ name: operation, method, ...first, accept: null }] }],
    ),
  };
}
