import { describe, expect, it } from 'vitest';
import type { Report } from '../model/report.ts';
import { csv } from './csv.ts';
import { cliff, failing, good, run } from './page/samples.ts';

/** A slow, obvious reader of RFC 4180. */
function parsed(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (quoted) {
      if (char === '"' && text[at + 1] === '"') {
        cell += '"';
        at++;
      } else if (char === '"') quoted = false;
      else cell += char;
    } else if (char === '"') quoted = true;
    else if (char === ',') {
      row.push(cell);
      cell = '';
    } else if (char === '\r' && text[at + 1] === '\n') {
      rows.push([...row, cell]);
      row = [];
      cell = '';
      at++;
    } else cell += char;
  }
  return rows;
}

function records(report: Report): Record<string, string>[] {
  const [head = [], ...rows] = parsed(csv(report));
  return rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at] ?? ''])));
}

describe('the levels as CSV', () => {
  it('has one row for each level of every experiment, all of one length', () => {
    const rows = parsed(csv(good));
    expect(rows).toHaveLength(1 + 18);
    expect(new Set(rows.map((row) => row.length)).size).toBe(1);
    expect(new Set(rows[0]).size).toBe(rows[0]?.length);
    expect(csv(good).endsWith('\r\n')).toBe(true);
  });

  it('gives exact numbers under names with units', () => {
    const [level] = records(run);
    const measured = run.experiments[0]?.levels[0];
    expect(Number(level?.['throughput_per_s'])).toBe(measured?.throughput?.value);
    expect(Number(level?.['response_p95_ms'])).toBe(measured?.response.p95);
    expect(level?.['users']).toBe('8');
    expect(level?.['rate_per_s']).toBe('');
    expect(level?.['objectives']).toBe('held');
  });

  it('names errors by kind and reasons by code', () => {
    const rows = records(cliff);
    expect(rows.find(({ users }) => users === '96')?.['errors_by_kind']).toBe(
      'connect.reset=975; http.503=244',
    );
    expect(rows.find(({ users }) => users === '256')?.['invalid_reasons']).toBe('generator.lag');
  });

  it('quotes commas, quotes and line breaks', () => {
    const name = 'http://x/?a=1,2&b="c"\nd';
    const [level] = records({ ...run, target: { ...run.target, name } });
    expect(level?.['target']).toBe(name);
  });

  it.each(['=1+1', '+1', '-1', '@sum', ' =1', '\t=1', '＝1'])('keeps %j from being computed', (text) => {
    const [level] = records({ ...run, target: { ...run.target, name: text } });
    expect(level?.['target']).toBe(`'${text}`);
  });

  it('keeps a name such as an error kind from being computed, too', () => {
    const levels = failing.experiments[0]?.levels.map((level) => ({
      ...level,
      errors: { ratio: 0.12, byKind: { '=cmd': 3 } },
    }));
    const [level] = records({ ...failing, experiments: [{ name: 'run', levels: levels ?? [], result: {} }] });
    expect(level?.['errors_by_kind']).toBe("'=cmd=3");
  });

  it('leaves unknown numbers empty, never 0', () => {
    const levels = run.experiments[0]?.levels.map((level) => ({
      ...level,
      throughput: null,
      inFlight: null,
    }));
    const [level] = records({ ...run, experiments: [{ name: 'run', levels: levels ?? [], result: {} }] });
    expect([level?.['throughput_per_s'], level?.['throughput_low_per_s'], level?.['in_flight']]).toEqual([
      '',
      '',
      '',
    ]);
  });
});
