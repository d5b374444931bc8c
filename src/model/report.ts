/**
 * The report: the contract with every other program (schema/report.schema.json is generated from here).
 *
 * 1. Unknown is null, never 0.
 * 2. Counts balance: due = sent + dropped; sent = done + unfinished; failed is a part of done.
 * 3. Fields are added, never silently changed; another meaning needs another `schema`.
 */
import { z } from 'zod';
import { estimateSchema } from './estimate.ts';

export const reportSchemaName = 'plimsoll-report/1';

const nullable = z.number().nullable();

export const quantilesSchema = z.object({
  p50: nullable,
  p90: nullable,
  p95: nullable,
  p99: nullable,
  p999: nullable,
  max: nullable,
  mean: nullable,
  deviation: nullable.describe('Standard deviation.'),
  unit: z.literal('ms'),
});
export type Quantiles = z.infer<typeof quantilesSchema>;

const countedSchema = z
  .literal('sessions')
  .exactOptional()
  .describe('What the load is of, where it is not single requests.');

export const loadSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('closed'), users: z.number(), of: countedSchema }),
  z.object({
    kind: z.literal('open'),
    ratePerSecond: z.number(),
    arrivals: z.enum(['even', 'poisson', 'replay']),
    of: countedSchema,
  }),
]);

/** One reason why a measurement may not be believed. */
export const reasonSchema = z.object({ code: z.string(), statement: z.string() });
export type Reason = z.infer<typeof reasonSchema>;

export const objectiveSchema = z.object({
  metric: z
    .string()
    .describe(
      'response.p95, service.p99, response.mean, step.NAME.p95, errors, lost, duplicated, reordered, throughput',
    ),
  op: z.enum(['<', '>']),
  limit: z.number(),
  unit: z.enum(['ms', 'ratio', '1/s']),
});
export type Objective = z.infer<typeof objectiveSchema>;

const partSchema = z.object({
  name: z.string(),
  done: z.number(),
  failed: z.number(),
  response: quantilesSchema,
});

const streamSchema = z.object({
  chats: z.number().describe('That ended, well or not, or were cancelled.'),
  ttft: quantilesSchema.describe('From due to the first token.'),
  ttfo: quantilesSchema.describe('From due to the first token of the answer itself, after any reasoning.'),
  tpot: quantilesSchema.describe('First to last token over the tokens after the first, one of each chat.'),
  itl: quantilesSchema.describe('Every gap between tokens, of all chats together.'),
  icl: quantilesSchema.describe('Every gap between chunks.'),
  ntpot: quantilesSchema.describe('e2e over the tokens of the answer.'),
  e2e: quantilesSchema.describe('From due to the end of the answer.'),
  cancelled: z
    .object({
      chats: z.number(),
      beforeToken: z.number().describe('Part of them: nothing had been said yet. Their ttft is not known.'),
      input: nullable.describe('Of those whose input was counted; null where none was.'),
      output: z.number().describe('Tokens that had come until then.'),
    })
    .describe('Chats that the scenario ended on purpose: done, not failed, and no part of whole answers.'),
  tokens: z.object({
    input: nullable.describe('Null where nobody counted them.'),
    cached: nullable.describe(
      'Part of the input that the server had read before; null where it does not say.',
    ),
    output: z.number(),
    wasted: z
      .number()
      .describe('Of chats that failed or were cancelled, input and output as far as counted.'),
    wastedChatsWithoutInput: z
      .number()
      .describe('Chats that failed or were cancelled, and whose input nobody counted: wasted is more by it.'),
    inputPerSecond: nullable,
    outputPerSecond: nullable,
    source: z
      .enum(['usage', 'tokenizer', 'chunks', 'both'])
      .nullable()
      .describe(
        'Who counted: the server, a tokenizer, or nobody and chunks stand for tokens; both where several did. Null where nothing was said.',
      ),
    countedBy: z
      .object({ usage: z.number(), tokenizer: z.number(), chunks: z.number() })
      .describe('How many chats each of them counted.'),
    tokenizerMs: nullable.describe(
      'Processor time of the generator that the tokenizer took; null without one.',
    ),
  }),
  cost: z
    .object({
      currency: z.string().describe('ISO 4217.'),
      source: z.string().describe('Whose prices.'),
      dated: z.string().nullable().describe('From when they are; null where the source says a version only.'),
      total: nullable.describe('Null where a chat has no price, or its tokens were not counted.'),
      atLeast: z.number().describe('Of the chats that have a price.'),
      perChat: nullable,
      perSession: nullable.describe('Over the sessions that ended.'),
      perGoodSession: nullable.describe('All that was spent, over the good sessions alone.'),
      waste: nullable.describe(
        'Of chats that failed or were cancelled; null where one of them has no price.',
      ),
      wasteAtLeast: z.number(),
      unpricedChats: z.number(),
    })
    .nullable()
    .describe('Over the whole trial; null where no prices were given.'),
});

