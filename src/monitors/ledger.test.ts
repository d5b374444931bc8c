import { describe, expect, it } from 'vitest';
import { Ledger } from './ledger.ts';

describe('the growth of inherited counters', () => {
  it('is what the living gained while nobody ends', () => {
    const ledger = new Ledger();
    expect([ledger.settle(7, 0), ledger.settle(11, 0)]).toEqual([7, 11]);
  });

  it('takes off what was already counted of a child whose parent inherits it', () => {
    expect(new Ledger().settle(503, 500)).toBe(3);
  });

  it('waits one reading for an heir that shows its gain later', () => {
    const ledger = new Ledger();
    expect([ledger.settle(2, 500), ledger.settle(509, 0)]).toEqual([0, 11]);
  });

  it('is never negative, and soon whole again where nobody inherits', () => {
    const ledger = new Ledger();
    expect([ledger.settle(2, 500), ledger.settle(13, 0), ledger.settle(17, 0)]).toEqual([0, 0, 17]);
  });
});
