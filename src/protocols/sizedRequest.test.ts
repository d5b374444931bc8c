import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isSizeable, leastBytes, sizedRequest, type Sizeable } from './sizedRequest.ts';

const asking = (change: Partial<Sizeable>): Sizeable => ({
  url: 'http://a.test/files',
  method: 'GET',
  body: null,
  ...change,
});
const bodyOf = (given: Sizeable, bytes: number): string =>
  Buffer.from(sizedRequest(given, bytes).body ?? []).toString();

describe('a request of a wanted size', () => {
  it('has its body filled to the byte', () => {
    expect(bodyOf(asking({ method: 'POST' }), 1537).length).toBe(1537);
    const given = asking({ method: 'POST', body: Buffer.from('{"say":"{filler}"}') });
    const filled = bodyOf(given, 300);
    expect(filled.length).toBe(300);
    expect((JSON.parse(filled) as { say: string }).say.length).toBe(290);
    expect(leastBytes(given)).toBe(10);
    expect(leastBytes({ ...given, url: 'http://h/?n={bytes}', body: Buffer.alloc(3000) })).toBe(1);
  });

  it('asks for an answer of that size where the URL says where', () => {
    const url = new URL('http://a.test/files?size={bytes}').href;
    expect(sizedRequest(asking({ url }), 4096)).toEqual(asking({ url: 'http://a.test/files?size=4096' }));
    expect(sizedRequest(asking({ url: new URL('http://a.test/f/{bytes}').href }), 7).url).toBe(
      'http://a.test/f/7',
    );
  });

  it('is what it is where nothing can be filled', () => {
    const shown = [asking({}), asking({ method: 'POST', body: Buffer.from('{}') })];
    expect(shown.map(isSizeable)).toEqual([false, false]);
    expect(sizedRequest(shown[1]!, 900)).toEqual(shown[1]);
    expect([asking({ method: 'PUT' }), asking({ url: 'http://a.test/{bytes}' })].map(isSizeable)).toEqual([
      true,
      true,
    ]);
  });

  it('is the same each time, and hardly compresses', () => {
    const body = bodyOf(asking({ method: 'POST' }), 300_000);
    expect(bodyOf(asking({ method: 'POST' }), 300_000)).toBe(body);
    expect(gzipSync(body).length).toBeGreaterThan(0.7 * body.length);
  });
});
