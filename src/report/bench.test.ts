import { describe, expect, it } from 'vitest';
import type { BenchStage } from '../model/bench.ts';
import { benchCsv, benchTable, type BenchResult } from './bench.ts';

const stage: BenchStage = {
  load: 10,
  operations: { done: 6210, failed: 0, unfinished: 0 },
  perSecond: { value: 2070, low: 2030, high: 2110, unit: 'operations/s', method: 'batch means' },
  atLeast: false,
  ownShare: 0.002,
  waitedShare: null,
  steady: true,
  response: { p50: 4.8, p90: 5, p95: 5.4, p99: 7.9, p999: 9, max: 9, mean: 4.9, deviation: 0.3, unit: 'ms' },
  keepsThread: true,
  cpuMsPerThousand: 483,
  memoryBytesPerThousand: -2048,
  memoryOf: 'heap',
  ofTarget: 0.828,
  ofAcceptable: 2.07,
  verdict: 'met',
  lastError: '',
};
const result = (change: Partial<BenchStage> = {}, name = 'parse'): BenchResult => ({
  name,
  target: 2500,
  acceptable: 1000,
  stages: [{ ...stage, ...change }],
});

describe('the table of benchmarks', () => {
  it('has a line for each load, no wider than asked for', () => {
    const text = benchTable([result()], { columns: 140, ascii: true });
    expect(text).toContain('parse (target 2,500/s, acceptable 1,000/s)');
    expect(text.replace(/\s+/g, ' ')).toMatch(/10x 2,070 \+- 40 .* 483 ms -2 KiB 0.828x 2.07x met/);
    expect(text).toContain('keeps its thread');
    const narrow = benchTable([result()], { columns: 60, ascii: true });
    expect(Math.max(...narrow.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  it('says what failed, and why a rate is a lower bound', () => {
    const operations = { done: 9, failed: 3, unfinished: 2 };
    const text = benchTable([
      result({ operations, lastError: 'no\u001b[2J stock', atLeast: true, waitedShare: 0.31 }),
    ]);
    expect(text).toContain('3 operations failed, the last with: no');
    expect(text).not.toContain('\u001b');
    expect(text).toContain('2 operations never ended');
    expect(text).toContain('at least');
    expect(text).toMatch(/31\s% to other processes/);
  });
});

describe('benchmarks as CSV', () => {
  it('have a row for each load; unknown is empty, and no cell is a formula', () => {
    const [head = '', row = ''] = benchCsv([result({}, '=parse')]).split('\r\n');
    const cells = Object.fromEntries(head.split(',').map((name, i) => [name, row.split(',')[i]]));
    expect(cells).toMatchObject({
      load: '10',
      operations_per_s: '2070',
      waited_share_ratio: '',
      verdict: 'met',
    });
    expect(cells['benchmark']).toContain("'=parse");
  });
});
