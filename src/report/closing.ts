/**
 * What a run found, one row of words each: the closing block of the terminal, the figures of the summary.
 *
 * 1. A value never stands without its interval, or the words that say why it has none.
 * 2. What was not found says up to where it was looked for; what was not tried is "not tested in this run".
 * 3. Where a number rests on a bound of another (the load line on the lower end of the capacity), it says so.
 */
import type { Capacity, Finding, Level, Report, Scaling } from '../model/report.ts';
import { formatCount, formatEstimate, formatMs, formatNumber, formatPercent, formatValue } from './format.ts';
import type { Meaning } from './paint.ts';
import {
  errorKinds,
  heldText,
  lawFitsPoorly,
  loadsOf,
  placedLevels,
  rateText,
  ruleText,
  rulesText,
  shareText,
  unitOf,
  usersText,
} from './words.ts';

export interface Row {
  readonly label: string;
  readonly value: string;
  /** What the value rests on or means; empty where there is nothing to add. */
  readonly because: string;
  readonly meaning: Meaning;
  /** To be copied, so never broken over lines. */
  readonly whole?: true;
  /** A short row that may stand on the same line. */
  readonly beside?: Row;
}

const notTested = (label: string): Row => ({
  label,
  value: untested,
  because: '',
  meaning: 'quiet',
});

/** The rows of an assessment, in the order in which they are told. */
export function closingRows(report: Report): Row[] {
  return [
    safeLoadRow(report),
    kneeRow(report),
    cliffRow(report),
    scalingRow(report),
    limitRow(report),
    { ...notTested('Recovers'), beside: notTested('Leak') },
    generatorRow(report),
  ];
}

/** The same, each row by itself. */
export function singleRows(report: Report): Row[] {
  return closingRows(report).flatMap((row) => (row.beside === undefined ? [row] : [row, row.beside]));
}

const untested = 'not tested in this run';
export const isTested = ({ value }: Row): boolean => value !== untested;

const levelsOf = (report: Report): Level[] => placedLevels(report).map(({ level }) => level);

/** Valid closed levels by users, ascending. */
function climbed(report: Report): { users: number; level: Level }[] {
  return levelsOf(report)
    .flatMap((level) =>
      level.load.kind === 'closed' && level.valid ? [{ users: level.load.users, level }] : [],
    )
    .sort((one, other) => one.users - other.users);
}

/** The level of an open load, as near as it was asked for; the last one, where it was held more than once. */
export function levelAtRate(report: Report, ratePerSecond: number): Level | null {
  const near = ({ load }: Level): boolean =>
    load.kind === 'open' && Math.abs(load.ratePerSecond - ratePerSecond) <= 0.001 * ratePerSecond;
  return levelsOf(report).findLast(near) ?? null;
}

export function safeLoadRow(report: Report): Row {
  const { capacity } = report;
  const label = 'Safe load';
  if (capacity === null) return notTested(label);
  const { safeLoad, sustainable, confirmed } = capacity;
  if (safeLoad?.value === 0 || (safeLoad === null && sustainable?.value === 0)) {
    return { label, value: 'none', because: whyNone(report, capacity), meaning: 'cliff' };
  }
  if (safeLoad === null) {
    if (sustainable !== null) {
      const seen = `by the search ${formatEstimate(sustainable, capacity)} would hold ${heldText(report)}`;
      const again = confirmed === null ? '' : `, but ${unheld(confirmed, report)}`;
      return { label, value: 'not found', because: `${seen}${again}`, meaning: 'knee' };
    }
    if (!report.experiments.some(({ name }) => name === 'capacity')) return notTested(label);
    return { label, value: 'not found', because: ended(capacity.statement), meaning: 'knee' };
  }
  const value = capacity.atLeast
    ? formatEstimate({ ...safeLoad, low: safeLoad.value }, { atLeast: true })
    : rateText(safeLoad.value, loadsOf(report));
  const notes = [
    ...(capacity.atLeast ? [openEnd(capacity)] : []),
    ...(confirmed?.held === false ? [`not confirmed: ${unheld(confirmed, report)}`] : []),
  ];
  const because = [restsOn(safeLoad.value, capacity, heldText(report)), ...notes].join('; ');
  return { label, value, because, meaning: confirmed?.held === false ? 'cliff' : 'safe' };
}

/** A statement as part of a longer line. */
const ended = (sentence: string): string => sentence.replace(/\.$/, '');

const unheld = ({ ratePerSecond }: NonNullable<Capacity['confirmed']>, report: Report): string =>
  `the hold at ${rateText(ratePerSecond, loadsOf(report))} afterwards broke them`;

function openEnd({ limitedBy }: Capacity): string {
  return limitedBy === 'generator' ? 'the generator was the limit' : 'no higher load was tried';
}

