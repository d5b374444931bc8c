/**
 * Text in columns of equal characters: widths, wrapping, padding.
 *
 * 1. Widths are counted before colour is put on: escape codes never enter here.
 * 2. Lines break at ordinary spaces only, so a number stays with its unit (format.ts joins them by fixed spaces).
 * 3. A word longer than the line is cut, so no line is ever wider than asked for.
 */

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;
const plainText = /^[\x20-\x7e\u00a0-\u02ff\u2010-\u2027\u202f-\u203e\u2190-\u2fff]*$/;

function charWidth(char: string): number {
  if (/\p{M}/u.test(char)) return 0;
  return wide.test(char) ? 2 : 1;
}

/** How many columns a terminal gives this text. */
export function widthOf(text: string): number {
  if (plainText.test(text) && !wide.test(text)) return text.length;
  return [...text].reduce((sum, char) => sum + charWidth(char), 0);
}

export const padRight = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - widthOf(text)));

export const padLeft = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - widthOf(text))) + text;

/** The longest beginning that fits; at least one character, so that cutting comes to an end. */
function beginning(text: string, width: number): string {
  let taken = '';
  let used = 0;
  for (const char of text) {
    used += charWidth(char);
    if (taken !== '' && used > width) return taken;
    taken += char;
  }
  return taken;
}

/** The text on one line, its end replaced by a mark where it is too long. */
export function clip(text: string, width: number, mark = '…'): string {
  if (widthOf(text) <= width) return text;
  return width <= widthOf(mark) ? beginning(text, width) : beginning(text, width - widthOf(mark)) + mark;
}

/** Lines of at most `width` columns. Nothing gives one empty line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/)) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) <= width) {
      line += ` ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (widthOf(line) > width) {
      const head = beginning(line, width);
      if (head === line) break;
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  return [...lines, line];
}

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Columns with the highest number are left out first where the width is too small; 0 stays. */
  readonly spare: number;
}

/**
 * A table as its padded cells, the head first, for the caller to colour and to join by `gap` spaces.
 * Columns that do not fit `width` are left out, the most spare first.
 */
export function tableCells(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  gap = 2,
): { readonly kept: readonly number[]; readonly lines: readonly (readonly string[])[] } {
  const all = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, at) => Math.max(...all.map((row) => widthOf(row[at] ?? ''))));
  let kept = columns.map((_, at) => at);
  const needed = (): number => kept.reduce((sum, at) => sum + (widths[at] ?? 0) + gap, -gap);
  while (needed() > width) {
    const most = Math.max(...kept.map((at) => columns[at]?.spare ?? 0));
    if (most <= 0) break;
    kept = kept.filter((at) => columns[at]?.spare !== most);
  }
  const lines = all.map((row) =>
    kept.map((at) => (columns[at]?.align === 'right' ? padLeft : padRight)(row[at] ?? '', widths[at] ?? 0)),
  );
  return { kept, lines };
}
