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

/** @returns the uppermost folder that had to be made; null when all stood. @throws PLM_OUT when it cannot be made or written to */
export function prepareFolder(folder: string): string | null {
  try {
    const made = makeFolder(folder);
    accessSync(folder, constants.W_OK);
    const probe = join(folder, `.plimsoll-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
    return made;
  } catch (error) {
    throw new PlimsollError('PLM_OUT', `"${folder}"`, (error as Error).message, error);
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
export function removeEmpty(made: string, folder: string): void {
  try {
    for (let each = folder; each.length >= made.length; each = dirname(each)) rmdirSync(each);
  } catch {
    // Somebody uses it.
  }
}

/** Writes report.json and the wanted formats, each whole or not at all. @returns the paths. @throws PLM_DISK */
export function writeReport(folder: string, wanted: readonly Format[], report: Report): string[] {
  const paths: string[] = [];
  for (const format of new Set<Format>(['json', ...wanted])) {
    const { file, render } = renderers[format];
    const path = join(folder, file);
    const text = render(report);
    try {
      writeFileSync(`${path}.part`, text);
      renameSync(`${path}.part`, path);
    } catch (error) {
      rmSync(`${path}.part`, { force: true });
      throw new PlimsollError('PLM_DISK', `"${path}"`, (error as Error).message, error);
    }
    paths.push(path);
  }
  return paths;
}
