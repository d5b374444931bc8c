/** Loads the scenarios of a file as it stands, TypeScript or JavaScript. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';
import { PlimsollError } from '../errors.ts';
import { isScenario, type Scenario } from './scenario.ts';

/** What `import ... from 'plimsoll'` means in a scenario file: this very copy, wherever the file lies. */
const own = ['../index.js', '../index.ts']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path));

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
