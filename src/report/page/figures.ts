/** The five figures under the verdict, each with its interval and a judgement in a word or two. */
import type { Report } from '../../model/report.ts';
import { formatEstimate, formatInterval, formatMs, formatNumber, formatPercent } from '../format.ts';
import { lawFitsPoorly, loadsOf, levelText, rateText, shareText, usersText } from '../words.ts';
import { allLevels, outcome } from './words.ts';

export type Tone = 'good' | 'caution' | 'bad' | 'none';

export interface Figure {
  readonly name: string;
  readonly value: string;
  /** The interval, or what the value rests on. */
  readonly detail: string;
  readonly judgement: string;
  readonly tone: Tone;
  readonly kind: 'safe' | 'knee' | 'cliff' | 'measured' | 'response' | 'context';
}

const notTested = (name: string, kind: Figure['kind'], detail = ''): Figure => ({
  name,
  value: 'not tested',
  detail,
  judgement: 'not tested',
  tone: 'none',
  kind,
});

function safeLoad(report: Report): Figure {
  const { capacity } = report;
  const name = 'Safe load';
  const kind = 'safe';
  if (capacity === null) return notTested(name, kind);
  if (capacity.safeLoad === null) {
    const searched = report.experiments.some((experiment) => experiment.name === 'capacity');
    if (!searched) return notTested(name, kind);
    const { sustainable } = capacity;
    const detail = sustainable === null ? '' : `the search said ${formatEstimate(sustainable)}`;
    return { name, value: 'not found', detail, judgement: 'not found', tone: 'caution', kind };
  }
  const { atLeast, confirmed } = capacity;
  const { value } = capacity.safeLoad;
  if (value === 0) {
    return {
      name,
      value: rateText(0, loadsOf(report)),
      detail: 'no load tried held',
      judgement: 'none',
      tone: 'bad',
      kind: 'cliff',
    };
  }
  const detail = shareText(value, capacity);
  if (atLeast) {
    return {
      name,
      value: `≥ ${rateText(value, loadsOf(report))}`,
      detail,
      judgement: 'lower bound',
      tone: 'caution',
      kind,
    };
  }
  const held = confirmed?.held;
  return {
    name,
    value: rateText(value, loadsOf(report)),
    detail,
    judgement: held === true ? 'confirmed' : held === false ? 'not confirmed' : 'found',
    tone: held === true ? 'good' : held === false ? 'bad' : 'caution',
    kind,
  };
}

/** The interval of the knee belongs to whichever of its two numbers lies in it. */
function kneeDetail({
  users,
  throughput,
  low,
  high,
}: NonNullable<NonNullable<Report['capacity']>['knee']>): string {
  if (low === null || high === null) return 'interval unknown';
  if (low <= users && users <= high) return `${formatNumber(low)} to ${formatNumber(high)} users`;
  return formatInterval({ value: throughput, low, high, unit: '1/s', method: '' });
}

/** The most users that were tried and judged, or null. */
function mostUsers(report: Report): number | null {
  const tried = allLevels(report).flatMap(({ level }) =>
    level.load.kind === 'closed' && level.valid ? [level.load.users] : [],
  );
  return tried.length < 2 ? null : Math.max(...tried);
}

function knee(report: Report): Figure {
  const found = report.capacity?.knee ?? null;
  const most = mostUsers(report);
  if (found !== null) {
    return {
      name: 'Knee',
      value: usersText(found.users),
      detail: kneeDetail(found),
      judgement: 'found',
      tone: 'none',
      kind: 'knee',
    };
  }
  if (most === null) return notTested('Knee', 'knee');
  return {
    name: 'Knee',
    value: 'none seen',
    detail: `up to ${usersText(most)}`,
    judgement: 'not reached',
    tone: 'none',
    kind: 'knee',
  };
}

function cliff(report: Report): Figure {
  const found = report.capacity?.cliff ?? null;
  const most = mostUsers(report);
  if (found !== null) {
    return {
      name: 'Cliff',
      value: usersText(found.users),
      detail: found.statement,
      judgement: 'found',
      tone: 'bad',
      kind: 'cliff',
    };
  }
  if (most === null) return notTested('Cliff', 'cliff');
  return {
    name: 'Cliff',
    value: 'none seen',
    detail: `up to ${usersText(most)}`,
    judgement: 'none',
    tone: 'good',
    kind: 'cliff',
  };
}

function scaling(report: Report): Figure {
  const found = report.scaling;
  if (found === null) return notTested('Scaling', 'measured');
  const { efficiency, efficiencyUsers, intervals, alpha, shape } = found;
  const [low, high] = intervals.alpha ?? [null, null];
  const interval = formatEstimate({ value: alpha, low, high, unit: 'ratio', method: 'fit' });
  const poor = lawFitsPoorly(report) ? ', a poor fit' : '';
  const contention = found.law === 'linear' ? '' : `contention ${interval}${poor}`;
  const at = efficiencyUsers === null ? '' : `efficient at ${usersText(efficiencyUsers)}`;
  return {
    name: 'Scaling',
    value: efficiency === null ? shape : formatPercent(efficiency),
    detail: [at, contention].filter((part) => part !== '').join('; '),
    judgement: shape,
    tone: shape === 'retrograde' ? 'bad' : shape === 'sublinear' ? 'caution' : 'good',
    kind: 'measured',
  };
}

/** A run of held loads has no search to report: its figures are those of its last valid level. */
function heldFigures(report: Report): Figure[] {
  const levels = allLevels(report).map(({ level }) => level);
  const level = levels.findLast(({ valid }) => valid) ?? levels.at(-1);
  if (level === undefined) return [];
  const judgement = { held: 'held', failed: 'not held', invalid: 'invalid' }[outcome(level)];
  const tone = { held: 'good', failed: 'bad', invalid: 'caution' } as const;
  const at = `at ${levelText(level)}`;
  const judged = (metric: string): Pick<Figure, 'judgement' | 'tone'> => {
    const met = level.objectives.find((objective) => objective.metric === metric)?.met ?? null;
    if (met === null) return { judgement: 'no objective', tone: 'none' };
    return met ? { judgement: 'met', tone: 'good' } : { judgement: 'not met', tone: 'bad' };
  };
  const time = (name: 'p50' | 'p95' | 'p99', interval: string): Figure => ({
    name: `Response ${name}`,
    value: formatMs(level.response[name]),
    detail: interval,
    ...judged(`response.${name}`),
    kind: 'response',
  });
  return [
    {
      name: 'Throughput',
      value: level.throughput === null ? '–' : rateText(level.throughput.value, level.load),
      detail: level.throughput === null ? at : `${formatInterval(level.throughput)} ${at}`,
      judgement,
      tone: tone[outcome(level)],
      kind: 'measured',
    },
    time('p50', at),
    time('p95', level.responseP95 === null ? at : formatInterval(level.responseP95)),
    time('p99', at),
    {
      name: 'Errors',
      value: formatPercent(level.errors.ratio),
      detail: `${formatNumber(level.requests.failed)} of ${formatNumber(level.requests.done)} answers`,
      ...judged('errors'),
      kind: judged('errors').tone === 'bad' ? 'cliff' : 'context',
    },
  ];
}

export function figures(report: Report): Figure[] {
  if (report.capacity === null && report.scaling === null) return heldFigures(report);
  return [
    safeLoad(report),
    knee(report),
    cliff(report),
    scaling(report),
    notTested('Recovery', 'context', 'after an overload'),
  ];
}
