/** The mark, the name, what was measured and when, and the choice of light or dark. */
import { targetText } from '../words.ts';
import type { Report } from '../../model/report.ts';
import { chooseTheme, useTheme } from './appearance.ts';

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 24" width="32" height="24" aria-hidden="true">
      <circle cx="16" cy="12" r="9" fill="none" stroke="currentColor" stroke-width="2.6" />
      <path d="M1 12h30" stroke="currentColor" stroke-width="2.6" />
    </svg>
  );
}

function ThemeToggle() {
  const { dark } = useTheme();
  const next = dark ? 'light' : 'dark';
  return (
    <button
      type="button"
      class="quiet-button"
      onClick={() => chooseTheme(next)}
      aria-label={`Show in ${next} colours`}
    >
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="1.5" />
        <path d="M8 1.5a6.5 6.5 0 0 1 0 13z" fill="currentColor" />
      </svg>
      {dark ? 'Light' : 'Dark'}
    </button>
  );
}

/** "21 November 2026, 09:30 UTC", the same wherever it is read. */
export function dateText(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const day = date.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return `${day}, ${iso.slice(11, 16)} UTC`;
}

export function Masthead({ report }: { report: Report }) {
  return (
    <header class="masthead">
      <p class="wordmark">
        <Mark />
        Plimsoll
      </p>
      <p class="subject">
        <span class="subject-name" title={report.target.name}>
          {targetText(report.target)}
        </span>
        <time dateTime={report.run.startedAt}>{dateText(report.run.startedAt)}</time>
      </p>
      <ThemeToggle />
    </header>
  );
}
