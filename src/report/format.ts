/**
 * Numbers in words people read: one notation for page, terminal and Markdown.
 *
 * 1. Three significant digits, groups of thousands, always a unit.
 * 2. An estimate is never shown without its interval, or the words that say why it has none.
 * 3. Unknown is a dash, never 0; what was not measured at all is "not tested".
 * 4. With `ascii` only characters below 128 come out: commas for thin spaces, +- for ±.
 */
import type { Estimate } from '../model/estimate.ts';

export interface FormatOptions {
  readonly ascii?: boolean;
}

export interface EstimateOptions extends FormatOptions {
  /** The number is a lower bound: the generator, not the target, was the limit. */
  readonly atLeast?: boolean;
}

const thinSpace = '\u202f';
const fixedSpace = '\u00a0';

/** Between a number and its unit: does not break a line. */
const gap = (options?: FormatOptions): string => (options?.ascii === true ? ' ' : fixedSpace);
const dash = (options?: FormatOptions): string => (options?.ascii === true ? '-' : '–');

/** The last decimal place (10^-places) that three significant digits of this value have. */
function decimalPlaces(value: number, digits: number): number {
  if (value === 0) return 0;
  const exponent = Number(
    Math.abs(value)
      .toExponential(digits - 1)
      .split('e')[1],
  );
  return digits - 1 - exponent;
}

/** Rounded to 10^-places; negative places round before the decimal point. */
function rounded(value: number, places: number): number {
  if (places > 100) return value;
  if (places >= 0) return Number(value.toFixed(places));
  const step = 10 ** -places;
  return Math.round(value / step) * step;
}

function grouped(text: string, options?: FormatOptions): string {
  const ascii = options?.ascii === true;
  const [whole = '', fraction] = text.replace('-', '').split('.');
  const parts = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ascii ? ',' : thinSpace);
  const sign = text.startsWith('-') ? (ascii ? '-' : '−') : '';
  return `${sign}${parts}${fraction === undefined ? '' : `.${fraction}`}`;
}

const fractionDigits = (value: number): number => String(value).split('.')[1]?.length ?? 0;
const plain = (value: number): boolean => value === 0 || (Math.abs(value) >= 1e-6 && Math.abs(value) < 1e15);

/** Three significant digits: 31 000, 168, 0.3. */
export function formatNumber(value: number | null, options?: FormatOptions, digits = 3): string {
  if (value === null || !Number.isFinite(value)) return dash(options);
  if (!plain(value)) return value.toPrecision(digits).replace(/\.?0+e/, 'e');
  return grouped(String(rounded(value, decimalPlaces(value, digits))), options);
}

/** Every digit of a number that was counted: 84 312. */
export function formatCount(value: number | null, options?: FormatOptions): string {
  if (value === null || !Number.isFinite(value)) return dash(options);
  return grouped(String(Math.round(value)), options);
}

/** How a unit of the report is written for people. */
export function formatUnit(unit: string): string {
  return unit === '1/s' ? 'req/s' : unit === 'ratio' ? '' : unit;
}

/** A share of 1: 0.027 → 2.7 %. Less than all is never shown as 100 %. */
export function formatPercent(ratio: number | null, options?: FormatOptions): string {
  if (ratio === null || !Number.isFinite(ratio)) return dash(options);
  const percent = ratio * 100;
  const almost = percent < 100 && percent > 99.9;
  const text = almost ? `>${grouped('99.9', options)}` : formatNumber(percent, options);
  return `${text}${gap(options)}%`;
}

/** Requests per second. */
export function formatRate(perSecond: number | null, options?: FormatOptions): string {
  if (perSecond === null) return dash(options);
  return `${formatNumber(perSecond, options)}${gap(options)}req/s`;
}

/** A response time: 0.31 ms, 42 ms, 1.24 s. */
export function formatMs(ms: number | null, options?: FormatOptions): string {
  if (ms === null || !Number.isFinite(ms)) return dash(options);
  if (Math.abs(ms) >= 120_000) return formatDuration(ms, options);
  const seconds = Math.abs(rounded(ms, decimalPlaces(ms, 3))) >= 1000;
  return `${formatNumber(seconds ? ms / 1000 : ms, options)}${gap(options)}${seconds ? 's' : 'ms'}`;
}

/** How long something took: 300 ms, 3.1 s, 1 min 25 s, 2 h 5 min. */
export function formatDuration(ms: number | null, options?: FormatOptions): string {
  if (ms === null || !Number.isFinite(ms)) return dash(options);
  if (ms < 0) return `${options?.ascii === true ? '-' : '−'}${formatDuration(-ms, options)}`;
  const space = gap(options);
  if (Math.round(ms) < 1000) return `${formatNumber(ms, options)}${space}ms`;
  if (ms < 59_500) return `${formatNumber(ms / 1000, options)}${space}s`;
  const seconds = Math.round(ms / 1000);
  const parts: string[] = [];
  const part = (count: number, unit: string): void => {
    if (count > 0) parts.push(`${formatCount(count, options)}${space}${unit}`);
  };
  if (seconds < 3600) {
    part(Math.floor(seconds / 60), 'min');
    part(seconds % 60, 's');
  } else {
    const minutes = Math.round(seconds / 60);
    part(Math.floor(minutes / 60), 'h');
    part(minutes % 60, 'min');
  }
  return parts.join(space);
}

