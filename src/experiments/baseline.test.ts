import { describe, expect, it } from 'vitest';
import { Notebook, planOf } from '../../test/kit/assessing.ts';
import { baseline, type BaselineResult } from './baseline.ts';
import { budgets } from './budget.ts';
import { conductNow } from './experiment.ts';
import type { SimulatedTarget } from './simulated.ts';
import {
  exponentialServers,
  fixedServers,
  withBoundedQueue,
  withConnectionCap,
  withWarmUp,
} from './targets.ts';

const { objectives } = planOf('p95<500ms,errors<1%');

function found(target: SimulatedTarget, interruptedAt?: number): { result: BaselineResult; book: Notebook } {
  const book = new Notebook(target, objectives, 17, interruptedAt);
  return { result: conductNow(baseline(budgets.quick.baseline), book.perform), book };
}

describe('the baseline', () => {
  it('is what one user sees: the service time, and its inverse', () => {
    const { result } = found(fixedServers(3, 24));
    expect(result.responseMs).toBeCloseTo(24, 0);
    expect(result.throughputPerSecond).toBeCloseTo(1000 / 24, 0);
    expect(result).toMatchObject({ health: 'answers', stopped: false });
    expect(result.level.load).toEqual({ kind: 'closed', users: 1 });
  });

  it('is taken again while the target warms up', () => {
    const warming = withWarmUp(exponentialServers(4, 20), 6, 3_000);
    const { result, book } = found(warming);
    expect(book.levels.length).toBeGreaterThan(3);
    expect(book.levels[0]?.service.mean).toBeGreaterThan(50);
    expect(result.responseMs).toBeLessThan(32);
  });

  it('is not taken again where nothing changes', () => {
    expect(found(fixedServers(3, 24)).book.levels.length).toBe(3);
  });

  it('waits for enough answers of a slow target, as long as it may', () => {
    const { result, book } = found(fixedServers(1, 700));
    expect(result.responseMs).toBeCloseTo(700, -1);
    expect(book.trials.at(-1)?.maxDurationMs).toBe(6_000);
    expect(result.level.durationMs).toBe(6_000);
  });

  it('adds up the time that it took', () => {
    const { result, book } = found(withWarmUp(exponentialServers(4, 20), 6, 3_000));
    expect(result.spentMs).toBeCloseTo(book.spentMs, 6);
  });
});

describe('a target that fails', () => {
  it('with answers is called failing, after one look', () => {
    const { result, book } = found(withBoundedQueue(fixedServers(3, 24), 0));
    expect(result).toMatchObject({ health: 'failing', responseMs: null, stopped: false });
    expect(book.trials.length).toBe(1);
  });

  it('without any answer is called silent, after one look', () => {
    const { result, book } = found(withConnectionCap(fixedServers(3, 24), 0));
    expect(result).toMatchObject({ health: 'silent', responseMs: null });
    expect(book.trials.length).toBe(1);
  });
});

describe('an interruption', () => {
  it.each([1, 2, 3, 4, 5])('during trial %d is its end', (n) => {
    const { result, book } = found(withWarmUp(exponentialServers(4, 20), 9, 9_000), n);
    expect(result.stopped).toBe(true);
    expect(book.trials.length).toBe(n);
  });
});
