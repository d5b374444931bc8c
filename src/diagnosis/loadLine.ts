/** Findings about the load line itself: no load holds the objectives, or the line was not confirmed. */
import { describeObjectives } from '../model/objectives.ts';
import type { Finding } from '../model/report.ts';
import type { Evidence } from './evidence.ts';
import { number, unitWords } from './wording.ts';

export function objectivesAtOneUser({ capacity, objectives, levels }: Evidence): Finding[] {
  if (capacity?.sustainable?.value !== 0) return [];
  const one = levels.find((level) => level.load.kind === 'closed' && level.load.users === 1);
  const p95 = one?.response.p95 ?? null;
  return [
    {
      code: 'objective.unreachable',
      gravity: 'failure',
      confidence: 0.95,
      statement: `No load that was tried holds ${describeObjectives(objectives)}${p95 === null ? '' : `: one user alone has a p95 of ${number(p95)} ms`}.`,
      evidence: [{ series: 'response.p95 at 1 user', value: p95, unit: 'ms' }],
      remedy: 'Make a single request faster, or set the objective to what the service promises with --slo.',
    },
  ];
}

export function unconfirmed({ capacity }: Evidence): Finding[] {
  if (capacity === null || (capacity.safeLoad === null && capacity.confirmed === null)) return [];
  const { confirmed, safeLoad } = capacity;
  if (confirmed?.held === true || safeLoad?.value === 0) return [];
  if (confirmed === null) {
    return [
      {
        code: 'capacity.not-held',
        gravity: 'warning',
        confidence: null,
        statement:
          'The load line was not held once more at the end: there was no time left, or the generator was not healthy then.',
        evidence: [{ series: 'safeLoad', value: safeLoad?.value ?? null, unit: '1/s' }],
        remedy: 'Repeat with --budget standard, and keep other work off the machine.',
      },
    ];
  }
  return [
    {
      code: 'capacity.unconfirmed',
      gravity: 'failure',
      confidence: 0.9,
      statement: `The load line of ${number(confirmed.ratePerSecond)} ${unitWords(capacity.safeLoad ?? capacity.sustainable)} did not hold when it was tried once more after the search.`,
      evidence: [{ series: 'confirmed.ratePerSecond', value: confirmed.ratePerSecond, unit: '1/s' }],
      remedy:
        'The target changes while it is measured, or does not recover from overload. Repeat with --budget standard.',
    },
  ];
}
