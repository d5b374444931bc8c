/**
 * What a profile proves: a few ratios between its levels, each with the limit a professional would set. Pure.
 *
 * 1. A ratio of two estimates has an interval; where that holds the limit, the check is unknown, neither passed nor failed.
 * 2. A level that does not count proves nothing: its checks are unknown.
 * 3. What has no limit is a figure, not a check.
 * 4. Where a run was ended from outside, a check of stages that were not all over is unknown, and says why. A profile that did
 *    not run is named.
 * 5. A size at which neither a request nor its answer was about as large as asked for is no size: its growth is unknown.
 */
import type { Estimate } from '../model/estimate.ts';
import type { Level, Profile, ProfileName } from '../model/report.ts';
import { number, sizeWords } from './wording.ts';

type Check = Profile['checks'][number];
type Figure = Profile['figures'][number];
type Checking = (levels: readonly Level[]) => Check;

/** Throughput over that of as many times the first: 80 % of linear. */
const leastEfficiency = 0.8;
/** p95 at the greatest load over that of the first. */
const mostDegradation = 2;
/** p95 at a size over as many times that of the size before. */
const mostGrowth = 1.25;
/** From this share of failures on a size counts as refused. */
const refused = 0.01;
/** p95 after a burst over that before it. */
const mostAfter = 1.5;
/** p95 at the end of a long hold over that at its start. */
const mostDrift = 1.25;
const leastKept = 0.9;

type Kind =
  'held' | 'efficiency' | 'degradation' | 'heavier' | 'recovered' | 'drift' | 'kept' | 'broke' | 'grown';

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
  volume: ['held', 'grown'],
  'resource-intensive': ['held', 'heavier', 'recovered'],
};

/** Those that compare what the last stages, or the highest, were there for. */
const ofAllStages: ReadonlySet<Kind> = new Set(['efficiency', 'degradation', 'recovered', 'drift', 'kept']);

export function profileChecks(name: ProfileName, levels: readonly Level[]): Check[] {
  if (levels.length === 0) return [notRun];
  const ended = endOf(levels);
  return checksOf[name].map((kind) => {
    const found = checks[kind](levels);
    return ended !== null && ofAllStages.has(kind) ? unjudged(found, ended) : found;
  });
}

const endings: Readonly<Record<NonNullable<Level['stoppedEarly']>, string | null>> = {
  // That is the target's doing, and the next stage follows.
  backlog: null,
  interrupt: 'the run was interrupted',
  'time-limit': 'the time limit ended the run',
  'target-died': 'the target stopped answering',
  'data-ended': 'the rows of the data ended',
};

/** Why not all stages were over; null where they were. */
function endOf(levels: readonly Level[]): string | null {
  const why = levels.map(({ stoppedEarly }) => (stoppedEarly === null ? null : endings[stoppedEarly]));
  const end = why.find((each) => each !== null);
  return end === undefined ? null : `${end} before all stages were over`;
}

