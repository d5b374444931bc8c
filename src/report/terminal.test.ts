import { describe, expect, it } from 'vitest';
import type { Capacity, Report } from '../model/report.ts';
import { widthOf } from './layout.ts';
import { atLeast, cliff, failing, good, run, samples } from './page/samples.ts';
import { levelsTable, paragraph, plainText, terminal } from './terminal.ts';

const withCapacity = (report: Report, change: Partial<Capacity>): Report => {
  if (report.capacity === null) throw new Error('the sample has no capacity');
  return { ...report, capacity: { ...report.capacity, ...change } };
};

/** The text of one row, its lines joined. */
function row(report: Report, label: string): string {
  const lines = terminal(report).split('\n');
  const from = lines.findIndex((line) => line.startsWith(`  ${label}`));
  const to = lines.findIndex((line, at) => at > from && !/^ {4}/.test(line));
  return lines
    .slice(from, to)
    .map((line) => line.trim().replace(/ {2,}/g, ' | '))
    .join(' ');
}

const closedLevels = (report: Report, users: readonly number[]): Report['experiments'] =>
  report.experiments.map((experiment) => ({
    ...experiment,
    levels: experiment.levels.filter(({ load }) => load.kind === 'open' || users.includes(load.users)),
  }));

describe('the closing block', () => {
  it('begins with the verdict in a sentence', () => {
    expect(terminal(good).split('\n')[0]).toBe('  Safe to 168 requests per second.');
    expect(terminal(good).split('\n')[1]).toMatch(/^ {2}pass {2}GET http:\/\/localhost:3000\/api\/chat, /);
  });

  it('tells the load line with what it rests on', () => {
    expect(row(good, 'Safe load')).toBe(
      'Safe load | 168 req/s | 80 % of 210 ± 4 req/s, the most it carries with p95 < 500 ms and errors < 1 %',
    );
  });

  it('names the lower end where the load line rests on it', () => {
    const safeLoad = { value: 164.8, low: 164.8, high: 171.2, unit: '1/s', method: '' };
    expect(row(withCapacity(good, { safeLoad }), 'Safe load')).toContain(
      '165 req/s | 80 % of the lower end of 210 ± 4 req/s',
    );
  });

  it('says "at least" where the generator was the limit', () => {
    expect(row(atLeast, 'Safe load')).toBe(
      'Safe load | at least 24\u202f700 req/s | 80 % of at least 30\u202f900 req/s, the highest load that held p95 < 500 ms and errors < 1 %; the generator was the limit',
    );
    expect(row(atLeast, 'Limit')).toContain('the generator | not the target');
  });

  it('says "none" with the reason where one user already breaks an objective', () => {
    expect(row(failing, 'Safe load')).toMatch(
      /^Safe load \| none \| even one user at a time breaks p95 < 500 ms: 5\.\d+ s$/,
    );
  });

  it('says "not found" where the load line did not hold again', () => {
    const unconfirmed = withCapacity(good, {
      safeLoad: null,
      confirmed: { ratePerSecond: 164.8, durationMs: 10_000, held: false },
    });
    expect(row(unconfirmed, 'Safe load')).toBe(
      'Safe load | not found | by the search 210 ± 4 req/s would hold p95 < 500 ms and errors < 1 %, but the hold at 165 req/s afterwards broke them',
    );
  });

  it('says "not found" with the statement where the search found nothing', () => {
    const nothing = withCapacity(good, {
      safeLoad: null,
      sustainable: null,
      confirmed: null,
      statement: 'The search ended before a load held.',
    });
    expect(row(nothing, 'Safe load')).toBe('Safe load | not found | The search ended before a load held');
  });

  it('says "not tested" where there was no search', () => {
    const scalingOnly = withCapacity(
      { ...good, experiments: good.experiments.filter(({ name }) => name !== 'capacity') },
      { safeLoad: null, sustainable: null },
    );
    expect(row(scalingOnly, 'Safe load')).toBe('Safe load | not tested in this run');
  });

  it('shows the knee with its interval', () => {
    expect(row(good, 'Knee')).toBe('Knee | 11.0 ± 1.3 users | beyond it more users only wait');
    expect(row(cliff, 'Knee')).toContain('18 to 26 users');
  });

  it('says up to where no knee and no cliff were seen', () => {
    expect(row(atLeast, 'Knee')).toBe('Knee | none seen | throughput still grew at 16 users');
    expect(row(atLeast, 'Cliff')).toBe('Cliff | none seen | up to 16 users');
    const flat = withCapacity({ ...good, experiments: closedLevels(good, [16, 32]) }, { knee: null });
    expect(row(flat, 'Knee')).toBe('Knee | none seen | up to 32 users');
  });

  it('tells the shape of the scaling with its intervals', () => {
    expect(row(good, 'Scaling')).toBe(
      'Scaling | sublinear | 80 % efficient at 8 users; contention 2.00 ± 0.44 %, coherency 0.210 ± 0.105 % (USL)',
    );
    expect(row(cliff, 'Scaling')).toContain(
      'retrograde | 62 % efficient at 21 users; its peak is near 38 users',
    );
  });

  it('names the limit by the finding, and by the objective that breaks without one', () => {
    expect(row(good, 'Limit')).toBe('Limit | connection pool | 5 pieces of evidence, confidence 91 %');
    const unnamed = { ...withCapacity(good, { limitedBy: 'objective' }), findings: [] };
    expect(row(unnamed, 'Limit')).toBe(
      'Limit | objective | p95 < 500 ms breaks at 214 req/s, the lowest load that failed',
    );
  });

  it('gives the statement of a limit that is only a note', () => {
    const note: Report['findings'][number] = {
      code: 'bottleneck.undetermined',
      gravity: 'note',
      confidence: null,
      statement: 'What limits the target is undetermined: it worked on 9.7 requests at a time.',
      evidence: [],
      remedy: '',
    };
    expect(row({ ...good, findings: [note] }, 'Limit')).toBe(
      'Limit | undetermined | it worked on 9.7 requests at a time',
    );
  });

  it('says what was not tested', () => {
    expect(row(good, 'Recovers')).toBe('Recovers | not tested in this run | Leak | not tested in this run');
  });

  it('counts the levels that the generator falsified', () => {
    expect(row(atLeast, 'Generator')).toMatch(
      /^Generator \| not always healthy \| 2 of 10 levels do not count/,
    );
    expect(row(cliff, 'Generator')).toContain('1 of 17 levels does not count');
  });

  it('lists failures before warnings, each with its remedy, and leaves notes out', () => {
    const text = terminal(good);
    expect(text.indexOf('  Failure     Beyond 41 users')).toBeGreaterThan(0);
    expect(text.indexOf('  Warning     The connection pool')).toBeGreaterThan(text.indexOf('  Failure'));
    expect(text).toContain('              → Raise the pool from 10');
    expect(text).not.toContain('Nothing to do');
  });

  it('says why the measurement may not be believed', () => {
    expect(terminal(atLeast)).toContain('\n  Not valid   2 of 10 levels are invalid');
  });

  it('says that a run was interrupted', () => {
    const cut: Report = { ...good, run: { ...good.run, stopped: 'interrupt' } };
    expect(terminal(cut)).toContain('18 levels, interrupted\n');
  });
});

