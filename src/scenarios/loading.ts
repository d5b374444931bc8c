/** Loads the scenarios of a file as it stands, TypeScript or JavaScript. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { createJiti } from 'jiti';
import { PlimsollError } from '../errors.ts';
import { isScenario, type Scenario } from './scenario.ts';

/** What `import ... from 'plimsoll'` means in a scenario file: this very copy, wherever the file lies. */
const own = ['../index.js', '../index.ts']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path));

/** The compiled probe; null where it is not built, as in tests of the sources. */
const probe = new URL('./loadingProbe.js', import.meta.url);
const longestMs = 15_000;

/**
 * Whether a file can be loaded without end: one that loops while it is loaded would block this very thread, and Ctrl-C with it.
 * @throws PLM_BLOCKED
 */
export async function tryLoading(file: string): Promise<void> {
  if (!existsSync(file) || !existsSync(probe)) return;
  const worker = new Worker(probe, { workerData: file });
  const loaded = await new Promise<boolean>((resolve) => {
    const late = setTimeout(() => resolve(false), longestMs);
    const done = (): void => {
      clearTimeout(late);
      resolve(true);
    };
    worker.once('message', done);
    worker.once('error', done);
    worker.once('exit', done);
  });
  await worker.terminate();
  if (!loaded)
    throw new PlimsollError('PLM_BLOCKED', `"${file}"`, `it was not loaded within ${longestMs / 1000} s`);
}

/** @throws PLM_SCENARIO with the place in the file, where there is one */
export async function loadScenarios(file: string): Promise<readonly Scenario[]> {
  if (!existsSync(file)) throw new PlimsollError('PLM_SCENARIO', `"${file}"`, 'there is no such file');
  const jiti = createJiti(import.meta.url, own === undefined ? {} : { alias: { plimsoll: own } });
  let found: unknown;
  try {
    found = await jiti.import(file, { default: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new PlimsollError('PLM_SCENARIO', `"${file}"`, message, error);
  }
  const scenarios: unknown[] = Array.isArray(found) ? found : [found];
  if (scenarios.length === 0 || !scenarios.every(isScenario)) {
    throw new PlimsollError(
      'PLM_SCENARIO',
      `"${file}"`,
      'its default export is not made by scenario(...), nor a list of such',
    );
  }
  const twice = scenarios.find(({ name }, nth) => scenarios.slice(0, nth).some((one) => one.name === name));
  if (twice === undefined) return scenarios;
  throw new PlimsollError('PLM_SCENARIO', `"${file}"`, `two scenarios are called "${twice.name}"`);
}
