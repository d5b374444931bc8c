import { describe, expect, it } from 'vitest';
import { contentOf } from './content.ts';

describe('a body', () => {
  it('is what was given, of one kind', () => {
    expect(contentOf({})).toEqual({ type: null, body: null });
    expect(contentOf({ body: '' })).toEqual({ type: null, body: Buffer.alloc(0) });
    expect(contentOf({ json: null })).toEqual({ type: 'application/json', body: Buffer.from('null') });
    expect(contentOf({ form: { a: 'x y', 'ü&': 7 } })).toEqual({
      type: 'application/x-www-form-urlencoded',
      body: Buffer.from('a=x+y&%C3%BC%26=7'),
    });
    expect(() => contentOf({ json: 1, form: {} })).toThrow('one body, not json and form');
  });

  it('of several parts is read by another reader as what was put in', async () => {
    const bytes = Buffer.from([0, 13, 10, 45, 45, 255]);
    const { type, body } = contentOf({
      parts: {
        'a "b"\r\n': 'plain',
        count: 7,
        file: { data: bytes, filename: 'voice.raw', type: 'audio/l16' },
        boundary: 'the words --plimsoll-0 stand in it',
      },
    });
    const form = await new Response(new Uint8Array(body ?? []), {
      headers: { 'content-type': type ?? '' },
    }).formData();
    expect([...form.keys()]).toEqual(['a "b"\r\n', 'count', 'file', 'boundary']);
    expect([form.get('count'), form.get('boundary')]).toEqual(['7', 'the words --plimsoll-0 stand in it']);
    const file = form.get('file') as File;
    expect([file.name, file.type, Buffer.from(await file.arrayBuffer())]).toEqual([
      'voice.raw',
      'audio/l16',
      bytes,
    ]);
  });
});