describe('the block of one run', () => {
  it('shows the level, each rule beside its value, and the generator', () => {
    expect(terminal(run)).toMatchInlineSnapshot(`
      "  8 users are served within the objectives.
        pass  GET http://localhost:3000/api/chat, 31 s, 1 level

           load     throughput      p50      p95     p99    errors  objectives
        8 users  152 ± 1 req/s  51.2 ms  92.5 ms  127 ms  0.0439 %  held
                 http.503 2

           load  objective          measured
        8 users  p95 < 500 ms  92.5 ± 1.5 ms  met
        8 users  errors < 1 %         0.04 %  met

        Generator   healthy   lag p99 0.349 ms, CPU 7.69 %
      "
    `);
  });

  it('says so when no level was measured', () => {
    const empty: Report = { ...run, experiments: [] };
    expect(terminal(empty)).toContain('\n  no level was measured\n');
  });

  it('says which objectives were not met', () => {
    const report: Report = {
      ...run,
      experiments: run.experiments.map((experiment) => ({
        ...experiment,
        levels: experiment.levels.map((level) => ({
          ...level,
          objectives: level.objectives.map((each, at) => ({ ...each, met: at === 0 ? false : null })),
        })),
      })),
    };
    expect(terminal(report)).toMatch(/p95 < 500 ms +92\.5 ± 1\.5 ms +not met\n/);
    expect(terminal(report)).toMatch(/errors < 1 % +0\.04 % +not judged\n/);
  });
});

