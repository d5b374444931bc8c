/** What the load scale shows, before it is drawn: bands, marks and ticks on one scale of throughput. */
import type { Level, Report } from '../../model/report.ts';
import { formatEstimate, formatNumber } from '../format.ts';
import { loadsOf, loadText, rateText, rateUnit, usersText } from '../words.ts';
import { allLevels, outcome, type NumberedLevel, type Outcome } from './words.ts';

export type BandKind = 'safe' | 'carried' | 'margin' | 'over' | 'waiting' | 'unknown';

export interface Band {
  readonly kind: BandKind;
  readonly from: number;
  readonly to: number;
}

export interface Mark {
  readonly kind: 'safe' | 'limit' | 'knee' | 'cliff' | 'carried';
  readonly at: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly title: string;
  readonly detail: string;
}

export interface UserTick {
  readonly at: number;
  readonly users: number;
}

export interface RateTick {
  readonly at: number;
  readonly outcome: Outcome;
}

export interface Scale {
  readonly top: number;
  readonly step: number;
  readonly bands: readonly Band[];
  readonly marks: readonly Mark[];
  /** Throughput that a number of users reached. */
  readonly userTicks: readonly UserTick[];
  /** Rates that were offered. */
  readonly rateTicks: readonly RateTick[];
  /** What its numbers are: "req/s". */
  readonly unit: string;
  /** Offered rates above the top of the scale. */
  readonly above: number;
}

/** A round step that divides `top` into four to seven parts. */
function roundStep(top: number): number {
  const rough = top / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= rough) ?? 10;
  return factor * power;
}

/** The most that valid levels carried, for a run that searched no limit. */
function mostCarried(report: Report): NumberedLevel | null {
  return allLevels(report)
    .filter(({ level }) => level.valid && level.throughput !== null)
    .reduce<NumberedLevel | null>(
      (most, entry) =>
        (entry.level.throughput?.value ?? 0) > (most?.level.throughput?.value ?? 0) ? entry : most,
      null,
    );
}

function bandsOf(report: Report, top: number): Band[] {
  const { capacity } = report;
  if (capacity === null) {
    const carried = mostCarried(report)?.level.throughput?.value ?? 0;
    return [
      { kind: 'carried' as const, from: 0, to: carried },
      { kind: 'unknown' as const, from: carried, to: top },
    ].filter(({ from, to }) => to > from);
  }
  const { sustainable, safeLoad, knee, atLeast } = capacity;
  if (sustainable !== null && safeLoad !== null) {
    const safe = Math.min(safeLoad.value, top);
    const limit = Math.min(Math.max(sustainable.value, safe), top);
    return [
      { kind: 'safe' as const, from: 0, to: safe },
      { kind: 'margin' as const, from: safe, to: limit },
      { kind: atLeast ? ('unknown' as const) : ('over' as const), from: limit, to: top },
    ].filter(({ from, to }) => to > from);
  }
  if (sustainable !== null && sustainable.value > 0) {
    // Nothing is promised below it, for what was tried there once more did not hold.
    const limit = Math.min(sustainable.value, top);
    return [
      { kind: 'unknown' as const, from: 0, to: limit },
      { kind: 'over' as const, from: limit, to: top },
    ].filter(({ from, to }) => to > from);
  }
  if (knee === null) return [{ kind: 'unknown', from: 0, to: top }];
  const most = Math.max(capacity.maxThroughput?.value ?? knee.throughput, knee.throughput);
  return [
    { kind: 'margin' as const, from: 0, to: knee.throughput },
    { kind: 'waiting' as const, from: knee.throughput, to: most },
    { kind: 'unknown' as const, from: most, to: top },
  ].filter(({ from, to }) => to > from);
}

