import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PlimsollError } from '../errors.ts';
import {
  flagOf,
  OptionReader,
  optionTable,
  parseHeader,
  readBody,
  unknownVariables,
  type OptionName,
} from './options.ts';
import { settingsFor } from './settings.ts';

afterEach(() => vi.unstubAllEnvs());

const reader = (flags = {}, file = {}): OptionReader => new OptionReader(flags, file, 'plimsoll.config.ts');

async function codeOf(making: () => unknown): Promise<string> {
  try {
    await making();
  } catch (error) {
    if (error instanceof PlimsollError) return `${error.code} ${error.exitCode}`;
    throw error;
  }
  return 'accepted';
}

describe('precedence', () => {
  it('is flag, variable, file, default', async () => {
    const file = { seed: 44 };
    vi.stubEnv('PLIMSOLL_SEED', '33');
    expect(reader({ seed: '22' }, file).number('seed', 0, 99)).toBe(22);
    expect(reader({}, file).number('seed', 0, 99)).toBe(33);
    vi.stubEnv('PLIMSOLL_SEED', undefined);
    expect(reader({}, file).number('seed', 0, 99)).toBe(44);
    expect(reader().number('seed', 0, 99)).toBeNull();
    expect((await settingsFor('http://a.test/', {})).seed).toBe(1);
  });

  it('holds for switches', () => {
    vi.stubEnv('PLIMSOLL_QUIET', '0');
    expect(reader({ quiet: true }).on('quiet')).toBe(true);
    expect(reader({}, { quiet: true }).on('quiet')).toBe(false);
    vi.stubEnv('PLIMSOLL_QUIET', '1');
    expect(reader().on('quiet')).toBe(true);
    vi.stubEnv('PLIMSOLL_QUIET', undefined);
    expect(reader({}, { quiet: true }).on('quiet')).toBe(true);
    expect(reader().on('quiet')).toBe(false);
  });

  it('holds for lists, which replace each other as a whole', () => {
    const file = { header: ['A: file', 'B: file'] };
    vi.stubEnv('PLIMSOLL_HEADER', 'A: variable\nC: variable');
    expect(reader({ header: ['A: flag'] }, file).list('header')).toEqual(['A: flag']);
    expect(reader({}, file).list('header')).toEqual(['A: variable', 'C: variable']);
    vi.stubEnv('PLIMSOLL_HEADER', undefined);
    expect(reader({}, file).list('header')).toEqual(['A: file', 'B: file']);
  });

  it('takes an empty variable for none', () => {
    vi.stubEnv('PLIMSOLL_BUDGET', '');
    expect(reader({}, { budget: 'thorough' }).text('budget')?.text).toBe('thorough');
  });

  it('takes a header of the file that is not in a list', () => {
    expect(reader({}, { header: 'A: file' }).list('header')).toEqual(['A: file']);
  });

  it('names in an error where the value came from', async () => {
    vi.stubEnv('PLIMSOLL_MAX_USERS', 'many');
    await expect(settingsFor('http://a.test/', {})).rejects.toThrow('"many" for PLIMSOLL_MAX_USERS');
    expect(() => reader({}, { budget: 'huge' }).choice('budget', ['quick'])).toThrow(
      'budget in plimsoll.config.ts',
    );
  });
});

