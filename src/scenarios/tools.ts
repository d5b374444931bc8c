/**
 * What a session has to work with, over one account: made together, and given up together. When a session is given up its
 * function may play on with them: then they send nothing more and tell nothing more.
 */
// The global of the same name is a getter, which costs as much as the clock.
import { performance } from 'node:perf_hooks';
import { Account } from './account.ts';
import { UserCommands } from './commands/userCommands.ts';
import type { Measures } from './databases/statements.ts';
import type { GrpcRecorder } from './grpc/grpcRecorder.ts';
import { GrpcTargets } from './grpc/grpcTargets.ts';
import { UserHttp } from './http/userHttp.ts';
import { noBooks } from './llm/chatBooks.ts';
import { UserLlm } from './llm/userLlm.ts';
import type { Playing } from './playing.ts';
import { UserQueue, type QueueRecorder } from './queues/userQueue.ts';
import { isThink, type ScenarioContext, type ScenarioUser } from './scenario.ts';
import { thinkMs } from './think.ts';
import type { Vary } from './vary.ts';
import { UserWebhooks } from './webhooks/userWebhooks.ts';
import type { ChannelRecorder } from './ws/channelRecorder.ts';
import { UserWs } from './ws/userWs.ts';

export interface Tools {
  readonly account: Account;
  readonly context: ScenarioContext;
  /** A session begins. */
  begin(): void;
  /** Gives up what is under way. */
  retire(failure: string): void;
  /** Drops what rests, and what was left open. */
  close(): void;
}

/** What stays a user's own from one set of tools to the next. */
export interface Own {
  readonly user: ScenarioUser;
  readonly vary: Vary;
  checkFailed(what: string): void;
}

export function equipped(playing: Playing, own: Own): Tools {
  const { wires, ground, webhooks, recorder, habits, data, options } = playing;
  const {
    scenario,
    databases: pools,
    grpc: targets = GrpcTargets.none,
    limits,
    setup,
    books = noBooks,
  } = options;
  const account = new Account(recorder.requests, limits);
  const http = new UserHttp(wires, account, habits);
  const commands = new UserCommands(ground, account);
  const webhook = new UserWebhooks(webhooks, account);
  const recorded: Measures & ChannelRecorder & QueueRecorder & GrpcRecorder = {
    time: (name, ms) => {
      if (account.isClosed) return;
      if (ms > playing.limitMs(name)) account.isLate = true;
      recorder.time(name, ms, performance.now());
    },
    step: (name, ms, failed) => {
      if (account.isClosed) return;
      if (ms > playing.limitMs(name)) account.isLate = true;
      recorder.step(name, ms, failed, performance.now());
    },
    count: (name, amount) => {
      if (!account.isClosed) recorder.count(name, amount, performance.now());
    },
    messages: (change) => {
      if (!account.isClosed) recorder.messages(change, performance.now());
    },
    enqueued: (name) => {
      if (!account.isClosed) recorder.enqueued(name, performance.now());
    },
    completed: (name, enqueuedMs) =>
      !account.isClosed && recorder.completed(name, enqueuedMs, performance.now()),
  };
  const ws = new UserWs(wires, account, recorded);
  const databases = pools.equip(scenario, account, recorded);
  const grpc = targets.equip(scenario, account, recorded);
  const context: ScenarioContext = {
    http,
    ws,
    db: databases.db,
    redis: databases.redis,
    grpc,
    llm: new UserLlm(http, recorded, books),
    command: commands.run,
    webhook,
    queue: new UserQueue(recorded),
    measure: recorded.time,
    count: recorded.count,
    user: own.user,
    step: stepsOf(playing, account),
    check: (what, holds) => {
      if (!holds && !account.isClosed) own.checkFailed(what);
      return holds;
    },
    data,
    vary: own.vary,
    setup: setup[scenario.name],
    pause: (think) => {
      if (!isThink(think)) throw new TypeError(`pause(${JSON.stringify(think)}) is no time`);
      return new Promise((resolve) => setTimeout(resolve, thinkMs(think, own.user.random)));
    },
  };
  return {
    account,
    context,
    begin: () => {
      http.begin();
      // Addresses of the session before are over.
      webhook.retire();
    },
    retire: (failure) => {
      account.close();
      http.retire(failure);
      ws.retire();
      commands.retire();
      webhook.retire();
      databases.retire();
      grpc.retire();
    },
    close: () => {
      http.close();
      ws.retire();
      grpc.retire();
      commands.retire();
      webhook.retire();
    },
  };
}

/** Names and measures parts of sessions. One that outlasts its session is told no more. */
function stepsOf(playing: Playing, account: Account): ScenarioContext['step'] {
  return (name, part) => {
    const fromMs = performance.now();
    const { session, failure } = account;
    const told = (failed: boolean): void => {
      if (account.isClosed || session !== account.session) return;
      const nowMs = performance.now();
      if (nowMs - fromMs > playing.limitMs(name)) account.isLate = true;
      playing.recorder.step(name, nowMs - fromMs, failed || account.failure !== failure, nowMs);
    };
    let promise: ReturnType<typeof part>;
    try {
      promise = part();
    } catch (error) {
      told(true);
      throw error;
    }
    promise.then(
      () => told(false),
      () => told(true),
    );
    return promise;
  };
}
