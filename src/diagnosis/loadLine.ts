/** Findings about the objectives and the load line: no load holds them, too few requests to tell, a line that was not confirmed. */
import { describeObjectives, isMessageMetric, isShare, metricWords, qualityOf } from '../model/objectives.ts';
import type { Finding, Level } from '../model/report.ts';
import type { Evidence } from './evidence.ts';
import { counted, number, unitWords } from './wording.ts';

export function objectivesAtOneUser({ capacity, objectives, levels }: Evidence): Finding[] {
  if (capacity?.sustainable?.value !== 0) return [];
  const ofOne = levels.filter(({ load }) => load.kind === 'closed' && load.users === 1);
  const broken = ofOne.map(brokenQuality).findLast((list) => list.length > 0)?.[0];
  const seen = broken ?? { metric: 'response.p95', value: ofOne.at(-1)?.response.p95 ?? null };
  const fails = seen.metric === 'errors';
  return [
    {
      code: 'objective.unreachable',
      gravity: 'failure',
      confidence: 0.95,
      statement: `No load that was tried holds ${describeObjectives(qualityOf(objectives))}${aloneWords(seen)}.`,
      evidence: [
        isShare(seen.metric)
          ? {
              series: fails ? 'errors.ratio at 1 user' : `messages ${seen.metric} at 1 user`,
              value: seen.value,
              unit: 'ratio',
            }
          : { series: `${seen.metric} at 1 user`, value: seen.value, unit: 'ms' },
      ],
      remedy: fails
        ? 'Find out why single requests fail: no load is small enough for errors that do not come from the load.'
        : isMessageMetric(seen.metric)
          ? 'Find out why messages of one user alone do not come once and in order: no load is small enough for that.'
          : 'Make a single request faster, or set the objective to what the service promises with --slo.',
    },
  ];
}

type Judged = Pick<Level['objectives'][number], 'metric' | 'value'>;

const brokenQuality = ({ objectives }: Level): Judged[] =>
  objectives.filter(({ metric, met }) => met === false && metric !== 'throughput');

/** What one user alone sees. */
function aloneWords({ metric, value }: Judged): string {
  if (value === null) return '';
  if (metric === 'errors') return `: of what one user alone does, ${number(100 * value)} % fails`;
  if (isMessageMetric(metric))
    return `: with one user alone ${number(100 * value)} % of messages are ${metric}`;
  return `: one user alone has a ${metricWords(metric)} of ${number(value)} ms`;
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
