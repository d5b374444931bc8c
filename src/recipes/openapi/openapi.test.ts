import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, type TestContext } from 'vitest';
import { readOpenapi, type OpenapiOptions } from './openapi.ts';

const shop = fileURLToPath(new URL('../../../test/recordings/shop.openapi.yaml', import.meta.url));
const usual: OpenapiOptions = { target: null, allowWrites: false, seed: 5 };

describe('a description', () => {
  it('is played by its operations that read, on its first server', async () => {
    const { operations, baseUrl, note } = await readOpenapi(shop, usual);
    expect(operations.map(({ name, method, weight }) => [name, method, weight])).toEqual([
      ['GET /items', 'GET', 3],
      ['GET /items/{id}', 'GET', 1],
      ['HEAD /items/{id}', 'HEAD', 1],
    ]);
    expect(baseUrl).toBe('http://shop.test:8080/v2/');
    expect(note).toBe(
      '3 of 6 operations in shop.openapi.yaml are played on http://shop.test:8080; left out: 2 that write (--allow-writes), ' +
        'GET /files/{path} (its parameter path has neither example nor schema)',
    );
  });

  it('gives values from examples, enumerations and schemas, and leaves other optional ones out', async () => {
    const [items, one] = (await readOpenapi(shop, usual)).operations;
    expect(items?.variants.map(({ url }) => url).toSorted()).toEqual([
      '/v2/items?sort=name&tag=red&tag=blue%20%26%20green',
      '/v2/items?sort=price&tag=red&tag=blue%20%26%20green',
    ]);
    const ids = one?.variants.map(({ url }) => Number(/^\/v2\/items\/(\d+)$/.exec(url)?.[1])) ?? [];
    expect(ids.length).toBeGreaterThan(20);
    expect(ids.every((id) => id >= 1 && id <= 100)).toBe(true);
    expect(one?.variants[0]?.headers).toEqual({ 'x-api-key': 'hunter2-example' });
  });

  it('counts what it documents below 400 as answers, with ranges and defaults', async () => {
    const [items, one, head] = (await readOpenapi(shop, usual)).operations;
    expect(items?.documented).toEqual([200]);
    expect([one?.documented.length, one?.documented.at(-1)]).toEqual([101, 304]);
    expect(head?.documented.length).toBe(200);
  });

  it('writes where that is allowed, with bodies that follow the schema', async () => {
    const { operations } = await readOpenapi(shop, { ...usual, allowWrites: true });
    expect(operations.map(({ name }) => name)).toEqual([
      'GET /items',
      'POST /items',
      'GET /items/{id}',
      'HEAD /items/{id}',
      'DELETE /items/{id}',
    ]);
    const posts = operations[1]?.variants ?? [];
    expect(posts.length).toBeGreaterThan(20);
    for (const { headers, body } of posts) {
      const item = JSON.parse(body ?? '') as Record<string, unknown>;
      expect(headers).toEqual({ 'content-type': 'application/json' });
      expect(item).toMatchObject({
        name: 'A lamp',
        code: expect.stringMatching(/^[A-Z]{3}-\d{4}$/) as string,
      });
      expect(item).not.toHaveProperty('id');
      expect((item['parts'] as unknown[]).length).toBeLessThanOrEqual(2);
    }
  });

  it('is the same for the same seed, and another for another', async () => {
    const of = async (seed: number): Promise<unknown> =>
      (await readOpenapi(shop, { ...usual, seed })).operations;
    expect(await of(5)).toEqual(await of(5));
    expect(await of(6)).not.toEqual(await of(5));
  });

  it('is played on the target, whose path takes the place of that of the server', async () => {
    const { operations, baseUrl } = await readOpenapi(shop, {
      ...usual,
      target: 'http://127.0.0.1:4017/api',
    });
    expect(baseUrl).toBe('http://127.0.0.1:4017/api');
    expect(operations[0]?.variants[0]?.url).toMatch(/^\/api\/items\?/);
  });
});

function fileWith({ onTestFinished }: TestContext, text: string, name = 'api.yaml'): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-openapi-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** An operation of a path, on a server. */
const one = (operation: object, path = '/x', server = 'http://a.test'): string =>
  JSON.stringify({ openapi: '3.1.0', servers: [{ url: server }], paths: { [path]: { get: operation } } });

const query = (more: object): object => ({
  parameters: [{ name: 'q', in: 'query', required: true, ...more }],
});

