import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { settingsFor } from './settings.ts';

const har = fileURLToPath(new URL('../../test/recordings/shop.har', import.meta.url));
const openapi = fileURLToPath(new URL('../../test/recordings/shop.openapi.yaml', import.meta.url));
const url = 'http://127.0.0.1:9/';

describe('a target without a script', () => {
  it('needs no URL where a recording or a description names one', async () => {
    const { target } = await settingsFor(null, { har });
    expect(target).toMatchObject({ url: 'http://shop.test:8080/', scenario: har, names: ['shop.har'] });
    expect((await settingsFor(null, { openapi })).target.url).toBe('http://shop.test:8080/v2/');
  });

  it('is loaded where the URL says, with its credentials', async () => {
    const { target } = await settingsFor('http://anna:hunter2@127.0.0.1:9', { har });
    expect(target.url).toBe('http://anna:hunter2@127.0.0.1:9/');
    expect(target.recipe).toMatchObject({ note: expect.not.stringContaining('hunter2') as string });
  });

  it.each([
    ['nothing at all', null, {}, 'PLM_NO_TARGET'],
    ['a recording that is not there', null, { har: 'none.har' }, 'PLM_FILE'],
    ['a description as a recording', null, { har: openapi }, 'PLM_RECORDING'],
    ['a recording as a description', null, { openapi: har }, 'PLM_OPENAPI'],
    ['both', null, { har, openapi }, 'PLM_OPTION'],
    ['a recording and a script', 'session.ts', { har }, 'PLM_TARGET'],
    ['a recording and a path', `${url}x`, { har }, 'PLM_OPTION'],
    ['a recording and a WebSocket', 'ws://127.0.0.1:9/', { har }, 'PLM_OPTION'],
    ['a recording and a language model', 'llm://127.0.0.1:9/', { har }, 'PLM_OPTION'],
    ['a recording and a method', null, { har, method: 'PUT' }, 'PLM_OPTION'],
    ['a recording and a base URL', null, { har, baseUrl: url }, 'PLM_OPTION'],
    ['writes of no description', url, { allowWrites: true }, 'PLM_OPTION'],
    ['pauses of no recording', url, { longestPause: '2s' }, 'PLM_OPTION'],
    ['a model of no language model', url, { model: 'm' }, 'PLM_OPTION'],
  ] as const)('is refused for %s', async (_, target, flags, code) => {
    await expect(settingsFor(target, flags)).rejects.toMatchObject({ code, exitCode: 2 });
  });
});

describe('a target grpc://', () => {
  const greet = 'grpc://127.0.0.1:9/harbour.Harbour/Greet';

  it('is one method with its messages, and what describes it', async () => {
    const proto = 'examples/harbour.proto';
    const { target } = await settingsFor(greet, { data: '[{"name": "Ada"}, {}]', proto, streams: '3' });
    expect(target).toMatchObject({ kind: 'grpc', url: 'grpc://127.0.0.1:9', scenario: greet, streams: 3 });
    expect(target.recipe).toMatchObject({
      method: 'harbour.Harbour/Greet',
      messages: [{ name: 'Ada' }, {}],
      described: { proto: expect.stringMatching(/^\/.*harbour\.proto$/) as string },
    });
    const { target: bare } = await settingsFor(greet, {});
    expect(bare.recipe).toMatchObject({ messages: [{}], described: null });
    expect(bare.streams).toBe(1);
  });

  it.each([
    ['data that are no JSON', { data: '{sesame-7' }, 'PLM_MESSAGE', 'it is no JSON'],
    ['data that are no message', { data: '7' }, 'PLM_MESSAGE', 'a message is an object'],
    ['data of a file that is not there', { data: '@nowhere.json' }, 'PLM_BODY', 'nowhere.json'],
    ['imports of no description', { protoPath: '.' }, 'PLM_OPTION', 'it goes with --proto'],
    ['a body', { body: 'x' }, 'PLM_OPTION', 'its message is --data'],
    ['a method of HTTP', { method: 'PUT' }, 'PLM_OPTION', '--method'],
    ['the HTTP/2 that it is', { http2: true }, 'PLM_OPTION', 'it is HTTP/2 already'],
    ['a source address', { localAddress: '127.0.0.2' }, 'PLM_OPTION', 'its client connects by itself'],
  ] as const)('is refused for %s', async (_, flags, code, words) => {
    await expect(settingsFor(greet, flags)).rejects.toMatchObject({
      code,
      exitCode: 2,
      message: expect.stringContaining(words) as string,
    });
    await expect(settingsFor(greet, flags)).rejects.not.toThrow(/sesame/);
  });

  it('alone takes data and descriptions', async () => {
    await expect(settingsFor(url, { data: '{}' })).rejects.toThrow('--data');
    await expect(settingsFor(url, { proto: 'x.proto' })).rejects.toMatchObject({ code: 'PLM_OPTION' });
  });
});
