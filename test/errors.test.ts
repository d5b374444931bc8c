import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorsPage } from '../scripts/errors.ts';
import { errorTable, exitCodes, PlimsollError, type ErrorCode } from '../src/errors.ts';
import { failureKinds, failureWords } from '../src/model/failures.ts';

const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');
const codes = Object.keys(errorTable) as ErrorCode[];

/** What the page says of each code. */
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => [section.split('\n')[0] ?? '', section.split(/^## /m)[0] ?? '']),
);

describe('docs/errors.md', () => {
  it('is what `npm run generate` writes', () => expect(page).toBe(errorsPage()));

  it('lists the codes of the table, and no others', () => {
    expect([...sections.keys()].sort()).toEqual([...codes].sort());
  });

  it.each(codes)('tells of %s the exit code, the meaning and the remedy', (code) => {
    const { exit, means, remedy } = errorTable[code];
    const section = (sections.get(code) ?? '').replaceAll('\\*', '*');
    expect(section).toContain(`Exit code ${exit}.`);
    expect(section).toContain(means);
    expect(section).toContain(remedy);
  });

  it('lists the exit codes, and no others', () => {
    const listed = [...page.matchAll(/^- \*\*(\d+)\*\*/gm)].map((match) => Number(match[1]));
    expect(listed).toEqual(Object.values(exitCodes));
  });

  it('lists the failure kinds', () => {
    for (const kind of Object.keys(failureKinds))
      expect(page).toContain(`\`${kind}\`: ${failureWords(kind)}`);
  });
});

describe('the error table', () => {
  const exits: readonly number[] = Object.values(exitCodes);

  it.each(codes)('%s ends in an exit code of the list, says what is wrong, and what to do', (code) => {
    const { exit, means, remedy } = errorTable[code];
    expect(exits).toContain(exit);
    expect(exit).toBeGreaterThan(1);
    expect(means).toMatch(/^[a-z].*[^.]$/);
    expect(remedy).toMatch(/^[A-Z].*[^.]\.$/s);
  });

  // A target of these may speak HTTP, WebSocket, gRPC or chat completions.
  it.each(['PLM_TLS', 'PLM_FAILING', 'PLM_SILENT', 'PLM_UNREACHABLE'] as const)(
    '%s has a remedy that fits every kind of target',
    (code) => {
      const { remedy } = errorTable[code];
      expect(remedy).not.toMatch(/Open the URL/);
      if (remedy.includes('http://')) expect(remedy).toMatch(/ws:\/\/.*grpc:\/\//);
      if (remedy.includes('--body')) expect(remedy).toContain('with gRPC --data');
    },
  );

  it('makes one sentence of the value that was given and what is wrong with it', () => {
    const error = new PlimsollError('PLM_DURATION', '"10"', 'no unit');
    expect(error.message).toBe('"10" is not a duration: no unit');
    expect(error).toMatchObject({ exitCode: 2, given: '"10"', code: 'PLM_DURATION' });
    expect(error.remedy).toContain('500ms');
  });
});

describe('a failure kind', () => {
  it.each([
    ['http.503', 'status 503'],
    ['timeout', 'no full answer in time'],
    ['something-new', 'another failure'],
  ])('%s is told as %s', (kind, words) => expect(failureWords(kind)).toBe(words));
});
