import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { closedPort } from '../../test/kit/httpTarget.ts';
import { composed } from '../../test/kit/composed.ts';
import { PlimsollError } from '../errors.ts';
import { exponentialServers } from '../experiments/targets.ts';
import { presentable } from '../monitors/commandLine.ts';
import { csv } from '../report/csv.ts';
import { html } from '../report/html.ts';
import { junit } from '../report/junit.ts';
import { markdown } from '../report/markdown.ts';
import { terminal } from '../report/terminal.ts';
import { run } from './commands.ts';
import { liveView } from './live.ts';
import { flagOf, optionTable, type OptionName } from './options.ts';
import { redactCommand, redactError, redactText, redactUrl } from './redact.ts';
import { settingsFor } from './settings.ts';

/** Different in every place, so that a leak tells where it comes from. */
const planted = {
  header: 'hunter2-in-header',
  user: 'hunter2-in-user-info',
  query: 'hunter2-in-query',
  body: 'hunter2-in-body',
  variable: 'hunter2-in-variable',
  option: 'hunter2-in-option',
  database: 'hunter2-in-database-address',
  process: 'hunter2-in-process',
} as const;

const url = `http://anna:${planted.user}@a.test/chat?room=7&api_key=${planted.query}`;
const start = `DB_PASSWORD=${planted.variable} node server.js --token ${planted.option} --db postgres://app:${planted.database}@db/x`;
const header = `Authorization: Bearer ${planted.header}`;
const body = `{"say":"${planted.body}"}`;

const leaks = (text: string): string[] => Object.values(planted).filter((secret) => text.includes(secret));

describe('a planted secret', () => {
  const flags = { header: [header], body, start };

  it('is in no format of the report', async () => {
    const settings = await settingsFor(url, { ...flags, slo: 'p95<100ms' });
    const report = composed(settings, exponentialServers(4, 20), {
      args: ['assess', url, '--header', header, '--body', body, '--start', start],
      command: presentable(['node', 'server.js', '--token', planted.process]),
      lastRedirect: `https://anna:${planted.user}@a.test/login?session=${planted.query}`,
    });
    const template = readFileSync(new URL('../../dist/report/page.html', import.meta.url), 'utf8');
    const pane = { columns: 80, colour: false, ascii: false };
    const formats = {
      json: JSON.stringify(report),
      html: html(report, template),
      markdown: markdown(report),
      csv: csv(report),
      junit: junit(report),
      terminal: terminal(report, pane),
      narrow: terminal(report, { ...pane, columns: 40, ascii: true }),
    };
    for (const [format, text] of Object.entries(formats)) expect(leaks(text), format).toEqual([]);
    expect(formats.json).toContain('a.test/chat?room=7');
  });

  it('is not in what the live view writes', async () => {
    let written = '';
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written += chunk.toString();
        done();
      },
    });
    const live = liveView({ stream, isTty: false, colour: false, ascii: false, quiet: false });
    const dead = url.replace('a.test', `127.0.0.1:${await closedPort()}`);
    const settings = await settingsFor(dead, {
      header: [header],
      body,
      duration: '1s',
      out: '/tmp/plimsoll-redact',
    });
    await expect(run(settings, { args: [], live, onStop: () => undefined })).rejects.toThrow();
    expect(written).toContain('127.0.0.1');
    expect(leaks(written)).toEqual([]);
  });
});

describe('the command line, repeated', () => {
  it.each([
    [['assess', url]],
    [['run', '--header', header, 'http://a.test/']],
    [['run', `--header=${header}`, 'http://a.test/']],
    [['run', '--body', body, 'http://a.test/']],
    [['run', `--body=${body}`, 'http://a.test/']],
    [['assess', 'http://a.test/', '--start', start]],
    [['assess', 'http://a.test/', `--start=${start}`]],
  ])('hides what may be a secret: %#', (args) => expect(leaks(redactCommand(args))).toEqual([]));

  it('is otherwise what was typed, and can be typed again', () => {
    expect(redactCommand(['run', 'http://a.test/x?y=1', '--slo', 'p95<500ms', '--users', '7'])).toBe(
      "plimsoll run 'http://a.test/x?y=1' --slo 'p95<500ms' --users 7",
    );
    expect(redactCommand(['run', '--body', '@turn.json', 'http://a.test/'])).toContain('--body @turn.json');
    expect(redactCommand(['run', '--header', 'Accept: text/html', 'http://a.test/'])).toContain(
      "'Accept: ***'",
    );
  });
});

describe('an address', () => {
  it.each([
    ['http://anna:pw@a.test/x', 'http://***@a.test/x'],
    ['http://a.test/?q=sea&access_token=abc', 'http://a.test/?q=sea&access_token=***'],
    ['http://a.test/x', 'http://a.test/x'],
    ['no address', 'no address'],
  ])('%s', (given, shown) => expect(redactUrl(given)).toBe(shown));
});

describe('words that only look like an option', () => {
  it.each(['self-signed certificate in chain', 'a re-authenticated session ended', 'low-key signals'])(
    'stay as they are: %s',
    (text) => expect(redactText(text)).toBe(text),
  );

  it.each([
    ['node s.js --api-key abc', 'node s.js --api-key ***'],
    ["sh -c '-token=abc'", "sh -c '-token=***'"],
    ['run (--password abc)', 'run (--password ***'],
  ])('are not: %s', (text, shown) => expect(redactText(text)).toBe(shown));
});

describe('our own words', () => {
  const told = (...error: ConstructorParameters<typeof PlimsollError>): string =>
    redactError(new PlimsollError(...error));

  it.each([
    ['"foo" for --tokenizer', 'o200k_base or cl100k_base', '"foo" for --tokenizer'],
    ['--input-tokens with http', undefined, '--input-tokens with http'],
    ['--shared-tokens with a trace', undefined, '--shared-tokens with a trace'],
    ['no --cert beside --key', 'a client certificate needs both', 'no --cert beside --key'],
    ['--token', undefined, '--token'],
  ])('stay whole after a flag that sounds secret: %s', (given, detail, shown) => {
    const seen = detail === undefined ? '' : `: ${detail}`;
    expect(told('PLM_OPTION', given, detail)).toBe(
      `${shown} is not an option or value this command takes${seen}`,
    );
  });

  it('hide what was given and seen all the same', () => {
    const seen = `${header.replace(': ', '=')} at ${url} by: ${start}`;
    expect(leaks(told('PLM_TARGET', url, `no ${url}, ${start}`))).toEqual([]);
    expect(leaks(told('PLM_START', `"${start}"`, seen.replace(/Bearer /, '')))).toEqual([]);
    expect(told('PLM_TARGET', '--key abc', '--api-token abc, password=abc')).not.toContain('abc');
  });
});

it('every option of ours keeps its value in a text, but the one that a command may have for a secret', () => {
  const kept = Object.keys(optionTable).map((name) => `${flagOf(name as OptionName)} sesame`);
  expect(kept.filter((text) => redactText(text) !== text)).toEqual(['--key sesame']);
});
