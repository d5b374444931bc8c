import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import * as prettier from 'prettier';
import ts from 'typescript';
import { describe, expect, it, type TestContext } from 'vitest';
import { loadScenarios } from '../scenarios/loading.ts';
import { init } from './init.ts';
import { scriptText, type Script, type ScriptRequest } from './scriptText.ts';

const fileOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const har = fileOf('test/recordings/shop.har');
const openapi = fileOf('test/recordings/shop.openapi.yaml');
const layout = { ...(await prettier.resolveConfig(fileOf('src/index.ts'))), parser: 'typescript' };

function folderFor({ onTestFinished }: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-init-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** What TypeScript finds wrong with files, against the types as they are published. */
function faultsIn(files: readonly string[]): string[] {
  const types = existsSync(fileOf('dist/index.d.ts')) ? 'dist/index.d.ts' : 'src/index.ts';
  const program = ts.createProgram([...files], {
    strict: true,
    noEmit: true,
    noUnusedLocals: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    types: ['node'],
    typeRoots: [fileOf('node_modules/@types')],
    paths: { plimsoll: [fileOf(types)] },
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

const formed = ['Content-Type: application/json', 'Authorization: Bearer hunter2', 'X-Trace: on'];

const ways = [
  ['from a URL', ['http://localhost:3000/api/items/17?page=2'], {}],
  [
    'from a request with credentials',
    ['http://anna:hunter2@localhost:3000/api?token=hunter2&page=2'],
    {
      body: '{"say":"it\'s \\"me\\"","password":"hunter2","tags":["a","b"],"none":{},"at":1.5}',
      header: formed,
    },
  ],
  ['from a recording', [], { har }],
  [
    'from a recording, elsewhere',
    ['http://localhost:3000'],
    { har, header: ['Authorization: Bearer hunter2'] },
  ],
  ['from a description', ['http://localhost:3000/v2'], { openapi, allowWrites: true }],
] as const;

describe('the scenario that is written', () => {
  it.for(ways)(
    '%s loads, is laid out by prettier, and holds no secret',
    async ([, given, flags], context) => {
      const file = join(folderFor(context), 'session.ts');
      await init([...given, file], flags);
      const text = readFileSync(file, 'utf8');
      expect(await prettier.format(text, layout)).toBe(text);
      expect((await loadScenarios(file)).length).toBe(1);
      expect(text).not.toContain('hunter2');
      expect(text).toContain(`npx plimsoll run ${file} --users 1`);
    },
  );

  it('type-checks against the published types', async (context) => {
    const folder = folderFor(context);
    const files = ways.map((_, nth) => join(folder, `${nth}.ts`));
    for (const [nth, [, given, flags]] of ways.entries()) await init([...given, files[nth] ?? ''], flags);
    const wrong = join(folder, 'wrong.ts');
    writeFileSync(wrong, "import { nothing } from 'plimsoll';\nnothing();\n");
    expect(faultsIn([...files, wrong])).toEqual([expect.stringContaining("no exported member 'nothing'")]);
  }, 60_000);

  it('from a recording reads as it was played', async (context) => {
    const file = join(folderFor(context), 'session.ts');
    const { note } = await init([file], { har });
    expect(note).toContain('9 of 16 requests');
    const text = readFileSync(file, 'utf8');
    const [, code = ''] = text.split("import { scenario } from 'plimsoll';\n");
    expect(code).toMatchInlineSnapshot(`
      "
      export default scenario(
        'shop',
        {
          baseUrl: 'http://shop.test:8080',
          redirects: 0,
          // think: [1, 3], // seconds between two sessions of a user
        },
        async ({ http, step, pause }) => {
          // Each step has its own line in the report. A request that fails makes its session fail.
          await step('GET /', () => http.get('/?page=1'));
          await Promise.all([
            // At the same time, as they were recorded.
            step('GET /style.css', () => http.get('/style.css')),
            step('GET /items/:id', () =>
              http.get('/items/17', {
                headers: {
                  authorization: process.env.AUTHORIZATION ?? '',
                },
              }),
            ),
            step('GET /items/:id', () =>
              http.get('/items/18', {
                headers: {
                  authorization: process.env.AUTHORIZATION ?? '',
                },
              }),
            ),
          ]);

          await pause(3);
          await step('POST /login', () =>
            http.post('/login', {
              headers: {
                'content-type': 'application/x-www-form-urlencoded',
              },
              body: 'user=ada&tag=a+b&tag=c%26d',
            }),
          );
          await step('GET /account/:id', () => http.get('/account/4f2b8c1e-1111-4222-8333-944455566677'));
          await step('PUT /avatar', () =>
            http.put('/avatar', {
              headers: {
                'content-type': 'application/octet-stream',
              },
              body: Buffer.from('AP8QgA==', 'base64'),
            }),
          );
          await step('GET /missing', () =>
            http.get('/missing', {
              accept: [404],
            }),
          );

          await pause(5);
          await step('POST /items/:id/reviews', () =>
            http.post('/items/17/reviews', {
              headers: {
                authorization: process.env.AUTHORIZATION ?? '',
              },
              json: {
                stars: 5,
                password: process.env.PASSWORD ?? '',
              },
            }),
          );
        },
      );
      "
    `);
    expect(text).toContain('Set before a run:\n *     AUTHORIZATION\n *     PASSWORD\n');
  });

  it('from a URL is one request', async (context) => {
    const file = join(folderFor(context), 'session.ts');
    await init(['http://localhost:3000/api/items', file], { method: 'PUT', body: 'x' });
    expect(readFileSync(file, 'utf8').replaceAll(file, 'session.ts')).toMatchInlineSnapshot(`
      "/**
       * A first scenario: one request, for the rest of a session to be written behind it.
       *
       *     npx plimsoll run session.ts --users 1
       *     npx plimsoll capacity session.ts
       */
      import { expect, scenario } from 'plimsoll';

      export default scenario(
        'session',
        {
          baseUrl: 'http://localhost:3000',
          // think: [1, 3], // seconds between two sessions of a user
        },
        async ({ http, step }) => {
          // A step has its own line in the report. A request that fails makes its session fail.
          const reply = await step('PUT /api/items', () =>
            http.put('/api/items', {
              body: 'x',
            }),
          );
          // What does not hold ends the session, and counts as a failure.
          expect(reply.ok, true, 'PUT /api/items');
        },
      );
      "
    `);
  });
});

describe('a file that is there', () => {
  it('is left as it is, unless that is asked for', async (context) => {
    const file = join(folderFor(context), 'session.ts');
    writeFileSync(file, 'mine');
    await expect(init(['http://a.test/', file], {})).rejects.toMatchObject({
      code: 'PLM_EXISTS',
      exitCode: 2,
    });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    await init(['http://a.test/', file], { force: true });
    expect(readFileSync(file, 'utf8')).toContain("baseUrl: 'http://a.test'");
  });
});

describe('init', () => {
  it.for([
    ['nothing to write about', [], {}, 'PLM_NO_TARGET'],
    ['what is no URL', ['items'], {}, 'PLM_TARGET'],
    ['a WebSocket', ['ws://a.test/'], {}, 'PLM_OPTION'],
    ['a language model', ['llm://a.test/'], { model: 'm' }, 'PLM_OPTION'],
    ['a third name', ['http://a.test/', 'http://b.test/'], {}, 'PLM_OPTION'],
    ['a recording that is not there', [], { har: 'none.har' }, 'PLM_FILE'],
  ] as const)('refuses %s', async ([, given, flags, code], context) => {
    const file = join(folderFor(context), 'session.ts');
    await expect(init([...given, file], flags)).rejects.toMatchObject({ code, exitCode: 2 });
    expect(existsSync(file)).toBe(false);
  });

  it('refuses a folder that is not there', async (context) => {
    const file = join(folderFor(context), 'none', 'session.ts');
    await expect(init(['http://a.test/', file], {})).rejects.toMatchObject({ code: 'PLM_FILE' });
  });
});

const text = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom("it's", '"', '\\', '`${x}`', '*/'),
);
const path = fc.stringMatching(
  /^\/[a-z0-9/._~-]{0,100}(\?(token|page|sort)=[a-z0-9%`$]{0,30}(&key=[a-z]{1,9})?)?$/,
);
const headers = fc.dictionary(fc.stringMatching(/^[a-z][a-z-]{0,20}$/), text, { maxKeys: 3 });
const request: fc.Arbitrary<ScriptRequest> = fc.record({
  name: fc.tuple(fc.constantFrom('GET', 'POST'), path).map(([method, at]) => `${method} ${at}`.slice(0, 80)),
  method: fc.constantFrom('GET', 'POST', 'PROPFIND', 'DELETE'),
  url: path,
  headers,
  body: fc.oneof(
    fc.constant(null),
    text,
    fc.uint8Array({ maxLength: 90 }),
    fc.jsonValue().map((value) => JSON.stringify(value)),
  ),
  accept: fc.option(fc.integer({ min: 400, max: 499 })),
});
const typed = fc
  .tuple(request, fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/plain'))
  .map(([each, type]): ScriptRequest =>
    each.body === null ? each : { ...each, headers: { ...each.headers, 'content-type': type } },
  );
const script: fc.Arbitrary<Script> = fc.record({
  file: fc.constant('session.ts'),
  name: text.filter((each) => each !== ''),
  origin: text,
  baseUrl: fc.constant('http://localhost:3000'),
  headers,
  compression: fc.boolean(),
  followsRedirects: fc.boolean(),
  turns: fc.array(
    fc.record({
      pauseMs: fc.integer({ min: 0, max: 3000 }),
      requests: fc.array(typed, { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

describe('the text of any requests', () => {
  it('is what prettier would make of it', async () => {
    await fc.assert(
      fc.asyncProperty(script, async (given) => {
        const written = scriptText(given);
        expect(await prettier.format(written, layout)).toBe(written);
      }),
      { numRuns: 100, seed: 17 },
    );
  });
});
