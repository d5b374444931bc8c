/**
 * A command line, split into words as a shell would, and nothing more than split.
 *
 * 1. No shell ever sees the text: what a person typed is never a program for another program.
 * 2. Quotes and backslashes mean what they mean in sh. `NAME=value` words in front are the environment.
 * 3. What only a shell can do (pipes, `&&`, `$VARIABLES`) is refused with the remedy, never passed on as plain text.
 */
import { PlimsollError } from '../errors.ts';

export interface ArgumentList {
  readonly environment: Readonly<Record<string, string>>;
  readonly program: string;
  readonly args: readonly string[];
}

/** @throws PLM_OPTION */
export function splitCommand(text: string): ArgumentList {
  const words = split(text);
  const environment: Record<string, string> = {};
  let at = 0;
  for (; at < words.length; at++) {
    const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(words[at]?.plainStart ?? '');
    if (match?.[1] === undefined) break;
    environment[match[1]] = (words[at]?.text ?? '').slice(match[1].length + 1);
  }
  const [program, ...args] = words.slice(at).map((word) => word.text);
  if (program === undefined || program === '') throw refusal(text, 'it names no command');
  return { environment, program, args };
}

interface Word {
  text: string;
  /** The text as long as nothing was quoted, and NAME= at least where only the value was. */
  plainStart: string;
}

function split(text: string): Word[] {
  const words: Word[] = [];
  let word: Word | null = null;
  let quote: '"' | "'" | null = null;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if (quote === null && /\s/.test(char)) {
      word = null;
      quoted = false;
      continue;
    }
    if (word === null) words.push((word = { text: '', plainStart: '' }));
    if (quote === char) {
      quote = null;
    } else if (quote === null && (char === '"' || char === "'")) {
      quote = char;
      quoted = true;
    } else if (char === '\\' && quote !== "'") {
      const next = text[++i];
      if (next === undefined) throw refusal(text, 'it ends in a backslash');
      quoted = true;
      word.text += quote === '"' && !'"\\$`'.includes(next) ? `\\${next}` : next;
    } else {
      const needsShell = quote === null ? '|&;<>()`$' : quote === '"' ? '`$' : '';
      if (needsShell.includes(char)) {
        throw refusal(text, `${char} needs a shell: write sh -c '...', or quote it`);
      }
      word.text += char;
      if (!quoted) word.plainStart += char;
    }
  }
  if (quote !== null) throw refusal(text, `a ${quote} is not closed`);
  return words;
}

function refusal(text: string, detail: string): PlimsollError {
  return new PlimsollError('PLM_OPTION', `--start "${text}"`, detail);
}
