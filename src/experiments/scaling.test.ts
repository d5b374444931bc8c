import { describe, expect, it } from 'vitest';
import { Notebook, planOf } from '../../test/kit/assessing.ts';
import { closedStation } from '../maths/queues.ts';
import type { AssessmentPlan } from './assessment.ts';
import { baseline } from './baseline.ts';
import { conductNow, goodput } from './experiment.ts';
import { scaling, type ScalingResult } from './scaling.ts';
import type { SimulatedTarget } from './simulated.ts';
import {
  exponentialServers,
  fixedServers,
  lock,
  universal,
  withBoundedQueue,
  withCliff,
  withRateLimit,
} from './targets.ts';

function found(
  target: SimulatedTarget,
  change: Partial<AssessmentPlan> = {},
  seed = 17,
  interruptedAt?: number,
): { result: ScalingResult; book: Notebook } {
  const plan = planOf('p95<500ms,errors<1%', change);
  const book = new Notebook(target, plan.objectives, seed, interruptedAt);
  const base = conductNow(baseline(plan.budget.baseline), book.perform);
  const result = conductNow(scaling(base, { ...plan, budget: plan.budget.scaling }), book.perform);
  return { result, book };
}

const usersOf = (result: ScalingResult): number[] =>
  result.points.map(({ load }) => (load.kind === 'closed' ? load.users : 0));

describe('the knee', () => {
  it.each([1, 2, 3])('of four fixed servers is 4, within one level (seed %d)', (seed) => {
    const { result } = found(fixedServers(4, 20), {}, seed);
    expect(result.plateau).toBe(true);
    expect(result.knee?.users).toBeGreaterThan(3);
    expect(result.knee?.users).toBeLessThan(5);
  });

  it('of a lock lies where work and lock balance', () => {
    const { result } = found(lock(6, 64, 30));
    // (30 + 6) / 6. The baseline of two seconds saw some fifty exponential draws: a seventh either way is chance.
    expect(result.knee?.users).toBeGreaterThan(6 * 0.65);
    expect(result.knee?.users).toBeLessThan(6 * 1.5);
  });

  it('is unknown where no plateau was seen', () => {
    const { result } = found(fixedServers(900, 100), { maxUsers: 20 });
    expect(result).toMatchObject({ knee: null, plateau: false });
  });
});

describe('the greatest throughput', () => {
  it.each([
    ['seven exponential servers', exponentialServers(7, 35), 200],
    ['three fixed servers', fixedServers(3, 13), 230.8],
    ['one server', fixedServers(1, 45), 22.2],
  ])('of %s is c/S', (_name, target, truth) => {
    const { result } = found(target);
    expect(Math.abs((result.maxThroughput?.value ?? 0) / truth - 1)).toBeLessThan(0.04);
    expect(result.maxThroughput?.low).toBeLessThanOrEqual(truth * 1.01);
    expect(result.maxThroughput?.high).toBeGreaterThanOrEqual(truth * 0.99);
  });
});

describe('a cliff', () => {
  it.each([1, 2, 3, 4, 5, 6])('is not seen in a plain queue (seed %d)', (seed) => {
    expect(found(exponentialServers(5, 21), {}, seed).result.cliff).toBeNull();
  });

  it('is found where it was planted', () => {
    const { result } = found(withCliff(fixedServers(8, 20), 30, 3));
    expect(result.cliff?.kind).toBe('throughput');
    expect(result.cliff?.below).toBeLessThanOrEqual(30);
    expect(result.cliff?.users).toBeGreaterThan(30);
    expect(result.cliff?.users).toBeLessThanOrEqual(41);
    expect(result.cliff?.ratio).toBeGreaterThan(0.28);
    // Fixed services march in step, so that inside falls below the cliff for a part of the time.
    expect(result.cliff?.ratio).toBeLessThan(0.6);
  });

  it('of failures is found with what the target said', () => {
    const { result } = found(withBoundedQueue(exponentialServers(8, 20), 25));
    expect(result.cliff).toMatchObject({ kind: 'errors', failure: 'http.503' });
    expect(result.cliff?.users).toBeGreaterThan(25);
    expect(result.cliff?.users).toBeLessThanOrEqual(32);
  });

  it('of failures at the first user is told from a working target', () => {
    const { result } = found(withRateLimit(fixedServers(8, 10), 30, 10));
    expect(result.cliff).toMatchObject({ kind: 'errors', failure: 'http.429', users: 1, below: 0 });
  });
});