/** What a trial measured. */
export const levelSchema = z.object({
  load: loadSchema,
  purpose: z.string(),
  variant: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('bytes'), bytes: z.number() }),
      z.object({ kind: z.literal('mix'), mix: z.enum(['usual', 'heavy']) }),
    ])
    .nullable()
    .describe(
      'What was sent in the place of the usual: bodies (or answers asked for) of so many bytes, or a mix of the scenarios. Null for the usual.',
    ),
  startMs: z.number().describe('From the start of the run.'),
  durationMs: z.number().describe('How long the load was held.'),
  spentMs: z.number().describe('Time that the trial took, with the wait for the last answers.'),
  warmupMs: z.number().describe('Cut off the start before anything but the counts was computed.'),
  steady: z.boolean(),
  valid: z.boolean().describe('False when the generator falsified it: then it is in no fit.'),
  invalidReasons: z.array(reasonSchema),
  stoppedEarly: z
    .enum(['backlog', 'interrupt', 'time-limit', 'target-died', 'data-ended'])
    .nullable()
    .describe('Why the trial ended before its time.'),
  growing: z
    .boolean()
    .describe(
      'Of open load: in the second half more came in than went out, beyond chance. Then it is not carried.',
    ),
  requests: z
    .object({
      due: z.number(),
      sent: z.number(),
      done: z.number(),
      failed: z.number(),
      dropped: z.number(),
      unfinished: z.number(),
      retried: z
        .number()
        .describe(
          'Sent once more on a fresh connection, because the target had closed the one it kept; not in sent.',
        ),
    })
    .describe('Over the whole trial with its warm-up and the wait for the last answers.'),
  sessions: z
    .object({
      due: z.number(),
      started: z.number(),
      done: z.number(),
      failed: z.number(),
      good: z
        .number()
        .describe(
          'Part of done: nothing failed, and no request, step or time took longer than its objective allows.',
        ),
      goodPerSecond: nullable.describe(
        'The goodput of sessions: of those that ended in the window of the throughput, and never above it. Null where none is known to have ended well there.',
      ),
      dropped: z.number(),
      unfinished: z.number(),
      duration: quantilesSchema.describe('From start to end, of sessions that succeeded.'),
    })
    .nullable()
    .describe('Of a scenario, whose sessions are the unit of load and of throughput. Null for a URL.'),
  steps: z.array(partSchema).describe('Named steps of a scenario.'),
  scenarios: z
    .array(partSchema)
    .describe('Where several scenarios are played: the sessions of each, with their durations.'),
  counts: z
    .array(z.object({ name: z.string(), total: z.number(), perSecond: z.number() }))
    .describe('What sessions counted by themselves (tokens, items), over the time that the load was held.'),
  stream: streamSchema
    .nullable()
    .describe('Of chat completions: times of those that went well, without the warm-up. Null without them.'),
  messages: z
    .object({
      sent: z.number(),
      received: z.number(),
      numbered: z
        .number()
        .describe('Part of received: those with a number of a sequence that the scenario expected.'),
      lost: nullable.describe(
        'Numbers that never came, from the first of a sequence to the highest seen, or to the last that the sender told.',
      ),
      duplicated: nullable.describe('Numbered messages whose number had come before.'),
      reordered: nullable.describe(
        'Numbered messages, no duplicates, that came after a higher number (RFC 4737).',
      ),
      closedByTarget: z
        .record(z.string(), z.number())
        .describe('WebSockets that the target closed, by close code; 1006 where it gave none.'),
      slow: z
        .object({
          channels: z.number(),
          pausedMs: z.number().describe('How long they did not read, all together.'),
          lost: nullable.describe('Part of lost: on these channels, from their first pause on.'),
          closedByTarget: z.record(z.string(), z.number()).describe('Part of closedByTarget.'),
        })
        .nullable()
        .describe('WebSockets whose reading the scenario paused; null where it paused none.'),
    })
    .nullable()
    .describe(
      'Of the WebSockets of a scenario, over the whole trial; null where it has none. Lost, duplicated and reordered are null where no sequence was expected.',
    ),
  queues: z
    .array(
      z.object({
        name: z.string().describe('Also that of the time from enqueued to completed, among the steps.'),
        enqueued: z.number(),
        completed: z.number(),
        backlog: z.number().describe('Enqueued less completed, when the load ended.'),
        mostBacklog: z.number().describe('The most of it at the end of a second.'),
        drain: z
          .object({
            perSecond: estimateSchema.nullable().describe('Null where too few were done to tell.'),
            seconds: estimateSchema.nullable().describe('Until it was empty; null where it was not.'),
            left: z.number().describe('Not known to be done when the wait for the last answers ended.'),
            undetermined: z.string().nullable().describe('Why it is not known when it was empty.'),
          })
          .describe('From the end of the load on.'),
      }),
    )
    .describe('Work that sessions told to be taken by the target, and done later.'),
  throughput: estimateSchema
    .nullable()
    .describe('Requests that succeeded, per second; of a scenario sessions.'),
  response: quantilesSchema.describe('done - due, of answers that succeeded and of time-outs.'),
  responseP95: estimateSchema.nullable().describe('The 95th percentile of response with its interval.'),
  service: quantilesSchema.describe('done - sent'),
  firstByte: quantilesSchema.describe('first - due'),
  lag: quantilesSchema.describe('sent - due: how late the generator itself was'),
  connections: z.object({
    opened: z.number().describe('Connections that were opened for a request and became ready.'),
    mostPerSecond: nullable.describe('The most that were opened in one second.'),
    channels: nullable.describe('WebSockets that stood at a time, in the mean; null where there were none.'),
    connect: quantilesSchema.describe('Until TCP was ready.'),
    handshake: quantilesSchema.describe(
      'The handshakes that follow, of TLS and of a WebSocket; no values where there is neither.',
    ),
  }),
  errors: z.object({
    ratio: nullable.describe('Of requests; of a scenario the share of its sessions that failed.'),
    byKind: z
      .record(z.string(), z.number())
      .describe('Requests; check, limit, script, data and missed count sessions.'),
  }),
  objectives: z.array(
    z.object({
      metric: z.string(),
      op: z.enum(['<', '>']),
      limit: z.number(),
      value: nullable,
      met: z.boolean().nullable(),
      bad: nullable.describe('Requests that broke the limit.'),
      of: nullable.describe('Requests that were judged.'),
      effective: nullable.describe('`of`, reduced because neighbours in time resemble each other.'),
    }),
  ),
  longestSilenceMs: z
    .number()
    .describe('Longest time without one good answer while requests were in flight.'),
  inFlight: nullable.describe('Mean number of requests in flight.'),
  efficiency: nullable.describe('Throughput over the number of users times the throughput of one.'),
  generator: z.object({
    cpu: nullable.describe('Busy share of the busiest worker thread, 0 to 1.'),
    lagP99Ms: nullable,
    loopLagP99Ms: nullable.describe('Lateness of the busiest worker loop itself.'),
    fds: nullable,
  }),
  target: z.object({
    cpuCores: nullable,
    cpuMsPerSession: nullable.describe(
      'Of a function: processor time of this process, the generator and commands included, for each session.',
    ),
    rssBytes: nullable,
    rssGrowthBytes: nullable.describe('From the first reading of the level to the last.'),
    threads: nullable,
    fds: nullable,
    diskReadBytesPerSecond: nullable,
    diskWriteBytesPerSecond: nullable,
    networkInBytesPerSecond: nullable.describe('Bytes that Plimsoll sent to it.'),
    networkOutBytesPerSecond: nullable.describe('Bytes that Plimsoll received from it.'),
  }),
});
export type Level = z.infer<typeof levelSchema>;

