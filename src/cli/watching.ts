/** Watches the target's processes and the generator itself while a run goes on, and keeps what was read. */
import { portOf } from '../protocols/httpRequest.ts';
import { systemClock } from '../clock.ts';
import { PlimsollError } from '../errors.ts';
import type { Level } from '../model/report.ts';
import { findListener } from '../monitors/listener.ts';
import { watchGenerator, type GeneratorReading } from '../monitors/generatorSelf.ts';
import { sample, type Sampler } from '../monitors/sampler.ts';
import { namedProcess, watchTarget } from '../monitors/targetProcess.ts';
import type { LivingReading, TargetReading } from '../monitors/targetReading.ts';
import type { Settings } from './settings.ts';

export interface Watched {
  readonly pid: number | null;
  readonly command: string | null;
  /** Why nothing is watched; null when something is. */
  readonly reason: string | null;
}

/** Whom to watch: named, started, or found by the port. @throws PLM_PID */
export async function whomToWatch(settings: Settings, startedPid: number | null): Promise<Watched> {
  if (settings.pid !== null) return { ...namedProcess(settings.pid), reason: null };
  if (startedPid !== null) return { ...namedProcess(startedPid), reason: null };
  const { connectTo, unixSocket } = settings.target.route;
  const url = settings.target.url === null ? null : new URL(settings.target.url);
  // A function is in this very process: what it uses is what the process uses, with the commands that it starts.
  if (url === null && settings.watchPort === null) {
    return { pid: process.pid, command: 'Plimsoll itself, in which the function runs', reason: null };
  }
  if (unixSocket !== null && settings.watchPort === null) {
    return {
      pid: null,
      command: null,
      reason: 'a Unix socket has no port to find its process by; name it with --pid',
    };
  }
  if (settings.target.kind === 'sqlite' && settings.watchPort === null) {
    return { pid: null, command: null, reason: 'SQLite has no process: it runs in that of Plimsoll' };
  }
  const found =
    url === null || settings.watchPort !== null
      ? await findListener(settings.watchPort ?? 0, null)
      : await findListener(connectTo?.port ?? portOf(url), connectTo?.host ?? url.hostname);
  if (found.process === null && settings.watchPort !== null) {
    throw new PlimsollError('PLM_PID', `--watch-port ${settings.watchPort}`, found.reason ?? undefined);
  }
  return found.process === null
    ? { pid: null, command: null, reason: found.reason }
    : { pid: found.process.pid, command: found.process.command, reason: null };
}

const kept = 7200;

export class Watch {
  readonly #target: TargetReading[] = [];
  readonly #generator: GeneratorReading[] = [];
  readonly #samplers: Sampler[] = [];

  constructor(pid: number | null) {
    if (pid !== null) {
      this.#samplers.push(
        sample(watchTarget(pid, systemClock), (reading) => keep(this.#target, reading), systemClock),
      );
    }
    this.#samplers.push(
      sample(watchGenerator(systemClock), (reading) => keep(this.#generator, reading), systemClock),
    );
  }

  get targetAlive(): boolean {
    return this.#target.at(-1)?.alive !== false;
  }

  latest(): { target: LivingReading | null; generator: GeneratorReading | null } {
    const target = this.#target.at(-1);
    return { target: target?.alive === true ? target : null, generator: this.#generator.at(-1) ?? null };
  }

  /** Means over a stretch of the monotonic clock, for a level. */
  over(fromMs: number, toMs: number): { target: Partial<Level['target']>; generatorFds: number | null } {
    const seen = this.#target.filter(
      (each): each is LivingReading => each.alive && each.atMs > fromMs + 200 && each.atMs <= toMs + 200,
    );
    const generator = this.#generator.filter((each) => each.atMs > fromMs && each.atMs <= toMs + 200);
    const mean = (value: (reading: LivingReading) => number | null): number | null => meanOf(seen.map(value));
    return {
      target: {
        cpuCores: mean((each) => each.cpuCores),
        rssBytes: mean((each) => each.rssBytes),
        rssGrowthBytes: growthOf(seen.map((each) => each.rssBytes)),
        threads: mean((each) => each.threads),
        fds: mean((each) => each.fds),
        diskReadBytesPerSecond: mean((each) => each.diskReadBytesPerSecond),
        diskWriteBytesPerSecond: mean((each) => each.diskWriteBytesPerSecond),
      },
      generatorFds: meanOf(generator.map((each) => each.fds)),
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#samplers.map((sampler) => sampler.stop()));
  }
}

function keep<Reading>(list: Reading[], reading: Reading): void {
  list.push(reading);
  if (list.length > kept) list.splice(0, kept / 2);
}

/** From the first to the last that is known; null for fewer than two. */
function growthOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  const [first, last] = [known[0], known.at(-1)];
  return known.length < 2 || first === undefined || last === undefined ? null : last - first;
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
