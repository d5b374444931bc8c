/**
 * The library: what other programs may import from `plimsoll`. Names, one by one; test/library.test.ts pins the list.
 * Everything here is pure but `conduct`, which awaits what it is given.
 */
export {
  scenario,
  type Scenario,
  type ScenarioContext,
  type ScenarioFunction,
  type ScenarioOptions,
  type ScenarioUser,
  type SetupContext,
  type Think,
} from './scenarios/scenario.ts';
export { benchmark, type Benchmark, type BenchmarkOptions, type Operation } from './scenarios/benchmark.ts';
export { expect } from './scenarios/expect.ts';
export type { RateLimit, RateLimited } from './scenarios/rateLimited.ts';
export { feed, type Feed, type FeedOrder, type Rows } from './scenarios/feed.ts';
export type { Channel, ConnectOptions, Message, MessageSequence, Sendable, Ws } from './scenarios/ws/ws.ts';
export type { Command, CommandOptions, CommandReply } from './scenarios/commands/command.ts';
export type { Job, Queue, Taken } from './scenarios/queues/queue.ts';
export type { Webhook, WebhookCall, Webhooks } from './scenarios/webhooks/webhook.ts';
export type {
  DatabaseOptions,
  Db,
  DbReply,
  DbTransaction,
  TransactionOptions,
  TransactionReply,
} from './scenarios/databases/db.ts';
export type {
  CallOptions,
  Grpc,
  GrpcMessage,
  GrpcOptions,
  GrpcReply,
  GrpcStream,
} from './scenarios/grpc/grpc.ts';
export type { Redis, RedisReply } from './scenarios/databases/redis.ts';
export type { ServerEvent } from './scenarios/http/events.ts';
export type { ChatMessage, ChatOptions, ChatReply, Llm } from './scenarios/llm/llm.ts';
export type { Vary } from './scenarios/vary.ts';
export type { Call, Http, Reply, RequestOptions } from './scenarios/http/http.ts';

export { errorTable, exitCodes, PlimsollError, type ErrorCode, type ExitCode } from './errors.ts';
export { random, type Random } from './random.ts';

export { parseObjectives, describeObjectives, defaultObjectives } from './model/objectives.ts';
export { measure, type MeasureOptions } from './model/measure.ts';
export { Tally } from './model/tally.ts';
export type { Estimate } from './model/estimate.ts';
export type { Load, ClosedLoad, OpenLoad, Trial } from './model/load.ts';
export type { Slice } from './model/slice.ts';
export {
  reportSchema,
  type Capacity,
  type Finding,
  type Level,
  type Objective,
  type Quantiles,
  type Report,
  type Scaling,
} from './model/report.ts';

export { assessment, type Assessment, type AssessmentPlan } from './experiments/assessment.ts';
export { baseline } from './experiments/baseline.ts';
export { budgets, type Budget, type BudgetName } from './experiments/budget.ts';
export { capacity } from './experiments/capacity.ts';
export { conduct, conductNow, type Experiment } from './experiments/experiment.ts';
export { heldLoad } from './experiments/heldLoad.ts';
export { scaling } from './experiments/scaling.ts';
export { simulated, type SimulatedTarget, type Station } from './experiments/simulated.ts';
export { capacityOf, scalingOf } from './experiments/summary.ts';
export {
  exponentialServers,
  fixedServers,
  lock,
  pool,
  universal,
  withBoundedQueue,
  withCliff,
  withConnectionCap,
  withRateLimit,
  withWarmUp,
} from './experiments/targets.ts';

export { csv } from './report/csv.ts';
export { html } from './report/html.ts';
export { junit } from './report/junit.ts';
export { markdown } from './report/markdown.ts';
export { terminal } from './report/terminal.ts';

export { Histogram } from './maths/histogram.ts';
export {
  clopperPearsonInterval,
  goodNeeded,
  quantileInterval,
  rateInterval,
  requestsForMargin,
  wilsonInterval,
} from './maths/intervals.ts';
export { kneedle, kneeOf, powerKnee, saturationUsers } from './maths/knee.ts';
export { classifyLoad, conditionalThroughput, relevantBounds } from './maths/mlrsearch.ts';
export {
  blockedShare,
  closedNetwork,
  closedStation,
  erlangB,
  erlangC,
  highestRateForMean,
  highestRateForQuantile,
  meanResponse,
  meanResponseFixedService,
  meanWait,
  meanWaitApproximate,
  meanWaitOneServer,
  responseQuantile,
} from './maths/queues.ts';
export { steadiness, steadyStart } from './maths/steady.ts';
export {
  amdahlLimit,
  peakUsers,
  powerKneeUsers,
  responseAt,
  throughputAt,
  throughputAtResponse,
  usersAtResponse,
} from './maths/usl/law.ts';
export { fitAmdahl, fitLinear, fitUsl } from './maths/usl/fit.ts';
export { fitScaling } from './maths/usl/choice.ts';
