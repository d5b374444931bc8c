/**
 * Reads when requests came, from an access log, a CSV or JSON lines.
 *
 *   access log   the first instant of a line, as Apache and nginx write it ([10/Oct/2026:13:55:36 +0200]) or as ISO 8601
 *   .csv         the column that is called as an instant is (timestamp, time, ts, date, at ...), else the first
 *   .jsonl       the field that is called so
 *
 * Numbers are seconds, from 100,000,000,000 on milliseconds; under a name that ends in `ms`, and in traces of Mooncake, they
 * are milliseconds.
 *
 * Traces of language models say besides how many tokens went in and came out: Azure (ContextTokens, GeneratedTokens), BurstGPT
 * (Request tokens, Response tokens), Mooncake (input_length, output_length, and of which blocks the input is: hash_ids).
 */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { PlimsollError } from '../errors.ts';
import { blockTokens, type ChatLengths } from '../recipes/chat.ts';

export interface Arrivals {
  /** Milliseconds; at least one. */
  readonly instantsMs: readonly number[];
  /** Of each in the order of their instants, where all say how many. */
  readonly tokens: readonly ChatLengths[] | null;
  /** Lines that say no instant. */
  readonly without: number;
}

/** A line of the file. */
export interface Row {
  /** NaN where it says none. */
  readonly instantMs: number;
  readonly tokens: ChatLengths | null;
}

/** @throws PLM_REPLAY for what cannot be read, or says no instant */
export function readArrivals(file: string): Arrivals {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new PlimsollError('PLM_REPLAY', `"${file}"`, (error as Error).message, error);
  }
  const all = rowsIn(text, file);
  const rows = all
    .filter(({ instantMs }) => Number.isFinite(instantMs))
    .sort((one, other) => one.instantMs - other.instantMs);
  if (rows.length === 0) throw new PlimsollError('PLM_REPLAY', `"${file}"`, 'no line of it says an instant');
  const tokens = rows.flatMap((row) => row.tokens ?? []);
  return {
    instantsMs: rows.map(({ instantMs }) => instantMs),
    tokens: tokens.length === rows.length ? tokens : null,
    without: all.length - rows.length,
  };
}

export function rowsIn(text: string, file: string): Row[] {
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
const namesOfInput = /^(ContextTokens|Request tokens|input_length)$/i;
const namesOfOutput = /^(GeneratedTokens|Response tokens|output_length)$/i;

function ofRows([head = [], ...rows]: string[][]): Row[] {
  const column = (names: RegExp): number => head.findIndex((name) => names.test(name));
  const named = column(namesOfInstants);
  const at = Math.max(0, named);
  const name = head[at] ?? '';
  const [input, output] = [column(namesOfInput), column(namesOfOutput)];
  // A file without names begins with an instant.
  const all = named < 0 && Number.isFinite(instant(name, '')) ? [head, ...rows] : rows;
  return all.map((row) => ({
    instantMs: instant(row[at] ?? '', name),
    tokens: tokensOf(row[input], row[output]),
  }));
}

function ofJson(line: string): Row {
  const row = JSON.parse(line) as Record<string, unknown>;
  const named = (names: RegExp): string => Object.keys(row).find((each) => names.test(each)) ?? '';
  const name = named(namesOfInstants);
  const value = row[name];
  const lengths = tokensOf(row[named(namesOfInput)], row[named(namesOfOutput)]);
  const tokens = lengths === null ? null : withBlocks(lengths, row['hash_ids']);
  const isMooncake = 'input_length' in row;
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  return { instantMs: instant(text, isMooncake ? 'ms' : name), tokens };
}

/** @throws where the blocks do not make up the input: prompts would share less, or more, than they did */
function withBlocks(lengths: ChatLengths, ids: unknown): ChatLengths {
  if (ids === undefined) return lengths;
  const isWhole = (id: unknown): id is number =>
    typeof id === 'number' && Number.isSafeInteger(id) && id >= 0;
  if (!Array.isArray(ids) || !ids.every(isWhole) || ids.length !== Math.ceil(lengths.input / blockTokens))
    throw new Error(
      `the hash_ids of an input of ${lengths.input} are not its blocks of ${blockTokens} tokens`,
    );
  return { ...lengths, blocks: ids };
}

function tokensOf(input: unknown, output: unknown): ChatLengths | null {
  const count = (given: unknown): number => Math.round(Number(given === '' ? Number.NaN : given));
  const tokens = { input: count(input), output: count(output) };
  return tokens.input >= 1 && tokens.output >= 1 ? tokens : null;
}

const apache = /\[(\d{2})\/([A-Za-z]{3})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{4})\]/;
const iso = /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})?/;

function ofLogLine(line: string): Row {
  const [, day, month, year, time, zone] = apache.exec(line) ?? [];
  const instantMs =
    day === undefined
      ? instant(iso.exec(line)?.[0] ?? '', '')
      : Date.parse(`${day} ${month} ${year} ${time} ${zone}`);
  return { instantMs, tokens: null };
}

function instant(text: string, name: string): number {
  if (text === '') return Number.NaN;
  const value = Number(text);
  if (Number.isNaN(value)) return Date.parse(text.replace(',', '.'));
  return /ms$/i.test(name) || value >= 1e11 ? value : value * 1000;
}
