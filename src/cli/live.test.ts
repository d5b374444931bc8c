import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultObjectives } from '../model/objectives.ts';
import type { Load } from '../model/load.ts';
import { liveView, type LiveLevel, type LiveOptions, type LiveSecond } from './live.ts';

class Screen extends Writable {
  readonly writes: string[] = [];
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(chunk.toString());
    done();
  }
  get text(): string {
    return this.writes.join('');
  }
}

const closed = (users: number): Load => ({ kind: 'closed', users });
const open = (ratePerSecond: number): Load => ({ kind: 'open', ratePerSecond, arrivals: 'poisson' });

const level = (load: Load, change: Partial<LiveLevel> = {}): LiveLevel => ({
  load,
  throughput: 148.6,
  p95Ms: 91.2,
  met: true,
  broken: '',
  valid: true,
  ...change,
});

const second = (elapsedMs: number, load: Load = closed(8)): LiveSecond => ({
  load,
  throughput: 148.6,
  p95Ms: 91.2,
  errorRatio: 0.0004,
  inFlight: 7.9,
  generatorCpu: 0.0671,
  elapsedMs,
});

function started(change: Partial<LiveOptions> = {}): { screen: Screen; live: ReturnType<typeof liveView> } {
  const screen = new Screen();
  const live = liveView({
    stream: screen,
    isTty: false,
    columns: 80,
    colour: false,
    ascii: false,
    quiet: false,
    ...change,
  });
  live.begin({ target: 'http://orders.test:8080', budgetMs: 87_000, objectives: [...defaultObjectives] });
  return { screen, live };
}

describe('without a terminal', () => {
  it('prints one plain line for each phase and each finished trial', () => {
    const { screen, live } = started();
    live.trial({ experiment: 'scaling', purpose: 'climbing: 8 users', load: closed(8), index: 2 });
    live.second(second(12_400));
    live.level(level(closed(8)));
    live.trial({ experiment: 'scaling', purpose: 'climbing: 16 users', load: closed(16), index: 3 });
    live.second(second(16_900));
    live.level(level(closed(16), { valid: false }));
    live.trial({ experiment: 'capacity', purpose: 'the first guess', load: open(203), index: 4 });
    live.second(second(65_000));
    live.level(level(open(203), { throughput: 187.2, p95Ms: 1243, met: false }));
    live.note('the target answers with a redirect');
    live.note('');
    live.end();
    expect(screen.text).toMatchInlineSnapshot(`
      "http://orders.test:8080 with p95 < 500 ms and errors < 1 %, about 1 min 27 s
        0:00  Finding the knee
        0:12       8 users      149 req/s  p95  91.2 ms  held
        0:16      16 users      149 req/s  p95  91.2 ms  invalid: the generator was not healthy
        0:16  Finding the capacity
        1:05     203 req/s      187 req/s  p95   1.24 s  not held
        1:05  the target answers with a redirect
      "
    `);
  });

  it('writes no escape codes, even where text of the target holds some', () => {
    const { screen, live } = started({ colour: true });
    live.note('gone\u001b[2J');
    live.end();
    expect(screen.text).not.toContain('\u001b');
  });

  it('has an ASCII twin', () => {
    const { screen, live } = started({ ascii: true });
    live.trial({ experiment: 'scaling', purpose: 'climbing: 1200 users', load: closed(1200), index: 9 });
    live.level(level(closed(1200), { p95Ms: null, met: null }));
    expect(screen.text).toContain('1,200 users');
    expect(screen.text).toMatch(/^[\x20-\x7e\n]*$/);
  });
});

describe('quiet', () => {
  it.each([true, false])('writes nothing (terminal: %s)', (isTty) => {
    const { screen, live } = started({ quiet: true, isTty });
    live.trial({ experiment: 'run', purpose: '8 users', load: closed(8), index: 0 });
    live.second(second(1000));
    live.level(level(closed(8)));
    live.note('a note');
    live.end();
    expect(screen.writes).toEqual([]);
  });
});

describe('on a terminal', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('redraws at most four times a second, and shows the last state in the end', () => {
    const { screen, live } = started({ isTty: true });
    for (let at = 1; at <= 100; at++) {
      live.second(second(at * 10, closed(at)));
      vi.advanceTimersByTime(10);
    }
    const redraws = screen.writes.length;
    expect(redraws).toBeGreaterThanOrEqual(4);
    expect(redraws).toBeLessThanOrEqual(5);
    vi.advanceTimersByTime(250);
    expect(screen.writes.at(-1)).toContain('100 users');
    live.end();
  });

  it('takes the block away at the end, and is silent after', () => {
    const { screen, live } = started({ isTty: true });
    live.second(second(2000));
    live.end();
    expect(screen.writes.at(-1)).toMatch(/^(?:\u001b\[2K|\u001b\[1A|\u001b\[G)+$/);
    const count = screen.writes.length;
    live.second(second(3000));
    live.note('too late');
    live.end();
    vi.advanceTimersByTime(1000);
    expect(screen.writes).toHaveLength(count);
  });

  it('follows the width of the stream', () => {
    const screen = Object.assign(new Screen(), { columns: 44 });
    const live = liveView({
      stream: screen,
      isTty: true,
      columns: 80,
      colour: false,
      ascii: false,
      quiet: false,
    });
    live.second(second(2000));
    expect(screen.text).not.toContain('in flight');
    live.end();
  });
});
