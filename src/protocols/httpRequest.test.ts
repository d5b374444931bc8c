import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PlimsollError } from '../errors.ts';
import { hostOf, httpRequest, httpUrl, portOf, type HttpRequestOptions } from './httpRequest.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const from = (changes: Partial<HttpRequestOptions>) =>
  httpRequest({
    url: 'http://shop.test:8080/cart?a=1#top',
    method: 'GET',
    headers: [],
    body: null,
    ...changes,
  });
const linesOf = (changes: Partial<HttpRequestOptions>): string[] =>
  from(changes).bytes.toString().split('\r\n');
const refusal = (changes: Partial<HttpRequestOptions>): string => {
  try {
    from(changes);
  } catch (error) {
    if (error instanceof PlimsollError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'taken';
};

describe('httpRequest', () => {
  it('says what the least request needs, and nothing else', () => {
    expect(linesOf({})).toEqual([
      'GET /cart?a=1 HTTP/1.1',
      'Host: shop.test:8080',
      `User-Agent: plimsoll/${version}`,
      'Accept: */*',
      '',
      '',
    ]);
  });

  it('leaves the port of the scheme out of Host, and keeps the brackets of IPv6 in', () => {
    expect(linesOf({ url: 'http://shop.test:80' }).slice(0, 2)).toEqual([
      'GET / HTTP/1.1',
      'Host: shop.test',
    ]);
    expect(linesOf({ url: 'https://shop.test:443/' })[1]).toBe('Host: shop.test');
    expect(linesOf({ url: 'https://shop.test:80/' })[1]).toBe('Host: shop.test:80');
    expect(linesOf({ url: 'http://[::1]:81/' })[1]).toBe('Host: [::1]:81');
    expect(hostOf(httpUrl('http://[::1]:81/'))).toBe('::1');
    expect(portOf(httpUrl('https://a/'))).toBe(443);
    expect(portOf(httpUrl('http://a/'))).toBe(80);
    expect(portOf(httpUrl('http://a:81/'))).toBe(81);
  });

  it('sends the headers of the user in order, instead of its own', () => {
    const lines = linesOf({
      headers: [
        ['X-B', '2'],
        ['HOST', 'other.test'],
        ['user-agent', 'me'],
        ['Accept', 'text/html'],
        ['X-B', '1'],
      ],
    });
    expect(lines.slice(1, -2)).toEqual([
      'X-B: 2',
      'HOST: other.test',
      'user-agent: me',
      'Accept: text/html',
      'X-B: 1',
    ]);
  });

  it('frames the body by its bytes, and says 0 where a body is usual', () => {
    const post = from({ method: 'POST', body: Buffer.from('zoë') }).bytes.toString();
    expect(post).toMatch(/\r\nContent-Length: 4\r\n\r\nzoë$/);
    for (const method of ['POST', 'PUT', 'PATCH']) expect(linesOf({ method })).toContain('Content-Length: 0');
    for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS'])
      expect(linesOf({ method }).join()).not.toMatch(/Length/);
    expect(linesOf({ method: 'DELETE', body: Buffer.from('x') })).toContain('Content-Length: 1');
    const given = linesOf({ method: 'POST', body: Buffer.from('abc'), headers: [['content-length', '3']] });
    expect(given.filter((line) => /length/i.test(line))).toEqual(['content-length: 3']);
  });

  it('sends the name and password of the URL, unless a header says otherwise', () => {
    expect(linesOf({ url: 'http://ann:p%40ss@shop.test/' })).toContain(
      `Authorization: Basic ${Buffer.from('ann:p@ss').toString('base64')}`,
    );
    expect(
      linesOf({ url: 'http://ann@shop.test/', headers: [['authorization', 'Bearer t']] }).join(),
    ).not.toMatch(/Basic/);
    expect(from({ url: 'http://a%:b@shop.test/' }).bytes.toString()).toMatch(/Basic/);
  });

  it('knows what may be sent twice, what has no body, and what closes', () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'])
      expect(from({ method }).idempotent).toBe(true);
    for (const method of ['POST', 'PATCH', 'PURGE', 'get']) expect(from({ method }).idempotent).toBe(false);
    expect(from({ method: 'HEAD' }).bodyless).toBe(true);
    expect(from({}).bodyless).toBe(false);
    expect(from({ headers: [['connection', 'foo, Close']] }).closes).toBe(true);
    expect(from({ headers: [['connection', 'closed']] }).closes).toBe(false);
  });

  it.each([
    ['A', 'b\r\nC: d'],
    ['A', 'b\nC: d'],
    ['A', 'b\r'],
    ['A', '\0'],
    ['A\r\nB', 'c'],
    ['A B', 'c'],
    ['A:', 'c'],
    ['', 'c'],
    ['Ä', 'c'],
    ['Content-Length', '5'],
    ['content-length', 'none'],
    ['Transfer-Encoding', 'chunked'],
  ])('refuses the header %j: %j', (name, value) => {
    expect(refusal({ headers: [[name, value]] })).toMatch(/^PLM_HEADER .*is not a header/);
  });

  it('refuses methods and targets that cannot be sent', () => {
    for (const method of ['', 'GET /x', 'A\r\n', 'CONNECT'])
      expect(refusal({ method })).toMatch(/^PLM_OPTION/);
    for (const url of ['', 'shop.test', '/x', 'ftp://a/', 'ws://a/', 'http://']) {
      expect(refusal({ url })).toMatch(/^PLM_TARGET/);
    }
  });

  it('cannot be led to a second line by the path', () => {
    expect(linesOf({ url: 'http://a/x%0d%0ay\r\nEvil: 1' })[0]).toBe('GET /x%0d%0ayEvil:%201 HTTP/1.1');
  });
});
