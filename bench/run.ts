/**
 * What Plimsoll itself costs and adds, beside the tools a user would pick. Writes docs/benchmarks.md.
 *
 *   npm run bench -- [--seconds 4] [--runs 5] [--only throughput,lateness,truth,statements,memory,merging] [--page FILE]
 *
 * 1. Server and generator have a core each (taskset), in processes of their own.
 * 2. Runs are interleaved and the median counts: on a shared machine only ratios within one sitting mean anything.
 * 3. Plimsoll runs as a user runs it: the command line, with slices, histograms, monitors and the report.
 * 4. A tool that is not there is left out, and named. A part of the benches (--only) does not overwrite the page.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { lateness } from './lateness.ts';
import { memory } from './memory.ts';
import { merging } from './merging.ts';
import { found, say } from './sitting.ts';
import { statementsPerSecond } from './statements.ts';
import { throughput } from './throughput.ts';
import { peers } from './tools.ts';
import { serviceTimes, stalls } from './truth.ts';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    runs: { type: 'string', default: '5' },
    only: { type: 'string' },
    page: { type: 'string', default: fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url)) },
  },
});
const [seconds, runs] = [Number(options.seconds), Number(options.runs)];
const only = options.only?.split(',') ?? null;

if (!found('taskset')) throw new Error('the bench needs taskset');
const wanted = (part: string): boolean => only === null || only.includes(part);
const comparing = wanted('throughput') || wanted('truth');
const here = comparing ? peers.filter((peer) => peer.has()) : [];
const missing = comparing ? peers.filter((peer) => !here.includes(peer)).map(({ name }) => name) : [];

const sections = [
  ...(wanted('throughput') ? [await throughput(here, runs, seconds)] : []),
  ...(wanted('lateness') ? [await lateness(Math.ceil(runs / 2), seconds)] : []),
  ...(wanted('truth') ? [await serviceTimes(here, Math.ceil(runs / 2), seconds), await stalls(here)] : []),
  ...(wanted('statements') ? [await statementsPerSecond(Math.ceil(runs / 2), seconds)] : []),
  ...(wanted('memory') ? [await memory()] : []),
  ...(wanted('merging') ? [merging(runs)] : []),
];

const wrk =
  spawnSync('wrk', ['-v'], { encoding: 'utf8' })
    .stdout?.split('\n')[0]
    ?.replace(/ Copyright.*/, '')
    .trim() ?? 'no wrk';
const text = [
  '# Benchmarks',
  'Written by `npm run bench`. Do not edit.',
  `${os.cpus()[0]?.model.trim() ?? 'unknown processor'}, ${os.cpus().length} cores; Node ${process.version}; ${wrk}; ${new Date().toISOString().slice(0, 10)}. ` +
    `The server has one core, the generator the other; medians of ${runs} interleaved runs of ${seconds} s; a server of one page of ` +
    'C (bench/answering.c; nginx would be the limit) and a response of 3 bytes over kept connections, where nothing else is said. The machine is shared: only ratios within this sitting mean ' +
    'anything. Plimsoll runs as a user runs it, with slices, histograms, monitors and report.',
  ...sections,
  ...(missing.length === 0 ? [] : [`Not measured, because not installed here: ${missing.join(', ')}.`]),
].join('\n\n');
if (only === null || options.page !== fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url))) {
  writeFileSync(options.page, `${text}\n`);
  say(`written: ${options.page}`);
} else say(text);
process.exit(0);
