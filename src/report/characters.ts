/**
 * Which characters may reach a reader.
 *
 * 1. Text of the target (names, error kinds, messages) can carry escape sequences and invisible marks that steer
 *    a terminal or reverse the order of reading; none of them gets through.
 * 2. Every mark the renderers use has an ASCII twin, as in format.ts: commas for thin spaces, +- for ±.
 */

const steering = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The text on one line, with a replacement mark for each character that steers or hides. */
export function inert(text: string): string {
  return text.replace(/[\r\n\t]+ */g, ' ').replace(steering, '\ufffd');
}

const twins: Record<string, string> = {
  '\u00a0': '\u00a0',
  '\u202f': ' ',
  '±': '+-',
  '×': 'x',
  '−': '-',
  '–': '-',
  '—': '-',
  '·': '-',
  '→': '->',
  '≤': '<=',
  '≥': '>=',
  '…': '...',
  µ: 'u',
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
};

/** Fixed spaces have held numbers and units together while lines were broken; now they are ordinary ones. */
export const spaced = (text: string): string => text.replaceAll('\u00a0', ' ');

/**
 * Only characters below 128, and fixed spaces: marks by their twins, letters without accents, the rest as question
 * marks. To be followed by `spaced` once lines are broken.
 */
export function asciiTwin(text: string): string {
  return text
    .replace(/(?<=\d)\u202f(?=\d)/g, ',')
    .replace(/[^\0-\x7f]/gu, (char) => twins[char] ?? letterBelow(char));
}

function letterBelow(char: string): string {
  const bare = char.normalize('NFKD').replace(/\p{M}/gu, '');
  if (bare === '' && /\p{M}/u.test(char)) return '';
  return /^[\0-\x7f]+$/.test(bare) ? bare : '?';
}
