/**
 * What scenarios do once in a run, before the load and after it: users to be made, data to be filled in and taken away.
 *
 * 1. It is done on one thread, one scenario after the other; what `setup` returns is given to every session as `setup`.
 * 2. Its requests are in no level; the report counts them apart.
 * 3. What belongs to sessions is not there, and who asks for it is told so. A command may take as long as a setup may.
 * 4. `teardown` is done however the run ended, if its `setup` was. Where it fails, that is told, and the run stands.
 */
import { PlimsollError } from '../errors.ts';
import { Account } from './account.ts';
import { ChildGroups } from './commands/childGroups.ts';
import { UserCommands } from './commands/userCommands.ts';
import { Databases } from './databases/databases.ts';
import { GrpcTargets, type GrpcTargetsOptions } from './grpc/grpcTargets.ts';
import type { Scenario, SetupContext } from './scenario.ts';
import { UserHttp } from './http/userHttp.ts';
import { WebhookReceiver } from './webhooks/receiver.ts';
import { UserWebhooks } from './webhooks/userWebhooks.ts';
import { UserWs } from './ws/userWs.ts';
import { whereThrown } from './whereThrown.ts';
import { Wires, type WireOptions } from './http/wires.ts';

/** By the name of the scenario. */
export type SetupValues = Readonly<Record<string, unknown>>;

export interface SetUp {
  readonly values: SetupValues;
  /** Of setup and teardown so far. */
  readonly counts: { readonly requests: number; readonly failed: number };
  /** @returns what failed, for a person; empty when nothing did */
  tearDown(): Promise<string>;
}

const longestMs = 120_000;

/**
 * @param wires how to get to the target, with the headers of the command line
 * @param calls how to get to what they call by gRPC; null where they call nothing
 * @throws PLM_SETUP where a setup throws, takes too long, or returns what cannot be given to other threads
 */
export async function setUp(
  scenarios: readonly Scenario[],
  file: string,
  wires: WireOptions,
  signal: AbortSignal,
  calls: GrpcTargetsOptions | null = null,
): Promise<SetUp> {
  const counts = { requests: 0, failed: 0 };
  const values: Record<string, unknown> = {};
  const done: Scenario[] = [];
  const receiver = new WebhookReceiver();

  async function play(
    scenario: Scenario,
    part: (context: SetupContext) => PromiseLike<unknown>,
  ): Promise<unknown> {
    const headers = [...Object.entries(scenario.options.headers ?? {}), ...wires.headers];
    const own = new Wires({ ...wires, headers });
    const account = new Account({
      connected: () => undefined,
      sent: () => void counts.requests++,
      done: (_dueMs, _sentMs, _firstMs, _doneMs, failure) => {
        if (failure !== '') counts.failed++;
      },
    });
    const http = new UserHttp(own, account, { redirects: scenario.options.redirects ?? 10, cookies: 'user' });
    const ws = new UserWs(own, account, { time: () => undefined, messages: () => undefined });
    // Opened for this alone: during the load the connections are those of its pool.
    const { timeoutMs, insecure, route } = wires;
    const trust = { ...route, insecure };
    const databases = await Databases.open([scenario], { file, timeoutMs, trust, share: 0, shares: 1 });
    const measures = { time: () => undefined, count: () => undefined };
    const targets = calls === null ? GrpcTargets.none : await GrpcTargets.open([scenario], calls);
    const unheard = { ...measures, step: () => undefined, messages: () => undefined };
    const grpc = targets.equip(scenario, account, unheard);
    const { db, redis, retire } = databases.equip(scenario, account, measures);
    const groups = new ChildGroups();
    const endGroups = (): void => groups.end();
    process.once('exit', endGroups);
    const commands = new UserCommands({ groups, timeoutMs: longestMs, lastError: '' }, account);
    const webhook = new UserWebhooks(receiver, account);
    try {
      return await inTime(part({ http, ws, db, redis, grpc, command: commands.run, webhook }), signal);
    } finally {
      account.close();
      commands.retire();
      webhook.retire();
      process.off('exit', endGroups);
      http.retire('over');
      ws.retire();
      retire();
      grpc.retire();
      await databases.close();
    }
  }

  const tearDown = async (): Promise<string> => {
    const failures: string[] = [];
    for (const scenario of done.splice(0).toReversed()) {
      const { teardown } = scenario.options;
      if (teardown === undefined) continue;
      await play(scenario, (context) =>
        teardown(onlyHere({ ...context, setup: values[scenario.name] }, 'teardown')),
      ).catch((error: unknown) => {
        failures.push(`teardown of "${scenario.name}": ${messageOf(error, file)}`);
      });
    }
    return failures.join('; ');
  };

  for (const scenario of scenarios) {
    const { setup } = scenario.options;
    try {
      if (setup !== undefined)
        values[scenario.name] = structuredClone(
          await play(scenario, (context) => setup(onlyHere(context, 'setup'))),
        );
      done.push(scenario);
    } catch (error) {
      await tearDown();
      throw new PlimsollError('PLM_SETUP', `"${scenario.name}" in ${file}`, messageOf(error, file), error);
    }
  }
  return { values, counts, tearDown };
}

const ofSessions = ['llm', 'data', 'vary', 'setup', 'user', 'step', 'measure', 'count', 'check', 'pause'];

/** Nobody is to look for the cause of an undefined that a session would have had. */
function onlyHere<Context extends object>(context: Context, part: string): Context {
  return new Proxy(context, {
    get: (of, name): unknown => {
      if (typeof name === 'symbol' || name in of || !ofSessions.includes(name)) return Reflect.get(of, name);
      throw new TypeError(
        `${part} has no "${name}", which sessions have; it has ${Object.keys(of).join(', ')}`,
      );
    },
  });
}

function messageOf(error: unknown, file: string): string {
  return error instanceof Error ? `${error.message}${whereThrown(error, file)}` : String(error);
}

function inTime(part: PromiseLike<unknown>, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`it took longer than ${longestMs / 1000} s`)), longestMs);
    signal.addEventListener('abort', () => reject(new Error('it was interrupted')), { once: true });
    part.then(resolve, reject);
    part.then(
      () => clearTimeout(late),
      () => clearTimeout(late),
    );
  });
}
