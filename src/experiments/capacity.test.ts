import { describe, expect, it } from 'vitest';
import { Notebook, planOf } from '../../test/kit/assessing.ts';
import { highestRateForQuantile } from '../maths/queues.ts';
import { random } from '../random.ts';
import { assessment, type Assessment, type AssessmentPlan } from './assessment.ts';
import { budgets } from './budget.ts';
import { conductNow } from './experiment.ts';
import type { SimulatedTarget } from './simulated.ts';
import { capacityOf } from './summary.ts';
import {
  exponentialServers,
  fixedServers,
  lock,
  withBoundedQueue,
  withConnectionCap,
  withRateLimit,
} from './targets.ts';

interface Found {
  readonly result: Assessment;
  readonly book: Notebook;
}

function assess(
  target: SimulatedTarget,
  slo: string,
  change: Partial<AssessmentPlan> = {},
  seed = 17,
  interruptedAt?: number,
): Found {
  const plan = planOf(slo, change);
  const book = new Notebook(target, plan.objectives, seed, interruptedAt);
  return { result: conductNow(assessment(plan), book.perform), book };
}

/** Each request fails with this chance, whatever the load. */
function failing(target: SimulatedTarget, share: number): SimulatedTarget {
  const draw = random(99);
  return { ...target, admission: () => (draw() < share ? 'http.500' : '') };
}

describe('the capacity of an M/M/c', () => {
  it.each([
    [5, 22, 'p95<100ms', 0.95, 0.1],
    [2, 31, 'p90<200ms', 0.9, 0.2],
    [16, 10, 'p99<60ms', 0.99, 0.06],
  ])(
    'of %d servers of %d ms under %s is found, and lies in its interval',
    (servers, meanMs, slo, q, limitSeconds) => {
      const truth = highestRateForQuantile({ servers, serviceSeconds: meanMs / 1000 }, q, limitSeconds) ?? 0;
      const found = [11, 12, 13, 14, 15, 16, 17, 18].map(
        (seed) => assess(exponentialServers(servers, meanMs), `${slo},errors<1%`, {}, seed).result.capacity,
      );
      const errors = found
        .map((each) => Math.abs((each?.sustainable?.value ?? 0) / truth - 1))
        .sort((a, b) => a - b);
      expect(errors[4], errors.map((error) => error.toFixed(3)).join(' ')).toBeLessThan(0.07);
      const holding = found.filter(
        (each) => (each?.sustainable?.low ?? truth + 1) <= truth && (each?.sustainable?.high ?? 0) >= truth,
      );
      // Nine of ten would be as promised; fewer than six of eight is chance once in two hundred times.
      expect(holding.length).toBeGreaterThanOrEqual(6);
      expect(found.map((each) => each?.atLeast)).not.toContain(true);
    },
  );

  it('is held once more before it is promised', () => {
    const { capacity } = assess(exponentialServers(5, 22), 'p95<100ms,errors<1%').result;
    expect(capacity?.confirmed?.held).toBe(true);
  });

  it('is safe to less than was held: the lower bound, less the margin', () => {
    const { capacity } = assess(exponentialServers(5, 22), 'p95<100ms', { margin: 0.3 }).result;
    expect(capacity?.safeLoad?.value).toBeCloseTo((capacity?.sustainable?.low ?? 0) * 0.7, 9);
    expect(capacity?.confirmed?.ratePerSecond).toBeCloseTo(capacity?.safeLoad?.value ?? 0, 9);
  });
});

describe('a target of 3 requests per second', () => {
  it('is assessed all the same, within what so few requests can tell', () => {
    const { result, book } = assess(exponentialServers(1, 330), 'p95<2s,errors<1%');
    const truth = highestRateForQuantile({ servers: 1, serviceSeconds: 0.33 }, 0.95, 2) ?? 0;
    expect(truth).toBeCloseTo(1.53, 2);
    expect(result.capacity?.sustainable?.low).toBeLessThanOrEqual(truth);
    expect(result.capacity?.sustainable?.high).toBeGreaterThanOrEqual(truth);
    expect(book.spentMs).toBeLessThan(110_000);
  });
});