function marksOf(report: Report): Mark[] {
  const { capacity } = report;
  if (capacity === null) {
    const most = mostCarried(report);
    const throughput = most?.level.throughput ?? null;
    if (most === null || throughput === null) return [];
    const { value, low, high } = throughput;
    const detail = `carried at ${loadText(most.level.load)}`;
    return [{ kind: 'carried', at: value, low, high, title: formatEstimate(throughput), detail }];
  }
  const { sustainable, safeLoad, knee, cliff, maxThroughput, atLeast } = capacity;
  const marks: Mark[] = [];
  if (safeLoad !== null) {
    marks.push({
      kind: safeLoad.value > 0 ? 'safe' : 'cliff',
      at: safeLoad.value,
      low: null,
      high: null,
      title: `${atLeast ? '≥ ' : ''}${rateText(safeLoad.value, loadsOf(report))}`,
      detail: safeLoad.value > 0 ? 'safe load: the load line' : 'no load is safe',
    });
  }
  if (sustainable !== null && sustainable.value > 0) {
    marks.push({
      kind: 'limit',
      at: sustainable.value,
      low: sustainable.low,
      high: sustainable.high,
      title: formatEstimate(sustainable, { atLeast }),
      detail: atLeast ? 'held; more was not explored' : 'most within the objectives',
    });
  }
  if (knee !== null) {
    marks.push({
      kind: 'knee',
      at: knee.throughput,
      low: null,
      high: null,
      title: `knee, ${usersText(knee.users)}`,
      detail: 'more users only wait',
    });
  }
  if (cliff !== null && maxThroughput !== null) {
    marks.push({
      kind: 'cliff',
      at: maxThroughput.value,
      low: null,
      high: null,
      title: `cliff, ${usersText(cliff.users)}`,
      detail: cliff.statement.includes('fail') ? 'requests fail from here' : 'throughput falls from here',
    });
  }
  return marks;
}

/** Ticks for numbers of users, up to where throughput falls again: beyond, more users are less load carried. */
function risingTicks(levels: readonly Level[]): UserTick[] {
  const ticks = levels
    .flatMap(({ load, throughput, valid }) =>
      load.kind === 'closed' && valid && throughput !== null
        ? [{ at: throughput.value, users: load.users }]
        : [],
    )
    .sort((one, other) => one.users - other.users);
  const most = Math.max(0, ...ticks.map(({ at }) => at));
  const peak = ticks.findIndex(({ at }) => at === most);
  return ticks.filter(({ at }, index) => index <= peak || at >= 0.9 * most);
}

/** @returns null when nothing was measured that could stand on a scale */
export function loadScale(report: Report): Scale | null {
  const levels = allLevels(report).map(({ level }) => level);
  const userTicks = risingTicks(levels);

  const rates = levels.flatMap((level) =>
    level.load.kind === 'open' ? [{ at: level.load.ratePerSecond, outcome: outcome(level) }] : [],
  );
  const { sustainable, maxThroughput } = report.capacity ?? { sustainable: null, maxThroughput: null };
  const reached = Math.max(
    0,
    sustainable?.high ?? sustainable?.value ?? 0,
    maxThroughput?.value ?? 0,
    ...userTicks.map(({ at }) => at),
  );
  const base = reached > 0 ? reached : Math.max(0, ...rates.map(({ at }) => at));
  if (base <= 0) return null;
  // Loads tried a little above what it carries belong on the scale; a probe far above would squeeze the rest.
  const shown = rates.map(({ at }) => at).filter((at) => at <= 1.35 * base);
  const highest = Math.max(1.12 * base, 1.05 * Math.max(0, ...shown));
  const step = roundStep(highest);
  const top = Math.ceil(highest / (step / 2)) * (step / 2);
  return {
    top,
    step,
    bands: bandsOf(report, top),
    marks: marksOf(report),
    userTicks,
    rateTicks: rates.filter(({ at }) => at <= top),
    unit: rateUnit(loadsOf(report)),
    above: rates.filter(({ at }) => at > top).length,
  };
}

/** The scale in words, for those who do not see it. */
export function scaleText({ marks, userTicks, rateTicks, unit }: Scale): string {
  const told = marks.map(({ title, detail }) => `${title}: ${detail}`).join('; ');
  const held = rateTicks.filter((tick) => tick.outcome === 'held').map(({ at }) => formatNumber(at));
  const failed = rateTicks.filter((tick) => tick.outcome === 'failed').map(({ at }) => formatNumber(at));
  return [
    `Load scale in ${unit}.`,
    told === '' ? 'No limit was searched.' : `${told}.`,
    held.length > 0 ? `Held at ${held.join(', ')}.` : '',
    failed.length > 0 ? `Failed at ${failed.join(', ')}.` : '',
    userTicks.length > 0 ? `Throughput of ${userTicks.length} numbers of users is marked.` : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}
