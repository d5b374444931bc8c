import { expect, it } from 'vitest';
import { threadWaitMs } from './threadWait.ts';

it.runIf(process.platform === 'linux')('is told by Linux in milliseconds, and never falls', () => {
  const fromMs = performance.now();
  const before = threadWaitMs();
  while (performance.now() - fromMs < 20);
  const after = threadWaitMs();
  const grown = (after ?? Number.NaN) - (before ?? Number.NaN);
  expect(grown).toBeGreaterThanOrEqual(0);
  expect(grown).toBeLessThanOrEqual(performance.now() - fromMs);
});
