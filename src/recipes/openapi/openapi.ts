/**
 * Reads an OpenAPI file (3.0 or 3.1) as the recipe of a call to its operations.
 *
 * 1. Only operations that read (GET, HEAD) are played, unless writing is allowed.
 * 2. A value is the file's own example where there is one, else a default, a value of an enumeration, or one made from the
 *    schema by seeded chance. Optional parameters are sent where there is an example of them.
 * 3. What cannot be made is left out, and named with the reason.
 * 4. References lead to other files of YAML or JSON, never to the network.
 *
 * Deliberately absent: security schemes (credentials come with --header), and OpenAPI 2.
 */
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { $RefParser } from '@apidevtools/json-schema-ref-parser';
import { z } from 'zod';
import { PlimsollError } from '../../errors.ts';
import { httpRequest } from '../../protocols/httpRequest.ts';
import { random, type Random } from '../../random.ts';
import type { Operation, OperationsRecipe, Variant } from '../operations.ts';
import { contentSchema, parameterSchema, record, type Fields, type Parameter } from './schemas.ts';
import { eachAsJsonSchema, Values, type Source } from './values.ts';
import { bodySource, Written } from './written.ts';

export interface OpenapiOptions {
  /** Takes the place of the file's server; null for that. */
  readonly target: string | null;
  readonly allowWrites: boolean;
  readonly seed: number;
}

const operationSchema = z.object({
  parameters: z.array(parameterSchema).default([]),
  requestBody: z.object({ required: z.boolean().default(false), content: contentSchema }).optional(),
  responses: record.default({}),
  'x-plimsoll-weight': z.number().positive().default(1),
});

const serverSchema = z.object({
  url: z.string(),
  variables: z.record(z.string(), z.object({ default: z.coerce.string() })).default({}),
});

const documentSchema = z.object({
  openapi: z.string(),
  servers: z.array(serverSchema).default([]),
  paths: record.default({}),
  components: record.default({}),
});

const reading = ['get', 'head'];
const writing = ['post', 'put', 'patch', 'delete'];

/** Over all operations: the wires keep so many requests built. */
const variantsInAll = 2000;
const variantsEach = 100;

/** Of what is left out; the others are counted. */
const mostNamed = 10;

/** @throws PLM_FILE, PLM_OPENAPI */
export async function readOpenapi(file: string, options: OpenapiOptions): Promise<OperationsRecipe> {
  const { servers, paths, components } = await documentIn(file);
  const schemas = eachAsJsonSchema(record.safeParse(components['schemas']).data ?? {});
  const wrong = (detail: string): PlimsollError => new PlimsollError('PLM_OPENAPI', `"${file}"`, detail);
  const baseUrl = baseOf(servers[0], options.target);
  if (baseUrl === null)
    throw wrong(
      'its servers give no whole URL: give the target as well, plimsoll capacity URL --openapi FILE',
    );
  // Beside paths there may be extensions (x-...), which are something else.
  const found = Object.entries(paths).flatMap(([path, each]): Found[] => {
    const item = path.startsWith('/') ? (record.safeParse(each).data ?? {}) : {};
    return [...reading, ...writing]
      .filter((method) => item[method] !== undefined)
      .map((method) => ({ path, method, item, name: `${method.toUpperCase()} ${path}` }));
  });
  const played = found.filter(({ method }) => reading.includes(method) || options.allowWrites);
  const leftOut =
    found.length > played.length ? [`${found.length - played.length} that write (--allow-writes)`] : [];
  const most = Math.max(1, Math.min(variantsEach, Math.floor(variantsInAll / Math.max(1, played.length))));
  const operations: Operation[] = [];
  for (const [nth, each] of played.entries()) {
    const made = await operationOf({ ...each, baseUrl, schemas, most, draw: random(options.seed, nth) });
    if (typeof made === 'string') leftOut.push(`${each.name} (${made})`);
    else operations.push(made);
  }
  const unnamed = leftOut.length - mostNamed;
  const without = leftOut.slice(0, mostNamed).join(', ') + (unnamed > 0 ? ` and ${unnamed} more` : '');
  if (found.length === 0) throw wrong('it has no operations');
  if (operations.length === 0)
    throw wrong(`none of its ${found.length} operations can be played: ${without}`);
  const name = basename(file);
  const note = `${operations.length} of ${found.length} operations in ${name} are played on ${new URL(baseUrl).origin}${without === '' ? '' : `; left out: ${without}`}`;
  return { kind: 'operations', name, baseUrl, operations, note };
}

async function documentIn(file: string): Promise<z.infer<typeof documentSchema>> {
  const wrong = (detail: string, cause?: unknown): PlimsollError =>
    new PlimsollError('PLM_OPENAPI', `"${file}"`, detail, cause);
  try {
    readFileSync(file);
  } catch (error) {
    throw new PlimsollError('PLM_FILE', `"${file}"`, (error as Error).message, error);
  }
  let whole: unknown;
  try {
    whole = await $RefParser.dereference(resolve(file), {
      resolve: { http: false, file: { canRead: ['.yaml', '.yml', '.json'] } },
      dereference: { circular: 'ignore' },
    });
  } catch (error) {
    throw wrong(firstLine((error as Error).message), error);
  }
  const { data: version } = z.object({ openapi: z.string(), swagger: z.string() }).partial().safeParse(whole);
  if (version?.swagger !== undefined)
    throw wrong(`it is of OpenAPI ${version.swagger}: convert it to 3 first`);
  if (version?.openapi?.startsWith('3.') !== true) throw wrong('it names no version 3 as its "openapi"');
  const read = documentSchema.safeParse(whole);
  if (read.success) return read.data;
  throw wrong(issueIn(read.error));
}

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