describe('the climb', () => {
  it('doubles from one user', () => {
    expect(usersOf(found(fixedServers(4, 20)).result)).toEqual(expect.arrayContaining([1, 2, 4, 8, 16]));
  });

  it('ends at the most users allowed, and says so', () => {
    const { result, book } = found(fixedServers(500, 40), { maxUsers: 13 });
    expect(result.usersLimited).toBe(true);
    expect(Math.max(...usersOf(result))).toBe(13);
    for (const { load } of book.trials) expect(load.kind === 'closed' && load.users <= 13).toBe(true);
  });

  it('ends at the generator’s own limit, and says so', () => {
    const target = { ...fixedServers(500, 10), generatorPerSecond: 800 };
    const { result } = found(target);
    expect(result.generatorLimited).toBe(true);
    expect(result.plateau).toBe(false);
    for (const level of result.points) expect(level.valid).toBe(true);
  });

  it('keeps to its time, but for one trial', () => {
    for (const target of [fixedServers(64, 90), lock(2, 64, 16), withCliff(fixedServers(8, 20), 30, 3)]) {
      const { result, book } = found(target);
      expect(result.spentMs).toBeLessThanOrEqual(34_000 + 14_000);
      expect(result.spentMs).toBeCloseTo(
        book.of('scaling').reduce((sum, level) => sum + level.spentMs, 0),
        6,
      );
    }
  });
});

describe('the law', () => {
  it('holds the coefficients that were put in', () => {
    const { result } = found(universal(0.04, 0.0015, 40, 'fixed'));
    expect(result.law?.law).toBe('usl');
    const [low, high] = result.law?.intervals.alpha ?? [1, 0];
    expect(low).toBeLessThanOrEqual(0.04);
    expect(high).toBeGreaterThanOrEqual(0.04);
    expect(result.law?.peak?.users.value).toBeGreaterThan(22);
    expect(result.law?.peak?.users.value).toBeLessThan(29);
  });

  it('is linear where nothing is shared', () => {
    expect(found(fixedServers(900, 100), { maxUsers: 20 }).result.law?.law).toBe('linear');
  });
});

describe('an interruption', () => {
  const target = withCliff(fixedServers(8, 20), 30, 3);
  const trials = found(target).book.trials.length;

  it('during any trial is the end, and keeps what was learnt', () => {
    for (let n = 4; n <= trials; n++) {
      const { result, book } = found(target, {}, 17, n);
      expect(book.trials.length, `interrupted in trial ${n}`).toBe(n);
      expect(result.stopped).toBe(true);
      expect(result.points.length).toBeGreaterThan(0);
      expect(result.maxThroughput?.value).toBeGreaterThan(45);
      const before = book.levels.slice(3, n - 1);
      for (const level of before) expect(result.points.map(goodput)).toContain(mostOf(before, level.load));
    }
  });
});

/** Of several levels at one load the longest counts, and of equally long ones the last. */
function mostOf(levels: Notebook['levels'], load: Notebook['levels'][number]['load']): number {
  const same = levels.filter((level) => JSON.stringify(level.load) === JSON.stringify(load));
  const longest = same.reduce((best, each) => (each.durationMs >= best.durationMs ? each : best));
  return goodput(longest);
}

describe('users of closed load, simulated', () => {
  it('give what the exact formula gives', () => {
    const { book } = found(exponentialServers(4, 25));
    for (const level of book.of('scaling')) {
      const users = level.load.kind === 'closed' ? level.load.users : 0;
      const { throughput } = closedStation({ servers: 4, serviceSeconds: 0.025 }, users, 0);
      expect(Math.abs(goodput(level) / throughput - 1), `${users} users`).toBeLessThan(
        4 / Math.sqrt(level.requests.done),
      );
    }
  });
});
