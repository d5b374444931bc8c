/**
 * What the service's process is told on its command line, resolved once into a complete value.
 *
 *     --port 0   --seed 1   --time-scale 0.2   --defect none   --data DIR   --exit-with-parent
 */
import { parseArgs } from 'node:util';
import { PlimsollError } from '../errors.ts';
import { plantable, type DefectKind } from './defects.ts';
import { modelDefaults } from './model.ts';
import { turnsDefaults, type TurnsOptions } from './turns.ts';

export interface ServiceOptions {
  /** 0 lets the system choose one. */
  readonly port: number;
  /** Where the database is kept; undefined for a temporary folder that is removed at the end. */
  readonly dataFolder: string | undefined;
  /** Ends when standard input closes. */
  readonly exitWithParent: boolean;
  readonly turns: TurnsOptions;
}

/** @throws PLM_OPTION for an unknown option or defect, PLM_NUMBER for a number out of range */
export function parseServiceOptions(argv: readonly string[]): ServiceOptions {
  const given = readArguments(argv);
  const defect = given.defect ?? 'none';
  if (!Object.hasOwn(plantable, defect)) {
    const kinds = Object.keys(plantable).join(', ');
    throw new PlimsollError('PLM_OPTION', `--defect ${defect}`, `one of ${kinds} is wanted`);
  }
  const timeScale = number('--time-scale', given['time-scale'] ?? String(modelDefaults.timeScale), 0.01, 100);
  return {
    port: integer('--port', given.port ?? '0', 0, 65_535),
    dataFolder: given.data,
    exitWithParent: given['exit-with-parent'] ?? false,
    turns: {
      ...turnsDefaults,
      model: { ...modelDefaults, timeScale },
      defect: plantable[defect as DefectKind],
      seed: integer('--seed', given.seed ?? String(turnsDefaults.seed), 0, 2 ** 32 - 1),
    },
  };
}

function readArguments(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string' },
        seed: { type: 'string' },
        'time-scale': { type: 'string' },
        defect: { type: 'string' },
        data: { type: 'string' },
        'exit-with-parent': { type: 'boolean' },
      },
    });
    return values;
  } catch (cause) {
    throw new PlimsollError('PLM_OPTION', argv.join(' '), (cause as Error).message, cause);
  }
}

function number(name: string, text: string, least: number, most: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= least && value <= most)) {
    throw new PlimsollError('PLM_NUMBER', `${name} ${text}`, `${least} to ${most} is wanted`);
  }
  return value;
}

function integer(name: string, text: string, least: number, most: number): number {
  const value = number(name, text, least, most);
  if (!Number.isInteger(value)) {
    throw new PlimsollError('PLM_NUMBER', `${name} ${text}`, 'a whole number is wanted');
  }
  return value;
}
