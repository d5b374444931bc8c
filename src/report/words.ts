/** Loads, objectives and levels in the words people read. */
import type { Load, Variant } from '../model/load.ts';
import { isShare, metricWords, qualityOf } from '../model/objectives.ts';
import type { Capacity, Level, Report } from '../model/report.ts';
import {
  formatBytes,
  formatCount,
  formatEstimate,
  formatNumber,
  formatPercent,
  formatRate,
  formatValue,
} from './format.ts';

export interface Rule {
  readonly metric: string;
  readonly op: '<' | '>';
  readonly limit: number;
}

/** The unit of a metric, by its name. */
export function unitOf(metric: string): 'ms' | 'ratio' | '1/s' {
  return isShare(metric) ? 'ratio' : metric === 'throughput' ? '1/s' : 'ms';
}

/** "p95 < 500 ms", never broken over two lines. */
export function ruleText({ metric, op, limit }: Rule): string {
  return `${metricWords(metric)} ${op} ${formatValue(limit, unitOf(metric))}`.replaceAll(' ', '\u00a0');
}

/** "p95 < 500 ms and errors < 1 %" */
export function rulesText(rules: readonly Rule[]): string {
  const texts = rules.map(ruleText);
  const last = texts.pop();
  if (last === undefined) return 'no objective';
  return texts.length === 0 ? last : `${texts.join(', ')} and ${last}`;
}

/** What the capacity holds: the objectives without the demand that it must reach. */
export const heldText = ({ objectives }: Report): string => rulesText(qualityOf(objectives));

/** Users are counted, so every digit is shown; a fitted number of them has three. */
export function usersText(users: number): string {
  const number = Number.isInteger(users) ? formatCount(users) : formatNumber(users);
  return `${number}\u00a0${users === 1 ? 'user' : 'users'}`;
}

export function loadText(load: Load): string {
  return load.kind === 'closed' ? usersText(load.users) : rateText(load.ratePerSecond, load);
}

/** "10 KiB", "heavy mix" */
export const variantText = (variant: Variant): string =>
  variant.kind === 'bytes' ? formatBytes(variant.bytes) : `${variant.mix}\u00a0mix`;

/** The load of a level with what was sent, where that was not the usual: "4 users, 10 KiB". */
export const levelText = ({ load, variant }: Level): string =>
  loadText(load) + (variant === null ? '' : `, ${variantText(variant)}`);

/** What a load is counted in, by itself: "req/s", "sessions/s". */
export const rateUnit = ({ of }: Pick<Load, 'of'>): string => (of === undefined ? 'req/s' : 'sessions/s');

/** "210 req/s", or "12 sessions/s" where the load is of sessions. */
export const rateText = (perSecond: number | null, load: Pick<Load, 'of'>): string =>
  load.of === undefined || perSecond === null
    ? formatRate(perSecond)
    : `${formatNumber(perSecond)}\u00a0${rateUnit(load)}`;

/** "GET http://localhost:3000/", or the name of a scenario and where it runs. */
export const targetText = ({ method, name }: Report['target']): string =>
  method === null ? name : `${method} ${name}`;

/** What the loads of a report are of. */
export const loadsOf = ({ target }: Pick<Report, 'target'>): Pick<Load, 'of'> =>
  target.kind === 'http' || target.kind === 'websocket' ? {} : { of: 'sessions' };

/** Do the levels lie so far from the fitted law that its coefficients only sum them up? */
export const lawFitsPoorly = ({ findings }: Pick<Report, 'findings'>): boolean =>
  findings.some(({ code }) => code === 'scaling.poor-fit');

/** What the load line rests on: "80 % of the lower end of 204 to 219 req/s". */
export function shareText(safe: number, { sustainable, margin, atLeast }: Capacity): string {
  if (sustainable === null) return '';
  const share = 1 - margin;
  const fromLow = Math.abs(safe - share * (sustainable.low ?? sustainable.value));
  const fromValue = Math.abs(safe - share * sustainable.value);
  const open = atLeast || sustainable.high === null;
  const end = !open && fromLow < fromValue ? 'the lower end of ' : '';
  return `${formatPercent(share)} of ${end}${formatEstimate(sustainable, { atLeast })}`;
}

export type Outcome = 'held' | 'not held' | 'invalid';

/** Whether a level held its objectives; null where one could not be judged and none was broken. */
export function outcomeOf(level: Level): Outcome | null {
  if (!level.valid) return 'invalid';
  if (level.stoppedEarly === 'backlog' || level.growing) return 'not held';
  const mets = level.objectives.map(({ met }) => met);
  if (mets.includes(false)) return 'not held';
  return mets.length === 0 || mets.includes(null) ? null : 'held';
}

/** Kinds of failures with their counts, the commonest first: "http.503 51, timeout 13". */
export function errorKinds(byKind: Readonly<Record<string, number>>): string {
  return Object.entries(byKind)
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([kind, count]) => `${kind}\u00a0${formatCount(count)}`)
    .join(', ');
}

/** A sentence whose numbers stay with their units when lines are broken. */
export function glued(sentence: string): string {
  return sentence
    .replace(/(?<=\d) (?=(?:±|%|req\/s|ms|s|min|h|d|users?|cores?|[KMG]iB)(?!\w))/g, '\u00a0')
    .replace(/(?<=±) (?=\d)/g, '\u00a0');
}

export interface PlacedLevel {
  readonly experiment: string;
  readonly level: Level;
}

/** Every level, in the order in which it was measured. */
export function placedLevels(report: Report): PlacedLevel[] {
  return report.experiments.flatMap(({ name, levels }) =>
    levels.map((level) => ({ experiment: name, level })),
  );
}
