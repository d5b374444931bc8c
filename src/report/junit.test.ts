import { describe, expect, it } from 'vitest';
import type { Report } from '../model/report.ts';
import { junit, xml } from './junit.ts';
import { atLeast, cliff, failing, good, run, samples } from './page/samples.ts';

/** name → passed, failed or skipped */
function results(report: Report): Record<string, string> {
  const cases = junit(report).matchAll(
    /<testcase classname="plimsoll" name="([^"]*)"[^>]*?(?:\/>|>([^]*?)<\/testcase>)/g,
  );
  return Object.fromEntries(
    [...cases].map(([, name = '', body = '']) => [
      name.replaceAll('&lt;', '<'),
      body.includes('<failure') ? 'failed' : body.includes('<skipped') ? 'skipped' : 'passed',
    ]),
  );
}

describe('the test suite', () => {
  it('passes when the objectives hold at the load line', () => {
    expect(results(good)).toEqual({
      verdict: 'passed',
      'p95 < 500 ms at the load line': 'passed',
      'errors < 1 % at the load line': 'passed',
      'validity of the measurement': 'passed',
      capacity: 'passed',
    });
  });

  it('judges every level of a run', () => {
    expect(results(run)).toEqual({
      verdict: 'passed',
      'p95 < 500 ms at 8 users': 'passed',
      'errors < 1 % at 8 users': 'passed',
      'validity of the measurement': 'passed',
    });
  });

  it('fails the capacity that was not confirmed', () => {
    expect(results(cliff)).toMatchObject({ verdict: 'failed', capacity: 'failed' });
  });

  it('fails the validity where the generator was the limit', () => {
    expect(results(atLeast)).toMatchObject({
      verdict: 'failed',
      'p95 < 500 ms at the highest load that held': 'passed',
      'validity of the measurement': 'failed',
      capacity: 'passed',
    });
  });

  it('skips objectives that no load line was found for', () => {
    expect(results(failing)).toMatchObject({ 'p95 < 500 ms': 'skipped', capacity: 'failed' });
  });

  it('judges a wanted throughput by the capacity, not by the load that was held', () => {
    const wanted = (limit: number): Report => ({
      ...good,
      verdict: 'inconclusive',
      objectives: [...good.objectives, { metric: 'throughput', op: '>', limit, unit: '1/s' }],
    });
    expect(results(wanted(190))['throughput > 190 req/s'.replace('>', '&gt;')]).toBe('passed');
    expect(results(wanted(212))['throughput > 212 req/s'.replace('>', '&gt;')]).toBe('skipped');
    expect(results(wanted(230))['throughput > 230 req/s'.replace('>', '&gt;')]).toBe('failed');
  });

  it.each(Object.entries(samples))('fails a case exactly when the verdict is no pass: %s', (_, report) => {
    expect(Object.values(results(report)).includes('failed')).toBe(report.verdict !== 'pass');
  });

  it.each(Object.entries(samples))('counts its cases: %s', (_, report) => {
    const found = Object.values(results(report));
    const counts = `tests="${found.length}" failures="${found.filter((each) => each === 'failed').length}" errors="0" skipped="${found.filter((each) => each === 'skipped').length}"`;
    expect(junit(report).split(counts)).toHaveLength(3);
  });

  it('says in the failure what was measured', () => {
    expect(junit(failing)).toContain(
      'message="safe load none: even one user at a time breaks p95 &lt; 500 ms: ',
    );
  });
});

describe('XML', () => {
  it('escapes markup and replaces characters that XML does not know', () => {
    expect(xml('<a href="x">\'&\'</a>\u0000\u001b\ud800')).toBe(
      '&lt;a href=&quot;x&quot;&gt;&apos;&amp;&apos;&lt;/a&gt;\ufffd\ufffd\ufffd',
    );
  });

  it('keeps what is beyond the basic plane', () => {
    expect(xml('𝒳 注文')).toBe('𝒳 注文');
  });
});
