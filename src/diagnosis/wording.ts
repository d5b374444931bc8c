/** Loads, numbers and units as the statements of findings write them. */
import type { Estimate } from '../model/estimate.ts';
import type { Level } from '../model/report.ts';

export const number = (value: number): string => String(Number(value.toPrecision(3)));

/** "1 request", "3 requests". */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en').replaceAll(',', '\u00a0')} ${noun}${count === 1 ? '' : 's'}`;

export function loadWords({ load }: Level): string {
  return load.kind === 'closed'
    ? counted(load.users, 'user')
    : `${number(load.ratePerSecond)} ${load.of ?? 'req'}/s`;
}

/** The unit of an estimate, as people write it. */
export function unitWords(estimate: Estimate | null): string {
  return estimate === null || estimate.unit === '1/s' ? 'req/s' : estimate.unit;
}

/** What a level's throughput is counted in. */
export function unitOf({ load }: Level): string {
  return `${load.of ?? 'req'}/s`;
}