describe('an objective that one user alone breaks', () => {
  const { result, book } = assess(exponentialServers(4, 300), 'p95<100ms,errors<1%');

  it('leaves a capacity of 0, and names the objective', () => {
    expect(result.capacity?.sustainable).toMatchObject({ value: 0, low: 0, high: 0 });
    expect(result.capacity?.safeLoad?.value).toBe(0);
    expect(result.capacity?.breaks?.metric).toBe('response.p95');
    expect(result.capacity?.limitedBy).toBe('objective');
  });

  it('costs no open trial', () => expect(book.of('capacity')).toEqual([]));
});

describe('errors from the start', () => {
  it('leave nothing to promise where every load has too many', () => {
    const { capacity } = assess(failing(exponentialServers(4, 20), 0.08), 'p95<500ms,errors<1%').result;
    // A few requests without a failure at a trickle are chance, and are in the interval: it goes down to 0.
    expect(capacity?.sustainable?.low).toBe(0);
    expect(capacity?.sustainable?.value).toBeLessThan(200 / 20);
    expect(capacity?.safeLoad?.value ?? 0).toBe(0);
    expect(capacity?.limitedBy).toBe('errors');
    expect(capacity?.failure).toBe('http.500');
  });

  it('are a failure at once where more users bring as many, and no knee or cliff of theirs', () => {
    const { result, book } = assess(failing(fixedServers(4, 10), 0.05), 'p95<500ms,errors<1%');
    expect(result.capacity?.sustainable).toMatchObject({ value: 0, low: 0, high: 0 });
    expect(book.of('capacity')).toEqual([]);
    expect(result.scaling?.cliff).toBeNull();
    expect(result.scaling?.knee?.users).toBeCloseTo(4, 0);
  });

  it('of a limit below what one user asks for are that limit', () => {
    const { capacity, scaling } = assess(
      withRateLimit(fixedServers(8, 2), 70, 10),
      'p95<500ms,errors<1%',
    ).result;
    expect(scaling?.cliff).toMatchObject({ users: 1, below: 0, failure: 'http.429' });
    expect([scaling?.knee, scaling?.law]).toEqual([null, null]);
    expect(capacity?.limitedBy).toBe('rate-limit');
    expect((capacity?.sustainable?.value ?? 0) / 70).toBeGreaterThan(0.8);
    expect((capacity?.sustainable?.value ?? 0) / 70).toBeLessThan(1.02);
  });

  it('within what is allowed do not count against it', () => {
    const { capacity } = assess(failing(exponentialServers(4, 20), 0.02), 'p95<100ms,errors<5%').result;
    const truth = highestRateForQuantile({ servers: 4, serviceSeconds: 0.02 }, 0.95, 0.1) ?? 0;
    expect(Math.abs((capacity?.sustainable?.value ?? 0) / truth - 1)).toBeLessThan(0.15);
  });
});

