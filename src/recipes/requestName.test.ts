import { describe, expect, it } from 'vitest';
import { boundedNames, mostNames, requestName } from './requestName.ts';

describe('the name of a request', () => {
  it.each([
    ['/users/17/orders/3', 'GET /users/:id/orders/:id'],
    ['/a/4f2b8c1e-1111-4222-8333-944455566677', 'GET /a/:id'],
    ['/a/507f1f77bcf86cd799439011', 'GET /a/:id'],
    ['/reset/eyJhbGciOiJIUzI1NiIsInR5cCI6', 'GET /reset/:id'],
    ['/people/ada@example.org', 'GET /people/:id'],
    ['/v2/items', 'GET /v2/items'],
    ['/assets/app.4f2b8c1e11114222833394445.js', 'GET /assets/app.4f2b8c1e11114222833394445.js'],
    ['/@scope/name', 'GET /@scope/name'],
    ['/', 'GET /'],
  ])('of %s is %s', (path, name) => expect(requestName('GET', path)).toBe(name));

  it('is never longer than a line', () => {
    expect(requestName('GET', '/part'.repeat(50)).length).toBe(80);
  });
});

describe('names of many requests', () => {
  it('are bounded, and what comes beyond is counted together', () => {
    const many = Array.from({ length: 70 }, (_, nth) => `GET /page-${nth}.html`);
    const names = boundedNames([...many, 'GET /page-3.html']);
    expect(new Set(names).size).toBe(mostNames + 1);
    expect([names[39], names[40], names[69], names[70]]).toEqual([
      'GET /page-39.html',
      '(other requests)',
      '(other requests)',
      'GET /page-3.html',
    ]);
  });
});