function unjudged(found: Check, why: string): Check {
  return { ...found, found: `unknown: ${why}`, value: null, low: null, high: null, met: null };
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
      found: `${held} of ${levels.length} stages${endOf(levels) === null ? '' : ' that began'}`,
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
  heavier: (levels) => {
    const first = levels[0]!;
    const heavy = levels.find(isHeavy);
    const found = heavy === undefined ? null : ratio(heavy.responseP95, first.responseP95);
    const name = 'p95 in the heavy mix over the usual';
    const from = heavy === undefined ? [first] : [first, heavy];
    const ended = heavy === undefined ? endOf(levels) : endOf(from);
    const compared = check(name, found, '<=', mostDegradation, from);
    return ended === null ? compared : unjudged(compared, ended);
  },
  grown: (levels) => {
    const pairs = levels.slice(1).flatMap((level, at) => {
      const before = levels[at]!;
      const times = bytesOf(level) / bytesOf(before);
      // What is refused is refused fast, and what did not come in its size took no time for it.
      if (times <= 1 || [before, level].some((each) => isRefused(each) || isShort(each))) return [];
      if (endOf([before, level]) !== null) return [];
      return [{ level, before, found: ratio(level.responseP95, before.responseP95, times) }];
    });
    const worst = pairs.reduce<(typeof pairs)[number] | null>(
      (most, pair) => ((pair.found?.value ?? 0) > (most?.found?.value ?? -1) ? pair : most),
      null,
    );
    const name = 'p95 over what it was at the size before, per byte';
    const whole = check(
      name,
      worst?.found ?? null,
      '<=',
      mostGrowth,
      pairs.flatMap(({ level, before }) => [level, before]),
    );
    if (whole.met !== false) {
      const short = levels.find(isShort);
      const why = short === undefined ? endOf(levels) : `at ${sizeWords(bytesOf(short))} ${movedText(short)}`;
      if (why !== null) return unjudged(whole, why);
      if (levels.length === 1) return unjudged(whole, 'there was one size only');
    }
    return worst === null
      ? whole
      : { ...whole, found: `${whole.found} at ${sizeWords(bytesOf(worst.level))}` };
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

const isHeavy = ({ variant }: Level): boolean => variant?.kind === 'mix' && variant.mix === 'heavy';

const bytesOf = ({ variant }: Level): number => (variant?.kind === 'bytes' ? variant.bytes : 0);

const isRefused = ({ errors }: Level): boolean => errors.ratio === null || errors.ratio >= refused;

/** Bytes of a request and of its answer, headers and all; null where they are not known. */
function movedBy({ target, throughput }: Level): { sent: number; received: number } | null {
  const { networkInBytesPerSecond: sent, networkOutBytesPerSecond: received } = target;
  const perSecond = throughput?.value ?? 0;
  if (sent === null || received === null || !(perSecond > 0)) return null;
  return { sent: sent / perSecond, received: received / perSecond };
}

/** Neither what was sent nor what came had even half of the size that was asked for. */
function isShort(level: Level): boolean {
  const moved = movedBy(level);
  return moved !== null && Math.max(moved.sent, moved.received) < bytesOf(level) / 2;
}

function movedText(level: Level): string {
  const { sent, received } = movedBy(level) ?? { sent: 0, received: 0 };
  return `a request had ${sizeWords(sent)} and its answer ${sizeWords(received)}, not the size asked for`;
}

/** What a profile has found and has no limit. */
export function profileFigures(name: ProfileName, levels: readonly Level[]): Figure[] {
  if (name === 'volume') return [...levels.map(volumeFigure), ...refusalFigure(levels)];
  return name === 'resource-intensive' ? mixFigures(levels) : [];
}

/** What a size moves in a second, and what it takes. */
function volumeFigure(level: Level): Figure {
  const { networkInBytesPerSecond: sent, networkOutBytesPerSecond: received } = level.target;
  const { p50 } = level.response;
  const bytes = bytesOf(level);
  const mebibytes = bytes / 1024 ** 2;
  const perMebibyte = p50 === null || isRefused(level) || isShort(level) ? null : p50 / mebibytes;
  // Of a few bytes the time is that of an answer: per MiB it would only be a large number.
  const share = perMebibyte === null || mebibytes < 0.09 ? '' : `: ${number(perMebibyte)} ms per MiB`;
  const timed = perMebibyte === null ? '' : `, p50 ${number(p50 ?? 0)} ms${share}`;
  const took = isShort(level) ? `: ${movedText(level)}` : timed;
  const moved = (way: string, rate: number | null): string =>
    `${way} ${rate === null ? 'unknown' : `${sizeWords(rate)}/s`}`;
  return {
    name: sizeWords(bytes),
    found: `${moved('sent', sent)}, ${moved('received', received)}${took}`,
    value: perMebibyte,
    unit: 'ms/MiB',
  };
}

/** The size at which errors begin. */
function refusalFigure(levels: readonly Level[]): Figure[] {
  const first = levels.find((level) => level.requests.done > 0 && isRefused(level));
  if (first === undefined) return [];
  const [kind = 'errors'] = Object.entries(first.errors.byKind).toSorted(([, a], [, b]) => b - a)[0] ?? [];
  const share = `${number(100 * (first.errors.ratio ?? 0))} %`;
  return [
    {
      name: 'errors begin',
      found: `at ${sizeWords(bytesOf(first))}: ${share} fail, mostly ${kind}`,
      value: bytesOf(first),
      unit: 'bytes',
    },
  ];
}

/** How each scenario fares among heavy ones, compared with itself: light ones that slow down share something with them. */
function mixFigures(levels: readonly Level[]): Figure[] {
  const [usual, heavy] = [levels[0], levels.find(isHeavy)];
  if (usual === undefined || heavy === undefined) return [];
  return usual.scenarios.map(({ name, response: before }) => {
    const after = heavy.scenarios.find((each) => each.name === name)?.response;
    const [was, is] = [before.p95, after?.p95 ?? null];
    const value = was === null || is === null || was <= 0 ? null : is / was;
    const found =
      value === null ? 'unknown' : `${number(is!)} ms, ${number(value)} times the usual ${number(was!)} ms`;
    return { name: `sessions of ${name}, p95 in the heavy mix`, found, value, unit: 'ratio' };
  });
}

/** Null where it could not be judged. */
function outcomeOf(level: Level): boolean | null {
  if (level.objectives.some(({ met }) => met === false) || level.growing) return false;
  return level.valid && level.stoppedEarly === null && level.objectives.every(({ met }) => met === true)
    ? true
    : null;
}

const notRun: Check = {
  name: 'objectives held at every stage',
  found: 'not run',
  wanted: 'all',
  value: null,
  low: null,
  high: null,
  op: '>=',
  limit: 1,
  met: null,
};

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

/** What profiles prove that followed each other; of several each name says whose it is. Null where none was followed. */
export function profileResult(
  followed: readonly { readonly name: ProfileName; readonly levels: readonly Level[] }[],
): Profile | null {
  if (followed.length === 0) return null;
  const mark = <Named extends { readonly name: string }>(of: string, list: readonly Named[]): Named[] =>
    list.map((each) => (followed.length === 1 ? each : { ...each, name: `${of}: ${each.name}` }));
  const parts = followed.map(({ name, levels }) => ({
    checks: profileChecks(name, levels),
    figures: profileFigures(name, levels),
    name,
    levels,
  }));
  return {
    name: parts.map(({ name }) => name).join(', '),
    checks: parts.flatMap(({ name, checks }) => mark(name, checks)),
    figures: parts.flatMap(({ name, figures }) => mark(name, figures)),
    statement: parts.map((part) => statement(part)).join(' '),
  };
}

/** One sentence: what did not hold, else that all did. */
function statement({
  name,
  checks: all,
  levels,
}: {
  readonly name: ProfileName;
  readonly checks: readonly Check[];
  readonly levels: readonly Level[];
}): string {
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  const failed = all.filter(({ met }) => met === false);
  const unknown = all.filter(({ met }) => met === null);
  const told = (list: readonly Check[]): string =>
    list.map(({ name: what, found, wanted }) => `${what}: ${found}, wanted ${wanted}`).join('; ');
  if (levels.length === 0) return `${title}: not run.`;
  if (failed.length > 0) return `${title}: not passed (${told(failed)}).`;
  if (unknown.length > 0) {
    const longerTells = endOf(levels) === null && !levels.some(isShort) && levels.length > 1;
    const advice = longerTells ? ' Longer stages tell more.' : '';
    return `${title}: could not be judged (${told(unknown)}).${advice}`;
  }
  const found = all.filter(({ value, limit }) => value !== limit).map((each) => `${each.name} ${each.found}`);
  const at = `${levels.length} ${levels.length === 1 ? 'stage' : 'stages'}`;
  return `${title}: passed, at ${at}${found.length === 0 ? '' : ` (${found.join('; ')})`}.`;
}
