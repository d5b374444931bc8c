/**
 * A run on a real target: puts up what it needs, conducts the experiment, and takes all of it down.
 *
 * 1. No request is sent that is not counted, in a level or as setup: reaching the target only connects.
 * 2. Whatever happens, the crew is dismissed, the samplers stop and a started target is stopped.
 */
import { setPriority } from 'node:os';
import { systemClock } from '../clock.ts';
import { Crew } from '../engine/crew.ts';
import { baseUrlOf, grpcOptionsOf } from '../engine/wireOptions.ts';
import { conduct, type Experiment } from '../experiments/experiment.ts';
import type { Level, Objective, Report, Second } from '../model/report.ts';
import type { ScriptCost } from '../model/scriptCost.ts';
import { hostFacts, type HostFacts } from '../monitors/host.ts';
import { openFilesLimit } from '../monitors/generatorSelf.ts';
import { start, type Started } from '../monitors/started.ts';
import { databaseKind } from '../protocols/databases/databaseUrl.ts';
import { portOf } from '../protocols/httpRequest.ts';
import { reach } from '../protocols/reach.ts';
import { refuseWrongCall } from '../recipes/call.ts';
import { scenariosOf } from '../recipes/recipe.ts';
import { Databases } from '../scenarios/databases/databases.ts';
import { askedByReflection, GrpcTargets, type Told } from '../scenarios/grpc/grpcTargets.ts';
import { openBooks } from '../scenarios/llm/chatBooks.ts';
import { databasesOf, type Scenario } from '../scenarios/scenario.ts';
import { setUp, type SetUp } from '../scenarios/setup.ts';
import { wiresOf } from '../scenarios/http/wiresOf.ts';
import type { Live } from './live.ts';
import { redactText } from './redact.ts';
import type { Settings } from './settings.ts';
import { Trials, type LastGood } from './trials.ts';
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
  readonly scriptCost: ScriptCost | null;
}

/** How long connecting may take before the run. */
const reachMs = 5000;
/** Descriptors that the process needs besides connections. */
export const spareDescriptors = 128;
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
    // What is missing is told before anything begins; each thread opens its own.
    const { prices } = await openBooks(settings.target.chats);
    const url = settings.target.url === null ? null : new URL(settings.target.url);
    let started: Started | null = null;
    if (settings.start !== null && url !== null) {
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
    const { target } = settings;
    const knock = async (): Promise<void> => {
      // A function is always there, and a file listens to nobody.
      if (target.url === null || target.kind === 'sqlite') return;
      await reach(target.url, {
        timeoutMs: reachMs,
        insecure: settings.target.insecure,
        route: settings.target.route,
        protocols: [settings.target.streams === null ? 'http/1.1' : 'h2'],
      });
    };
    await knock();
    const { scenario: file, recipe } = target;
    const scenarios = file === null ? [] : await scenariosOf({ scenario: file, recipe });
    await logIn(settings, scenarios);
    const told = await described(settings, scenarios);
    const watched = await whomToWatch(settings, started?.pid ?? null);
    const host = hostFacts();
    const maxUsers = usersAllowed(settings, live);
    const stage = await stageOf(settings, scenarios, told, live, interrupt.signal);
    cleanups.push(async () => {
      const failed = (await stage?.tearDown()) ?? '';
      if (failed !== '') live.note(failed);
    });
    crew = await Crew.muster({
      target: settings.target,
      workers: settings.workers,
      seed: settings.seed,
      setup: stage?.values ?? {},
      told,
      objectives: settings.objectives,
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

    const startedMs = systemClock.nowMs();
    const trials = new Trials({
      crew,
      watch,
      live,
      judged,
      unit: settings.target.scenario === null ? 'requests' : 'sessions',
      inThread: settings.target.kind === 'function',
      pricing:
        prices === null ? null : { currency: prices.currency, source: prices.source, dated: prices.dated },
      bytesKnown: scenarios.every(
        (each) =>
          each.options.grpc === undefined &&
          databasesOf(each).every(({ url }) => databaseKind(url) !== 'redis'),
      ),
      knock,
    });
    const result = await conduct(conductible(maxUsers), (trial) => trials.perform(trial));
    return {
      result,
      startedAt: trials.startedAt,
      durationMs: systemClock.nowMs() - startedMs,
      host,
      watched,
      experiments: trials.experiments,
      timeline: trials.seconds,
      stopped: crew.stopped,
      setup: stage === null ? null : stage.counts,
      maxUsers,
      lastError: trials.lastError,
      lastRedirect: trials.lastRedirect,
      lastGood: trials.lastGood,
      scriptCost: crew.scriptCost,
    };
  } finally {
    for (const cleanup of cleanups.toReversed()) await cleanup().catch(() => undefined);
  }
}

/** Whoever is not let in cannot begin a load. No statement is sent. */
async function logIn({ target }: Settings, scenarios: readonly Scenario[]): Promise<void> {
  if (target.scenario === null) return;
  const trust = { ...target.route, insecure: target.insecure };
  const alone = { file: target.scenario, timeoutMs: reachMs, trust, share: 0, shares: 1 };
  await (await Databases.open(scenarios, alone)).tryLogin(reachMs);
}

/** What targets of gRPC say of their methods, where no file does. What can never be called is refused here. */
async function described({ target }: Settings, scenarios: readonly Scenario[]): Promise<Told> {
  const { scenario: file, recipe } = target;
  if (file === null) return {};
  const options = { ...grpcOptionsOf(target, file), timeoutMs: reachMs };
  const told = await askedByReflection(scenarios, options);
  const targets = await GrpcTargets.open(scenarios, { ...options, told });
  const [first] = scenarios;
  const methods = first === undefined ? null : targets.methodsOf(first);
  if (recipe?.kind === 'call' && methods !== null) refuseWrongCall(recipe, methods);
  return told;
}

/** What the scenarios set up before the load; null where none does. */
async function stageOf(
  { target }: Settings,
  scenarios: readonly Scenario[],
  told: Told,
  live: Live,
  signal: AbortSignal,
): Promise<SetUp | null> {
  const { scenario: file } = target;
  if (file === null) return null;
  if (scenarios.every(({ options }) => options.setup === undefined && options.teardown === undefined))
    return null;
  live.note('setting up');
  const wireTo = await wiresOf(target.kind === 'grpc' ? null : target.streams);
  const { headers, timeoutMs, insecure, route } = target;
  const wires = { wireTo, baseUrl: baseUrlOf(target), headers, timeoutMs, insecure, route };
  return setUp(scenarios, file, wires, signal, { ...grpcOptionsOf(target, file), told });
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
