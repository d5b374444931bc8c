/** A request as it is written, put together from the values of its parameters and its body. */
import type { z } from 'zod';
import { contentOf } from '../../scenarios/http/content.ts';
import type { Variant } from '../operations.ts';
import { record, type contentSchema, type Parameter } from './schemas.ts';
import type { Values } from './values.ts';

export interface Body {
  readonly type: string;
  readonly text: string;
}

/** How the body is made, or why it cannot be. */
export function bodySource(
  content: z.infer<typeof contentSchema>,
  values: Values,
): (() => Promise<Body>) | string {
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

export const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** A request as it is written, put together from its parameters (OpenAPI 3.1, section 4.8.12.2: styles). */
export class Written {
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