/** One second of the run. */
export const secondSchema = z.object({
  atMs: z.number().describe('From the start of the run to the start of this second.'),
  durationMs: z.number(),
  level: z
    .number()
    .int()
    .nullable()
    .describe('Index into levels, over all experiments in order; null between trials.'),
  users: nullable,
  ratePerSecond: nullable,
  throughput: z.number(),
  failedPerSecond: z.number(),
  connectionsPerSecond: z.number().describe('Connections that were opened for a request and became ready.'),
  p50Ms: nullable,
  p95Ms: nullable,
  p99Ms: nullable,
  responseCells: z
    .array(z.tuple([z.number().int(), z.number()]))
    .describe(
      'Answers by response time: [k, count] for 10^(k/8) ms up to 10^((k+1)/8) ms; empty cells are left out.',
    ),
  inFlight: nullable,
  backlog: nullable.describe(
    'Of all queues of the level, at the end of this second. Null where there is none.',
  ),
  generatorCpu: nullable,
  targetCpuCores: nullable,
  targetRssBytes: nullable,
  targetThreads: nullable,
  targetFds: nullable,
});
export type Second = z.infer<typeof secondSchema>;

export const curveSchema = z.object({
  against: z.enum(['users', '1/s']),
  points: z.array(z.object({ load: z.number(), value: z.number() })),
});
export type Curve = z.infer<typeof curveSchema>;

