/** A worker thread: owns a driver and its protocol, obeys the main thread, sends slices. Entry of `new Worker`. */
import { parentPort, workerData } from 'node:worker_threads';
import { SessionTally } from '../model/sessionTally.ts';
import type { Slice } from '../model/slice.ts';
import { busiestAllowed } from '../model/validity.ts';
import type { Protocol } from '../protocols/protocol.ts';
import { sizedRequest } from '../protocols/sizedRequest.ts';
import { isWebSocketUrl } from '../protocols/webSocketUrl.ts';
import { scenariosOf } from '../recipes/recipe.ts';
import { ChildGroups } from '../scenarios/commands/childGroups.ts';
import { Databases } from '../scenarios/databases/databases.ts';
import { openFeeds } from '../scenarios/feedFile.ts';
import { GrpcTargets } from '../scenarios/grpc/grpcTargets.ts';
import { openBooks } from '../scenarios/llm/chatBooks.ts';
import { Mix } from '../scenarios/mix.ts';
import { Player } from '../scenarios/player.ts';
import { wiresOf } from '../scenarios/http/wiresOf.ts';
import { Alarm } from './alarm.ts';
import { Driver, type Assignment, type DriverClock } from './driver.ts';
import { ownSessionMs } from './ownCost.ts';
import { rehearse } from './rehearsal.ts';
import { scriptProfile } from './scriptProfile.ts';
import { threadWaitMs } from './threadWait.ts';
import { baseUrlOf, grpcOptionsOf } from './wireOptions.ts';
import type { FromWorker, ToWorker, WorkerData } from './messages.ts';

const rollEveryMs = 100;
/** For how long a busy thread is looked at. */
const profileMs = 1000;

const port = parentPort;
if (port === null) throw new Error('engine/worker is the entry of a worker thread');

const data = workerData as WorkerData;
const say = (message: FromWorker): void => port.postMessage(message);
const { protocol: asGiven, within, databases, sized } = await loaded(data);
let protocol = asGiven;
/** Of the request that is sent now; 0 for the one that was given. */
let sizeNow = 0;

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
/** What a session costs the generator itself, where the function in it is the target; 0 where the target is elsewhere. */
const ownMs = data.target.kind === 'function' ? await ownSessionMs(clock) : 0;

/** What the function in this thread could not have of it: what the generator took, and what others on the machine did. */
function lostShare({ sessions, durationMs }: Slice): number {
  const nowMs = threadWaitMs() ?? 0;
  const waitedMs = nowMs - waitedSoFarMs;
  waitedSoFarMs = nowMs;
  return Math.min(1, (ownMs * (sessions?.done ?? 0) + waitedMs) / durationMs);
}

let waitedSoFarMs = 0;
let utilization = performance.eventLoopUtilization();
let latestMs = 0;
const deliver = (slice: Slice): void => {
  const now = performance.eventLoopUtilization();
  const busy = performance.eventLoopUtilization(now, utilization).utilization;
  const busyOrLost = ownMs === 0 ? busy : lostShare(slice);
  say({
    kind: 'slice',
    slice: {
      ...slice,
      busy: busyOrLost,
      loopLagMs: latestMs,
      openChannels: protocol.openChannels ?? null,
    },
  });
  utilization = now;
  latestMs = 0;
  if (busy > busiestAllowed) lookAtScript();
};
let driver = new Driver(protocol, clock, deliver, within);

/** Another size is another request: users begin anew, with connections of their own. */
function hold(assignment: Assignment): void {
  const { variant } = assignment;
  const size = variant?.kind === 'bytes' ? variant.bytes : 0;
  if (size !== sizeNow && sized !== null) {
    driver.close();
    protocol = size === 0 ? asGiven : sized(size);
    driver = new Driver(protocol, clock, deliver, within);
    [sizeNow, retriesTold] = [size, protocol.counts.retries];
  }
  holding = true;
  waitedSoFarMs = threadWaitMs() ?? 0;
  driver.hold(assignment);
}

/** What makes the thread busier than it may be? A level that goes on like this counts for nothing: looking does no harm. */
function lookAtScript(): void {
  const { kind, scenario, recipe } = data.target;
  if (looked || scenario === null || recipe !== null || kind === 'function') return;
  looked = true;
  void scriptProfile(profileMs).then(
    (cost) => {
      if (cost === null) looked = false;
      else say({ kind: 'script-cost', cost });
    },
    () => undefined,
  );
}

let looked = false;
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
      hold(message.assignment);
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

type Telling = Protocol & {
  readonly lastError: string;
  readonly lastRedirect: string;
  /** What was said when the data of the sessions ran out; empty while there is more. */
  readonly ended?: string;
};

interface Loaded {
  readonly protocol: Telling;
  /** The same with a request of so many bytes; null where the target is none. */
  readonly sized: ((bytes: number) => Telling) | null;
  readonly within: SessionTally | null;
  readonly databases: Databases;
}

async function loaded({
  target,
  setup,
  told,
  seed,
  share,
  shares,
  limits,
  given,
  groups,
}: WorkerData): Promise<Loaded> {
  const { url, streams } = target;
  if (target.scenario === null && url !== null) {
    const body = target.body === null ? null : Buffer.from(target.body);
    if (!isWebSocketUrl(url)) {
      const wire = await wiresOf(streams);
      const request = { ...target, url, body };
      return {
        protocol: wire(request),
        sized: (bytes) => wire(sizedRequest(request, bytes)),
        within: null,
        databases: Databases.none,
      };
    }
    // ws takes a while to load, and most runs do without
    const { webSocket } = await import('../protocols/websocket.ts');
    const protocol = webSocket({ ...target, url, body });
    return { protocol, sized: null, within: null, databases: Databases.none };
  }
  const { scenario: file, recipe } = target;
  if (file === null) throw new TypeError('a target is a URL or a scenario');
  const scenarios = await scenariosOf({ scenario: file, recipe });
  const within = new SessionTally();
  const { headers, timeoutMs, insecure, route } = target;
  const databases = await Databases.open(scenarios, {
    file,
    timeoutMs,
    trust: { ...route, insecure },
    share,
    shares,
  });
  const options = {
    wireTo: await wiresOf(target.kind === 'grpc' ? null : streams),
    setup,
    databases,
    grpc: await GrpcTargets.open(scenarios, { ...grpcOptionsOf(target, file), told }),
    feeds: openFeeds(scenarios, file, { share, seed, given }),
    baseUrl: baseUrlOf(target),
    headers,
    timeoutMs,
    insecure,
    route,
    file,
    limits,
    seed,
    share,
    shares,
    isTarget: target.kind === 'function',
    groups: new ChildGroups(groups),
    books: await openBooks(target.chats),
  };
  const [scenario] = scenarios;
  const protocol =
    scenario !== undefined && scenarios.length === 1
      ? new Player({ ...options, scenario }, within)
      : new Mix({ ...options, scenarios }, within);
  return { protocol, sized: null, within, databases };
}
