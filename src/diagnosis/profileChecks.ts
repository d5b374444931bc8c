/**
 * What a profile proves: a few ratios between its levels, each with the limit a professional would set. Pure.
 *
 * 1. A ratio of two estimates has an interval; where that holds the limit, the check is unknown, neither passed nor failed.
 * 2. A level that does not count proves nothing: its checks are unknown.
 */
import type { Estimate } from '../model/estimate.ts';
import type { Level, Profile } from '../model/report.ts';
import { number } from './wording.ts';

type Check = Profile['checks'][number];
type ProfileName = Profile['name'];
type Checking = (levels: readonly Level[]) => Check;

/** Throughput over that of as many times the first: 80 % of linear. */
const leastEfficiency = 0.8;
/** p95 at the greatest load over that of the first. */
const mostDegradation = 2;
/** p95 after a burst over that before it. */
const mostAfter = 1.5;
/** p95 at the end of a long hold over that at its start. */
const mostDrift = 1.25;
const leastKept = 0.9;

type Kind = 'held' | 'efficiency' | 'degradation' | 'recovered' | 'drift' | 'kept' | 'broke';

const checksOf: Readonly<Record<ProfileName, readonly Kind[]>> = {
  linear: ['held', 'efficiency', 'degradation'],
  progressive: ['held', 'degradation'],
  steps: ['held', 'degradation'],
  ramp: ['held', 'degradation'],
  multiples: ['held', 'degradation'],
  sine: ['held', 'recovered'],
  burst: ['held', 'recovered'],
  spike: ['held', 'recovered'],
  sustained: ['held', 'drift', 'kept'],
  soak: ['held', 'drift', 'kept'],
  stress: ['broke', 'recovered'],
};

export function profileChecks(name: ProfileName, levels: readonly Level[]): Check[] {
  return levels.length === 0 ? [] : checksOf[name].map((kind) => checks[kind](levels));
}

function lastOverFirst(
  name: string,
  of: (level: Level) => Estimate | null,
  op: Check['op'],
  limit: number,
): Checking {
  return (levels) => {
    const [first, last] = [levels[0]!, levels.at(-1)!];
    return check(name, ratio(of(last), of(first)), op, limit, [first, last]);
  };
}

function p95Of({ responseP95 }: Level): Estimate | null {
  return responseP95;
}

const recovery = lastOverFirst('p95 afterwards over before', p95Of, '<=', mostAfter);

const checks: Readonly<Record<Kind, Checking>> = {
  held: (levels) => {
    const judged = levels.map(outcomeOf);
    const held = judged.filter((outcome) => outcome === true).length;
    return {
      name: 'objectives held at every stage',
      found: `${held} of ${levels.length} stages`,
      wanted: 'all',
      value: held / levels.length,
      low: null,
      high: null,
      op: '>=',
      limit: 1,
      met: judged.includes(false) ? false : judged.includes(null) ? null : true,
    };
  },
  efficiency: (levels) => {
    const [first, last] = [levels[0]!, levels.at(-1)!];
    const times = amountOf(last) / amountOf(first);
    return check(
      'scaling efficiency',
      ratio(last.throughput, first.throughput, times),
      '>=',
      leastEfficiency,
      [first, last],
    );
  },
  degradation: (levels) => {
    const first = levels[0]!;
    const most = levels.reduce((greatest, level) =>
      amountOf(level) > amountOf(greatest) ? level : greatest,
    );
    return check(
      'p95 at the greatest load over the first',
      ratio(most.responseP95, first.responseP95),
      '<=',
      mostDegradation,
      [first, most],
    );
  },
  recovered: (levels) => {
    const found = recovery(levels);
    // What fails afterwards has not come back, however fast it fails.
    if (outcomeOf(levels.at(-1)!) !== false) return found;
    return { ...found, met: false, found: `${found.found}; the objectives broke` };
  },
  drift: lastOverFirst('p95 at the end over the start', p95Of, '<=', mostDrift),
  kept: lastOverFirst(
    'throughput at the end over the start',
    ({ throughput }) => throughput,
    '>=',
    leastKept,
  ),
  broke: (levels) => {
    const broken = levels.find((level) => outcomeOf(level) === false);
    return {
      name: 'a load that breaks the objectives',
      found:
        broken === undefined
          ? 'none'
          : `${amountOf(broken)} ${broken.load.kind === 'closed' ? 'users' : 'per second'}`,
      wanted: 'to be found',
      value: broken === undefined ? null : amountOf(broken),
      low: null,
      high: null,
      op: '>=',
      limit: 0,
      met: broken === undefined ? null : true,
    };
  },
};

const amountOf = ({ load }: Level): number => (load.kind === 'closed' ? load.users : load.ratePerSecond);

/** Null where it could not be judged. */
function outcomeOf(level: Level): boolean | null {
  if (level.objectives.some(({ met }) => met === false) || level.growing) return false;
  return level.valid && level.stoppedEarly === null && level.objectives.every(({ met }) => met === true)
    ? true
    : null;
}

interface Ratio {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

function ratio(of: Estimate | null, over: Estimate | null, times = 1): Ratio | null {
  if (of === null || over === null || !(over.value > 0)) return null;
  const part = (above: number | null, below: number | null): number | null =>
    above === null || below === null || below <= 0 ? null : above / below / times;
  return {
    value: of.value / over.value / times,
    low: part(of.low, over.high),
    high: part(of.high, over.low),
  };
}

function check(
  name: string,
  found: Ratio | null,
  op: Check['op'],
  limit: number,
  from: readonly Level[],
): Check {
  const counts = from.every(({ valid }) => valid);
  return {
    name,
    found: foundText(found),
    wanted: `${op === '<=' ? 'at most' : 'at least'} ${limit}`,
    value: found?.value ?? null,
    low: found?.low ?? null,
    high: found?.high ?? null,
    op,
    limit,
    met:
      found === null || !counts
        ? null
        : op === '<='
          ? within(found.low, found.high, limit)
          : beyond(found, limit),
  };
}

/** Surely at most the limit, surely above it, or neither. */
function within(low: number | null, high: number | null, limit: number): boolean | null {
  if (high !== null && high <= limit) return true;
  return low !== null && low > limit ? false : null;
}

function beyond({ low, high }: Ratio, limit: number): boolean | null {
  if (low !== null && low >= limit) return true;
  return high !== null && high < limit ? false : null;
}

/** "1.12 (0.98 to 1.27)"; an end that too few answers leave open is told as such. */
function foundText(found: Ratio | null): string {
  if (found === null) return 'unknown';
  const { value, low, high } = found;
  if (low === null && high === null) return `${number(value)}, from too few answers`;
  if (low === null) return `${number(value)} (at most ${number(high ?? value)})`;
  if (high === null) return `${number(value)} (at least ${number(low)})`;
  return `${number(value)} (${number(low)} to ${number(high)})`;
}

/** One sentence: what did not hold, else that all did. */
export function profileStatement(
  { name, checks: all }: Omit<Profile, 'statement'>,
  levels: readonly Level[],
): string {
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  const failed = all.filter(({ met }) => met === false);
  const unknown = all.filter(({ met }) => met === null);
  const told = (list: readonly Check[]): string => list.map((each) => each.name).join(', ');
  if (levels.length === 0) return `${title}: nothing was measured.`;
  if (failed.length > 0) return `${title}: not passed (${told(failed)}).`;
  if (unknown.length > 0) return `${title}: could not be judged (${told(unknown)}).`;
  return `${title}: passed, at ${levels.length} stages.`;
}
