/** The command line of a process, short and without secrets, fit for a report that others will read. */
import { procTextOrNull } from './procFile.ts';
import { parseStat } from './procText.ts';

const maxLength = 120;
const secretName = /pass|secret|token|key|auth|credential/i;

/** @returns the command line; the bare name for a kernel thread; null where the process cannot be seen */
export function commandOf(pid: number): string | null {
  // Programs that rename themselves (nginx, postgres) leave one long word and padding.
  const words = (procTextOrNull(`/proc/${pid}/cmdline`) ?? '')
    .split('\0')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length > 0) return presentable(words);
  return parseStat(procTextOrNull(`/proc/${pid}/stat`) ?? '')?.command ?? null;
}

/** Joins words; hides what follows an option that sounds like a secret, and passwords in URLs. */
export function presentable(words: readonly string[]): string {
  const shown = words.map((word, i) => {
    const before = words[i - 1] ?? '';
    if (before.startsWith('-') && !before.includes('=') && secretName.test(before)) return '***';
    const [name = '', ...value] = word.split('=');
    const hidden = value.length > 0 && secretName.test(name) ? `${name}=***` : word;
    return hidden.replace(/\/\/[^/@\s]+@/g, '//***@');
  });
  const text = shown.join(' ');
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
}
