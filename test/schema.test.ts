import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { schemaText } from '../scripts/schema.ts';
import { settingsFor } from '../src/cli/settings.ts';
import type { RawOptions } from '../src/cli/options.ts';
import type { SimulatedTarget } from '../src/experiments/simulated.ts';
import {
  exponentialServers,
  fixedServers,
  universal,
  withBoundedQueue,
  withCliff,
  withRateLimit,
} from '../src/experiments/targets.ts';
import { reportSchema, type Report } from '../src/model/report.ts';
import { composed } from './kit/composed.ts';

const written = readFileSync(new URL('../schema/report.schema.json', import.meta.url), 'utf8');

describe('schema/report.schema.json', () => {
  it('is what `npm run generate` writes', () => expect(written).toBe(schemaText()));

  it('names every field, so that nobody has to guess', () => {
    const whole = JSON.parse(written) as { required: string[]; properties: object };
    expect(whole.required.sort()).toEqual(Object.keys(whole.properties).sort());
  });
});

/** As another program reads it: from the file, knowing only the JSON Schema. */
const published = z.fromJSONSchema(JSON.parse(written) as Parameters<typeof z.fromJSONSchema>[0]);

function expectValid(report: Report): void {
  const [own, foreign] = [
    reportSchema.safeParse(report),
    published.safeParse(JSON.parse(JSON.stringify(report))),
  ];
  expect(own.error?.issues ?? []).toEqual([]);
  expect(foreign.error?.issues ?? []).toEqual([]);
  // Unknown is null: a number that is none would turn into null on its way, and say something else.
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
}

describe('a report that was really composed is valid', () => {
  const targets: [string, SimulatedTarget, RawOptions][] = [
    ['a plain queue', exponentialServers(5, 22), { slo: 'p95<100ms,errors<1%' }],
    ['a cliff', withCliff(fixedServers(6, 20), 23, 3), {}],
    ['a falling law', universal(0.05, 0.002, 40, 'fixed'), {}],
    ['a rate limit', withRateLimit(fixedServers(8, 10), 120, 30), {}],
    ['a bounded queue', withBoundedQueue(exponentialServers(3, 40), 5), {}],
    ['an objective out of reach', exponentialServers(5, 220), { slo: 'p95<100ms' }],
    ['the generator’s limit', { ...fixedServers(400, 12), generatorPerSecond: 900 }, {}],
    ['a target that always fails', withBoundedQueue(fixedServers(3, 10), 0), {}],
    ['few users', fixedServers(500, 30), { maxUsers: '5' }],
    ['scaling only', exponentialServers(5, 22), { experiments: 'scaling' }],
    ['the baseline only', exponentialServers(5, 22), { experiments: 'baseline' }],
    ['a held rate', exponentialServers(5, 22), { rate: '130/s', duration: '5s' }],
    ['held users', exponentialServers(5, 22), { users: '9', duration: '5s' }],
    ['a held overload', exponentialServers(1, 300), { rate: '90/s', duration: '5s', maxUsers: '60' }],
  ];
  it.each(targets)('of %s', async (_name, target, flags) => {
    expectValid(composed(await settingsFor('http://a.test/', flags), target));
  });

  it('of a run that was interrupted, in whatever trial', async () => {
    const settings = await settingsFor('http://a.test/', { slo: 'p95<100ms' });
    for (const interruptedAt of [1, 2, 3, 4, 6, 9, 12]) {
      const report = composed(settings, exponentialServers(5, 22), { interruptedAt });
      expectValid(report);
      expect(report.verdict).toBe('inconclusive');
      expect(report.validity.reasons.map((reason) => reason.code)).toContain('stopped.interrupt');
    }
  });
});

describe('the counts of a report', () => {
  it('balance, and are those of its levels', async () => {
    const report = composed(
      await settingsFor('http://a.test/', {}),
      withBoundedQueue(exponentialServers(3, 40), 9),
    );
    const { due, sent, done, dropped, failed, unfinished } = report.requests;
    expect(due).toBe(sent + dropped);
    expect(sent).toBe(done + unfinished);
    expect(failed).toBeLessThanOrEqual(done);
    const levels = report.experiments.flatMap((experiment) => experiment.levels);
    expect(levels.reduce((sum, level) => sum + level.requests.done, 0)).toBe(done);
    for (const level of levels) expect(level.requests.due).toBe(level.requests.sent + level.requests.dropped);
  });
});