export const evidenceSchema = z.object({
  series: z.string(),
  value: nullable,
  unit: z.string(),
  curve: curveSchema
    .optional()
    .describe('The same reading at each load, in order of load; absent where fewer than three have one.'),
});

export const findingSchema = z.object({
  code: z.string(),
  gravity: z.enum(['note', 'warning', 'failure']),
  confidence: nullable.describe('0 to 1; null where none can be stated.'),
  statement: z.string(),
  evidence: z.array(evidenceSchema),
  remedy: z.string(),
});
export type Finding = z.infer<typeof findingSchema>;

export const scalingSchema = z.object({
  law: z.enum(['linear', 'amdahl', 'usl']),
  gamma: z.number().describe('Throughput of one user, per second.'),
  alpha: z.number().describe('Contention.'),
  beta: z.number().describe('Coherency.'),
  intervals: z.object({
    gamma: z.tuple([z.number(), z.number()]).nullable(),
    alpha: z.tuple([z.number(), z.number()]).nullable(),
    beta: z.tuple([z.number(), z.number()]).nullable(),
  }),
  peakUsers: nullable.describe('Where the fitted law peaks; null when the data do not show a peak.'),
  efficiency: nullable.describe('At the knee: throughput over linear scaling.'),
  efficiencyUsers: nullable.describe('The number of users that efficiency was measured at.'),
  shape: z.enum(['linear', 'sublinear', 'superlinear', 'retrograde']),
  misfit: z
    .number()
    .describe(
      'How far the levels lie from the law: root mean square of (measured - fitted) / fitted. Above 0.1 the coefficients are a summary, not a cause.',
    ),
  band: z
    .array(z.object({ users: z.number(), value: z.number(), low: nullable, high: nullable }))
    .describe('The fitted law with its 95 % band, over the measured range.'),
});
export type Scaling = z.infer<typeof scalingSchema>;

export const capacitySchema = z.object({
  limitedBy: z.enum(['target', 'objective', 'errors', 'rate-limit', 'connections', 'generator']).nullable(),
  atLeast: z
    .boolean()
    .describe('True where the generator, not the target, was the limit: every number is a lower bound.'),
  maxThroughput: estimateSchema
    .nullable()
    .describe('The most successful answers per second seen at any load.'),
  sustainable: estimateSchema.nullable().describe('The highest open load at which the objectives hold.'),
  safeLoad: estimateSchema
    .nullable()
    .describe('The load line: the lower bound of sustainable times (1 - margin).'),
  margin: z.number(),
  bracket: z
    .object({ highestGood: nullable, lowestBad: nullable })
    .describe('Loads tried: the highest that held below every failing one, and the lowest that failed.'),
  knee: z
    .object({ users: z.number(), throughput: z.number(), low: nullable, high: nullable, method: z.string() })
    .nullable(),
  cliff: z.object({ users: z.number(), statement: z.string() }).nullable(),
  connections: estimateSchema
    .nullable()
    .describe(
      'How many connections at a time the target takes, where it refuses more: users have one each. Null where it refused none, and where users share connections.',
    ),
  confirmed: z
    .object({ ratePerSecond: z.number(), durationMs: z.number(), held: z.boolean() })
    .nullable()
    .describe('The hold at the end of the search.'),
  statement: z.string(),
});
export type Capacity = z.infer<typeof capacitySchema>;

export const connectionMemorySchema = z.object({
  bytes: estimateSchema
    .nullable()
    .describe(
      'Resident memory of the target for each WebSocket: a slope over levels, apart from what traffic costs.',
    ),
  plateaus: z.number().describe('Levels with more connections than any before them, the first left out.'),
  reason: z.string().nullable().describe('Why there is no number.'),
});
export type ConnectionMemory = z.infer<typeof connectionMemorySchema>;

