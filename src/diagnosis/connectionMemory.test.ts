import { describe, expect, it } from 'vitest';
import { aLevel, closed } from '../../test/kit/levels.ts';
import type { Level } from '../model/report.ts';
import { random } from '../random.ts';
import { connectionMemoryOf } from './connectionMemory.ts';

const kibibyte = 1024;
const base = 83 * 2 ** 20;

/** A level of so many connections on a target whose memory is known. */
function held(channels: number | null, rssBytes: number | null, perSecond = 0): Level {
  const level = aLevel(closed(Math.max(1, Math.round(channels ?? 1))), perSecond, 9);
  const { connections, target } = level;
  return { ...level, connections: { ...connections, channels }, target: { ...target, rssBytes } };
}

const ladder = [4, 10, 40, 90, 160, 250, 360];

describe('the memory of a connection', () => {
  it('is the slope over the levels', () => {
    const levels = ladder.map((count) => held(count, base + count * 61 * kibibyte));
    const found = connectionMemoryOf(levels, true);
    expect(found).toMatchObject({ plateaus: 6, reason: null });
    expect((found?.bytes?.value ?? 0) / kibibyte).toBeCloseTo(61, 3);
  });

  it('is told apart from what the traffic costs', () => {
    const rates = [9000, 30, 700, 1300, 1450, 1500, 1500];
    const levels = ladder.map((count, at) =>
      held(count, base + count * 61 * kibibyte + (rates[at] ?? 0) * 17 * kibibyte, rates[at]),
    );
    expect((connectionMemoryOf(levels, true)?.bytes?.value ?? 0) / kibibyte).toBeCloseTo(61, 1);
  });

  it('lies in the interval as often as that says, whatever noise the memory has', () => {
    let covered = 0;
    const runs = 300;
    for (let seed = 1; seed <= runs; seed++) {
      const draw = random(seed, 3);
      // Of a normal distribution, nearly.
      const noise = (): number => (draw() + draw() + draw() + draw() - 2) * Math.sqrt(3) * 0.7 * 2 ** 20;
      const levels = ladder.map((count) => held(count, base + count * 61 * kibibyte + noise(), 400 * draw()));
      const { low, high } = connectionMemoryOf(levels, true)?.bytes ?? {};
      const isIn = (low ?? 0) <= 61 * kibibyte && 61 * kibibyte <= (high ?? Number.POSITIVE_INFINITY);
      if (isIn) covered++;
    }
    expect(covered / runs).toBeGreaterThan(0.92);
    expect(covered / runs).toBeLessThan(0.99);
  });

  it('leaves out the first level, in which the target settled', () => {
    const levels = ladder.map((count, at) =>
      held(count, base + count * 61 * kibibyte + (at === 0 ? 2e8 : 0)),
    );
    expect((connectionMemoryOf(levels, true)?.bytes?.value ?? 0) / kibibyte).toBeCloseTo(61, 3);
  });

  it('counts only levels of more connections than before: memory is seldom given back', () => {
    const levels = ladder.flatMap((count) => [
      held(count, base + count * 61 * kibibyte),
      held(count / 2, base + count * 61 * kibibyte),
    ]);
    const found = connectionMemoryOf(levels, true);
    expect(found?.plateaus).toBe(6);
    expect((found?.bytes?.value ?? 0) / kibibyte).toBeCloseTo(61, 3);
  });
});

describe('there is no number', () => {
  const reasonOf = (levels: readonly Level[], seen = true): string | null | undefined => {
    const found = connectionMemoryOf(levels, seen);
    expect(found?.bytes).toBeNull();
    return found?.reason;
  };

  it('and nothing to say where no WebSocket stood', () => {
    expect(connectionMemoryOf([held(null, base), held(0, base)], true)).toBeNull();
  });

  it('where the target was not seen', () => {
    expect(
      reasonOf(
        ladder.map((count) => held(count, null)),
        false,
      ),
    ).toContain('could not be seen');
  });

  it('for four levels after the first', () => {
    const levels = ladder.map((count, at) => held(count, at < 2 ? null : base + count));
    expect(reasonOf(levels)).toContain('4 of at least 5 levels after the first');
  });

  it('where connections and traffic grew together', () => {
    const levels = ladder.map((count) => held(count, base + count * 61 * kibibyte, 3 * count));
    expect(reasonOf(levels)).toContain('cannot be told apart');
  });

  it('where the memory does other things', () => {
    const waves = [0, 0, 30, 2, 33, 4, 31];
    const levels = ladder.map((count, at) => held(count, base + (waves[at] ?? 0) * 2 ** 20));
    expect(reasonOf(levels)).toContain('holds 0');
    const wide = [0, 0, 3, 1, 11, 7, 22].map((mebibytes, at) =>
      held(ladder[at] ?? 0, base + mebibytes * 2 ** 20),
    );
    expect(reasonOf(wide)).toContain('too wide');
  });
});
