import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { loadScenario } from './loading.ts';

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
    const loaded = await loadScenario(file);
    expect([loaded.name, loaded.options]).toEqual(['talk', { think: [1, 3] }]);
  });

  it.each([
    ['cannot be parsed', 'export default scenario(', /session\.ts/],
    ['imports what is not there', "import './nothing-here.ts';", /nothing-here/],
    ['exports no scenario', 'export default { name: "x" };', /no default export made by scenario/],
    [
      'makes a scenario without a function',
      "import { scenario } from 'plimsoll'; export default scenario('x');",
      /needs a name and a function/,
    ],
  ])('that %s is refused with the reason', async (_, text, message) => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-scenario-'));
    const file = join(folder, 'session.ts');
    writeFileSync(file, text);
    await expect(loadScenario(file)).rejects.toMatchObject({ code: 'PLM_SCENARIO' });
    await expect(loadScenario(file)).rejects.toThrow(message);
    rmSync(folder, { recursive: true });
  });

  it('that is not there is refused', async () => {
    await expect(loadScenario('/nowhere/session.ts')).rejects.toThrow(/there is no such file/);
  });
});