describe('a parameter', () => {
  it.for([
    ['of a list', { example: [1, 2] }, '/x?q=1&q=2'],
    ['of a list that is not taken apart', { example: [1, 2], explode: false }, '/x?q=1,2'],
    ['of a list between pipes', { example: [1, 2], style: 'pipeDelimited' }, '/x?q=1%7C2'],
    ['of an object', { example: { a: 1, b: 'c d' } }, '/x?a=1&b=c%20d'],
    ['of a deep object', { example: { a: 1 }, style: 'deepObject' }, '/x?q%5Ba%5D=1'],
    ['of JSON', { content: { 'application/json': { example: { a: 1 } } } }, '/x?q=%7B%22a%22%3A1%7D'],
    ['with named examples', { examples: { first: { value: 'one' } } }, '/x?q=one'],
    ['with a default', { schema: { type: 'string', default: 'usual' } }, '/x?q=usual'],
    ['with a constant', { schema: { const: 7 } }, '/x?q=7'],
  ] as const)('%s is written as the standard says', async ([, more, url], context) => {
    const file = fileWith(context, one(query(more)), 'api.json');
    expect((await readOpenapi(file, usual)).operations[0]?.variants).toEqual([
      { url, headers: {}, body: null },
    ]);
  });

  it('of the operation counts more than that of its path', async (context) => {
    const parameter = (example: number): object => ({ name: 'id', in: 'path', required: true, example });
    const item = { parameters: [parameter(3)], get: { parameters: [parameter(4)] } };
    const file = fileWith(
      context,
      JSON.stringify({ openapi: '3.0.1', servers: [{ url: 'http://a.test/' }], paths: { '/x/{id}': item } }),
    );
    expect((await readOpenapi(file, usual)).operations[0]?.variants[0]?.url).toBe('/x/4');
  });
});

describe('references', () => {
  const referring = (to: string): string =>
    JSON.stringify({
      openapi: '3.0.0',
      servers: [{ url: 'http://a.test' }],
      paths: { 'x-note': 'no path', '/x': { get: { parameters: [{ $ref: to }] } } },
    });

  it('lead to files beside, of YAML or JSON', async (context) => {
    const file = fileWith(context, referring('./shared.yaml#/Page'));
    writeFileSync(
      join(file, '../shared.yaml'),
      'Page: { name: page, in: query, required: true, example: 3 }',
    );
    expect((await readOpenapi(file, usual)).operations[0]?.variants[0]?.url).toBe('/x?page=3');
  });

  it('lead to no other files', async (context) => {
    const file = fileWith(context, referring('./secret.env'));
    writeFileSync(join(file, '../secret.env'), '{"name":"hunter2","in":"query","example":"hunter2"}');
    await expect(readOpenapi(file, usual)).rejects.toThrow(/^(?!.*hunter2).*secret\.env/);
  });
});

describe('a server that is a path', () => {
  it('is joined to the target', async (context) => {
    const file = fileWith(context, one({}, '/x', '/api/v3'));
    const { baseUrl, operations } = await readOpenapi(file, { ...usual, target: 'http://127.0.0.1:4017/' });
    expect([baseUrl, operations[0]?.variants[0]?.url]).toEqual(['http://127.0.0.1:4017/api/v3', '/api/v3/x']);
  });

  it('is no target by itself', async (context) => {
    const file = fileWith(context, one({}, '/x', '/api/v3'));
    await expect(readOpenapi(file, usual)).rejects.toThrow(/its servers give no whole URL/);
  });
});

describe('what cannot be played', () => {
  it.for([
    ['is neither YAML nor JSON', '{"openapi": ', /api\.yaml/],
    ['is of OpenAPI 2', 'swagger: "2.0"\npaths: {}', /it is of OpenAPI 2\.0: convert it/],
    ['is something else', 'name: shop', /names no version 3/],
    ['is only a word', 'shop', /./],
    [
      'has no operations',
      'openapi: 3.0.0\nservers: [{ url: "http://a.test" }]\npaths: {}',
      /it has no operations/,
    ],
    [
      'only writes',
      'openapi: 3.0.0\nservers: [{ url: "http://a.test" }]\npaths: { /x: { post: {} } }',
      /none of its 1 operations can be played: 1 that write \(--allow-writes\)/,
    ],
    ['refers to nothing', one({ parameters: [{ $ref: '#/components/parameters/None' }] }), /None/],
    ['refers to the network', one({ parameters: [{ $ref: 'http://127.0.0.1:9/p.json' }] }), /127\.0\.0\.1:9/],
    ['has a parameter without a place', one({ parameters: [{ name: 'q' }] }), /GET \/x \(parameters\.0\.in/],
  ] as const)('because it %s is one error with the reason', async ([, text, message], context) => {
    const file = fileWith(context, text);
    await expect(readOpenapi(file, usual)).rejects.toMatchObject({ code: 'PLM_OPENAPI' });
    await expect(readOpenapi(file, usual)).rejects.toThrow(message);
  });

  it('or is not there is told so', async () => {
    await expect(readOpenapi('/nowhere/api.yaml', usual)).rejects.toMatchObject({ code: 'PLM_FILE' });
  });
});
