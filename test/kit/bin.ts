/** The real command, as a process of its own, in a folder of its own. Needs the build: `npm test` builds first. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import { reportSchema, type Report } from '../../src/model/report.ts';

const bin = fileURLToPath(new URL('../../bin/plimsoll.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly #folder: string;

  constructor(child: ChildProcess, folder: string) {
    this.child = child;
    this.#folder = folder;
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    this.ended = new Promise((resolve) => {
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
  }

  /** The report that was written, valid or not at all. */
  report(): Report {
    return reportSchema.parse(JSON.parse(readFileSync(join(this.#folder, 'report', 'report.json'), 'utf8')));
  }

  wrote(file: string): boolean {
    return existsSync(join(this.#folder, 'report', file));
  }
}

/** A folder that is gone after the test. */
export function folderFor({ onTestFinished }: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-e2e-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function plimsoll(
  context: TestContext,
  args: readonly string[],
  folder = folderFor(context),
  env: Readonly<Record<string, string>> = {},
): Run {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', PLIMSOLL_OUT: join(folder, 'report'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  context.onTestFinished(() => void child.kill('SIGKILL'));
  return new Run(child, folder);
}

/** Waits for something to become true outside of this process. */
export async function until(what: string, isTrue: () => boolean, withinMs = 20_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(`waited ${withinMs} ms in vain until ${what}`);
    await sleep(20);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
