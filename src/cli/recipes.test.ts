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
