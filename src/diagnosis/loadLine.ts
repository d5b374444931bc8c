/** Findings about the objectives and the load line: no load holds them, too few requests to tell, a line that was not confirmed. */
import { describeObjectives } from '../model/objectives.ts';
import type { Finding } from '../model/report.ts';
import type { Evidence } from './evidence.ts';
import { counted, number, unitWords } from './wording.ts';

export function objectivesAtOneUser({ capacity, objectives, levels }: Evidence): Finding[] {
  if (capacity?.sustainable?.value !== 0) return [];
  const one = levels.findLast((level) => level.load.kind === 'closed' && level.load.users === 1);
  const p95 = one?.response.p95 ?? null;
  const errors = one?.errors.ratio ?? null;
  const fails = one?.objectives.some(({ metric, met }) => metric === 'errors' && met === false) === true;
  const alone = fails
    ? `: of one user alone ${number(100 * (errors ?? 0))} % of the requests fail`
    : p95 === null
      ? ''
      : `: one user alone has a p95 of ${number(p95)} ms`;
  return [
    {
      code: 'objective.unreachable',
      gravity: 'failure',
      confidence: 0.95,
      statement: `No load that was tried holds ${describeObjectives(objectives)}${alone}.`,
      evidence: [
        fails
          ? { series: 'errors.ratio at 1 user', value: errors, unit: 'ratio' }
          : { series: 'response.p95 at 1 user', value: p95, unit: 'ms' },
      ],
      remedy: fails
        ? 'Find out why single requests fail: no load is small enough for errors that do not come from the load.'
        : 'Make a single request faster, or set the objective to what the service promises with --slo.',
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

/** Of a load that no search weighs: errors that so few requests could hardly have shown. */
export function fewForErrors({ levels, capacity }: Evidence): Finding[] {
  const level = levels.at(-1);
  const judged = level?.objectives.find(({ metric }) => metric === 'errors');
  const of = judged?.of ?? null;
  if (capacity !== null || judged?.met !== true || of === null || of * judged.limit >= 1) return [];
  const enough = Math.ceil(Math.log(0.05) / Math.log(1 - Math.min(0.999, judged.limit)));
  return [
    {
      code: 'objective.few-requests',
      gravity: 'note',
      confidence: null,
      statement: `None of ${counted(of, 'request')} failed, but so few cannot show that fewer than ${number(100 * judged.limit)} % do: without a failure that takes ${enough}.`,
      evidence: [{ series: 'requests judged', value: of, unit: 'requests' }],
      remedy: 'Hold the load for longer with --duration.',
    },
  ];
}
