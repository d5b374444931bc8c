import { describe, expect, it } from 'vitest';
import { aLevel, closed, open } from '../../test/kit/levels.ts';
import type { Trial } from '../model/load.ts';
import type { Level } from '../model/report.ts';
import { conduct, conductNow, goodput, measured, stopped, type Experiment } from './experiment.ts';

const trial: Trial = {
  experiment: 'scaling',
  purpose: 'climbing',
  load: closed(6),
  durationMs: 2000,
  minDone: 50,
  maxDurationMs: 4000,
  maxInFlight: 6,
};

const good = aLevel(closed(6), 140, 31);
const falsified = aLevel(closed(6), 90, 44, {
  valid: false,
  invalidReasons: [{ code: 'generator.lag', statement: 'late' }],
});

function answering(levels: Level[]): { perform: (trial: Trial) => Level; asked: Trial[] } {
  const asked: Trial[] = [];
  return {
    asked,
    perform: (wanted) => {
      asked.push(wanted);
      return levels[asked.length - 1] ?? good;
    },
  };
}

describe('a measured trial', () => {
  it('is asked for once where it is valid', () => {
    const { perform, asked } = answering([good]);
    expect(conductNow(measured(trial), perform)).toBe(good);
    expect(asked).toEqual([trial]);
  });

  it('is asked for once more where the generator falsified it, and says why', () => {
    const { perform, asked } = answering([falsified, good]);
    expect(conductNow(measured(trial), perform)).toMatchObject({ valid: true, requests: good.requests });
    expect(asked.length).toBe(2);
    expect(asked[1]).toMatchObject({ load: trial.load, durationMs: 2000 });
    expect(asked[1]?.purpose).toContain('the generator was not healthy');
  });

  it('is not asked for a third time', () => {
    const { perform, asked } = answering([falsified, falsified, good]);
    expect(conductNow(measured(trial), perform).valid).toBe(false);
    expect(asked.length).toBe(2);
  });

  it('has spent the time of both', () => {
    const { perform } = answering([
      { ...falsified, spentMs: 2100 },
      { ...good, spentMs: 2300 },
    ]);
    expect(conductNow(measured(trial), perform).spentMs).toBe(4400);
  });

  it('is not asked for again where the time left is too short for both', () => {
    const { perform, asked } = answering([{ ...falsified, spentMs: 2100 }, good]);
    conductNow(measured(trial, 4000), perform);
    expect(asked.length).toBe(1);
  });

  it('is not asked for again where the experiment can use it as it is', () => {
    const { perform, asked } = answering([falsified, good]);
    conductNow(
      measured(trial, 60_000, () => true),
      perform,
    );
    expect(asked.length).toBe(1);
  });

  it('is not asked for again once the run was stopped', () => {
    const { perform, asked } = answering([{ ...falsified, stoppedEarly: 'interrupt' }]);
    conductNow(measured(trial), perform);
    expect(asked.length).toBe(1);
  });
});

describe('conducting', () => {
  it('gives each level back to the experiment that asked for it, in real time as in virtual time', async () => {
    function* adding(): Experiment<number> {
      const first = yield trial;
      const second = yield { ...trial, load: open(70) };
      return goodput(first) + 2 * goodput(second);
    }
    const perform = ({ load }: Trial): Level => aLevel(load, load.kind === 'open' ? 70 : 140, 31);
    expect(conductNow(adding(), perform)).toBe(280);
    expect(await conduct(adding(), (wanted) => Promise.resolve(perform(wanted)))).toBe(280);
  });
});

describe('a level', () => {
  it.each(['interrupt', 'time-limit', 'target-died'] as const)('ended by %s is the last', (reason) => {
    expect(stopped({ ...good, stoppedEarly: reason })).toBe(true);
  });

  it('ended by its backlog is not', () => {
    expect([stopped({ ...good, stoppedEarly: 'backlog' }), stopped(good)]).toEqual([false, false]);
  });

  it('without a throughput gave nothing', () => {
    expect([goodput(good), goodput({ ...good, throughput: null })]).toEqual([140, 0]);
  });
});
