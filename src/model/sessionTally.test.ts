import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SessionTally } from './sessionTally.ts';
import { Tally } from './tally.ts';
import type { Slice } from './slice.ts';

/** A tally of sessions and one of what is in them, driven side by side as the driver does it. */
class Both {
  readonly slices: Slice[] = [];
  readonly within = new SessionTally();
  readonly sessions = new Tally((slice) => this.slices.push(this.within.within(slice)));

  begin(nowMs: number): void {
    this.within.begin(nowMs);
    this.sessions.begin(nowMs);
  }

  end(nowMs: number): void {
    this.within.end(nowMs);
    this.sessions.end(nowMs);
  }

  sum(of: (slice: Slice) => number): number {
    return this.slices.reduce((so, slice) => so + of(slice), 0);
  }
}

describe('sessions and what is in them', () => {
  it('share their slices: requests and steps are counted in the second in which they ended', () => {
    const both = new Both();
    both.begin(500);
    both.sessions.sent(500, 500);
    both.within.requests.sent(500, 501);
    both.within.requests.done(500, 501, 520, 530, '', 70, 90);
    both.within.step('hello', 29, false, 530);
    both.within.good(640);
    both.within.requests.sent(1400, 1400);
    both.within.requests.done(1400, 1400, 1600, 1700, 'http.503', 70, 90);
    both.within.step('hello', 300, true, 1700);
    both.sessions.done(500, 500, 1700, 1700, 'http.503', 140, 180);
    both.end(1900);
    expect(both.slices.map(({ sent, done, failed, errors }) => ({ sent, done, failed, errors }))).toEqual([
      { sent: 2, done: 1, failed: 0, errors: {} },
      { sent: 0, done: 1, failed: 1, errors: { 'http.503': 1 } },
    ]);
    expect(both.slices.map(({ steps }) => [steps['hello']?.done, steps['hello']?.failed])).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(both.slices.map(({ sessions }) => sessions)).toMatchObject([
      { due: 1, started: 1, done: 0, good: 1 },
      { due: 0, started: 0, done: 1, failed: 1, good: 0 },
    ]);
  });

  it('tell faults that no request shows, beside the failures of requests', () => {
    const both = new Both();
    both.begin(0);
    both.sessions.sent(0, 0);
    both.sessions.sent(0, 0);
    both.sessions.done(0, 0, 9, 9, 'check', 0, 0);
    both.sessions.done(0, 0, 9, 9, 'http.500', 0, 0);
    both.within.requests.sent(0, 0);
    both.within.requests.done(0, 0, 5, 5, 'http.500', 0, 0);
    both.end(40);
    expect(both.slices[0]?.errors).toEqual({ check: 1, 'http.500': 1 });
    expect(both.slices[0]?.failed).toBe(1);
  });

  it('keep jobs in the second and tenth in which they were done', () => {
    const both = new Both();
    both.begin(0);
    both.within.enqueued('completion', 310);
    both.within.enqueued('completion', 420);
    expect(both.within.completed('completion', 310, 1730)).toBe(true);
    both.end(2000);
    expect(both.slices.map(({ queues }) => queues['completion'])).toMatchObject([
      { enqueued: 2, completed: 0 },
      { enqueued: 0, completed: 1, completedTicks: [0, 0, 0, 0, 0, 0, 0, 1, 0, 0] },
    ]);
  });

  it('keep no job that was enqueued under an earlier load: it would hide the backlog of this one', () => {
    const both = new Both();
    both.begin(0);
    both.within.enqueued('completion', 310);
    both.end(1000);
    both.begin(5000);
    both.within.enqueued('completion', 5100);
    expect(both.within.completed('completion', 310, 5200)).toBe(false);
    both.end(6000);
    expect(both.slices.at(-1)?.queues['completion']).toMatchObject({ enqueued: 1, completed: 0 });
  });

  it('keep messages in the second in which they came, and take back one that came late', () => {
    const both = new Both();
    both.begin(0);
    both.within.messages({ received: 1, numbered: 1, lost: 2 }, 300);
    both.within.messages({ sent: 5 }, 400);
    both.within.messages({ received: 1, numbered: 1, lost: -1, reordered: 1 }, 1200);
    both.within.messages({ closedByTarget: { 1006: 1 } }, 1300);
    both.end(3100);
    expect(both.slices.map(({ messages }) => messages)).toMatchObject([
      { sent: 5, received: 1, lost: 2, reordered: 0, closedByTarget: {} },
      { sent: 0, received: 1, lost: -1, reordered: 1, closedByTarget: { 1006: 1 } },
      null,
      null,
    ] as never);
  });

  it('count a dropped session as its first request, so that the counts balance', () => {
    const both = new Both();
    both.begin(0);
    both.sessions.dropped(3);
    both.sessions.dropped(4);
    both.within.requests.sent(5, 5);
    both.end(10);
    expect(both.sum(({ due }) => due)).toBe(3);
    expect(both.sum(({ sent }) => sent)).toBe(1);
    expect(both.sum(({ dropped }) => dropped)).toBe(2);
  });

  it('lose nothing, however their ends fall into seconds', () => {
    const event = fc.record({
      atMs: fc.integer({ min: 0, max: 6000 }),
      kind: fc.constantFrom('request', 'session', 'step'),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const both = new Both();
        both.begin(0);
        for (const { atMs, kind } of events.toSorted((a, b) => a.atMs - b.atMs)) {
          if (kind === 'step') both.within.step('a', 1, false, atMs);
          const tally = kind === 'request' ? both.within.requests : both.sessions;
          if (kind === 'step') continue;
          tally.sent(atMs, atMs);
          tally.done(atMs, atMs, atMs, atMs, '', 0, 0);
        }
        both.end(7000);
        const count = (wanted: string): number => events.filter(({ kind }) => kind === wanted).length;
        expect(both.sum(({ done }) => done)).toBe(count('request'));
        expect(both.sum(({ sessions }) => sessions?.done ?? 0)).toBe(count('session'));
        expect(both.sum(({ steps }) => steps['a']?.done ?? 0)).toBe(count('step'));
      }),
    );
  });

  it('keep two hundred names apart, and count the rest together', () => {
    const both = new Both();
    both.begin(0);
    for (let name = 0; name < 260; name++) both.within.step(`step ${name}`, 1, false, 5);
    both.end(10);
    const steps = both.slices[0]?.steps ?? {};
    expect(Object.keys(steps).length).toBe(201);
    expect(Object.values(steps).reduce((sum, { done }) => sum + done, 0)).toBe(260);
  });
});
