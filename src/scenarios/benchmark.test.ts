import { describe, expect, it } from 'vitest';
import { benchmark, isBenchmark, type BenchmarkOptions } from './benchmark.ts';

const nothing = (): void => undefined;

describe('a benchmark', () => {
  it('is measured at four loads, and asked for nothing, where it says no more', () => {
    const plain = benchmark('plain', nothing);
    expect(plain).toMatchObject({ target: null, acceptable: null, loads: [1, 10, 100, 1000] });
    expect([isBenchmark(plain), isBenchmark({ ...nothing })]).toEqual([true, false]);
  });

  it('is measured once at each load', () => {
    expect(benchmark('some', { loads: [30, 2, 30] }, nothing).loads).toEqual([30, 2]);
  });

  it.each([
    [{ target: 0 }, 'target 0'],
    [{ acceptable: Number.NaN }, 'acceptable NaN'],
    [{ loads: [] }, 'loads []'],
    [{ loads: [1.5] }, 'loads [1.5]'],
    [{ loads: [20_000] }, 'loads [20000]'],
    [{ wish: 3 } as BenchmarkOptions, 'no option "wish"'],
  ])('refuses %j', (options, told) => expect(() => benchmark('bad', options, nothing)).toThrow(told));

  it('needs a name and a function', () => {
    expect(() => benchmark('', nothing)).toThrow('a name and a function');
    expect(() => benchmark('none', {}, undefined as never)).toThrow('a name and a function');
  });
});