describe('what limits', () => {
  it('a token bucket is its rate, and is called a rate limit', () => {
    const { capacity } = assess(withRateLimit(fixedServers(8, 10), 120, 30), 'p95<500ms,errors<1%').result;
    expect(capacity?.limitedBy).toBe('rate-limit');
    expect(capacity?.failure).toBe('http.429');
    expect(Math.abs((capacity?.sustainable?.value ?? 0) / 120 - 1)).toBeLessThan(0.08);
  });

  it('a bounded queue is errors, a bounded number of connections is connections', () => {
    const limited = (target: SimulatedTarget) => assess(target, 'p95<900ms,errors<1%').result.capacity;
    expect(limited(withBoundedQueue(exponentialServers(6, 20), 14))).toMatchObject({
      limitedBy: 'errors',
      failure: 'http.503',
    });
    expect(limited(withConnectionCap(exponentialServers(6, 20), 14))).toMatchObject({
      limitedBy: 'connections',
      failure: 'connect.refused',
    });
  });

  it('a bounded number of connections lies between the users that were taken and those that were not', () => {
    const connections = (target: SimulatedTarget) =>
      capacityOf(assess(target, 'p95<900ms,errors<1%').result, 0.2)?.connections;
    const found = connections(withConnectionCap(exponentialServers(6, 20), 14));
    expect(found?.low ?? 99).toBeLessThanOrEqual(14);
    expect(found?.high ?? 0).toBeGreaterThanOrEqual(14);
    expect(connections(withBoundedQueue(exponentialServers(6, 20), 14))).toBeNull();
  });

  it('where a WebSocket is refused with a status that is a connection, and those that stood are counted', () => {
    const { result } = assess(withBoundedQueue(exponentialServers(6, 20), 14), 'p95<900ms,errors<1%');
    const refused = capacityOf(result, 0.2, true);
    expect(refused?.limitedBy).toBe('connections');
    expect(refused?.connections?.low ?? 99).toBeLessThanOrEqual(14);
    expect(refused?.connections?.high ?? 0).toBeGreaterThanOrEqual(14);
    const points = result.scaling!.points.map((level) => {
      const users = level.load.kind === 'closed' ? level.load.users : 0;
      return { ...level, connections: { ...level.connections, channels: Math.min(users, 14) } };
    });
    const counted = { ...result, scaling: { ...result.scaling!, points } };
    expect(capacityOf(counted, 0.2, true)?.connections).toMatchObject({ value: 14, low: 14, high: 14 });
  });

  it('a queue without bound is the target itself', () => {
    const { capacity } = assess(lock(5, 64, 20), 'p95<500ms,errors<1%').result;
    expect(capacity?.limitedBy).toBe('target');
    expect(Math.abs((capacity?.sustainable?.value ?? 0) / 200 - 1)).toBeLessThan(0.08);
  });

  it('the generator makes a lower bound of every number', () => {
    const target = { ...fixedServers(400, 12), generatorPerSecond: 900 };
    const { scaling, capacity } = assess(target, 'p95<500ms,errors<1%').result;
    expect(scaling?.generatorLimited).toBe(true);
    expect(capacity).toMatchObject({ limitedBy: 'generator', atLeast: true });
    expect(capacity?.sustainable?.high).toBeNull();
    expect(capacity?.sustainable?.value).toBeLessThan(900);
    expect(capacity?.sustainable?.value).toBeGreaterThan(200);
  });

  it('the highest rate allowed holds for users as well, and leaves them out of every law', () => {
    const { result, book } = assess(fixedServers(8, 10), 'p95<500ms', { maxRatePerSecond: 150 });
    for (const { durationMs, requests, load } of book.levels) {
      if (load.kind === 'closed') expect((1000 * requests.sent) / durationMs).toBeLessThan(151);
      else expect(load.ratePerSecond).toBeLessThanOrEqual(150);
    }
    expect(result.scaling?.points.map(({ load }) => load.kind === 'closed' && load.users)).toEqual([1]);
    expect(result.capacity).toMatchObject({ atLeast: true, limitedBy: null });
    expect(result.capacity?.sustainable?.low).toBeCloseTo(150, 0);
  });

  it('the highest rate allowed makes a lower bound too', () => {
    const { result, book } = assess(fixedServers(40, 20), 'p95<500ms', { maxRatePerSecond: 310 });
    expect(result.capacity?.atLeast).toBe(true);
    expect(result.capacity?.sustainable?.low).toBeGreaterThan(290);
    for (const { load } of book.trials)
      if (load.kind === 'open') expect(load.ratePerSecond).toBeLessThanOrEqual(310);
  });
});

describe('time', () => {
  const targets: [string, SimulatedTarget, string][] = [
    ['a plain queue', exponentialServers(7, 40), 'p95<300ms'],
    ['a slow one', exponentialServers(1, 400), 'p95<5s'],
    ['a fast one', fixedServers(12, 6), 'p99<50ms'],
    ['a lock', lock(4, 64, 20), 'p95<500ms'],
    ['a rate limit', withRateLimit(fixedServers(8, 10), 120, 30), 'errors<1%'],
    ['a bounded queue', withBoundedQueue(exponentialServers(6, 30), 14), 'errors<1%'],
  ];
  it.each(targets)('of the budget is exceeded by no more than one trial: %s', (_name, target, slo) => {
    for (const name of ['quick', 'standard'] as const) {
      const budget = budgets[name];
      const { book } = assess(target, slo, { budget });
      const longest = Math.max(...book.levels.map((level) => level.spentMs));
      expect(book.spentMs, name).toBeLessThanOrEqual(budget.totalMs + longest);
    }
  });
});

