import { describe, expect, it } from 'vitest';
import { aLevel, closed, open } from '../../test/kit/levels.ts';
import { loadCurve } from './loadCurve.ts';

const p50 = (level: { service: { p50: number | null } }): number | null => level.service.p50;
const levels = [aLevel(closed(8), 148, 54), aLevel(closed(1), 19, 52), aLevel(closed(16), 211, 75)];

describe('the curve of a reading', () => {
  it('is in order of load, of one kind of load', () => {
    expect(loadCurve([...levels, aLevel(open(188), 187, 90)], 'closed', p50)).toEqual({
      curve: {
        against: 'users',
        points: [
          { load: 1, value: levels[1]?.service.p50 },
          { load: 8, value: levels[0]?.service.p50 },
          { load: 16, value: levels[2]?.service.p50 },
        ],
      },
    });
  });

  it('takes of two levels of the same load the one held longer, and no invalid one', () => {
    const longer = aLevel(closed(8), 150, 61, { durationMs: 1e6 });
    const invalid = aLevel(closed(32), 190, 99, { valid: false });
    const { curve } = loadCurve([longer, ...levels, invalid], 'closed', p50);
    expect(curve?.points.map(({ load }) => load)).toEqual([1, 8, 16]);
    expect(curve?.points[1]?.value).toBe(longer.service.p50);
  });

  it('is not drawn through two points, nor through readings that are missing', () => {
    expect(loadCurve(levels.slice(1), 'closed', p50)).toEqual({});
    expect(
      loadCurve(levels, 'closed', (level) => (p50(level) === levels[0]?.service.p50 ? null : 1)),
    ).toEqual({});
    expect(loadCurve(levels, 'open', p50)).toEqual({});
  });
});
