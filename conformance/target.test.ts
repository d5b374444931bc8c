import { describe, expect, it } from 'vitest';
import { launch } from './launch.ts';

describe('a target process', () => {
  it('counts what it answered, and neither /count nor resets', async () => {
    const target = await launch(
      { kind: 'workers', servers: 2, serviceMs: 3, distribution: 'fixed', queueMost: 4 },
      1,
      null,
    );
    try {
      const statuses = await Promise.all(
        Array.from({ length: 9 }, async () => (await fetch(target.url)).status),
      );
      const good = statuses.filter((status) => status === 200).length;
      expect(good).toBeGreaterThanOrEqual(4);
      expect(statuses.every((status) => status === 200 || status === 503)).toBe(true);
      expect(await target.count()).toEqual({ answered: 9, ok: good, lost: 0, resets: 0 });
    } finally {
      await target.stop();
    }
  });

  it('answers no earlier than the service time', async () => {
    const target = await launch(
      { kind: 'workers', servers: 3, serviceMs: 40, distribution: 'fixed' },
      1,
      null,
    );
    try {
      await fetch(target.url);
      const fromMs = performance.now();
      await fetch(target.url);
      expect(performance.now() - fromMs).toBeGreaterThanOrEqual(40);
    } finally {
      await target.stop();
    }
  });
});
