/**
 * The report as one HTML file: the built page (dist/report/page.html) with the report's data in it.
 *
 * 1. No text of the report, whoever wrote it, can end the data or become markup.
 * 2. The timeline travels as columns, a third of the size, and fractions with six digits, as nobody reads more in a
 *    picture; `unpack` gives back the report so rounded. The exact one is report.json.
 */
import { PlimsollError } from '../errors.ts';
import type { Report, Second } from '../model/report.ts';

type Columns = Partial<{ [Key in keyof Second]: Second[Key][] }>;

/** A report as the page carries it. */
export type PackedReport = Omit<Report, 'timeline'> & { timeline: Columns };

export function pack(report: Report): PackedReport {
  const keys = Object.keys(report.timeline[0] ?? {}) as (keyof Second)[];
  const columns = keys.map((key) => [key, report.timeline.map((second) => second[key])]);
  return { ...report, timeline: Object.fromEntries(columns) as Columns };
}

export function unpack(packed: PackedReport): Report {
  const columns = Object.entries(packed.timeline);
  const length = columns[0]?.[1].length ?? 0;
  const timeline = Array.from({ length }, (_, at) =>
    Object.fromEntries(columns.map(([key, values]) => [key, values[at]])),
  ) as unknown as Second[];
  return { ...packed, timeline };
}

const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;

/** Every character that could end a script element or a JavaScript line, written as a JSON escape. */
const inert = (json: string): string =>
  json.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

const markup = (text: string): string =>
  text.replace(/[<>&"']/g, (char) => `&#${char.charCodeAt(0)};`).replaceAll(/\s+/g, ' ');

const titlePlace = /<title>[^<]*<\/title>/;
const dataPlace = /(<script\b[^>]*\bid="plimsoll-report"[^>]*>)[^<]*(<\/script>)/;

/** @param template the built page, the text of dist/report/page.html */
export function html(report: Report, template: string): string {
  if (!titlePlace.test(template) || !dataPlace.test(template)) {
    throw new PlimsollError('PLM_INTERNAL', 'The page of the report', 'it has no place for title or data');
  }
  const data = inert(JSON.stringify(pack(report), rounded));
  const title = markup(`${report.target.name} – Plimsoll report`);
  // Replacements are functions, so that a `$&` in the text stays what it is.
  return template
    .replace(dataPlace, (_, open: string, close: string) => `${open}${data}${close}`)
    .replace(titlePlace, () => `<title>${title}</title>`);
}
