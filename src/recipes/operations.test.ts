import { expect, it } from 'vitest';
import { random } from '../random.ts';
import type { ScenarioContext } from '../scenarios/scenario.ts';
import { varyBy } from '../scenarios/vary.ts';
import { operationsScenario, type Operation } from './operations.ts';

const operation = (name: string, weight: number, urls: readonly string[]): Operation => ({
  name,
  method: 'GET',
  weight,
  documented: [200],
  variants: urls.map((url) => ({ url, headers: {}, body: null })),
});

it('a session calls one operation, drawn by weight, and one of its variants', async () => {
  const operations = [
    operation('a', 5, ['/a']),
    operation('b', 0.5, ['/b']),
    operation('c', 2, ['/c1', '/c2', '/c3']),
  ];
  const draw = random(11);
  const counts: Record<string, number> = {};
  const context = {
    http: {
      request: (_method: string, url: string) => {
        counts[url] = (counts[url] ?? 0) + 1;
        return Promise.resolve({ ok: true, status: 200 });
      },
    },
    step: (_name: string, part: () => PromiseLike<unknown>) => part(),
    check: () => true,
    vary: varyBy(draw),
    user: { random: draw },
  };
  const { run } = operationsScenario({
    kind: 'operations',
    name: 'x',
    baseUrl: 'http://a.test',
    operations,
    note: '',
  });
  for (let session = 0; session < 7500; session++) await run(context as unknown as ScenarioContext);
  // Of 7500: 5000, 500 and 2000, give or take five standard deviations.
  expect(Math.abs((counts['/a'] ?? 0) - 5000)).toBeLessThan(205);
  expect(Math.abs((counts['/b'] ?? 0) - 500)).toBeLessThan(108);
  for (const url of ['/c1', '/c2', '/c3']) expect(Math.abs((counts[url] ?? 0) - 667)).toBeLessThan(124);
  expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(7500);
});
