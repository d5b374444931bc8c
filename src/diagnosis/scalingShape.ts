/** Findings about the scaling law: growth that no law of contention allows, and levels that no law fits. */
import type { Finding } from '../model/report.ts';
import type { Evidence } from './evidence.ts';
import { loadCurve } from './loadCurve.ts';
import { number } from './wording.ts';

export function superlinear({ scaling, levels }: Evidence): Finding[] {
  if (scaling?.shape !== 'superlinear') return [];
  return [
    {
      code: 'scaling.superlinear',
      gravity: 'warning',
      confidence: null,
      statement:
        'Throughput grows faster than the number of users: the first level was cold, or requests help each other.',
      evidence: [
        {
          series: 'efficiency',
          value: scaling.efficiency,
          unit: 'ratio',
          ...loadCurve(levels, 'closed', (level) => level.efficiency),
        },
      ],
      remedy: 'Warm the target up before, or repeat with --budget standard.',
    },
  ];
}

/** Counts of a quick level scatter by less than this; what lies further off is bent in another way than the law. */
const poorestFit = 0.1;

export function poorFit({ scaling, levels }: Evidence): Finding[] {
  if (scaling === null || scaling.misfit <= poorestFit) return [];
  return [
    {
      code: 'scaling.poor-fit',
      gravity: 'note',
      confidence: null,
      statement: `No scaling law fits well: the levels lie ${number(100 * scaling.misfit)} % from the best of them.`,
      evidence: [
        { series: 'misfit', value: scaling.misfit, unit: 'ratio' },
        {
          series: 'efficiency',
          value: scaling.efficiency,
          unit: 'ratio',
          ...loadCurve(levels, 'closed', (level) => level.efficiency),
        },
      ],
      remedy:
        'Go by the levels and the knee, and read contention and coherency as a summary: a fixed number of workers or connections bends throughput more sharply than these laws can.',
    },
  ];
}