export const profileNames = [
  'linear',
  'progressive',
  'steps',
  'ramp',
  'burst',
  'spike',
  'sine',
  'sustained',
  'soak',
  'stress',
  'multiples',
  'volume',
  'resource-intensive',
] as const;
export type ProfileName = (typeof profileNames)[number];

export const profileSchema = z.object({
  name: z.string().describe('As in --profile; of several their names in the order they ran, with commas.'),
  checks: z.array(
    z.object({
      name: z.string(),
      found: z.string().describe('The value with its interval, in words.'),
      wanted: z.string(),
      value: nullable,
      low: nullable,
      high: nullable,
      op: z.enum(['<=', '>=']),
      limit: z.number(),
      met: z
        .boolean()
        .nullable()
        .describe(
          'Null where the interval holds the limit, a level does not count, or not all stages that it is about were over.',
        ),
    }),
  ),
  figures: z
    .array(
      z.object({
        name: z.string(),
        found: z.string().describe('In words.'),
        value: nullable,
        unit: z.string(),
      }),
    )
    .describe('What was found and has no limit.'),
  statement: z.string(),
});
export type Profile = z.infer<typeof profileSchema>;

const notTested = z.null().describe('Not tested in this run.');

export const reportSchema = z.object({
  schema: z.literal(reportSchemaName),
  tool: z.object({ name: z.literal('plimsoll'), version: z.string() }),
  run: z.object({
    id: z.string(),
    startedAt: z.string(),
    durationMs: z.number(),
    seed: z.number(),
    command: z.string().describe('The command line, with secrets replaced by ***.'),
    budget: z.string().nullable(),
    stopped: z.enum(['interrupt', 'time-limit', 'target-died', 'data-ended']).nullable(),
    setup: z
      .object({ requests: z.number(), failed: z.number() })
      .nullable()
      .describe(
        'Requests of the setup and teardown of scenarios, which no level counts. Null where there are none.',
      ),
    host: z.object({
      cpus: z.number(),
      cpuModel: z.string(),
      memoryBytes: z.number(),
      node: z.string(),
      os: z.string(),
      workers: z.number(),
    }),
  }),
  target: z.object({
    kind: z
      .enum([
        'http',
        'websocket',
        'grpc',
        'scenario',
        'llm',
        'function',
        'postgres',
        'mysql',
        'sqlite',
        'redis',
      ])
      .describe('A function is the code of a scenario without a base URL: it runs in the generator itself.'),
    name: z.string(),
    method: z
      .string()
      .nullable()
      .describe('Null for a WebSocket and for gRPC, and for a scenario, which has many.'),
    protocol: z
      .enum(['HTTP/1.1', 'HTTP/2', 'WebSocket', 'gRPC', 'PostgreSQL', 'MySQL', 'SQLite', 'Redis'])
      .nullable()
      .describe('Null for a function.'),
    streamsPerConnection: nullable.describe('Of HTTP/2 and gRPC: users that share a connection.'),
    pid: nullable,
    command: z.string().nullable().describe('The process that was watched.'),
  }),
  objectives: z.array(objectiveSchema),
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  summary: z.string().describe('The verdict in one sentence.'),
  validity: z.object({ ok: z.boolean(), reasons: z.array(reasonSchema) }),
  requests: z
    .object({
      due: z.number(),
      sent: z.number(),
      done: z.number(),
      failed: z.number(),
      dropped: z.number(),
      unfinished: z.number(),
      retried: z.number(),
    })
    .describe('Everything this run sent to the target.'),
  experiments: z.array(
    z.object({ name: z.string(), levels: z.array(levelSchema), result: z.record(z.string(), z.unknown()) }),
  ),
  timeline: z.array(secondSchema),
  scaling: scalingSchema.nullable(),
  capacity: capacitySchema.nullable(),
  connectionMemory: connectionMemorySchema
    .nullable()
    .describe('What a WebSocket costs the target in memory. Null where none stood.'),
  profile: profileSchema.nullable().describe('Of `run --profile`: what its stages prove.'),
  findings: z.array(findingSchema),
  stability: notTested,
  recovery: notTested,
  plan: notTested,
  readiness: notTested,
  cost: notTested,
});
export type Report = z.infer<typeof reportSchema>;
