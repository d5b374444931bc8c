/**
 * Reads when requests came, from an access log, a CSV or JSON lines.
 *
 *   access log   the first instant of a line, as Apache and nginx write it ([10/Oct/2026:13:55:36 +0200]) or as ISO 8601
 *   .csv         the column that is called as an instant is (timestamp, time, ts, date, at ...), else the first
 *   .jsonl       the field that is called so
 *
 * Numbers are seconds, from 100,000,000,000 on milliseconds; under a name that ends in `ms` they are milliseconds.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { PlimsollError } from '../errors.ts';

export interface Arrivals {
  /** Milliseconds; at least one. */
  readonly instantsMs: readonly number[];
  /** Lines that say no instant. */
  readonly without: number;
}

/** @throws PLM_REPLAY for what cannot be read, or says no instant */
export function readArrivals(file: string): Arrivals {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new PlimsollError('PLM_REPLAY', `"${file}"`, (error as Error).message, error);
  }
  const found = instantsIn(text, file);
  const instantsMs = found.filter((instant) => Number.isFinite(instant));
  if (instantsMs.length === 0)
    throw new PlimsollError('PLM_REPLAY', `"${file}"`, 'no line of it says an instant');
  return { instantsMs, without: found.length - instantsMs.length };
}

/** NaN for a line that says none. */
export function instantsIn(text: string, file: string): number[] {
  try {
    if (/\.csv$/i.test(file)) return ofRows(parse(text, { bom: true, skip_empty_lines: true, trim: true }));
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    return /\.(jsonl|ndjson)$/i.test(file) ? lines.map(ofJson) : lines.map(ofLogLine);
  } catch (error) {
    throw new PlimsollError('PLM_REPLAY', `"${file}"`, (error as Error).message, error);
  }
}

const namesOfInstants =
  /^(@?timestamp|time|ts|date|datetime|at|start|started_?at|arrived_?at|arrival)(_?ms)?$/i;

function ofRows([head = [], ...rows]: string[][]): number[] {
  const named = head.findIndex((name) => namesOfInstants.test(name));
  const column = Math.max(0, named);
  const name = head[column] ?? '';
  // A file without names begins with an instant.
  const all = named < 0 && Number.isFinite(instant(name, '')) ? [head, ...rows] : rows;
  return all.map((row) => instant(row[column] ?? '', name));
}

function ofJson(line: string): number {
  const row = JSON.parse(line) as Record<string, unknown>;
  const name = Object.keys(row).find((each) => namesOfInstants.test(each)) ?? '';
  const value = row[name];
  return typeof value === 'string' || typeof value === 'number' ? instant(String(value), name) : Number.NaN;
}

const apache = /\[(\d{2})\/([A-Za-z]{3})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{4})\]/;
const iso = /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})?/;

function ofLogLine(line: string): number {
  const [, day, month, year, time, zone] = apache.exec(line) ?? [];
  if (day !== undefined) return Date.parse(`${day} ${month} ${year} ${time} ${zone}`);
  return instant(iso.exec(line)?.[0] ?? '', '');
}

function instant(text: string, name: string): number {
  if (text === '') return Number.NaN;
  const value = Number(text);
  if (Number.isNaN(value)) return Date.parse(text.replace(',', '.'));
  return /ms$/i.test(name) || value >= 1e11 ? value : value * 1000;
}
