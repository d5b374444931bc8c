/**
 * A run on a real target: joins engine, monitors and live view into the `perform` that experiments are conducted with.
 *
 * 1. No request is sent that is not counted in a level: reaching the target only connects.
 * 2. Whatever happens, the crew is dismissed, the samplers stop and a started target is stopped.
 * 3. A stop from outside, or the death of the target, ends the trial under way; what was measured is kept.
 */
import { setPriority } from 'node:os';
import { sharedNowMs, systemClock } from '../clock.ts';
import { Crew } from '../engine/crew.ts';
import { PlimsollError } from '../errors.ts';
import { conduct, type Experiment } from '../experiments/experiment.ts';
import type { Load, Trial } from '../model/load.ts';
import { measure } from '../model/measure.ts';
import type { Level, Objective, Report, Second } from '../model/report.ts';
import type { Slice } from '../model/slice.ts';
import { targetAway } from '../model/validity.ts';
import { hostFacts, type HostFacts } from '../monitors/host.ts';
import { openFilesLimit } from '../monitors/generatorSelf.ts';
import { start, type Started } from '../monitors/started.ts';
import { portOf } from '../protocols/httpRequest.ts';
import { reach } from '../protocols/reach.ts';
import { loadScenarios } from '../scenarios/loading.ts';
import { setUp, type SetUp } from '../scenarios/setup.ts';
import { wiresOf } from '../scenarios/wiresOf.ts';
import type { Live } from './live.ts';
import { rulesText } from '../report/words.ts';
import { redactText } from './redact.ts';
import type { Settings } from './settings.ts';
import { Timeline } from './timeline.ts';
import { Watch, whomToWatch, type Watched } from './watching.ts';

export interface Run<Result> {
  readonly result: Result;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly host: HostFacts;
  readonly watched: Watched;
  readonly experiments: readonly { readonly name: string; readonly levels: readonly Level[] }[];
  readonly timeline: readonly Second[];
  readonly stopped: Report['run']['stopped'];
  /** Requests of setup and teardown; grows until the run is over. */
  readonly setup: Report['run']['setup'];
  readonly maxUsers: number;
  readonly lastError: string;
  readonly lastRedirect: string;
  /** When and under which load the last good answer came; null when none did. */
  readonly lastGood: LastGood | null;
}

export interface LastGood {
  readonly at: Date;
  readonly load: Load;
}

/** Descriptors that the process needs besides connections. */
export const spareDescriptors = 128;
/**
 * How long a target that was there may listen to nobody before it counts as dead: a supervisor that starts it anew takes
 * less. What it costs is in the level, which does not count then.
 */
const deadSeconds = 5;
const knockEveryMs = 500;

/**
 * @param judged the objectives that each level is judged by
 * @param conductible makes the experiment, given how many users the machine allows
 */
