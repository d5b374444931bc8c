/**
 * Where each microsecond of a request goes: the stages of the hot path one by one, in nanoseconds, and over a yardstick.
 *
 *   npx jiti bench/stages.ts [--check]
 *
 * 1. The yardstick is work of the same kind that no change of ours can touch: walking the bytes of a response. Stages are
 *    given as multiples of it, which hold from machine to machine far better than times.
 * 2. With --check it ends with 1 where a stage takes more than its budget: about twice what it took when it was set, so
 *    that a slip of that size is seen and the noise of a shared machine is not.
 */
import { parseArgs } from 'node:util';
import { Histogram } from '../src/maths/histogram.ts';
import { Tally } from '../src/model/tally.ts';
import { Http1Answer } from '../src/protocols/http1Answer.ts';
import { http1 } from '../src/protocols/http1.ts';
import { Http1Reader } from '../src/protocols/http1Reader.ts';
import { Http1Repeat } from '../src/protocols/http1Repeat.ts';
import { Roster } from '../src/protocols/roster.ts';
import { Wires } from '../src/scenarios/http/wires.ts';
import { pendingCall } from '../src/scenarios/http/reply.ts';
import type { Reply } from '../src/scenarios/http/http.ts';
import { straight } from '../src/protocols/route.ts';
import { median, say } from './sitting.ts';

const { values: options } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

/** As http1 has it: one buffer that all answers are read into, looked at by words as well. */
const shared = Buffer.allocUnsafeSlow(4096);
const words = new Int32Array(shared.buffer, 0, 1024);
const response = shared.subarray(
  0,
  shared.write(
    'HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 15:00:00 GMT\r\nContent-Type: text/plain\r\n' +
      'Content-Length: 13\r\nConnection: keep-alive\r\n\r\nHello, world!',
  ),
);

let sink = 0;
function yardstick(): void {
  let sum = 0;
  for (let at = 0; at < response.length; at++) sum = (sum * 31 + (response[at] ?? 0)) | 0;
  sink += sum & 1;
}

const reader = new Http1Reader();
const histogram = new Histogram();
const tally = new Tally(() => undefined);
tally.begin(0);
let atMs = 0;
const roster = new Roster(10_000);
const seat = roster.join({ expire: () => undefined });
const repeat = new Http1Repeat();
reader.begin(false);
reader.read(response, response.length);
repeat.learn(words, response.length, reader);
if (!repeat.matches(words, response.length)) throw new Error('the response is not known again');
const wires = new Wires({
  wireTo: http1,
  baseUrl: 'http://127.0.0.1:9/',
  headers: [],
  timeoutMs: 1000,
  insecure: false,
  route: straight,
});
let settle: (reply: Reply) => void = () => undefined;
const take = (resolve: (reply: Reply) => void): void => void (settle = resolve);
const reply = {} as Reply;
const nothing = (): void => undefined;

interface Stage {
  readonly name: string;
  readonly once: () => void;
  /** At most so many yardsticks. */
  readonly budget: number;
}

const stages: readonly Stage[] = [
  {
    name: 'prepare: the request of a script, built before',
    once: () => void wires.prepare('GET', '/', undefined),
    budget: 1,
  },
  {
    name: 'roster: an exchange begins and ends',
    once: () => {
      roster.begin(seat, 1);
      roster.times[seat + 2] = 2;
    },
    budget: 0.5,
  },
  { name: 'clock: one instant', once: () => void (sink += performance.now()), budget: 1.5 },
  {
    name: 'parse: a response of nginx',
    once: () => {
      reader.begin(false);
      reader.read(response, response.length);
    },
    budget: 5,
  },
  {
    name: 'know: the same response again',
    once: () => void repeat.matches(words, response.length),
    budget: 1,
  },
  {
    name: 'keep: the answer, for a script',
    once: () => {
      const answer = new Http1Answer(false);
      answer.take(response, response.length, 0);
    },
    budget: 2,
  },
  {
    name: 'record: one time in a histogram',
    once: () => histogram.record(((sink = (sink + 7) & 1023) + 1) / 100),
    budget: 1,
  },
  {
    name: 'tally: a request sent and done',
    once: () => {
      atMs += 0.011;
      tally.sent(atMs, atMs + 0.001);
      tally.done(atMs, atMs + 0.001, atMs + 0.4, atMs + 0.5, '', 90, 160);
    },
    budget: 2,
  },
];

const rounds = 200_000;

function nanoseconds(once: () => void): number {
  for (let i = 0; i < rounds / 4; i++) once();
  const from = process.hrtime.bigint();
  for (let i = 0; i < rounds; i++) once();
  return Number(process.hrtime.bigint() - from) / rounds;
}

/** What a script costs beside its requests: a promise made, resolved, awaited, and looked at by a step. */
async function resume(): Promise<number> {
  const from = process.hrtime.bigint();
  for (let i = 0; i < rounds; i++) {
    const call = pendingCall(take);
    call.then(nothing, nothing);
    settle(reply);
    await call;
  }
  return Number(process.hrtime.bigint() - from) / rounds;
}

const repeats = 7;
const found = new Map<string, { ns: number[]; yards: number[]; budget: number }>();
for (let repeat = 0; repeat < repeats; repeat++) {
  const yard = nanoseconds(yardstick);
  const note = (name: string, ns: number, budget: number): void => {
    const known = found.get(name) ?? { ns: [], yards: [], budget };
    known.ns.push(ns);
    known.yards.push(ns / yard);
    found.set(name, known);
  };
  note('the yardstick: walk the bytes of a response', yard, 1);
  for (const { name, once, budget } of stages) note(name, nanoseconds(once), budget);
  note('resume: a call made, seen by a step, and awaited', await resume(), 3);
}

let over = 0;
for (const [name, { ns, yards, budget }] of found) {
  const ratio = median(yards);
  const late = ratio > budget + 1e-9;
  if (late) over++;
  say(
    `${name.padEnd(52)} ${median(ns).toFixed(0).padStart(6)} ns  ${ratio.toFixed(2).padStart(6)} x  budget ${budget} x${late ? '  OVER' : ''}`,
  );
}
if (sink === 0.5) say('');
process.exit(options.check && over > 0 ? 1 : 0);
