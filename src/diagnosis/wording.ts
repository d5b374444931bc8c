/** Loads, numbers and units as the statements of findings write them. */
import type { Estimate } from '../model/estimate.ts';
import type { Level } from '../model/report.ts';

export const number = (value: number): string => String(Number(value.toPrecision(3)));

/** "1 request", "3 requests". */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en').replaceAll(',', '\u00a0')} ${noun}${count === 1 ? '' : 's'}`;

/** "20 users", "50 req/s with 10 KiB". */
export function loadWords({ load, variant }: Level): string {
  const amount =
    load.kind === 'closed'
      ? counted(load.users, 'user')
      : `${number(load.ratePerSecond)} ${load.of ?? 'req'}/s`;
  if (variant === null) return amount;
  return `${amount} with ${variant.kind === 'bytes' ? sizeWords(variant.bytes) : `the ${variant.mix} mix`}`;
}

/** The unit of an estimate, as people write it. */
export function unitWords(estimate: Estimate | null): string {
  return estimate === null || estimate.unit === '1/s' ? 'req/s' : estimate.unit;
}

/** What a level's throughput is counted in. */
export function unitOf({ load }: Level): string {
  return `${load.of ?? 'req'}/s`;
}

/** "10 KiB", "1.5 MiB" */
export function sizeWords(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const at =
    bytes < 1000 ? 0 : Math.min(3, Math.floor(Math.log(Math.max(1, bytes * 1.024)) / Math.log(1024)));
  return `${number(bytes / 1024 ** at)} ${units[at]}`;
}
