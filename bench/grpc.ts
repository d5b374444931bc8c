/**
 * What a call of gRPC costs the generator: in a script, over a connection for each user and over shared ones, beside the bare
 * client of @grpc/grpc-js; and what each user with a connection of its own holds of memory.
 *
 *   npx jiti bench/grpc.ts [SECONDS]
 *
 * Processor time of this process alone, so that a busy machine tells less of a lie; only ratios within one sitting mean anything.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { credentials, loadPackageDefinition, type Client } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { Driver } from '../src/engine/driver.ts';
import { limitsOf } from '../src/model/objectives.ts';
import { SessionTally } from '../src/model/sessionTally.ts';
import { http1 } from '../src/protocols/http1.ts';
import { straight } from '../src/protocols/route.ts';
import { Databases } from '../src/scenarios/databases/databases.ts';
import { GrpcTargets } from '../src/scenarios/grpc/grpcTargets.ts';
import { Player } from '../src/scenarios/player.ts';
import { scenario } from '../src/scenarios/scenario.ts';
import { say } from './sitting.ts';

const heldMs = Number(process.argv[2] ?? '3') * 1000;
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const proto = at('../examples/harbour.proto');
const message = { name: 'Ada', draught_cm: 740 };
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const service = spawn(process.execPath, [at('../examples/harbour.server.js'), '--port', '0'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [told] = (await once(service.stdout, 'data')) as [Buffer];
const { listening } = JSON.parse(told.toString()) as { listening: number };

/** @param done how many calls have ended */
async function measured(name: string, users: number, done: () => number): Promise<void> {
  await wait(1500);
  const [fromDone, fromMs, fromCpu] = [done(), performance.now(), process.cpuUsage()];
  await wait(heldMs);
  const calls = done() - fromDone;
  const { user, system } = process.cpuUsage(fromCpu);
  const perSecond = Math.round((1000 * calls) / (performance.now() - fromMs));
  const each = (user + system) / calls;
  say(
    `${name}, ${users} users: ${each.toFixed(0)} us of the processor a call, so ${Math.round(1e6 / each)} calls/s of a core (${perSecond}/s now)`,
  );
}

async function bare(users: number): Promise<void> {
  const described = loadPackageDefinition(loadSync(proto, { keepCase: true }));
  type Harbour = Client & { Greet(message: object, done: () => void): void };
  const { Harbour } = described['harbour'] as unknown as { Harbour: new (...given: unknown[]) => Harbour };
  const client = new Harbour(`127.0.0.1:${listening}`, credentials.createInsecure());
  let done = 0;
  let isOver = false;
  const again = (): void => {
    if (!isOver) client.Greet(message, () => (done++, again()));
  };
  for (let user = 0; user < users; user++) again();
  await measured('bare @grpc/grpc-js, one connection', users, () => done);
  isOver = true;
  client.close();
}

async function scripted(name: string, users: number, streams: number): Promise<void> {
  const url = `grpc://127.0.0.1:${listening}`;
  const named = scenario('greet', { grpc: { url, proto } }, ({ grpc }) =>
    grpc.call('harbour.Harbour/Greet', message),
  );
  const ways = { timeoutMs: 10_000, insecure: false, headers: [], route: straight };
  const grpc = await GrpcTargets.open([named], { ...ways, file: proto, url: null, told: {}, streams });
  const within = new SessionTally();
  const once = { seed: 1, share: 0, shares: 1, setup: {}, feeds: new Map(), limits: limitsOf([]), file: '' };
  const player = new Player(
    { ...ways, ...once, wireTo: http1, scenario: named, grpc, databases: Databases.none, baseUrl: null },
    within,
  );
  let [done, failed] = [0, 0];
  const clock = {
    nowMs: () => performance.now(),
    after: (ms: number, callback: () => void) =>
      void (ms === 0 ? setImmediate(callback) : setTimeout(callback, ms)),
    wake: (untilMs: number, callback: () => void) => void setTimeout(callback, untilMs - performance.now()),
  };
  const driver = new Driver(
    player,
    clock,
    (slice) => {
      done += slice.done;
      failed += slice.failed;
    },
    within,
  );
  const rolling = setInterval(() => driver.roll(), 100);
  const before = process.memoryUsage().rss;
  driver.hold({ load: { kind: 'closed', users }, maxInFlight: users, seed: 1, share: 0, shares: 1 });
  await measured(name, users, () => done);
  const mib = (process.memoryUsage().rss - before) / 1024 ** 2;
  if (users >= 500)
    say(
      `  memory of the process grew by ${mib.toFixed(0)} MiB: ${((1024 * mib) / users).toFixed(0)} KiB a user`,
    );
  if (failed > 0) say(`  ${failed} calls failed`);
  await new Promise<void>((rested) => driver.rest(rested));
  clearInterval(rolling);
  driver.close();
}

for (let round = 1; round <= 2; round++) {
  await bare(16);
  await scripted('scripted, one connection', 16, 16);
  await scripted('scripted, a connection for each', 16, 1);
}
await scripted('scripted, a connection for each', 500, 1);
await scripted('scripted, one connection for 100', 500, 100);
service.kill();
