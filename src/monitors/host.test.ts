import { expect, it } from 'vitest';
import { totalmem } from 'node:os';
import { hostFacts } from './host.ts';

it('tells the facts of this machine', () => {
  const facts = hostFacts();
  expect(facts.cpus).toBeGreaterThanOrEqual(1);
  expect(facts.cpuModel).not.toBe('');
  expect(facts.memoryBytes).toBeGreaterThan(2 ** 26);
  expect(facts.memoryBytes).toBeLessThanOrEqual(totalmem());
  expect(facts.node).toBe(process.version);
  expect(facts.os).toMatch(/^\w+ \S+ \w+$/);
});
