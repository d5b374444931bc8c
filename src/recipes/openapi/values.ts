/**
 * Values of parameters and bodies: the file's own examples where there are any, else a default, else one made from the schema
 * by seeded chance.
 */
import { createGenerator, type JsonSchema } from 'json-schema-faker';
import type { Random } from '../../random.ts';
import { record, type Fields, type Parameter } from './schemas.ts';

export type Source = () => Promise<unknown>;

export interface Described {
  readonly schema?: unknown;
  readonly example?: unknown;
  readonly examples?: Fields | undefined;
}

/** Where values come from. */
export class Values {
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

export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

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
export function asJsonSchema(node: unknown): unknown {
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

export const eachAsJsonSchema = (named: object): Fields =>
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
