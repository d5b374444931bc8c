import { describe, expect, it } from 'vitest';
import { carriedOn, redirect } from './redirect.ts';

const from = new URL('http://a.test:8080/login?x=1');
const to = (method: string, status: number, location: string | null): string => {
  const found = redirect(method, from, status, location);
  if (found === null) return 'nowhere';
  return `${found.method} ${found.url.href}${found.withBody ? ' with body' : ''}${found.elsewhere ? ' elsewhere' : ''}`;
};

describe('a redirect', () => {
  it.each([
    ['POST', 302, '/home', 'GET http://a.test:8080/home'],
    ['POST', 301, 'home', 'GET http://a.test:8080/home'],
    ['PUT', 302, '/home', 'PUT http://a.test:8080/home with body'],
    ['POST', 303, '/home#top', 'GET http://a.test:8080/home'],
    ['HEAD', 303, '/home', 'HEAD http://a.test:8080/home'],
    ['POST', 307, '/home', 'POST http://a.test:8080/home with body'],
    ['GET', 308, 'https://b.test/', 'GET https://b.test/ with body elsewhere'],
    ['GET', 302, '//a.test:8080/y', 'GET http://a.test:8080/y with body'],
    ['GET', 304, '/home', 'nowhere'],
    ['GET', 300, '/home', 'nowhere'],
    ['GET', 302, null, 'nowhere'],
    ['GET', 302, 'ftp://a.test/', 'nowhere'],
    ['GET', 302, 'http://[', 'nowhere'],
  ])('of %s with %i to %s is %s', (method, status, location, expected) => {
    expect(to(method, status, location)).toBe(expected);
  });

  const given = {
    json: { a: 1 },
    auth: { bearer: 'secret' },
    headers: { Authorization: 'x', 'Content-Language': 'en', 'X-Run': '7' },
    accept: [404],
  };

  it('leaves the body behind where the method changed', () => {
    const onward = redirect('POST', from, 303, '/home');
    if (onward === null) throw new Error('it leads somewhere');
    expect(carriedOn(given, onward)).toEqual({
      auth: { bearer: 'secret' },
      headers: { Authorization: 'x', 'X-Run': '7' },
      accept: [404],
    });
  });

  it('leaves credentials behind where the origin is another', () => {
    const onward = redirect('POST', from, 307, 'http://b.test/');
    if (onward === null) throw new Error('it leads somewhere');
    expect(carriedOn(given, onward)).toEqual({
      json: { a: 1 },
      headers: { 'Content-Language': 'en', 'X-Run': '7' },
      accept: [404],
    });
  });
});
