import { describe, expect, it } from 'vitest';
import { reportSchema, type Report } from '../model/report.ts';
import { html, pack, unpack } from './html.ts';
import { good, long, samples } from './page/samples.ts';

const template =
  '<!doctype html><head><title>Plimsoll report</title></head><body>' +
  '<script type="application/json" id="plimsoll-report"></script><script type="module">go()</script></body>';

/** The data as a browser would find it: up to the first thing that ends a script element. */
function carried(page: string): Report {
  const data = /<script type="application\/json" id="plimsoll-report">(.*?)<\/script/s.exec(page)?.[1];
  return unpack(JSON.parse(data ?? 'null'));
}

function toSixDigits(report: Report): unknown {
  return JSON.parse(
    JSON.stringify(report, (_, value: unknown) =>
      typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value,
    ),
  );
}

const hostile = [
  'http://x/</script><script>alert(1)</script>',
  'http://x/<!-- <script> </SCRIPT\n>',
  'http://x/</title><img src=x onerror=alert(1)>',
  "http://x/$&$`$'$1\"'&amp;\u2028\u2029\\u003c",
];

describe('the samples', () => {
  it.each(Object.entries(samples))('%s keep to the schema of the report', (_, sample) => {
    expect(reportSchema.parse(sample)).toEqual(sample);
  });

  it.each(Object.entries(samples))('%s balance', (_, { requests }) => {
    expect(requests.due).toBe(requests.sent + requests.dropped);
    expect(requests.sent).toBe(requests.done + requests.unfinished);
  });
});

describe('html', () => {
  it.each(Object.entries(samples))('carries %s unchanged', (_, sample) => {
    expect(carried(html(sample, template))).toEqual(toSixDigits(sample));
  });

  it.each(hostile)('lets nothing out of a target named %s', (name) => {
    const report: Report = {
      ...good,
      target: { ...good.target, name, command: name },
      summary: name,
      findings: good.findings.map((finding) => ({ ...finding, statement: name })),
    };
    const page = html(report, template);
    expect(carried(page)).toEqual(toSixDigits(report));
    // Nothing of the name is markup: the page has exactly the elements of the template.
    expect(page.match(/<[^>]*>/g)).toEqual(template.match(/<[^>]*>/g));
    expect(page).not.toMatch(/[\u2028\u2029]/);
  });

  it('names the target in the title', () => {
    const page = html({ ...good, target: { ...good.target, name: 'http://a/?b=1&c="2"' } }, template);
    expect(page).toContain('<title>http://a/?b=1&#38;c=&#34;2&#34; – Plimsoll report</title>');
  });

  it('changes nothing else in the page', () => {
    const page = html(good, template);
    expect(page.endsWith('</script><script type="module">go()</script></body>')).toBe(true);
  });

  it('refuses a template without a place for the data', () => {
    expect(() => html(good, '<title></title>')).toThrow(/no place/);
  });

  it('packs a timeline of 45 minutes and an empty one', () => {
    const report = long(60, 2700);
    expect(unpack(pack(report))).toEqual(report);
    const [second] = good.timeline;
    const exact = { ...good, timeline: [{ ...(second ?? expect.fail()), throughput: 1234.56789012 }] };
    expect(carried(html(exact, template)).timeline[0]?.throughput).toBe(1234.57);
    expect(unpack(pack({ ...good, timeline: [] })).timeline).toEqual([]);
    expect(html(report, template).length).toBeLessThan(800_000);
  });
});