/** "80 % of the lower end of 210 ± 4 req/s, the most it carries with p95 < 500 ms" */
function restsOn(safe: number, capacity: Capacity, rules: string): string {
  const { sustainable, atLeast } = capacity;
  if (sustainable === null) return `holds ${rules}`;
  const most =
    atLeast || sustainable.high === null ? 'the highest load that held' : 'the most it carries with';
  return `${shareText(safe, capacity)}, ${most} ${rules}`;
}

function whyNone(report: Report, { bracket, statement }: Capacity): string {
  const alone = climbed(report).findLast(({ users }) => users === 1)?.level;
  const broken = alone?.objectives.filter(({ met }) => met === false) ?? [];
  const worst = broken.find(({ metric }) => unitOf(metric) === 'ms') ?? broken[0];
  if (worst !== undefined) {
    return `even one user at a time breaks ${ruleText(worst)}: ${formatValue(worst.value, unitOf(worst.metric))}`;
  }
  if (bracket.lowestBad === null) return ended(statement);
  return `${rateText(bracket.lowestBad, loadsOf(report))}, the lowest load tried, does not hold ${heldText(report)}`;
}

export function kneeRow(report: Report): Row {
  const label = 'Knee';
  const found = report.capacity?.knee ?? null;
  if (found !== null) {
    const interval = { value: found.users, low: found.low, high: found.high, unit: 'users', method: '' };
    return {
      label,
      value: found.low === null || found.high === null ? usersText(found.users) : formatEstimate(interval),
      because: `${found.low === null || found.high === null ? 'interval unknown; ' : ''}beyond it more users only wait`,
      meaning: 'knee',
    };
  }
  const levels = climbed(report);
  const [before, last] = [levels.at(-2), levels.at(-1)];
  if (before === undefined || last === undefined) return notTested(label);
  const most = usersText(last.users);
  const grew = (last.level.throughput?.value ?? 0) > 1.05 * (before.level.throughput?.value ?? 0);
  const straight = (last.level.efficiency ?? 1) > 0.5;
  const growing = straight
    ? `throughput still grew at ${most}`
    : `throughput bends slowly, at no one place up to ${most}`;
  const because = grew ? growing : `up to ${most}`;
  return { label, value: 'none seen', because, meaning: 'plain' };
}

export function cliffRow(report: Report): Row {
  const label = 'Cliff';
  const found = report.capacity?.cliff ?? null;
  if (found !== null) {
    return {
      label,
      value: usersText(found.users),
      because: withoutLead(found.statement, found.users),
      meaning: 'cliff',
    };
  }
  const levels = climbed(report);
  const most = levels.at(-1);
  if (levels.length < 2 || most === undefined) return notTested(label);
  const died = report.run.stopped === 'target-died' ? ', before the target stopped answering' : '';
  return { label, value: 'none seen', because: `up to ${usersText(most.users)}${died}`, meaning: 'plain' };
}

/** The value already says "41 users": "at 41 users throughput falls" becomes "throughput falls". */
function withoutLead(statement: string, users: number): string {
  const lead = `at ${users} ${users === 1 ? 'user' : 'users'} `;
  return statement.startsWith(lead) ? statement.slice(lead.length) : statement;
}

const laws: Record<Scaling['law'], string> = { linear: 'linear law', amdahl: "Amdahl's law", usl: 'USL' };

export function scalingRow(report: Report): Row {
  const label = 'Scaling';
  const found = report.scaling;
  if (found === null) return notTested(label);
  const { law, alpha, beta, intervals, efficiency, efficiencyUsers, peakUsers } = found;
  const share = (name: string, value: number, range: readonly [number, number] | null): string => {
    const [low, high] = range ?? [null, null];
    return `${name} ${formatEstimate({ value, low, high, unit: 'ratio', method: '' })}`;
  };
  // More than all is no efficiency: then the one user alone was slower by chance.
  const known = efficiency !== null && (efficiency <= 1.05 || found.shape === 'superlinear');
  const at = efficiencyUsers === null ? '' : ` at ${usersText(efficiencyUsers)}`;
  const costs = [
    ...(law === 'linear' ? [] : [share('contention', alpha, intervals.alpha)]),
    ...(law === 'usl' ? [share('coherency', beta, intervals.beta)] : []),
  ].join(', ');
  const because = [
    ...(known ? [`${formatPercent(efficiency)} efficient${at}`] : []),
    ...(peakUsers === null ? [] : [`its peak is near ${usersText(Math.round(peakUsers))}`]),
    costs === '' ? laws[law] : `${costs} (${laws[law]}${lawFitsPoorly(report) ? ', a poor fit' : ''})`,
  ].join('; ');
  return { label, value: found.shape, because, meaning: found.shape === 'retrograde' ? 'cliff' : 'measured' };
}