describe('an interruption', () => {
  const target = exponentialServers(5, 22);
  const slo = 'p95<100ms,errors<1%';
  const whole = assess(target, slo);
  const trials = whole.book.trials.length;

  it('during any trial is the end: no other is asked for', () => {
    for (let n = 1; n <= trials; n++) {
      expect(assess(target, slo, {}, 17, n).book.trials.length, `interrupted in trial ${n}`).toBe(n);
    }
  });

  it('during any trial of the search keeps what was learnt by then', () => {
    const first = whole.book.trials.findIndex((trial) => trial.experiment === 'capacity') + 1;
    const all = whole.result.capacity?.sustainable;
    let known = false;
    for (let n = first; n <= trials; n++) {
      const { capacity, scaling } = assess(target, slo, {}, 17, n).result;
      const where = `interrupted in trial ${n} of ${trials}`;
      expect(capacity?.stopped, where).toBe(true);
      expect(capacity?.confirmed?.held, where).not.toBe(false);
      expect(scaling?.maxThroughput?.value, where).toBeCloseTo(
        whole.result.scaling?.maxThroughput?.value ?? 0,
        6,
      );
      const sustainable = capacity?.sustainable ?? null;
      if (known) expect(sustainable, where).not.toBeNull();
      if (sustainable === null) continue;
      known = true;
      expect(sustainable.low ?? 0, where).toBeLessThanOrEqual(all?.high ?? 0);
      expect(sustainable.high ?? Infinity, where).toBeGreaterThanOrEqual(all?.low ?? 0);
    }
    expect(known).toBe(true);
  });
});

describe('a part of the assessment', () => {
  it.each(['baseline', 'scaling'] as const)('ends after %s', (until) => {
    const { result, book } = assess(exponentialServers(5, 22), 'p95<100ms', { until });
    expect(result.capacity).toBeNull();
    expect(result.scaling === null).toBe(until === 'baseline');
    expect(book.trials.at(-1)?.experiment).toBe(until);
  });
});

describe('a target that goes away', () => {
  /** Refuses every connection in the seconds that `gone` says, counted over the whole run. */
  function leaving(target: SimulatedTarget, gone: (second: number) => boolean): SimulatedTarget {
    return { ...target, admission: (_inside, nowMs) => (gone(nowMs / 1000) ? 'connect.refused' : '') };
  }

  it('for a while is measured as if it had not, once it is back', () => {
    const target = leaving(fixedServers(4, 25), (second) => second > 12 && second < 14.5);
    const { result, book } = assess(target, 'p95<500ms,errors<1%');
    const lost = book.levels.filter(({ invalidReasons }) => invalidReasons[0]?.code === 'target.away');
    expect(lost.length).toBeGreaterThan(0);
    expect(result.scaling?.generatorLimited).toBe(false);
    expect(result.scaling?.cliff).toBeNull();
    expect(result.scaling?.knee?.users).toBeCloseTo(4, 0);
    expect((result.capacity?.sustainable?.value ?? 0) / 158).toBeCloseTo(1, 0.9);
  });

  it('whenever it has too many inside has a cliff there', () => {
    let brokenUntilMs = 0;
    const target: SimulatedTarget = {
      ...fixedServers(16, 25),
      admission: (inside, nowMs) => {
        if (inside >= 9) brokenUntilMs = nowMs + 3000;
        return nowMs < brokenUntilMs ? 'connect.refused' : '';
      },
    };
    const { result } = assess(target, 'p95<500ms,errors<1%');
    expect(result.scaling?.cliff).toMatchObject({
      users: 16,
      below: 8,
      kind: 'errors',
      failure: 'connect.refused',
    });
    expect(result.scaling?.generatorLimited).toBe(false);
  });
});

describe('a capacity', () => {
  it('never lies above a load that failed beyond chance', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { capacity } = assess(exponentialServers(1, 10), 'p95<100ms,errors<1%', {}, seed).result;
      const { sustainable, lowestBad } = capacity ?? {};
      expect(sustainable?.high ?? 0).toBeGreaterThanOrEqual(sustainable?.value ?? 0);
      if (lowestBad !== null) expect(sustainable?.value ?? 0).toBeLessThan(1.3 * (lowestBad ?? 0));
    }
  });
});
