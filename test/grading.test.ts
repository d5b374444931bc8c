/**
 * How good the whole method is: 200 random targets with known answers, each assessed with the quick budget in virtual
 * time. The goals are of the whole zoo; a single target may miss.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Row } from './grading/batch.ts';

const seed = 20_261_121;
const specimens = 200;
/** Halves at a time, one for each of two processors. */
const processes = 2;

const jiti = fileURLToPath(new URL('../node_modules/jiti/lib/jiti-cli.mjs', import.meta.url));
const batch = fileURLToPath(new URL('./grading/batch.ts', import.meta.url));

async function graded(from: number, to: number): Promise<Row[]> {
  const args = [jiti, batch, ...[seed, from, to].map(String), 'quick'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e8 });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

let rows: Row[] = [];
beforeAll(async () => {
  const each = specimens / processes;
  const parts = Array.from({ length: processes }, (_, i) => graded(i * each, (i + 1) * each));
  rows = (await Promise.all(parts)).flat();
}, 240_000);

const percent = (value: number | null): string =>
  value === null ? 'nothing' : `${(100 * value).toFixed(1)} %`;

/** Share of the rows that meet a goal; the names of the others are the message of the failure. */
function expectShare(of: readonly Row[], least: number, met: (row: Row) => boolean): void {
  expect(of.length).toBeGreaterThan(10);
  const misses = of.filter((row) => !met(row));
  const told = misses.map(
    (row) =>
      `  ${row.name}: ${percent(row.error)} off, ${row.low?.toFixed(1)} to ${row.high?.toFixed(1)} for ${row.truth?.toFixed(1)}, knee x ${row.kneeRatio?.toFixed(2)}, cliff ${row.cliff}`,
  );
  const share = 1 - misses.length / of.length;
  expect(share, `${misses.length} of ${of.length} miss\n${told.join('\n')}`).toBeGreaterThanOrEqual(least);
}

describe('of 200 random targets', () => {
  it('all are graded', () => expect(rows.length).toBe(specimens));

  // Where the time was too short for one, none is the honest answer.
  it('95 % get an answer at all', () => {
    expectShare(
      rows.filter((row) => row.truth !== null),
      0.95,
      (row) => row.found !== null,
    );
  });

  it('nine of ten capacities lie in their interval', () => {
    expectShare(
      rows.filter((row) => row.truth !== null),
      0.9,
      (row) => row.covered === true,
    );
  });

  it('85 % of the capacities are found within what one quick run can tell', () => {
    expectShare(
      rows.filter((row) => row.truth !== null),
      0.85,
      (row) => row.error !== null && Math.abs(row.error) <= row.tolerance,
    );
  });

  it('no more than one in a hundred is said to have a cliff that it does not have', () => {
    expectShare(rows, 0.99, (row) => row.cliff !== 'false');
  });

  it('97 % of the cliffs are found', () => {
    expectShare(
      rows.filter((row) => row.hasCliff),
      0.97,
      (row) => row.cliff !== 'missed',
    );
  });

  it('95 % of the knees are found within a factor of 1.5', () => {
    expectShare(
      rows.filter((row) => row.hasKnee),
      0.95,
      (row) => row.kneeRatio !== null && row.kneeRatio < 1.5 && row.kneeRatio > 1 / 1.5,
    );
  });

  it('85 % of the scaling laws have contention and coherency in their intervals', () => {
    expectShare(
      rows.filter((row) => row.lawCovered !== null),
      0.85,
      (row) => row.lawCovered === true,
    );
  });

  it('none takes longer than 95 seconds of load', () => {
    expectShare(rows, 1, (row) => row.loadSeconds <= 95);
  });
});
