/** Writes the report folder, and checks before the run that it can be written. */
import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** @throws PLM_OUT when the folder cannot be made or written to */
export function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    const probe = join(folder, `.plimsoll-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw new PlimsollError('PLM_OUT', `"${folder}"`, (error as Error).message, error);
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
