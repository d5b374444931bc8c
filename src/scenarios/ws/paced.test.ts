import { describe, expect, it } from 'vitest';
import { paced, type PaceClock } from './paced.ts';

/** Time that passes by waiting only, and always a little more than was asked for. */
class LateClock implements PaceClock {
  nowMsValue = 100;
  readonly #latenessMs: number[];

  constructor(latenessMs: readonly number[]) {
    this.#latenessMs = [...latenessMs];
  }

  nowMs(): number {
    return this.nowMsValue;
  }

  wait(ms: number): Promise<void> {
    this.nowMsValue += ms + (this.#latenessMs.shift() ?? 0);
    return Promise.resolve();
  }
}

async function sentBy(latenessMs: readonly number[], frames: number, everyMs = 20) {
  const clock = new LateClock(latenessMs);
  const sent: { atMs: number; lagMs: number }[] = [];
  const count = await paced(
    Array.from({ length: frames }, (_, nth) => nth),
    everyMs,
    (_frame, lagMs) => sent.push({ atMs: clock.nowMs() - 100, lagMs }) > 0,
    clock,
  );
  return { sent, count };
}

describe('frames paced in real time', () => {
  it('leave at their instants, the first at once', async () => {
    const { sent, count } = await sentBy([], 4);
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 20, 40, 60]);
    expect(count).toBe(4);
  });

  it('do not drift when each is late, and tell how late', async () => {
    const { sent } = await sentBy([3, 1, 2], 4);
    expect(sent).toEqual([
      { atMs: 0, lagMs: 0 },
      { atMs: 23, lagMs: 3 },
      { atMs: 41, lagMs: 1 },
      { atMs: 62, lagMs: 2 },
    ]);
  });

  it('catch up after a stall: what is late follows at once, and none is left out', async () => {
    const { sent } = await sentBy([50], 6);
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 70, 70, 70, 80, 100]);
    expect(sent.map(({ lagMs }) => lagMs)).toEqual([0, 50, 30, 10, 0, 0]);
  });

  it('wait again where a timer rings too early', async () => {
    const { sent } = await sentBy([-0.5, 0, -0.5], 3);
    expect(sent.every(({ lagMs }) => lagMs >= 0 && lagMs < 1)).toBe(true);
  });

  it('may come from a source of their own time', async () => {
    async function* spoken() {
      yield 'a';
      await Promise.resolve();
      yield 'b';
    }
    const said: string[] = [];
    expect(await paced(spoken(), 5, (frame) => said.push(frame) > 0, new LateClock([]))).toBe(2);
    expect(said).toEqual(['a', 'b']);
  });

  it('end where there is nobody to send to, and leave the rest', async () => {
    const said: number[] = [];
    expect(await paced([7, 8, 9], 5, (frame) => said.push(frame) < 2, new LateClock([]))).toBe(1);
    expect(said).toEqual([7, 8]);
  });
});
