/** `plimsoll demo`: starts the embedded service as a process of its own, assesses it, and holds the result against the formula. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PlimsollError } from '../errors.ts';
import { plantable } from '../demo/defects.ts';
import type { RawOptions } from './options.ts';
import type { Outcome } from './commands.ts';
import { settingsFor, type Settings } from './settings.ts';

const serviceFile = fileURLToPath(new URL('../demo/service.js', import.meta.url));

interface Formula {
  readonly perSecond: number;
  readonly why: string;
}

export async function demo(
  flags: RawOptions,
  measure: (settings: Settings, ending: (outcome: Outcome) => string) => Promise<void>,
): Promise<void> {
  const defect = typeof flags['defect'] === 'string' ? flags['defect'] : 'none';
  if (!Object.hasOwn(plantable, defect)) {
    const known = Object.keys(plantable).join(', ');
    throw new PlimsollError('PLM_OPTION', `"${defect}" for --defect`, `it is one of ${known}`);
  }
  const service = spawn(
    process.execPath,
    [serviceFile, '--port', '0', '--defect', defect, '--exit-with-parent'],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      // Not in our process group: Ctrl-C is for Plimsoll, which then ends the service.
      detached: true,
    },
  );
  try {
    const port = await listeningPort(service);
    const base = `http://127.0.0.1:${port}`;
    const formula = (await (await fetch(`${base}/model`)).json()) as Formula;
    const settings = await settingsFor(`${base}/chat`, {
      method: 'POST',
      body: JSON.stringify({ say: 'Tell me about the sea.' }),
      header: ['Content-Type: application/json'],
      ...flags,
      pid: String(service.pid),
    });
    await measure(settings, (outcome) => demoEnding(outcome, formula));
  } finally {
    service.kill('SIGTERM');
  }
}

/** What the formula of the service says, beside what was found without knowing it. */
export function demoEnding({ report }: Outcome, formula: Formula): string {
  const found = report.capacity?.sustainable ?? null;
  const known = `The service carries ${formula.perSecond.toFixed(1)} turns/s by its formula (${formula.why})`;
  if (found === null) return `${known}.\n${more}`;
  const difference = (100 * (found.value - formula.perSecond)) / formula.perSecond;
  return `${known}; found without knowing it: ${found.value.toFixed(1)} (${difference >= 0 ? '+' : ''}${difference.toFixed(1)} %).\n${more}`;
}

/** What else the service does. */
const more =
  'It also streams tokens, talks over a WebSocket, and has rooms and a job queue: examples/ loads each of them, and says how at its top.';

function listeningPort(service: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (detail: string): void =>
      reject(new PlimsollError('PLM_START', 'The embedded service', detail));
    service.once('error', (error) => fail(error.message));
    service.once('exit', (code) => fail(`it ended with exit code ${code}`));
    const lines = createInterface({ input: service.stdout as NodeJS.ReadableStream });
    lines.once('line', (line) => {
      service.removeAllListeners('exit');
      lines.close();
      service.stdout?.resume();
      resolve((JSON.parse(line) as { listening: number }).listening);
    });
  });
}
