/**
 * Values as text of TypeScript, laid out as prettier does it (110 columns, single quotes), so that what `plimsoll init`
 * writes is changed by no formatter. Pure.
 *
 * 1. What sounds like a secret is no text: it is looked up in the environment, and its name is kept for the person.
 * 2. Objects always stand on lines of their own; lists on one line where they fit.
 */
import { soundsSecret } from './redact.ts';

export const lineWidth = 110;

/** Text of several lines; the first is to stand behind what is written already. */
export type Lines = readonly string[];

/** The names under which secrets are looked up: one for each value. */
export class Lookups {
  readonly #names = new Map<string, string>();

  get names(): readonly string[] {
    return [...this.#names.values()];
  }

  /** `process.env.PASSWORD ?? ''` */
  of(name: string, value: string): string {
    return `process.env.${this.#nameFor(name, value)} ?? ''`;
  }

  #nameFor(name: string, value: string): string {
    const key = `${name}\n${value}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const plain = name
      .toUpperCase()
      .replace(/[^A-Z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '');
    const base = /^[A-Z]/.test(plain) ? plain : `SECRET_${plain}`.replace(/_$/, '');
    let free = base;
    for (let nth = 2; this.names.includes(free); nth++) free = `${base}_${nth}`;
    this.#names.set(key, free);
    return free;
  }
}

/** A string literal in the quotes that need fewer escapes. */
export function quoted(text: string): string {
  const count = (mark: string): number => text.split(mark).length - 1;
  const quote = count("'") > count('"') ? '"' : "'";
  let inside = '';
  for (const char of text) {
    if (char === quote || char === '\\') inside += `\\${char}`;
    else if (char === '\n') inside += '\\n';
    else if (char === '\r') inside += '\\r';
    else if (char === '\t') inside += '\\t';
    else if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(char)) inside += escapedUnits(char);
    else inside += char;
  }
  return quote + inside + quote;
}

const escapedUnits = (char: string): string =>
  Array.from(
    { length: char.length },
    (_, nth) => `\\u${char.charCodeAt(nth).toString(16).padStart(4, '0')}`,
  ).join('');

export const indented = (lines: Lines, by = 2): string[] => lines.map((line) => ' '.repeat(by) + line);

/** The entries of an object, each with its own lines behind the name. */
export function objectOf(entries: readonly (readonly [name: string, value: Lines])[]): Lines {
  if (entries.length === 0) return ['{}'];
  const properties = entries.flatMap(([name, value]) => ended(prefixed(`${keyOf(name)}: `, value), ','));
  return ['{', ...indented(properties), '}'];
}

const keyOf = (name: string): string => (/^[$A-Z_a-z][$\w]*$/.test(name) ? name : quoted(name));

export const prefixed = (before: string, [first = '', ...rest]: Lines): Lines => [before + first, ...rest];

export const ended = (lines: Lines, end: string): Lines =>
  lines.map((line, nth) => (nth === lines.length - 1 ? line + end : line));

/** A value of JSON. @returns null where it is too intricate to be laid out here */
export function jsonLiteral(value: unknown, name: string, column: number, lookups: Lookups): Lines | null {
  if (typeof value === 'string')
    return [soundsSecret(name) && value !== '' ? lookups.of(name, value) : quoted(value)];
  if (typeof value === 'number' && soundsSecret(name)) return [`Number(${lookups.of(name, String(value))})`];
  if (typeof value === 'number') return [String(value).replace('e+', 'e')];
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value)];
  if (Array.isArray(value)) return listLiteral(value as unknown[], name, column, lookups);
  const entries: (readonly [string, Lines])[] = [];
  for (const [key, each] of Object.entries(value)) {
    const lines = jsonLiteral(each, key, column + 2 + keyOf(key).length + 2, lookups);
    if (lines === null || key === '__proto__') return null;
    entries.push([key, lines]);
  }
  return objectOf(entries);
}

function listLiteral(
  items: readonly unknown[],
  name: string,
  column: number,
  lookups: Lookups,
): Lines | null {
  if (items.some((each) => Array.isArray(each))) return null;
  const laid = items.map((each) => jsonLiteral(each, name, column + 2, lookups));
  const lines = laid.filter((each) => each !== null);
  if (lines.length < laid.length) return null;
  const flat = `[${lines.map(([first]) => first).join(', ')}]`;
  if (lines.every((each) => each.length === 1) && column + flat.length < lineWidth) return [flat];
  // Numbers are filled into lines, several in each.
  if (items.every((each) => typeof each === 'number')) return null;
  return ['[', ...indented(lines.flatMap((each) => ended(each, ','))), ']'];
}
