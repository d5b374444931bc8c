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
import { createGenerator, type JsonSchema } from 'json-schema-faker';
import { z } from 'zod';
import { PlimsollError } from '../errors.ts';
import { httpRequest } from '../protocols/httpRequest.ts';
import { random, type Random } from '../random.ts';
import { contentOf } from '../scenarios/http/content.ts';
import type { Operation, OperationsRecipe, Variant } from './operations.ts';

export interface OpenapiOptions {
  /** Takes the place of the file's server; null for that. */
  readonly target: string | null;
  readonly allowWrites: boolean;
  readonly seed: number;
}

const record = z.record(z.string(), z.unknown());
type Fields = z.infer<typeof record>;

const contentSchema = z.record(
  z.string(),
  z.object({ schema: z.unknown(), example: z.unknown(), examples: record.optional() }).partial(),
);

const parameterSchema = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header', 'cookie']),
  required: z.boolean().default(false),
  style: z.string().optional(),
  explode: z.boolean().optional(),
  schema: z.unknown().optional(),
  example: z.unknown().optional(),
  examples: record.optional(),
  content: contentSchema.optional(),
});
type Parameter = z.infer<typeof parameterSchema>;

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
  const found = Object.entries(paths).flatMap(([path, each]) => {
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
  for (const [nth, { name, path, method, item }] of played.entries()) {
    const made = await operationOf({
      name,
      path,
      method,
      item,
      baseUrl,
      schemas,
      most,
      draw: random(options.seed, nth),
    });
    if (typeof made === 'string') leftOut.push(`${name} (${made})`);
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

interface Making {
  readonly name: string;
  readonly path: string;
  readonly method: string;
  readonly item: Fields;
  readonly baseUrl: string;
  /** Those of the whole file by name, as JSON Schema. */
  readonly schemas: Fields;
  readonly most: number;
  readonly draw: Random;
}

/** The operation with its variants, or why it cannot be made. */
async function operationOf({
  name,
  path,
  method,
  item,
  baseUrl,
  schemas,
  most,
  draw,
}: Making): Promise<Operation | string> {
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

type Source = () => Promise<unknown>;

interface Described {
  readonly schema?: unknown;
  readonly example?: unknown;
  readonly examples?: Fields | undefined;
}

/** Where values come from. */
class Values {
  /** Whether any is left to chance. */
  byChance = false;
  /** Schemas by name, for those that hold themselves: no other references are left. */
  readonly #schemas: Fields;
  readonly #draw: Random;

  constructor(schemas: Fields, draw: Random) {
    this.#schemas = schemas;
    this.#draw = draw;
  }

  of(
    { schema, example, examples }: Described,
    place: Parameter['in'] | 'body',
  ): { readonly source: Source | null; readonly isExample: boolean } {
    const own = record.safeParse(schema).data ?? {};
    const name = /^#\/components\/schemas\/([^/]+)$/.exec(String(own['$ref']))?.[1];
    const fields = name === undefined ? own : (record.safeParse(this.#schemas[name]).data ?? own);
    const named = Object.values(examples ?? {}).map((each) => record.safeParse(each).data?.['value']);
    const given = [example, ...named, fields['example'], ...listOf(fields['examples'])].filter(
      (each) => each !== undefined,
    );
    if (given.length > 0) return { source: this.#oneOf(given), isExample: true };
    if (fields['default'] !== undefined)
      return { source: this.#oneOf([fields['default']]), isExample: false };
    if (Object.keys(fields).length === 0) return { source: null, isExample: false };
    return { source: this.#made(fields, place), isExample: false };
  }

  #oneOf(values: readonly unknown[]): Source {
    if (values.length > 1) this.byChance = true;
    return () => Promise.resolve(values[Math.floor(this.#draw() * values.length)]);
  }

  #made(fields: Fields, place: Parameter['in'] | 'body'): Source {
    this.byChance = true;
    const schema = { ...(asJsonSchema(fields) as Fields), ...(place === 'body' ? {} : sayable(fields)) };
    const whole = JSON.stringify(schema).includes('"$ref"')
      ? { ...schema, components: { schemas: this.#schemas } }
      : schema;
    return () =>
      createGenerator({
        seed: Math.floor(this.#draw() * 2 ** 31),
        useExamplesValue: true,
        useDefaultValue: true,
      }).generate(whole as JsonSchema);
  }
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** Bounds for what stands in an address and has none: an empty name or a negative id would be another address. */
function sayable({ type, minimum, exclusiveMinimum, maximum, minLength }: Fields): Fields {
  if (type === 'string') return { minLength: minLength ?? 1 };
  if (type !== 'integer' && type !== 'number') return {};
  if (minimum !== undefined || exclusiveMinimum !== undefined || maximum !== undefined) return {};
  return { minimum: 1, maximum: 100 };
}

/**
 * What OpenAPI writes otherwise than JSON Schema: `example`, and properties that only answers have.
 */
function asJsonSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map((each) => asJsonSchema(each));
  if (typeof node !== 'object' || node === null) return node;
  const known = knownSchemas.get(node);
  if (known !== undefined) return known;
  const converted = convertedSchema(node);
  knownSchemas.set(node, converted);
  return converted;
}

/** Schemas of a file share their parts: each is converted once. */
const knownSchemas = new WeakMap<object, unknown>();

const eachAsJsonSchema = (named: object): Fields =>
  Object.fromEntries(Object.entries(named).map(([name, schema]) => [name, asJsonSchema(schema)]));

function convertedSchema(schema: object): Fields {
  const converted: Fields = {};
  for (const [key, value] of Object.entries(schema) as [string, unknown][]) {
    if (key === 'example') converted['examples'] = [value];
    else if (['enum', 'const', 'default', 'examples', 'required'].includes(key)) converted[key] = value;
    else if (key !== 'properties') converted[key] = asJsonSchema(value);
  }
  const properties = record.safeParse((schema as Fields)['properties']).data;
  if (properties === undefined) return converted;
  const isSent = ([, each]: [string, unknown]): boolean => record.safeParse(each).data?.['readOnly'] !== true;
  const sent = Object.fromEntries(Object.entries(properties).filter(isSent));
  converted['properties'] = eachAsJsonSchema(sent);
  const isAsked = (name: unknown): boolean => String(name) in sent || !(String(name) in properties);
  converted['required'] = listOf(converted['required']).filter(isAsked);
  return converted;
}

interface Body {
  readonly type: string;
  readonly text: string;
}

/** How the body is made, or why it cannot be. */
function bodySource(content: z.infer<typeof contentSchema>, values: Values): (() => Promise<Body>) | string {
  const types = Object.keys(content);
  const type =
    types.find((each) => /^application\/([\w.-]+\+)?json\b/i.test(each)) ??
    types.find((each) =>
      /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\b/i.test(each),
    );
  if (type === undefined) return `its body is of ${types.join(', ')}`;
  const { source } = values.of(content[type] ?? {}, 'body');
  if (source === null) return 'its body has neither example nor schema';
  return async () => {
    const value = await source();
    if (/json/i.test(type)) return { type, text: JSON.stringify(value) };
    if (/^text/i.test(type)) return { type, text: text(value) };
    const fields = Object.fromEntries(
      Object.entries(record.parse(value)).map(([name, each]) => [name, text(each)]),
    );
    const made = contentOf(/^multipart/i.test(type) ? { parts: fields } : { form: fields });
    return { type: made.type ?? type, text: made.body?.toString() ?? '' };
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** A request as it is written, put together from its parameters (OpenAPI 3.1, section 4.8.12.2: styles). */
class Written {
  #path: string;
  readonly #query: string[] = [];
  readonly #headers: Record<string, string> = {};
  readonly #cookies: string[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  add(
    { name, in: place, style, explode = style === undefined || style === 'form' }: Parameter,
    value: unknown,
  ): void {
    const encoded = (each: unknown): string => encodeURIComponent(text(each));
    const pairs = Object.entries(record.safeParse(value).data ?? {});
    const list = Array.isArray(value) ? (value as unknown[]) : pairs.length > 0 ? pairs.flat() : [value];
    if (place === 'path') this.#path = this.#path.replaceAll(`{${name}}`, list.map(encoded).join(','));
    else if (place === 'header') this.#headers[name.toLowerCase()] = list.map(text).join(',');
    else if (place === 'cookie') this.#cookies.push(`${name}=${list.map(encoded).join(',')}`);
    else if (style === 'deepObject')
      this.#query.push(
        ...pairs.map(([key, each]) => `${encodeURIComponent(`${name}[${key}]`)}=${encoded(each)}`),
      );
    else if (explode && pairs.length > 0 && !Array.isArray(value))
      this.#query.push(...pairs.map(([key, each]) => `${encodeURIComponent(key)}=${encoded(each)}`));
    else if (explode) this.#query.push(...list.map((each) => `${encodeURIComponent(name)}=${encoded(each)}`));
    else
      this.#query.push(
        `${encodeURIComponent(name)}=${list.map(encoded).join(separators[style ?? ''] ?? ',')}`,
      );
  }

  variant(body: Body | null): Variant {
    const headers = {
      ...this.#headers,
      ...(this.#cookies.length === 0 ? {} : { cookie: this.#cookies.join('; ') }),
      ...(body === null ? {} : { 'content-type': body.type }),
    };
    const query = this.#query.length === 0 ? '' : `?${this.#query.join('&')}`;
    return { url: this.#path + query, headers, body: body?.text ?? null };
  }
}

const separators: Readonly<Record<string, string>> = { spaceDelimited: '%20', pipeDelimited: '%7C' };
