import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../random.ts';
import { arrivalsIn, replayOf } from './replay.ts';

const draw = () => random(3, 1);
const asItWas = { speed: 1, rate: 1 };

describe('recorded arrivals', () => {
  it('begin with the first, in order, whatever the order of the lines', () => {
    const { dueMs, durationMs } = replayOf([5250.5, 1000.5, 1900], asItWas, draw());
    expect([...dueMs]).toEqual([0, 899.5, 4250]);
    expect(durationMs).toBe(4250);
  });

  it('go so many times as fast', () => {
    expect([...replayOf([0.5, 300.5, 1200.5], { speed: 4, rate: 1 }, draw()).dueMs]).toEqual([0, 75, 300]);
  });

  it('of a log of whole seconds are spread over each, for they were no bursts', () => {
    const instants = Array.from({ length: 600 }, (_, n) => 7_000_000 + 1000 * Math.floor(n / 200));
    const { dueMs } = replayOf(instants, asItWas, draw());
    const tenths = arrivalsIn({ dueMs, durationMs: 3000 }, 30);
    // Five standard deviations of 600 over 30 equal parts.
    for (const count of tenths) expect(Math.abs(count - 20)).toBeLessThan(5 * Math.sqrt(20));
    expect(dueMs.at(-1) ?? 0).toBeLessThan(3000);
  });

  it('are so many times as many, at about the same times', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.5, max: 9e6, noNaN: true }), { minLength: 50, maxLength: 300 }),
        fc.double({ min: 0.1, max: 4, noNaN: true }),
        (instants, rate) => {
          const { dueMs } = replayOf(instants, { speed: 1, rate }, draw());
          const span = Math.max(...instants) - Math.min(...instants);
          expect(Math.abs(dueMs.length - rate * instants.length)).toBeLessThan(
            5 * Math.sqrt(instants.length) + 1,
          );
          expect([...dueMs].every((due, at) => due >= (dueMs[at - 1] ?? 0) && due <= span + 1e-6)).toBe(true);
        },
      ),
    );
  });

  it('end where the recording is cut, before it is scaled', () => {
    const cut = replayOf([0.5, 800.5, 1600.5, 5000.5], { speed: 2, rate: 1, mostMs: 2000 }, draw());
    expect([...cut.dueMs]).toEqual([0, 400, 800]);
  });
});