/** 512 B, 48.2 MiB. */
export function formatBytes(bytes: number | null, options?: FormatOptions): string {
  if (bytes === null || !Number.isFinite(bytes)) return dash(options);
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let size = bytes;
  let at = 0;
  while (Math.abs(size) >= 1000 && at < units.length - 1) {
    size /= 1024;
    at++;
  }
  return `${formatNumber(size, options)}${gap(options)}${units[at] ?? ''}`;
}

/** A value with the unit it carries in the report. */
/** What is counted one by one, and shown to the last digit. */
const countedUnits = new Set(['requests', 'levels', 'sessions', 'users']);

export function formatValue(value: number | null, unit: string, options?: FormatOptions): string {
  if (value === null || !Number.isFinite(value)) return dash(options);
  if (unit === 'ratio') return formatPercent(value, options);
  if (unit === 'ms') return formatMs(value, options);
  if (unit === 'bytes' || unit === 'B') return formatBytes(value, options);
  const name = formatUnit(unit);
  const isCount = Number.isInteger(value) && countedUnits.has(unit);
  return `${isCount ? formatCount(value, options) : formatNumber(value, options)}${name === '' ? '' : gap(options)}${name}`;
}

/** What a value is divided by, and the unit that remains, so that both ends of an interval share one unit. */
function scale(value: number, unit: string): { factor: number; unit: string } {
  if (unit === 'ratio') return { factor: 100, unit: '%' };
  if (unit === 'ms' && Math.abs(value) >= 1000) return { factor: 1e-3, unit: 's' };
  if (unit !== 'bytes' && unit !== 'B') return { factor: 1, unit: formatUnit(unit) };
  const [, name = 'B'] = formatBytes(value, { ascii: true }).split(' ');
  return { factor: 1024 ** -['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'].indexOf(name), unit: name };
}

const symmetric = (below: number, above: number): boolean =>
  Math.abs(above - below) <= 0.1 * Math.max(above, below);

/** "210 ± 4": the half width is never shown as nothing. */
function plusMinus(value: number, half: number, options?: FormatOptions): string {
  const places = decimalPlaces(value === 0 ? half : value, 3);
  const step = 10 ** -places;
  const centre = rounded(value, places);
  const width = Math.max(rounded(half, places), step);
  const fraction = Math.min(20, Math.max(fractionDigits(centre), fractionDigits(rounded(width, places))));
  const sign = options?.ascii === true ? '+-' : '±';
  const space = gap(options);
  return `${grouped(centre.toFixed(fraction), options)}${space}${sign}${space}${grouped(width.toFixed(fraction), options)}`;
}

/** "204 to 219", with as many digits as it takes to tell both ends apart. */
function fromTo(low: number, high: number, options?: FormatOptions): string {
  for (let digits = 3; digits < 7; digits++) {
    const [from, to] = [formatNumber(low, options, digits), formatNumber(high, options, digits)];
    if (from !== to) return `${from} to ${to}`;
  }
  return formatNumber(low, options, 6);
}

/** Rounded down, so that "at least" stays true. */
function roundedDown(value: number): number {
  const places = decimalPlaces(value, 3);
  const near = rounded(value, places);
  return near > value ? rounded(near - 10 ** -places, places) : near;
}

/**
 * "210 ± 4 req/s" where the interval is symmetric within 10 %, else "204 to 219 req/s"; "at least 9 400 req/s";
 * "not tested" for null.
 */
export function formatEstimate(estimate: Estimate | null, options?: EstimateOptions): string {
  if (estimate === null) return 'not tested';
  const { value, low, high } = estimate;
  const scaled = scale(value, estimate.unit);
  const unit = scaled.unit === '' ? '' : `${gap(options)}${scaled.unit}`;
  const of = (number: number): number => number * scaled.factor;
  if (options?.atLeast === true) {
    return `at least ${formatNumber(roundedDown(of(low ?? value)), options)}${unit}`;
  }
  if (low === null && high === null) return `${formatNumber(of(value), options)}${unit}, interval unknown`;
  if (high === null) return `at least ${formatNumber(roundedDown(of(low ?? value)), options)}${unit}`;
  if (low === null) return `at most ${formatNumber(of(high), options)}${unit}`;
  if (low === high) return `${formatNumber(of(value), options)}${unit}`;
  if (symmetric(value - low, high - value) && value > low && plain(of(value)) && plain(of(high - low))) {
    return `${plusMinus(of(value), of((high - low) / 2), options)}${unit}`;
  }
  return `${fromTo(of(low), of(high), options)}${unit}`;
}

/** The interval alone, for a place where the value already stands: "204 to 219 req/s". */
export function formatInterval(estimate: Estimate | null, options?: FormatOptions): string {
  if (estimate === null) return dash(options);
  const { value, low, high } = estimate;
  if (low === null || high === null) return formatEstimate(estimate, options);
  const scaled = scale(value, estimate.unit);
  const unit = scaled.unit === '' ? '' : `${gap(options)}${scaled.unit}`;
  return `${fromTo(low * scaled.factor, high * scaled.factor, options)}${unit}`;
}
