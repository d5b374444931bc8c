/**
 * Holds the formulas to the service itself, in virtual time: closed load that never thinks, and open load with
 * Poisson arrivals. The load is outside the service, so it also lives on while the service is halted.
 */
import { describe, expect, it } from 'vitest';
import { exponential, random } from '../random.ts';
import { EventQueue } from './agenda.ts';
import { plantable, type Defect } from './defects.ts';
import { capacityPerSecond, throughputPerSecond, unloadedMs } from './formula.ts';
import { modelDefaults, type ModelOptions } from './model.ts';
import { Turns, turnsDefaults, type TurnsOptions } from './turns.ts';

interface Measured {
  /** Turns answered per second of wall time, after a warm-up. */
  readonly perSecond: number;
  readonly meanMs: number;
  readonly p95Ms: number;
  readonly refusedPerSecond: number;
}

const warmupMs = 5_000;

/** Service and load on one queue; `halted` time passes on the wall and not in the service. */
function laboratory(options: Partial<TurnsOptions>) {
  const queue = new EventQueue();
  let haltedMs = 0;
  const turns = new Turns(queue, { ...turnsDefaults, ...options }, 0, (ms) => (haltedMs += ms));
  const responsesMs: number[] = [];
  const refusedMs: number[] = [];
  /** One turn that was due at `dueMs` and arrives at `atMs`. */
  const ask = (dueMs: number, atMs: number, then: (doneMs: number) => void = () => {}): void => {
    if (turns.refusal(atMs)) {
      if (dueMs > warmupMs) refusedMs.push(dueMs);
      return;
    }
    turns.take(atMs, ({ doneMs }) => {
      if (doneMs > warmupMs) responsesMs.push(doneMs - dueMs);
      then(doneMs);
    });
  };
  const measure = (serviceMs: number): Measured => {
    queue.runUntil(serviceMs);
    const seconds = (serviceMs + haltedMs - warmupMs) / 1000;
    const sorted = responsesMs.sort((a, b) => a - b);
    return {
      perSecond: sorted.length / seconds,
      meanMs: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
      p95Ms: sorted[Math.floor(0.95 * sorted.length)] ?? Number.NaN,
      refusedPerSecond: refusedMs.length / seconds,
    };
  };
  return { queue, ask, measure };
}

/** So many users without think time. They start spread over a second and never leave. */
function closed(users: number, options: Partial<TurnsOptions> = {}, serviceMs = 205_000): Measured {
  const { queue, ask, measure } = laboratory(options);
  const again = (atMs: number): void => ask(atMs, atMs, (doneMs) => queue.at(doneMs, again));
  for (let user = 0; user < users; user++) queue.at((1000 * user) / users, again);
  return measure(serviceMs);
}

/** Poisson arrivals at a fixed rate. */
function open(ratePerSecond: number, options: Partial<TurnsOptions> = {}, serviceMs = 205_000): Measured {
  const { queue, ask, measure } = laboratory(options);
  const draw = random(29, 4);
  const arrive = (atMs: number): void => {
    ask(atMs, atMs);
    queue.at(atMs + exponential(draw, 1000 / ratePerSecond), arrive);
  };
  queue.at(0, arrive);
  return measure(serviceMs);
}

const within = (share: number, measured: number, known: number): void => {
  expect(measured / known).toBeGreaterThan(1 - share);
  expect(measured / known).toBeLessThan(1 + share);
};

const known = capacityPerSecond(modelDefaults);
const slow: ModelOptions = {
  ...modelDefaults,
  promptTokens: 500,
  outputTokens: 150,
  timeScale: 1,
};

describe('the ceiling of the model', () => {
  it('is 160 turns a second with the defaults, and a turn alone takes 37.5 ms', () => {
    expect(known).toBeCloseTo(160, 9);
    expect(unloadedMs(modelDefaults)).toBeCloseTo(37.45, 9);
  });

  it('is that of the research note for its prompt of 500 and answer of 150 tokens', () => {
    expect(capacityPerSecond(slow)).toBeCloseTo(1 / 0.35, 9);
    within(0.03, closed(43, { model: slow, workers: 43 }, 1_005_000).perSecond, 1 / 0.35);
  });

  it('is reached by closed load that keeps the batch full', () => {
    within(0.01, closed(71).perSecond, known);
  });

  it('does not rise with users beyond those that fill the batch', () => {
    within(0.01, closed(190).perSecond, known);
  });

  it.each([1, 3, 7, 13])('follows the formula below the ceiling, with %i users', (users) => {
    within(0.03, closed(users).perSecond, throughputPerSecond(modelDefaults, users));
  });

  it('moves with the time scale, and with nothing else of the shape', () => {
    const model = { ...modelDefaults, timeScale: 0.37 };
    within(0.01, closed(71, { model }).perSecond, (known * 0.2) / 0.37);
  });

  it('carries an open load of 0.9 of it, with little waiting', () => {
    const measured = open(0.9 * known);
    within(0.02, measured.perSecond, 0.9 * known);
    expect(measured.refusedPerSecond).toBe(0);
    expect(measured.p95Ms).toBeLessThan(400);
  });

  it('holds under an open load of 1.3 of it, the rest waits and is then refused', () => {
    const measured = open(1.3 * known);
    within(0.01, measured.perSecond, known);
    within(0.05, measured.refusedPerSecond, 0.3 * known);
    within(0.05, measured.meanMs, (1000 * (200 + 32)) / known); // Little: line and workers are full
  });

  it('obeys the law of Little at every load: throughput times response is the number of users', () => {
    for (const users of [5, 17, 58]) {
      const { perSecond, meanMs } = closed(users);
      within(0.01, (perSecond * meanMs) / 1000, users);
    }
  });
});

describe('the ceiling with a planted defect', () => {
  const ceiling = (defect: Defect) =>
    new Turns(new EventQueue(), { ...turnsDefaults, defect }, 0, () => {}).ceiling;

  it('is one over the section with a lock', () => {
    expect(ceiling(plantable.lock).perSecond).toBeCloseTo(1000 / 11, 9);
    within(0.01, closed(71, { defect: plantable.lock }).perSecond, 1000 / 11);
  });

  it('is what four workers draw from the model with too small a pool', () => {
    const { perSecond } = ceiling(plantable.pool);
    expect(perSecond).toBeLessThan(known / 1.8);
    within(0.03, closed(71, { defect: plantable.pool }).perSecond, perSecond);
  });

  it('falls by its factor past the edge of a cliff, and not before', () => {
    const { perSecond, beyond } = ceiling(plantable.cliff);
    expect(beyond).toEqual({ inFlight: 40, perSecond: perSecond / 2.5 });
    within(0.01, closed(40, { defect: plantable.cliff }).perSecond, known);
    // 57 users: even when all 16 of a full batch are done in one step, more than 40 turns stay in flight.
    within(0.01, closed(57, { defect: plantable.cliff }).perSecond, known / 2.5);
  });

  it('loses the stopped share with a stall, and nothing is caught up', () => {
    expect(ceiling(plantable.stall).perSecond).toBeCloseTo(152, 9);
    within(0.01, closed(71, { defect: plantable.stall }, 385_000).perSecond, 152);
  });

  it('is the refill of the bucket with a rate limit', () => {
    expect(ceiling(plantable['rate-limit']).perSecond).toBe(60);
    const measured = open(97, { defect: plantable['rate-limit'] });
    within(0.01, measured.perSecond, 60);
    within(0.05, measured.refusedPerSecond, 37);
  });

  it('is that of the sound service with a leak', () => {
    expect(ceiling(plantable.leak).perSecond).toBeCloseTo(known, 9);
  });
});