describe('every option', () => {
  const names = Object.keys(optionTable) as OptionName[];

  it('is written on the command line as its name, in kebab case', () => {
    for (const name of names) {
      expect(flagOf(name)).toBe(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
    }
  });

  it('has its help in one line', () => {
    for (const name of names) expect(optionTable[name].help).toMatch(/^[^\n]{8,100}$/);
  });
});

describe('settings', () => {
  const url = 'http://a.test/';

  it('are complete without a single option', async () => {
    const settings = await settingsFor(url, {});
    expect(settings).toMatchObject({
      target: { url, method: 'GET', body: null, timeoutMs: 10_000, insecure: false },
      budget: 'quick',
      until: 'capacity',
      load: null,
      durationMs: 10_000,
      margin: 0.2,
      formats: ['html', 'json', 'md', 'csv'],
    });
    expect(Object.values(settings)).not.toContain(undefined);
  });

  it('turn a body into a POST, unless a method is given', async () => {
    expect((await settingsFor(url, { body: '{}' })).target.method).toBe('POST');
    expect((await settingsFor(url, { body: '{}', method: 'put' })).target.method).toBe('PUT');
  });

  it('make a load of users or of a rate, never of both', async () => {
    expect((await settingsFor(url, { users: '9' })).load).toEqual({ kind: 'closed', users: 9 });
    expect((await settingsFor(url, { rate: '90/m', arrivals: 'even' })).load).toEqual({
      kind: 'open',
      ratePerSecond: 1.5,
      arrivals: 'even',
    });
    expect(await codeOf(() => settingsFor(url, { users: '9', rate: '7' }))).toBe('PLM_OPTION 2');
  });

  it.each([
    [{ users: '0' }, 'PLM_NUMBER 2'],
    [{ users: '2.5' }, 'PLM_NUMBER 2'],
    [{ users: '' }, 'PLM_NUMBER 2'],
    [{ users: 'Infinity' }, 'PLM_NUMBER 2'],
    [{ margin: '1' }, 'PLM_NUMBER 2'],
    [{ rate: '-3' }, 'PLM_NUMBER 2'],
    [{ rate: '0/s' }, 'PLM_NUMBER 2'],
    [{ duration: '10' }, 'PLM_DURATION 2'],
    [{ timeLimit: '0s' }, 'PLM_DURATION 2'],
    [{ budget: 'Quick' }, 'PLM_OPTION 2'],
    [{ format: 'html,pdf' }, 'PLM_OPTION 2'],
    [{ experiments: 'soak' }, 'PLM_OPTION 2'],
    [{ slo: 'p95<500' }, 'PLM_OBJECTIVE_UNIT 2'],
    [{ slo: 'quick' }, 'PLM_OBJECTIVE 2'],
    [{ header: ['no colon'] }, 'PLM_HEADER 2'],
    [{ body: '@/no/such/file' }, 'PLM_BODY 2'],
  ])('refuse %o', async (flags, code) => {
    expect(await codeOf(() => settingsFor(url, flags))).toBe(code);
  });

  it.each([
    ['ftp://a.test/', 'PLM_TARGET 2'],
    ['localhost:3000', 'PLM_TARGET 2'],
    ['', 'PLM_TARGET 2'],
    ['scenario.ts', 'PLM_SCENARIO 2'],
    ['./load/chat.mjs', 'PLM_SCENARIO 2'],
    ['http://a.test/page.js', 'accepted'],
    ['https://a.test:8443/x?y=1', 'accepted'],
  ])('of target %s', async (target, code) => expect(await codeOf(() => settingsFor(target, {}))).toBe(code));
});

describe('a header', () => {
  it.each([
    ['Accept: application/json', ['Accept', 'application/json']],
    ['X-Time:  12:30', ['X-Time', '12:30']],
    ['X-Empty:', ['X-Empty', '']],
  ])('%s', (line, parsed) => expect(parseHeader(line)).toEqual(parsed));

  it.each(['Accept', ': x', 'Two words: x', 'X: a\r\nY: b'])('refuses %j', (line) => {
    expect(() => parseHeader(line)).toThrow(PlimsollError);
  });
});

describe('a body', () => {
  it('is what stands there, or what stands in a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-'));
    try {
      writeFileSync(join(folder, 'turn.json'), '{"say":"ö"}');
      expect(Buffer.from(readBody(`@${folder}/turn.json`)).toString()).toBe('{"say":"ö"}');
      expect(Buffer.from(readBody('{"say":"a"}')).toString()).toBe('{"say":"a"}');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a value', () => {
  it('that is a share is a number or a percentage', () => {
    expect(reader({ margin: '0.35' }).share('margin', 0, 0.95)).toBe(0.35);
    expect(reader({ margin: ' 35 % ' }).share('margin', 0, 0.95)).toBe(0.35);
    expect(() => reader({ margin: '96%' }).share('margin', 0, 0.95)).toThrow('"96%" for --margin');
  });

  it.each([
    ['duration', '5', '"5" for --duration is not a duration'],
    ['maxRate', '-3', '"-3" for --max-rate is not a number'],
  ])('of %s that cannot be used is told with its option', async (name, value, message) => {
    await expect(settingsFor('http://a.test/', { [name]: value })).rejects.toThrow(message);
  });

  it('that can never be sent is refused before anything is', async () => {
    expect(await codeOf(() => settingsFor('http://a.test/', { method: 'G T' }))).toBe('PLM_OPTION 2');
    expect(await codeOf(() => settingsFor('http://a.test/', { header: ['Transfer-Encoding: x'] }))).toBe(
      'PLM_HEADER 2',
    );
  });
});

it('a variable that is nearly one of ours is known to set nothing', () => {
  vi.stubEnv('PLIMSOLL_BUGDET', 'quick');
  vi.stubEnv('PLIMSOLL_BUDGET', 'quick');
  expect(unknownVariables()).toEqual(['PLIMSOLL_BUGDET']);
});
