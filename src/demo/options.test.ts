import { describe, expect, it } from 'vitest';
import { plantable } from './defects.ts';
import { parseServiceOptions } from './options.ts';

describe('the command line of the service', () => {
  it('has a default for everything', () => {
    expect(parseServiceOptions([])).toMatchObject({
      port: 0,
      dataFolder: undefined,
      exitWithParent: false,
      turns: { seed: 1, defect: { kind: 'none' }, workers: 32, lineLimit: 200, model: { timeScale: 0.2 } },
    });
  });

  it('takes each option', () => {
    const line = '--port 8123 --seed 41 --time-scale 0.1 --defect lock --data /tmp/kept --exit-with-parent';
    expect(parseServiceOptions(line.split(' '))).toMatchObject({
      port: 8123,
      dataFolder: '/tmp/kept',
      exitWithParent: true,
      turns: { seed: 41, defect: plantable.lock, model: { timeScale: 0.1 } },
    });
  });

  it.each([
    ['--defect rust', 'PLM_OPTION'],
    ['--defect constructor', 'PLM_OPTION'],
    ['--speed 3', 'PLM_OPTION'],
    ['extra', 'PLM_OPTION'],
    ['--port 65536', 'PLM_NUMBER'],
    ['--port 80.5', 'PLM_NUMBER'],
    ['--seed x', 'PLM_NUMBER'],
    ['--time-scale 0', 'PLM_NUMBER'],
  ])('refuses %s with %s', (line, code) => {
    expect(() => parseServiceOptions(line.split(' '))).toThrow(expect.objectContaining({ code }));
  });
});