const issueIn = ({ issues: [issue] }: z.ZodError): string =>
  `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it is not as it should be'}`;

/** The target; where the file names a path alone, that path on the target. Null where neither says a host. */
function baseOf(server: z.infer<typeof serverSchema> | undefined, target: string | null): string | null {
  const given =
    server?.url.replace(/\{([^}]*)\}/g, (_, name: string) => server.variables[name]?.default ?? '') ?? '/';
  const isWhole = URL.canParse(given);
  if (target === null) return isWhole && /^https?:/i.test(given) ? given : null;
  const isBare = new URL(target).pathname === '/';
  return isBare && !isWhole && URL.canParse(given, target) ? new URL(given, target).href : target;
}

/** An operation, where it stands in the file. */
interface Found {
  readonly name: string;
  readonly path: string;
  readonly method: string;
  readonly item: Fields;
}

interface Making extends Found {
  readonly baseUrl: string;
  /** Those of the whole file by name, as JSON Schema. */
  readonly schemas: Fields;
  readonly most: number;
  readonly draw: Random;
}

/** The operation with its variants, or why it cannot be made. */
async function operationOf(making: Making): Promise<Operation | string> {
  const { name, path, method, item, baseUrl, schemas, most, draw } = making;
  const read = operationSchema.safeParse(item[method]);
  const shared = z.array(parameterSchema).safeParse(item['parameters'] ?? []);
  if (!read.success) return issueIn(read.error);
  if (!shared.success) return issueIn(shared.error);
  const { parameters, requestBody, responses } = read.data;
  // What an operation says of a parameter counts more than what its path says.
  const all = [
    ...new Map([...shared.data, ...parameters].map((each) => [`${each.in} ${each.name}`, each])).values(),
  ];
  const values = new Values(schemas, draw);
  const sources: { readonly parameter: Parameter; readonly next: Source }[] = [];
  for (const parameter of all) {
    const [media] = Object.values(parameter.content ?? {});
    const { source, isExample } = values.of(media ?? parameter, parameter.in);
    if (source === null && parameter.required)
      return `its parameter ${parameter.name} has neither example nor schema`;
    const next = media === undefined || source === null ? source : async () => JSON.stringify(await source());
    if (next !== null && (parameter.required || isExample)) sources.push({ parameter, next });
  }
  const inPath = [...path.matchAll(/\{([^}]*)\}/g)].map(([, each]) => each ?? '');
  const unknown = inPath.find(
    (each) => !sources.some(({ parameter: p }) => p.in === 'path' && p.name === each),
  );
  if (unknown !== undefined) return `its path parameter ${unknown} has no schema`;
  const body = requestBody === undefined ? null : bodySource(requestBody.content, values);
  if (typeof body === 'string' && requestBody?.required === true) return body;
  const prefix = new URL(baseUrl).pathname.replace(/\/+$/, '');
  const variants = new Map<string, Variant>();
  for (let nth = 0; nth < most; nth++) {
    try {
      const written = new Written(prefix + path);
      for (const { parameter, next } of sources) written.add(parameter, await next());
      const variant = written.variant(typeof body === 'function' ? await body() : null);
      variants.set(JSON.stringify(variant), variant);
    } catch (error) {
      return `no value can be made: ${firstLine((error as Error).message)}`;
    }
    // Where nothing is left to chance the second is like the first.
    if (nth === 0 && !values.byChance) break;
  }
  const ways = [...variants.values()];
  const unsendable = whyUnsendable(method, ways, baseUrl);
  if (unsendable !== '') return unsendable;
  return {
    name,
    method: method.toUpperCase(),
    weight: read.data['x-plimsoll-weight'],
    documented: documented(Object.keys(responses)),
    variants: ways,
  };
}

function whyUnsendable(method: string, variants: readonly Variant[], baseUrl: string): string {
  try {
    for (const { url, headers, body } of variants)
      httpRequest({
        url: new URL(url, baseUrl).href,
        method: method.toUpperCase(),
        headers: Object.entries(headers),
        body: body === null ? null : Buffer.from(body),
      });
    return '';
  } catch {
    return 'a value of it can stand in no request';
  }
}

/** Below 400: codes, ranges as 2XX, or any where the file has a default or says nothing. */
function documented(codes: readonly string[]): number[] {
  const successes = Array.from({ length: 200 }, (_, nth) => 200 + nth);
  const isNamed = (status: number): boolean =>
    codes.some((code) => code === String(status) || code.toUpperCase() === `${Math.floor(status / 100)}XX`);
  const named = successes.filter(isNamed);
  return codes.includes('default') || named.length === 0 ? successes : named;
}
