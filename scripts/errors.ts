/** Writes docs/errors.md from the error table and the failure kinds: `npm run generate`. */
import { writeFileSync } from 'node:fs';
import { errorTable, exitCodes } from '../src/errors.ts';
import { failureKinds } from '../src/model/failures.ts';

const exitWords: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'Done, and every objective was met.',
  objectiveFailed: 'Done, and an objective was not met.',
  usage: 'Wrong usage or configuration, a script that cannot be played, or a report that cannot be written.',
  unreachable: 'The target cannot be reached, does not answer, or stopped answering.',
  inconclusive: 'Done, and the result may not be believed: for example the generator was the limit.',
  safetyStop: 'Stopped by a safety limit.',
  interrupted: 'Interrupted; what was measured by then is written.',
};

/** The whole page. */
export function errorsPage(): string {
  const exits = Object.entries(exitCodes).map(
    ([name, code]) => `- **${code}**: ${exitWords[name as keyof typeof exitCodes]}`,
  );
  const errors = Object.entries(errorTable).map(([code, { exit, means, remedy }]) =>
    [`### ${code}`, `Exit code ${exit}. What was given ${means}.`, plain(remedy)].join('\n\n'),
  );
  const kinds = Object.entries(failureKinds).map(([kind, words]) => `- \`${kind}\`: ${words}`);
  return `${[
    '# Errors, exit codes and failures',
    '<!-- Written by `npm run generate` from src/errors.ts and src/model/failures.ts. -->',
    'A failing target is data: its failures are counted by kind, and are in the report. What stops Plimsoll itself is an error: it has a code, is shown with the value that was given, and says what to do next.',
    '## Exit codes',
    exits.join('\n'),
    'There are no others.',
    '## Errors',
    ...errors,
    '## Failure kinds of requests',
    [
      ...kinds,
      '- `http.NNN`: an answer with status NNN, 400 or more',
      '- `ws.NNNN`: a WebSocket that the target closed with code NNNN',
      '- `exit.N`: a command that ended with code N, which is not 0',
      '- `signal.NAME`: a command that was ended by a signal',
      '- `spawn.CODE`: a command that could not be started, with the code of the system: ENOENT where there is no such file',
    ].join('\n'),
  ].join('\n\n')}\n`;
}

/** Text that Markdown leaves as it is. */
function plain(text: string): string {
  return text.replaceAll('*', '\\*');
}

if (process.argv[1]?.endsWith('errors.ts') === true) {
  writeFileSync(new URL('../docs/errors.md', import.meta.url), errorsPage());
}