describe('the table of levels', () => {
  it('names errors by kind, and why a level does not count', () => {
    const table = levelsTable(cliff);
    expect(table).toMatch(
      /96 users .* 31 % {2}not held\n +connect\.reset 975, http\.503 244; never became steady\n/,
    );
    expect(table).toMatch(/256 users .*invalid\n +requests left 28\.4 ms late at p99/);
    expect(table).toContain('ended early: requests piled up');
  });

  it('says the outcome in words where its column has no room', () => {
    expect(levelsTable(cliff, { columns: 44 })).toMatch(/96 users .*318 ms\n +not held; connect\.reset/);
  });
});

describe('every sample', () => {
  const cases = Object.entries(samples).flatMap(([name, report]) =>
    [80, 44, 120].map((columns) => ({ name, columns, report })),
  );

  it.each(cases)('$name fits into $columns columns', ({ report, columns }) => {
    for (const ascii of [false, true]) {
      for (const text of [terminal(report, { columns, ascii }), levelsTable(report, { columns, ascii })]) {
        for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(columns);
      }
    }
  });

  it.each(Object.entries(samples))('%s has an ASCII twin', (_, report) => {
    expect(plainText(report, { ascii: true })).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it.each(Object.entries(samples))('%s says the same with colour and without', (_, report) => {
    const coloured = terminal(report, { colour: true });
    expect(coloured).toContain('\u001b[');
    expect(coloured.replace(/\u001b\[\d+m/g, '').replace(/ +$/gm, '')).toBe(terminal(report));
    expect(terminal(report)).not.toContain('\u001b');
  });

  it.each(Object.entries(samples))('%s uses no forbidden word', (_, report) => {
    expect(plainText(report)).not.toMatch(/latency|performance score|!/i);
  });
});

describe('the full text', () => {
  it('adds notes, every level and how it was measured', () => {
    const text = plainText(good);
    expect(text).toContain('\n  Note        Throughput grows almost');
    expect(text).toContain('\n  Levels\n\n       load ');
    expect(text).toContain('\n  Seed        20261121\n');
  });

  it('keeps the command in one piece, to be copied', () => {
    expect(plainText(failing, { columns: 44 })).toContain(failing.run.command);
  });

  it('lets no text of the target steer the terminal', () => {
    const hostile: Report = {
      ...failing,
      target: { ...failing.target, name: 'http://x/\u001b]0;gone\u0007\r\nSafe load   9 req/s' },
    };
    expect(plainText(hostile)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(plainText(hostile)).not.toMatch(/^Safe load/m);
  });
});

describe('a sentence beside the report', () => {
  it('keeps to the page: its margin, its width, its characters', () => {
    const words = 'The service carries 41.7 turns/s by its formula — four at a time, 96 ms each.';
    const lines = paragraph(words, { columns: 40, ascii: true }).split('\n');
    expect(lines.length).toBe(4);
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/^ {2}[ -~]{1,38}$/);
    expect(lines.at(-1)).toBe('');
  });
});