export async function measureTarget<Result>(
  settings: Settings,
  live: Live,
  onStop: (stop: (reason: 'interrupt') => void) => void,
  judged: readonly Objective[],
  conductible: (maxUsers: number) => Experiment<Result>,
): Promise<Run<Result>> {
  const cleanups: (() => Promise<void>)[] = [];
  const interrupt = new AbortController();
  let crew: Crew | null = null;
  onStop(() => {
    interrupt.abort();
    crew?.stop('interrupt');
  });
  try {
    const url = new URL(settings.target.url);
    let started: Started | null = null;
    if (settings.start !== null) {
      live.note(`starting ${redactText(settings.start)}`);
      const port = portOf(url);
      started = await start(
        {
          command: settings.start,
          host: url.hostname,
          port,
          timeoutMs: settings.startTimeoutMs,
          signal: interrupt.signal,
        },
        systemClock,
      );
      cleanups.push(() => started?.stop() ?? Promise.resolve());
    }
    const knock = (): Promise<void> =>
      reach(url.href, {
        timeoutMs: 5000,
        insecure: settings.target.insecure,
        route: settings.target.route,
        protocols: [settings.target.streams === null ? 'http/1.1' : 'h2'],
      });
    await knock();
    const watched = await whomToWatch(settings, started?.pid ?? null);
    const host = hostFacts();
    const maxUsers = usersAllowed(settings, live);
    const stage = await stageOf(settings, live, interrupt.signal);
    cleanups.push(async () => {
      const failed = (await stage?.tearDown()) ?? '';
      if (failed !== '') live.note(failed);
    });
    crew = await Crew.muster({
      target: settings.target,
      workers: settings.workers,
      seed: settings.seed,
      setup: stage?.values ?? {},
    });
    giveWay();
    const members = crew;
    cleanups.push(() => members.dismiss());
    const watch = new Watch(watched.pid);
    cleanups.push(() => watch.stop());
    if (interrupt.signal.aborted) crew.stop('interrupt');
    const limit =
      settings.timeLimitMs === null
        ? null
        : setTimeout(() => members.stop('time-limit'), settings.timeLimitMs);
    cleanups.push(() => Promise.resolve(limit === null ? undefined : clearTimeout(limit)));

    const startedAt = new Date();
    const originMs = sharedNowMs();
    const originClockMs = systemClock.nowMs();
    const timeline = new Timeline();
    const experiments = new Map<string, Level[]>();
    let levels = 0;
    let lastGood: LastGood | null = null;
    let deadInARow = 0;
    let lastError = '';
    let lastRedirect = '';

    const perform = async (trial: Trial): Promise<Level> => {
      const load: Load = settings.target.scenario === null ? trial.load : { ...trial.load, of: 'sessions' };
      const startMs = sharedNowMs() - originMs;
      const fromMs = systemClock.nowMs();
      live.trial({ experiment: trial.experiment, purpose: trial.purpose, load, index: levels });
      const onSlice = (slice: Slice): void => {
        const seen = watch.latest();
        const second = timeline.add(startMs + slice.startMs, levels, trial.load, slice, seen);
        if (slice.done > slice.failed) lastGood = { at: new Date(), load: trial.load };
        const isDead =
          lastGood !== null && slice.done > 0 && slice.done === slice.failed && onlyBroken(slice);
        deadInARow = isDead ? deadInARow + 1 : 0;
        if (deadInARow === deadSeconds) knock().catch(() => members.stop('target-died'));
        live.second({
          load,
          throughput: second.throughput,
          p95Ms: second.p95Ms,
          errorRatio: slice.done === 0 ? null : slice.failed / slice.done,
          inFlight: second.inFlight,
          generatorCpu: slice.busy,
          elapsedMs: sharedNowMs() - originMs,
        });
      };
      const carried = await members.carry(trial, onSlice);
      let diedNow: Level['stoppedEarly'] = null;
      // The next load, or the same once more, begins when somebody listens again.
      if (deadInARow > 0 && members.stopped === null && !(await listensWithin(knock, deadSeconds * 1000))) {
        diedNow = 'target-died';
        members.stop(diedNow);
      }
      lastError = carried.lastError || lastError;
      lastRedirect = carried.lastRedirect || lastRedirect;
      const seen = watch.over(fromMs, fromMs + carried.heldMs);
      const level = measure(trial, carried.slices, {
        objectives: judged,
        startMs: Math.round(startMs),
        heldMs: carried.heldMs,
        spentMs: carried.spentMs,
        stoppedEarly: diedNow ?? carried.stoppedEarly,
        retried: carried.retried,
        target: seen.target,
        generatorFds: seen.generatorFds,
      });
      levels++;
      const list = experiments.get(trial.experiment) ?? [];
      experiments.set(trial.experiment, [...list, level]);
      live.level({
        load,
        throughput: level.throughput?.value ?? null,
        p95Ms: level.response.p95,
        met: heldAll(level),
        broken: level.invalidReasons.some(({ code }) => code === targetAway)
          ? 'the target was away'
          : level.valid
            ? brokenRules(level)
            : '',
        valid: level.valid,
      });
      return level;
    };

    const result = await conduct(conductible(maxUsers), perform);
    return {
      result,
      startedAt,
      durationMs: systemClock.nowMs() - originClockMs,
      host,
      watched,
      experiments: [...experiments].map(([name, list]) => ({ name, levels: list })),
      timeline: timeline.seconds,
      stopped: crew.stopped,
      setup: stage === null ? null : stage.counts,
      maxUsers,
      lastError,
      lastRedirect,
      lastGood,
    };
  } finally {
    for (const cleanup of cleanups.toReversed()) await cleanup().catch(() => undefined);
  }
}

