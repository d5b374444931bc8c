/** Loads a scenario file as it stands, TypeScript or JavaScript. */
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
export async function loadScenario(file: string): Promise<Scenario> {
  if (!existsSync(file)) throw new PlimsollError('PLM_SCENARIO', `"${file}"`, 'there is no such file');
  const jiti = createJiti(import.meta.url, own === undefined ? {} : { alias: { plimsoll: own } });
  let found: unknown;
  try {
    found = await jiti.import(file, { default: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new PlimsollError('PLM_SCENARIO', `"${file}"`, message, error);
  }
  if (isScenario(found)) return found;
  throw new PlimsollError('PLM_SCENARIO', `"${file}"`, 'it has no default export made by scenario(...)');
}
