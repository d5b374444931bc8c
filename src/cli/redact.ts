/** Secrets never reach a report, a log or the screen: what may hold one is replaced by ***. */

import { errorTable, type PlimsollError } from '../errors.ts';
import { flagOf, optionTable, type OptionName } from './options.ts';

const secretName = /pass|secret|token|key|auth|sig|credential|session|cookie|jwt/i;

/** Whether what is called so may be one. */
export const soundsSecret = (name: string): boolean => secretName.test(name);

/** Flags of our own, whose values are no secrets (--input-tokens). The one of another command, --start, may have a secret --key. */
const ownFlags = new Set(
  (Object.keys(optionTable) as OptionName[]).filter((name) => name !== 'key').map(flagOf),
);

/** A URL without user and password, and without the values of query parameters that sound like secrets. */
export function redactUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return text;
  }
  if (url.username !== '' || url.password !== '') {
    url.username = '***';
    url.password = '';
  }
  for (const name of [...url.searchParams.keys()])
    if (secretName.test(name)) url.searchParams.set(name, '***');
  return url.href;
}

/** Any text: passwords in addresses, values of parameters and variables, and what follows an option that sounds secret. */
export function redactText(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^/@\s"']+@/gi, '$1***@')
    .replace(/([?&;][^=&?#\s"']*)=[^&#\s"']+/g, (whole, name: string) =>
      secretName.test(name) ? `${name}=***` : whole,
    )
    .replace(
      /(^|[\s"'])([A-Za-z_][A-Za-z0-9_]*)=("[^"]*"|'[^']*'|[^\s"']+)/g,
      (whole, before: string, name: string) => (secretName.test(name) ? `${before}${name}=***` : whole),
    )
    .replace(
      /(?<![^\s"'=([,;])(--?[A-Za-z][A-Za-z0-9-]*)([=\s]\s*)("[^"]*"|'[^']*'|[^\s"'-][^\s"']*)/g,
      (_whole, flag: string, gap: string, value: string) =>
        `${flag}${gap}${secretName.test(flag) && !ownFlags.has(flag) ? '***' : withinQuotes(value)}`,
    );
}

/** The message of an error. Its words from the error table are ours and stay, also after a flag that sounds secret. */
export function redactError({ code, given, detail }: PlimsollError): string {
  const shown = redactUrl(given);
  const seen = detail === undefined ? '' : `: ${redactText(detail.replaceAll(given, shown))}`;
  return `${redactText(shown)} ${errorTable[code].means}${seen}`;
}

/** A quoted value may be a command line of its own. */
function withinQuotes(value: string): string {
  const quote = value[0] ?? '';
  const isQuoted = (quote === '"' || quote === "'") && value.endsWith(quote) && value.length > 1;
  return isQuoted ? `${quote}${redactText(value.slice(1, -1))}${quote}` : value;
}

const shellPlain = /^[A-Za-z0-9_./:=@%+,-]+$/;

/** A command line that repeats the run, without header values, bodies and other likely secrets. */
export function redactCommand(args: readonly string[]): string {
  const shown: string[] = [];
  let before = '';
  for (const arg of args) {
    const [flag = '', ...rest] = arg.split('=');
    const inline = flag.startsWith('--') && rest.length > 0;
    const name = inline ? flag : before;
    const value = inline ? rest.join('=') : arg;
    let safe = redactUrl(value);
    if (name === '--header' && (inline || !arg.startsWith('--')))
      safe = value.includes(':') ? `${value.split(':')[0] ?? ''}: ***` : '***';
    else if ((name === '--body' || name === '--data') && !value.startsWith('@')) safe = '***';
    else safe = redactText(safe);
    const whole = inline ? `${flag}=${safe}` : safe;
    shown.push(shellPlain.test(whole) ? whole : `'${whole.replaceAll("'", `'\\''`)}'`);
    before = arg.startsWith('--') && !inline ? arg : '';
  }
  return ['plimsoll', ...shown].join(' ');
}