/** What the scenarios set up before the load; null where none does. */
async function stageOf({ target }: Settings, live: Live, signal: AbortSignal): Promise<SetUp | null> {
  if (target.scenario === null) return null;
  const scenarios = await loadScenarios(target.scenario);
  if (scenarios.every(({ options }) => options.setup === undefined && options.teardown === undefined))
    return null;
  live.note('setting up');
  const wireTo = await wiresOf(target.streams);
  const { url, headers, timeoutMs, insecure, route } = target;
  return setUp(
    scenarios,
    target.scenario,
    { wireTo, baseUrl: url, headers, timeoutMs, insecure, route },
    signal,
  );
}

/** Asks until somebody listens. @returns whether that was in time */
async function listensWithin(knock: () => Promise<void>, limitMs: number): Promise<boolean> {
  const untilMs = systemClock.nowMs() + limitMs;
  for (;;) {
    const listens = await knock().then(
      () => true,
      () => false,
    );
    if (listens || systemClock.nowMs() >= untilMs) return listens;
    await new Promise((resolve) => setTimeout(resolve, knockEveryMs));
  }
}

/** Null where some objective could not be judged and none was missed. */
function heldAll({ objectives, stoppedEarly, growing }: Level): boolean | null {
  if (stoppedEarly === 'backlog' || growing || objectives.some((each) => each.met === false)) return false;
  return objectives.every((each) => each.met === true) ? true : null;
}

function brokenRules({ objectives, growing }: Level): string {
  if (growing) return 'more came in than went out';
  const broken = objectives.filter(({ met }) => met === false);
  return broken.length === 0 ? '' : `${rulesText(broken)} ${broken.length === 1 ? 'breaks' : 'break'}`;
}

/** Failures as a dead process leaves them, not refusals that a living one sends. */
function onlyBroken(slice: Slice): boolean {
  return Object.keys(slice.errors).every((kind) => !kind.startsWith('http.'));
}

function usersAllowed({ load, maxUsers }: Settings, live: Live): number {
  // A held closed load needs no more than its own users.
  const held = load?.kind === 'closed';
  const wanted = held ? load.users : maxUsers;
  const limit = openFilesLimit();
  if (limit === null || wanted + spareDescriptors <= limit) return wanted;
  const possible = Math.max(1, limit - spareDescriptors);
  live.note(
    `${held ? '--users' : '--max-users'} ${wanted} needs more file descriptors than the ${limit} allowed here; going on with ${possible}. Raise it with: ulimit -n ${wanted + spareDescriptors}`,
  );
  return possible;
}

/** What to tell a person when nothing was ever answered. */
export function unanswered(
  settings: Settings,
  level: Level,
  health: 'failing' | 'silent',
  lastError: string,
): PlimsollError {
  const kinds = Object.entries(level.errors.byKind)
    .sort((a, b) => b[1] - a[1])
    .map(([kind]) => kind);
  const { url } = settings.target;
  const told = lastError === '' ? '' : ` (${lastError})`;
  if (kinds.length === 0) {
    const { sent } = level.requests;
    return new PlimsollError(
      'PLM_SILENT',
      url,
      `${sent} ${sent === 1 ? 'request' : 'requests'} sent, no answer`,
    );
  }
  const { done } = level.requests;
  const all = done === 1 ? 'the one request did not succeed' : `none of ${done} requests succeeded`;
  const seen = `${all}: ${kinds.join(', ')}${told}`;
  // A server of TLS often tells plain HTTP so.
  const asTls = '; if this port speaks TLS, give the address as https://';
  const isPlain = url.startsWith('http:');
  if (health === 'failing')
    return new PlimsollError('PLM_FAILING', url, seen + (isPlain && kinds[0] === 'http.400' ? asTls : ''));
  if (kinds.includes('tls')) return new PlimsollError('PLM_TLS', url, seen);
  if (kinds.includes('bad-response')) return new PlimsollError('PLM_FAILING', url, seen);
  if (kinds[0] === 'connect.refused') return new PlimsollError('PLM_REFUSED', url, seen);
  if (kinds[0]?.startsWith('connect.') === true) return new PlimsollError('PLM_UNREACHABLE', url, seen);
  const broken = kinds[0] === 'closed' || kinds[0] === 'reset';
  return new PlimsollError('PLM_SILENT', url, seen + (broken && isPlain ? asTls : ''));
}

/**
 * Where they share a core, the threads that send the load come first: live view and monitors may be late by some
 * milliseconds, requests may not. Linux sets the priority of the calling thread alone, and the workers run already.
 */
function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(behindTheLoad);
  } catch {
    // A sandbox may forbid it; then all are alike.
  }
}

const behindTheLoad = 10;
