/** A worker thread: owns a driver and its protocol, obeys the main thread, sends slices. Entry of `new Worker`. */
import { parentPort, workerData } from 'node:worker_threads';
import { SessionTally } from '../model/sessionTally.ts';
import type { Protocol } from '../protocols/protocol.ts';
import { databaseKind } from '../protocols/databaseUrl.ts';
import { isWebSocketUrl } from '../protocols/webSocketUrl.ts';
import { Databases } from '../scenarios/databases.ts';
import { openFeeds } from '../scenarios/feedFile.ts';
import { loadScenarios } from '../scenarios/loading.ts';
import { Mix } from '../scenarios/mix.ts';
import { Player } from '../scenarios/player.ts';
import { wiresOf } from '../scenarios/wiresOf.ts';
import { Alarm } from './alarm.ts';
import { Driver, type DriverClock } from './driver.ts';
import { rehearse } from './rehearsal.ts';
import type { FromWorker, ToWorker, WorkerData } from './messages.ts';

const rollEveryMs = 100;

const port = parentPort;
if (port === null) throw new Error('engine/worker is the entry of a worker thread');

const data = workerData as WorkerData;
const say = (message: FromWorker): void => port.postMessage(message);
const { protocol, within, databases } = await loaded(data);

let woken = (): void => undefined;
const alarm = await Alarm.start(() => woken());
const clock: DriverClock = {
  nowMs: () => performance.now(),
  after: (delayMs, callback) => {
    if (delayMs === 0) setImmediate(callback);
    else setTimeout(callback, delayMs);
  },
  wake: (atMs, callback) => {
    woken = callback;
    alarm.set(atMs);
  },
};
await rehearse(clock);

let utilization = performance.eventLoopUtilization();
let latestMs = 0;
const driver = new Driver(
  protocol,
  clock,
  (slice) => {
    const now = performance.eventLoopUtilization();
    say({
      kind: 'slice',
      slice: {
        ...slice,
        busy: performance.eventLoopUtilization(now, utilization).utilization,
        loopLagMs: latestMs,
      },
    });
    utilization = now;
    latestMs = 0;
  },
  within,
);

let holding = false;
let endTold = false;
let retriesTold = 0;
let expectedMs = performance.now() + rollEveryMs;
const roller = setInterval(() => {
  const nowMs = performance.now();
  latestMs = Math.max(latestMs, nowMs - expectedMs);
  expectedMs = nowMs + rollEveryMs;
  if (holding) driver.roll();
  const { ended = '' } = protocol;
  if (ended === '' || endTold) return;
  endTold = true;
  say({ kind: 'ended', what: ended });
}, rollEveryMs);

port.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'hold':
      holding = true;
      driver.hold(message.assignment);
      break;
    case 'rest':
      driver.rest(() => {
        holding = false;
        const { lastError, lastRedirect, counts } = protocol;
        const retried = counts.retries - retriesTold;
        retriesTold = counts.retries;
        say({ kind: 'rested', retried, lastError, lastRedirect });
      });
      break;
    case 'abandon':
      driver.abandon();
      break;
    case 'quit':
      clearInterval(roller);
      driver.close();
      void databases.close();
      port.close();
      break;
  }
});

say({ kind: 'ready' });

interface Loaded {
  readonly protocol: Protocol & {
    readonly lastError: string;
    readonly lastRedirect: string;
    /** What was said when the data of the sessions ran out; empty while there is more. */
    readonly ended?: string;
  };
  readonly within: SessionTally | null;
  readonly databases: Databases;
}

async function loaded({ target, setup, seed, share, shares, given }: WorkerData): Promise<Loaded> {
  if (target.scenario === null && isWebSocketUrl(target.url)) {
    // ws takes a while to load, and most runs do without
    const { webSocket } = await import('../protocols/websocket.ts');
    const body = target.body === null ? null : Buffer.from(target.body);
    return { protocol: webSocket({ ...target, body }), within: null, databases: Databases.none };
  }
  const wireTo = await wiresOf(target.streams);
  if (target.scenario === null) {
    const body = target.body === null ? null : Buffer.from(target.body);
    return { protocol: wireTo({ ...target, body }), within: null, databases: Databases.none };
  }
  const scenarios = await loadScenarios(target.scenario);
  const within = new SessionTally();
  const { url, headers, timeoutMs, insecure, route } = target;
  const databases = await Databases.open(scenarios, { file: target.scenario, timeoutMs, share, shares });
  const options = {
    wireTo,
    setup,
    databases,
    feeds: openFeeds(scenarios, target.scenario, { share, seed, given }),
    baseUrl: databaseKind(url) === null ? url : null,
    headers,
    timeoutMs,
    insecure,
    route,
    file: target.scenario,
    seed,
    share,
    shares,
  };
  const [scenario] = scenarios;
  const protocol =
    scenario !== undefined && scenarios.length === 1
      ? new Player({ ...options, scenario }, within)
      : new Mix({ ...options, scenarios }, within);
  return { protocol, within, databases };
}
