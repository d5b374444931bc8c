import { describe, expect, it } from 'vitest';
import type { Report } from '../model/report.ts';
import { escaped, markdown } from './markdown.ts';
import { atLeast, failing, good, run, samples } from './page/samples.ts';

describe('the summary for a pull request', () => {
  it('begins with the verdict', () => {
    expect(markdown(good).split('\n').slice(0, 3)).toEqual([
      '### Safe to 168 requests per second.',
      '',
      '**pass** for `GET http://localhost:3000/api/chat`',
    ]);
  });

  it('shows the figures with their intervals, and names what was not tested', () => {
    const text = markdown(good).replaceAll('\u00a0', ' ');
    expect(text).toContain(
      '| Safe load | **168 req/s** | 80 % of 210 ± 4 req/s, the most it carries with p95 &lt; 500 ms and errors &lt; 1 % |',
    );
    expect(text).toContain('| Knee | **11.0 ± 1.3 users** |');
    expect(text).toContain('\n\nNot tested in this run: recovers, leak.\n');
  });

  it('gives each finding its remedy and its evidence', () => {
    const text = markdown(good).replaceAll('\u00a0', ' ');
    expect(text).toMatch(/- \*\*Failure:\*\* Beyond 41 users .*\n {2}<br>→ Limit the work .*\n {2}<br><sub>/);
    expect(text).toContain('errors http.503 2.9 %; confidence 97 %</sub>');
  });

  it('shows levels and rules of a run at once, and folds them for an assessment', () => {
    expect(markdown(run)).not.toContain('Every level');
    expect(markdown(run).replaceAll('\u00a0', ' ')).toContain(
      '| 8 users | p95 &lt; 500 ms | 92.5 ± 1.5 ms | met |',
    );
    expect(markdown(good)).toContain('<summary>Every level</summary>');
  });

  it('says why the measurement may not be believed', () => {
    expect(markdown(atLeast)).toContain('> **Not valid:** 2 of 10 levels are invalid');
  });

  it('gives the command to repeat', () => {
    expect(markdown(good)).toContain(
      '- Repeat: `npx plimsoll http://localhost:3000/api/chat --seed 20261121`',
    );
  });

  it.each(Object.entries(samples))(
    'gives every row of a table as many cells as its head: %s',
    (_, report) => {
      const tables = markdown(report).match(/(?:^\|.*\n?)+/gm) ?? [];
      for (const table of tables) {
        const counts = table
          .trimEnd()
          .split('\n')
          .map((line) => line.split(/(?<!\\)\|/).length);
        expect(new Set(counts).size).toBe(1);
      }
    },
  );
});

describe('text of the target', () => {
  it('cannot become markup', () => {
    expect(escaped('a|b <img src=x> *now* _x_ [y](z) `c` & ~~d~~')).toBe(
      'a\\|b &lt;img src=x&gt; \\*now\\* \\_x\\_ \\[y\\](z) \\`c\\` &amp; \\~\\~d\\~\\~',
    );
  });

  it('cannot call a person or name an issue', () => {
    expect(escaped('ask @admins about #17')).toBe('ask @\u2060admins about #\u206017');
  });

  it('cannot become a link', () => {
    expect(escaped('redirects to https://evil.test/a|b.')).toBe('redirects to `https://evil.test/a%7Cb`.');
    expect(escaped('see www.evil.test now')).toBe('see `www.evil.test` now');
  });

  it('cannot leave its code span', () => {
    const report: Report = { ...failing, target: { ...failing.target, name: 'http://x/`<b>`' } };
    expect(markdown(report)).toContain('**fail** for `` POST http://x/`<b>` ``');
  });

  it('cannot begin a line of its own', () => {
    const report: Report = { ...failing, summary: 'No load is safe.\n# Approved' };
    expect(markdown(report)).toMatch(/^### No load is safe\. #\u2060 Approved\n/);
  });
});
