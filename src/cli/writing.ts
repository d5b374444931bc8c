/** Writes the report folder, and checks before the run that it can be written. */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { PlimsollError } from '../errors.ts';
import type { Report } from '../model/report.ts';
import { csv } from '../report/csv.ts';
import { html } from '../report/html.ts';
import { junit } from '../report/junit.ts';
import { markdown } from '../report/markdown.ts';
import { terminal } from '../report/terminal.ts';
import type { Format } from './settings.ts';

const templateUrl = new URL('../report/page.html', import.meta.url);

const renderers: Readonly<Record<Format, { file: string; render: (report: Report) => string }>> = {
  json: { file: 'report.json', render: (report) => `${JSON.stringify(report, null, 2)}\n` },
  html: { file: 'report.html', render: (report) => html(report, readFileSync(templateUrl, 'utf8')) },
  md: { file: 'report.md', render: markdown },
  csv: { file: 'levels.csv', render: csv },
  junit: { file: 'junit.xml', render: junit },
  txt: {
    file: 'report.txt',
    render: (report) => terminal(report, { columns: 80, colour: false, ascii: true }),
  },
};

/** A report folder that is this run's own until it is left. */
export interface Prepared {
  /** Lets others write there; with nothing in it, takes back what was made. */
  leave(): void;
}

/** @throws PLM_OUT when it cannot be made or written to, or another run writes there; PLM_DISK when it has no room */
export function prepareFolder(folder: string): Prepared {
  try {
    const made = makeFolder(folder);
    accessSync(folder, constants.W_OK);
    const lock = join(folder, lockName);
    takeLock(lock, folder);
    const { bavail, bsize } = statfsSync(folder);
    const prepared = {
      leave: () => {
        rmSync(lock, { force: true });
        if (made !== null) removeEmpty(made, folder);
      },
    };
    if (bavail * bsize >= leastRoomBytes) return prepared;
    prepared.leave();
    throw new PlimsollError('PLM_DISK', `"${folder}"`, `${bavail * bsize} bytes are free`);
  } catch (error) {
    if (error instanceof PlimsollError) throw error;
    throw new PlimsollError('PLM_OUT', `"${folder}"`, (error as Error).message, error);
  }
}

const lockName = '.plimsoll.lock';
/** The reports of a long run take a few megabytes. */
const leastRoomBytes = 4 * 1024 * 1024;

/** The lock holds the process that has it; one that has ended has it no more. */
function takeLock(lock: string, folder: string): void {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const owner = Number(readFileSync(lock, 'utf8'));
    if (owner !== process.pid && isAlive(owner)) {
      throw new PlimsollError('PLM_OUT', `"${folder}"`, `another run, process ${owner}, writes there`);
    }
    writeFileSync(lock, String(process.pid));
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Not with `recursive`: Node then tries for ever where a parent stands and still takes no folder, as in /proc. */
function makeFolder(folder: string): string | null {
  try {
    mkdirSync(folder);
    return folder;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const parent = dirname(folder);
    if (code === 'EEXIST' && statSync(folder).isDirectory()) return null;
    if (code !== 'ENOENT' || existsSync(parent)) throw error;
    const made = makeFolder(parent);
    mkdirSync(folder);
    return made ?? folder;
  }
}

/** Takes back what `prepareFolder` made, as far as nothing was put into it. */
function removeEmpty(made: string, folder: string): void {
  try {
    for (let each = folder; each.length >= made.length; each = dirname(each)) rmdirSync(each);
  } catch {
    // Somebody uses it.
  }
}

/** Writes report.json and the wanted formats, each whole or not at all. @returns the paths. @throws PLM_DISK */
export function writeReport(folder: string, wanted: readonly Format[], report: Report): string[] {
  return [...new Set<Format>(['json', ...wanted])].map((format) => {
    const { file, render } = renderers[format];
    return writeWhole(join(folder, file), render(report));
  });
}

/** Writes a file whole or not at all. @returns its path. @throws PLM_DISK */
export function writeWhole(path: string, text: string): string {
  try {
    writeFileSync(`${path}.part`, text);
    renameSync(`${path}.part`, path);
    return path;
  } catch (error) {
    rmSync(`${path}.part`, { force: true });
    throw new PlimsollError('PLM_DISK', `"${path}"`, (error as Error).message, error);
  }
}
