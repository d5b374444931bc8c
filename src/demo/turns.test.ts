import { describe, expect, it } from 'vitest';
import { EventQueue } from './agenda.ts';
import { ceilingOf, plantable, type Defect } from './defects.ts';
import { modelDefaults } from './model.ts';
import { Turns, turnsDefaults, type Answered, type TurnsOptions } from './turns.ts';

function laboratory(options: Partial<TurnsOptions> = {}, halt: (ms: number) => void = () => {}) {
  const queue = new EventQueue();
  const turns = new Turns(queue, { ...turnsDefaults, ...options }, 0, halt);
  const answered: Answered[] = [];
  const ask = (atMs: number) => {
    const refusal = turns.refusal(atMs);
    if (!refusal) turns.take(atMs, (turn) => answered.push(turn));
    return refusal;
  };
  return { queue, turns, answered, ask };
}

describe('the way of a turn', () => {
  it('answers in the order of asking when there is one worker', () => {
    const { queue, answered, ask } = laboratory({ workers: 1 });
    for (const atMs of [0, 1, 2]) ask(atMs);
    queue.runUntil(5000);
    expect(answered.map(({ arrivedMs }) => arrivedMs)).toEqual([0, 1, 2]);
    expect(answered[1]?.startedMs).toBe(answered[0]?.doneMs);
    expect(answered[2]?.startedMs).toBe(answered[1]?.doneMs);
  });

  it('lets as many wait as the line holds, and refuses the next with a time to come back', () => {
    const { queue, turns, ask } = laboratory({ workers: 3, lineLimit: 170 });
    for (let i = 0; i < 173; i++) expect(ask(0)).toBeUndefined();
    const drainSeconds = 170 / turns.ceiling.perSecond;
    expect(ask(0)).toMatchObject({ status: 503, retryAfterSeconds: Math.ceil(drainSeconds) });
    expect(turns.counts).toEqual({ accepted: 173, answered: 0, refused: 1, inFlight: 173, waiting: 170 });
    queue.runUntil(60_000);
    expect(turns.counts).toEqual({ accepted: 173, answered: 173, refused: 1, inFlight: 0, waiting: 0 });
    expect(ask(60_000)).toBeUndefined();
  });

  it('lets turns pass a lock one section after the other', () => {
    const { queue, answered, ask } = laboratory({ defect: plantable.lock });
    for (let i = 0; i < 7; i++) ask(0);
    queue.runUntil(5000);
    const doneMs = answered.map((turn) => turn.doneMs);
    for (let i = 1; i < 7; i++) {
      expect((doneMs[i] as number) - (doneMs[i - 1] as number)).toBeGreaterThanOrEqual(11 - 1e-9);
    }
    expect((answered[0]?.doneMs as number) - (answered[0]?.repliedMs as number)).toBeCloseTo(11, 9);
  });

  it('takes a burst and then only what the bucket refills', () => {
    const { ask } = laboratory({ defect: { kind: 'rate-limit', perSecond: 4, burst: 3 } });
    expect([ask(0), ask(0), ask(0)]).toEqual([undefined, undefined, undefined]);
    expect(ask(1)).toMatchObject({ status: 429, retryAfterSeconds: 1 });
    expect(ask(251)).toBeUndefined();
    expect(ask(252)?.status).toBe(429);
    expect(ask(60_000)).toBeUndefined();
  });

  it('stops once per period, the period counted from stop to stop', () => {
    const halts: number[] = [];
    const queue = new EventQueue();
    let wallMs = 0; // time the agenda does not see
    const defect: Defect = { kind: 'stall', stopMs: 300, everyMs: 2100 };
    const turns = new Turns(queue, { ...turnsDefaults, defect }, 0, (ms) => {
      halts.push(1800 * (halts.length + 1) + wallMs);
      wallMs += ms;
    });
    queue.runUntil(7400);
    expect(halts).toEqual([1800, 3900, 6000, 8100]);
    expect(turns.ceiling.perSecond).toBeCloseTo((160 * 6) / 7, 9);
  });

  it('keeps memory with a leak, up to its bound', () => {
    const before = process.memoryUsage().arrayBuffers;
    const defect: Defect = { kind: 'leak', bytesPerTurn: 3_000_000, mostBytes: 10_000_000 };
    const { queue, turns, ask } = laboratory({ defect });
    for (let i = 0; i < 11; i++) ask(0);
    queue.runUntil(5000);
    expect(turns.counts.answered).toBe(11);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeGreaterThan(8_000_000);
  });
});

describe('the known answer', () => {
  it('is the model’s where the defect would allow more', () => {
    const lock: Defect = { kind: 'lock', sectionMs: 2 };
    const limit: Defect = { kind: 'rate-limit', perSecond: 700, burst: 9 };
    for (const defect of [lock, limit]) {
      const { perSecond, why } = ceilingOf(modelDefaults, 32, defect);
      expect(perSecond).toBeCloseTo(160, 9);
      expect(why).toContain('batch full');
    }
  });

  it('says so where the workers do not fill the batch', () => {
    const { perSecond, why } = ceilingOf(modelDefaults, 9, plantable.none);
    expect(perSecond).toBeLessThan(150);
    expect(why).toContain('9 workers');
  });

  it('exists for every defect, with its reason', () => {
    for (const defect of Object.values(plantable)) {
      const { perSecond, why } = ceilingOf(modelDefaults, 32, defect);
      expect(perSecond).toBeGreaterThan(50);
      expect(why.length).toBeGreaterThan(20);
    }
  });
});
