import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { wiresTo } from '../../../test/kit/wires.ts';
import { httpTarget, type HttpTargetServer } from '../../../test/kit/httpTarget.ts';
import { Account } from '../account.ts';
import type { Reply } from './http.ts';
import { UserHttp, type Habits } from './userHttp.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Counted {
  sent: number;
  readonly failures: string[];
}

async function userOf(
  answer: (request: IncomingMessage, response: ServerResponse, number: number) => void,
  habits: Partial<Habits> = {},
): Promise<{ user: UserHttp; account: Account; counted: Counted; target: HttpTargetServer }> {
  const target = await httpTarget(answer);
  cleanups.push(() => target.close());
  const counted: Counted = { sent: 0, failures: [] };
  const wires = wiresTo(target.url);
  const tally = {
    connected: () => undefined,
    sent: () => void counted.sent++,
    done: (_due: number, _sent: number, _first: number, _done: number, failure: string) =>
      void counted.failures.push(failure),
  };
  const account = new Account(tally);
  const user = new UserHttp(wires, account, { redirects: 10, cookies: 'session', ...habits });
  cleanups.push(() => {
    account.close();
    user.retire('test over');
  });
  account.begin(performance.now());
  user.begin();
  return { user, account, counted, target };
}

const told = ({ status, failure, url }: Reply): unknown[] => [status, failure, new URL(url).pathname];

function leading(response: ServerResponse, status: number, location: string): void {
  response.writeHead(status, { location }).end();
}

describe('redirects', () => {
  it('are followed, each request counted, and the reply is the last', async () => {
    const seen: string[] = [];
    const { user, account, counted } = await userOf((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers['content-length'] ?? 'no body'}`);
      if (request.url === '/login') leading(response, 303, '/hop');
      else if (request.url === '/hop') leading(response, 307, '/home');
      else response.end('welcome');
    });
    const reply = await user.post('/login', { form: { name: 'ada' } });
    expect([told(reply), reply.text()]).toEqual([[200, '', '/home'], 'welcome']);
    expect(seen).toEqual(['POST /login 8', 'GET /hop no body', 'GET /home no body']);
    expect([counted.sent, counted.failures, account.underWay]).toEqual([3, ['', '', ''], 0]);
  });

  it('that go round and round end as a failure', async () => {
    const { user, account, counted } = await userOf((_request, response) => leading(response, 302, '/'), {
      redirects: 4,
    });
    expect(told(await user.get('/'))).toEqual([302, 'redirects', '/']);
    expect(counted.failures).toEqual(['', '', '', '', 'redirects']);
    expect(account.failure).toBe('redirects');
  });

  it('are left alone where the script says so, and fail where they lead to nowhere', async () => {
    const { user, counted } = await userOf((request, response) =>
      request.url === '/odd' ? response.writeHead(302).end() : leading(response, 302, '/'),
    );
    expect(told(await user.get('/', { redirects: 0 }))).toEqual([302, '', '/']);
    expect(told(await user.get('/odd'))).toEqual([302, 'redirects', '/odd']);
    expect(told(await user.get('/odd', { redirects: 0 }))).toEqual([302, '', '/odd']);
    expect(counted.sent).toBe(3);
  });

  it('to another origin leave credentials behind', async () => {
    const seen: (string | undefined)[] = [];
    const other = await httpTarget((request, response) => {
      seen.push(request.headers.authorization);
      response.end();
    });
    cleanups.push(() => other.close());
    const { user } = await userOf((request, response) => {
      seen.push(request.headers.authorization);
      leading(response, 307, other.url);
    });
    await user.get('/', { auth: { bearer: 'abc' } });
    expect(seen).toEqual(['Bearer abc', undefined]);
  });
});

describe('cookies', () => {
  async function seenBy(habits: Partial<Habits>): Promise<(string | undefined)[]> {
    const seen: (string | undefined)[] = [];
    const { user } = await userOf((request, response) => {
      seen.push(request.headers.cookie);
      const setting = ['id=7; Path=/; HttpOnly', 'shop=a; Path=/shop'];
      response.writeHead(200, request.url === '/set' ? { 'set-cookie': setting } : {}).end('ok');
    }, habits);
    for (const path of ['/', '/set', '/', '/shop/cart']) await user.get(path);
    user.begin();
    await user.get('/');
    return seen;
  }

  it('are sent where they belong, for as long as the session lasts', async () => {
    expect(await seenBy({})).toEqual([undefined, undefined, 'id=7', 'shop=a; id=7', undefined]);
  });

  it('are kept for the user, or not at all, where the scenario says so', async () => {
    expect((await seenBy({ cookies: 'user' })).at(-1)).toBe('id=7');
    expect(await seenBy({ cookies: 'none' })).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('set by a redirect are sent along with what it leads to', async () => {
    const seen: (string | undefined)[] = [];
    const { user } = await userOf((request, response) => {
      seen.push(request.headers.cookie);
      if (request.url === '/login') response.writeHead(302, { location: '/', 'set-cookie': 'sid=x' }).end();
      else response.end('hello');
    });
    await user.get('/login');
    expect(seen).toEqual([undefined, 'sid=x']);
  });
});

describe('an answer that says when to come back', () => {
  it('is asked again after that time, as often as is wanted, and each is counted', async () => {
    const { user, account, counted } = await userOf((_request, response, number) => {
      if (number < 3) response.writeHead(number === 1 ? 429 : 503, { 'retry-after': '0' }).end();
      else response.end('at last');
    });
    const reply = await user.get('/', { retryAfter: 5 });
    expect([told(reply), reply.text()]).toEqual([[200, '', '/'], 'at last']);
    expect(counted.failures).toEqual(['http.429', 'http.503', '']);
    expect([account.failure, account.underWay]).toEqual(['', 0]);
  });

  it('is a failure when it was asked often enough, when it says nothing, or when nobody wanted that', async () => {
    const { user, counted } = await userOf((request, response) =>
      response.writeHead(429, request.url === '/mute' ? {} : { 'retry-after': '0' }).end(),
    );
    expect(told(await user.get('/', { retryAfter: 2 }))).toEqual([429, 'http.429', '/']);
    expect(counted.sent).toBe(3);
    await user.get('/mute', { retryAfter: 2 });
    await user.get('/');
    expect(counted.sent).toBe(5);
  });
});

describe('bodies', () => {
  it('that come compressed are unpacked, and cannot fill the memory', async () => {
    const { user } = await userOf((request, response) => {
      const text = request.url === '/bomb' ? Buffer.alloc(64 * 1024 * 1024) : Buffer.from('hello');
      if (request.url === '/br')
        response.writeHead(200, { 'content-encoding': 'br' }).end(brotliCompressSync(text));
      else if (request.url === '/odd') response.writeHead(200, { 'content-encoding': 'zap' }).end('?');
      else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text));
    });
    expect((await user.get('/gzip')).text()).toBe('hello');
    expect((await user.get('/br')).text()).toBe('hello');
    const bomb = await user.get('/bomb');
    expect(() => bomb.text()).toThrow('cannot be unpacked as gzip');
    const odd = await user.get('/odd');
    expect(() => odd.text()).toThrow('compressed with zap');
  });

  it('and credentials go out as the script says', async () => {
    const seen: IncomingMessage['headers'][] = [];
    const { user } = await userOf((request, response) => {
      seen.push(request.headers);
      response.end();
    });
    await user.post('/', { parts: { a: '1' }, auth: { user: 'ada', password: 'x:y' } });
    expect(seen[0]?.['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(seen[0]?.authorization).toBe(`Basic ${Buffer.from('ada:x:y').toString('base64')}`);
  });
});
