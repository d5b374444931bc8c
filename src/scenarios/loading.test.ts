import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { loadScenarios } from './loading.ts';

function fileWith({ onTestFinished }: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-scenario-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'session.ts');
  writeFileSync(file, text);
  return file;
}

describe('a scenario file', () => {
  it('is loaded as TypeScript, with plimsoll imported wherever it lies', async (context) => {
    const file = fileWith(
      context,
      `import { scenario, type ScenarioContext } from 'plimsoll';
       export default scenario('talk', { think: [1, 3] }, async ({ http }: ScenarioContext) => { await http.get('/'); });`,
    );
    const loaded = await loadScenarios(file);
    expect(loaded.map(({ name, options }) => [name, options])).toEqual([['talk', { think: [1, 3] }]]);
  });

  it('may have several scenarios, with weights', async (context) => {
    const file = fileWith(
      context,
      `import { scenario } from 'plimsoll';
       const talker = scenario('talker', { weight: 3 }, async () => {});
       export default [talker, scenario('tester', async () => {})];`,
    );
    const loaded = await loadScenarios(file);
    expect(loaded.map(({ name, options }) => [name, options.weight])).toEqual([
      ['talker', 3],
      ['tester', undefined],
    ]);
  });

  it.each([
    ['exports an empty list', 'export default [];', /nor a list of such/],
    [
      'calls two alike',
      "import { scenario } from 'plimsoll'; const one = () => scenario('x', async () => {}); export default [one(), one()];",
      /two scenarios are called "x"/,
    ],
    [
      'gives a weight of nothing',
      "import { scenario } from 'plimsoll'; export default scenario('x', { weight: 0 }, async () => {});",
      /weight 0 is not a number above 0/,
    ],
    ['cannot be parsed', 'export default scenario(', /session\.ts/],
    ['imports what is not there', "import './nothing-here.ts';", /nothing-here/],
    ['exports no scenario', 'export default { name: "x" };', /its default export is not made by scenario/],
    [
      'makes a scenario without a function',
      "import { scenario } from 'plimsoll'; export default scenario('x');",
      /needs a name and a function/,
    ],
  ])('that %s is refused with the reason', async (_, text, message) => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-scenario-'));
    const file = join(folder, 'session.ts');
    writeFileSync(file, text);
    await expect(loadScenarios(file)).rejects.toMatchObject({ code: 'PLM_SCENARIO' });
    await expect(loadScenarios(file)).rejects.toThrow(message);
    rmSync(folder, { recursive: true });
  });

  it('that is not there is refused', async () => {
    await expect(loadScenarios('/nowhere/session.ts')).rejects.toThrow(/there is no such file/);
  });
});
