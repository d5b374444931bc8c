import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { prepareFolder } from './writing.ts';

function folderFor({ onTestFinished }: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-out-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('a report folder', () => {
  it('that had to be made is taken back where nothing was put into it', (context) => {
    const folder = folderFor(context);
    prepareFolder(join(folder, 'some/where')).leave();
    expect(existsSync(join(folder, 'some'))).toBe(false);
    const kept = prepareFolder(join(folder, 'else/where'));
    writeFileSync(join(folder, 'else/where/report.json'), '{}');
    kept.leave();
    expect(existsSync(join(folder, 'else/where/report.json'))).toBe(true);
  });

  it('belongs to one run at a time, and is free again afterwards', (context) => {
    const folder = folderFor(context);
    // The parent of this process lives as long as it does.
    writeFileSync(join(folder, '.plimsoll.lock'), String(process.ppid));
    expect(() => prepareFolder(folder)).toThrow(`another run, process ${process.ppid}, writes there`);
    expect(readFileSync(join(folder, '.plimsoll.lock'), 'utf8')).toBe(String(process.ppid));
    rmSync(join(folder, '.plimsoll.lock'));
    prepareFolder(folder).leave();
    expect(existsSync(join(folder, '.plimsoll.lock'))).toBe(false);
  });

  it.each(['4194304999', 'nonsense', ''])('is not held by a run that ended without a word (%j)', (owner) => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-out-'));
    writeFileSync(join(folder, '.plimsoll.lock'), owner);
    const prepared = prepareFolder(folder);
    expect(readFileSync(join(folder, '.plimsoll.lock'), 'utf8')).toBe(String(process.pid));
    prepared.leave();
    rmSync(folder, { recursive: true });
  });
});
