import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, type TestContext } from 'vitest';
import { readHar, type HarOptions } from './har.ts';

const shop = fileURLToPath(new URL('../../test/recordings/shop.har', import.meta.url));
const usual: HarOptions = { target: null, longestPauseMs: 5000, given: new Set() };

describe('a recording', () => {
  const { requests, baseUrl, note } = readHar(shop, usual);
  const of = (url: string) => requests.find((each) => each.url === url);

  it('is played in the order in which requests began, with the pauses between', () => {
    expect(requests.map(({ name, after, pauseMs }) => [name, after, pauseMs])).toEqual([
      ['GET /', [], 0],
      // What the page asks for waits for the page, and for nothing else.
      ['GET /style.css', [0], 42],
      ['GET /items/:id', [0], 43],
      ['GET /items/:id', [0], 43],
      ['POST /login', [1, 2, 3], 3000],
      ['GET /account/:id', [4], 2],
      ['PUT /avatar', [5], 7],
      ['GET /missing', [6], 10],
      ['POST /items/:id/reviews', [7], 5000],
    ]);
  });

  it('tells what is played and what is not, each entry once', () => {
    expect(note).toBe(
      '9 of 16 requests in shop.har are replayed on http://shop.test:8080; left out: 1 of data:, 1 for WebSockets, ' +
        "1 without an answer, 1 answered by the browser's cache, 1 whose body was not recorded, " +
        '2 of other origins (cdn.example.net, fonts.example.org); 1 pause is shortened to 5 s',
    );
    expect(baseUrl).toBe('http://shop.test:8080');
  });

  it('keeps headers but for those of the connection, the framing, cookies and the cache', () => {
    expect(of('/?page=1')?.headers).toEqual({
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)',
      accept: 'text/html',
    });
    expect(of('/style.css')?.headers).toEqual({ 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' });
    expect(of('/items/17')?.headers['authorization']).toBe('Bearer hunter2-recorded');
  });

  it('sends bodies as text, as bytes, and as the fields of a form, even of one name', () => {
    expect(of('/login')?.body).toBe('user=ada&tag=a+b&tag=c%26d');
    expect(of('/avatar')?.body).toEqual(Buffer.from([0x00, 0xff, 0x10, 0x80]));
    expect(of('/items/17/reviews')?.body).toBe('{"stars":5,"password":"hunter2-body"}');
  });

  it('takes headers of the command line for its own, and another target for its origin', () => {
    const given = new Set(['authorization']);
    const moved = readHar(shop, { ...usual, target: 'http://127.0.0.1:4017/', given });
    expect(moved.requests.find(({ url }) => url === '/items/17')?.headers).not.toHaveProperty(
      'authorization',
    );
    expect(moved.requests.find(({ url }) => url === '/login')?.headers).toMatchObject({
      origin: 'http://127.0.0.1:4017',
      referer: 'http://127.0.0.1:4017/?page=1',
    });
    expect(moved.note).toContain('are replayed on http://127.0.0.1:4017;');
  });

  it('plays another of its origins where that is the target', () => {
    const { requests: other, note: told } = readHar(shop, { ...usual, target: 'https://cdn.example.net/' });
    expect(other.map(({ url }) => url)).toEqual(['/app.js']);
    expect(told).toContain('10 of other origins (shop.test:8080, fonts.example.org)');
  });
});

function fileWith({ onTestFinished }: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-har-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'some.har');
  writeFileSync(file, text);
  return file;
}

const entry = (url: string, more: object = {}): object => ({
  startedDateTime: '2026-11-21T10:00:00.000Z',
  time: 5,
  request: { method: 'GET', url, headers: [] },
  response: { status: 200 },
  ...more,
});
const har = (...entries: object[]): string => JSON.stringify({ log: { entries } });

describe('the origin', () => {
  it('is where the first redirect leads, as from http to https', (context) => {
    const file = fileWith(
      context,
      har(
        entry('http://shop.test/', { response: { status: 307 } }),
        entry('https://shop.test/', { startedDateTime: '2026-11-21T10:00:01.000Z' }),
      ),
    );
    expect(readHar(file, usual).requests.map(({ url }) => url)).toEqual(['/']);
    expect(readHar(file, usual).baseUrl).toBe('https://shop.test');
  });

  it('may stand behind a byte order mark', (context) => {
    const file = fileWith(context, `\uFEFF${har(entry('http://shop.test/a'))}`);
    expect(readHar(file, usual).requests.length).toBe(1);
  });
});

describe('what cannot be replayed', () => {
  it.for([
    ['is no JSON', '{"password":"hunter2', /it is no JSON/],
    ['is no HAR', '{"openapi":"3.0.0"}', /log: /],
    ['has no entries', har(), /it has no entries/],
    [
      'has an entry without a time',
      har(entry('http://a.test/', { startedDateTime: 'soon' })),
      /startedDateTime is no time/,
    ],
    [
      'has nothing of HTTP',
      har(entry('data:,x'), entry('wss://a.test/')),
      /none of its 2 requests can be replayed: 1 of data:, 1 for WebSockets/,
    ],
    ['has no answer', har(entry('http://a.test/', { response: { status: 0 } })), /1 without an answer/],
    [
      'has a header that cannot be sent',
      har(
        entry('http://a.test/', {
          request: { method: 'GET', url: 'http://a.test/', headers: [{ name: 'x', value: 'hunter2\n' }] },
        }),
      ),
      /1 that cannot be sent/,
    ],
  ] as const)(
    'because it %s is one error with the reason, and no word of its content',
    ([, text, message], context) => {
      const file = fileWith(context, text);
      expect(() => readHar(file, usual)).toThrow(message);
      expect(() => readHar(file, usual)).toThrow(expect.objectContaining({ code: 'PLM_RECORDING' }) as Error);
      expect(() => readHar(file, usual)).not.toThrow(/hunter2/);
    },
  );

  it('or is not there is told so', () => {
    expect(() => readHar('/nowhere/some.har', usual)).toThrow(
      expect.objectContaining({ code: 'PLM_FILE' }) as Error,
    );
  });
});

it('is kept in the repository in the order in which its requests ended', () => {
  const { log } = JSON.parse(readFileSync(shop, 'utf8')) as {
    log: { entries: { request: { url: string } }[] };
  };
  expect(log.entries[1]?.request.url).toBe('http://shop.test:8080/?page=1');
});