const bottlenecks: Record<string, string> = {
  cpu: 'processor',
  'cpu-quota': 'processor quota',
  'single-thread': 'single thread',
  gc: 'garbage collection',
  memory: 'memory',
  lock: 'lock',
  'worker-pool': 'worker pool',
  'connection-pool': 'connection pool',
  downstream: 'downstream service',
  disk: 'disk',
  network: 'network',
  'accept-queue': 'accept queue',
  descriptors: 'file descriptors',
  'rate-limit': 'rate limit',
};

export function limitRow(report: Report): Row {
  const label = 'Limit';
  const row = (value: string, because: string): Row => ({ label, value, because, meaning: 'plain' });
  const named = report.findings.find(({ code }) => code.startsWith('bottleneck.'));
  if (named !== undefined) {
    const code = named.code.slice('bottleneck.'.length);
    return row(bottlenecks[code] ?? code, namedBecause(named));
  }
  const { capacity } = report;
  if (capacity === null) return notTested(label);
  if (capacity.limitedBy === 'generator') {
    return row('the generator', 'not the target: every number here is a lower bound');
  }
  if (capacity.limitedBy === null) return row('not found', 'no load that was tried went beyond it');
  if (capacity.limitedBy === 'objective') return row('objective', breaksFirst(report, capacity));
  return row(limits[capacity.limitedBy], breaksFirst(report, capacity));
}

const limits: Record<'target' | 'errors' | 'rate-limit' | 'connections', string> = {
  target: 'the target itself',
  errors: 'errors',
  'rate-limit': 'rate limit',
  connections: 'connections',
};

/** A note stands nowhere else in the closing block, so its statement stands here. */
function namedBecause({ gravity, statement, evidence, confidence }: Finding): string {
  if (gravity === 'note') return ended(statement.replace(/^.* undetermined: /, ''));
  const count = evidence.filter(({ value }) => value !== null).length;
  const sure = confidence === null ? '' : `, confidence ${formatPercent(confidence)}`;
  return `${formatNumber(count)} ${count === 1 ? 'piece' : 'pieces'} of evidence${sure}`;
}

/** "p95 < 500 ms breaks at 214 req/s, the lowest load that failed" */
function breaksFirst(report: Report, { bracket, statement }: Capacity): string {
  const rate = bracket.lowestBad;
  const level = rate === null ? null : levelAtRate(report, rate);
  if (rate === null || level === null) return ended(statement);
  const failures = errorKinds(level.errors.byKind);
  const broken = level.objectives.filter(({ met }) => met === false);
  const at = `${rateText(rate, loadsOf(report))}, the lowest load that failed`;
  if (broken.length === 0) return `requests pile up at ${at}`;
  const kinds = broken.some(({ metric }) => metric === 'errors') && failures !== '' ? ` (${failures})` : '';
  return `${rulesText(broken)} ${broken.length === 1 ? 'breaks' : 'break'} at ${at}${kinds}`;
}

/** The worst values of the generator over all levels that count, or over all when none does. */
export function generatorRow(report: Report): Row {
  const label = 'Generator';
  const levels = levelsOf(report);
  const valid = levels.filter((level) => level.valid);
  if (levels.length === 0) return notTested(label);
  const most = (of: (level: Level) => number | null): number | null => {
    const values = (valid.length === 0 ? levels : valid).flatMap((level) => of(level) ?? []);
    return values.length === 0 ? null : Math.max(...values);
  };
  const upTo = levels.length > 1 ? 'at most ' : '';
  const cpuMost = formatPercent(most(({ generator }) => generator.cpu));
  // A function shares its thread: what it takes of that is no sign of the generator.
  const inThread = report.target.kind === 'function';
  const signs = inThread
    ? `its function lost ${upTo}${cpuMost} of the thread`
    : [
        `lag p99 ${upTo}${formatMs(most(({ generator }) => generator.lagP99Ms))}`,
        `CPU ${upTo}${cpuMost}`,
      ].join(', ');
  const invalid = levels.filter(({ invalidReasons }) =>
    invalidReasons.some(({ code }) => code.startsWith('generator.')),
  ).length;
  if (valid.length === 0) return { label, value: 'not healthy', because: signs, meaning: 'cliff' };
  if (invalid > 0) {
    const counted = `${formatCount(invalid)} of ${formatCount(levels.length)} levels ${invalid === 1 ? 'does' : 'do'} not count; the others: ${signs}`;
    return { label, value: 'not always healthy', because: counted, meaning: 'knee' };
  }
  return { label, value: 'healthy', because: signs, meaning: 'plain' };
}
