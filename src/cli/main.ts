/**
 * The command line: reads argv, runs one command, prints its end, and exits. The only place that exits.
 *
 * Ctrl-C once: the run ends, what was measured is written, exit 130. Twice: at once.
 */
import { Command, CommanderError } from 'commander';
import { exitCodes, PlimsollError, type ExitCode } from '../errors.ts';
import { noteOf } from '../recipes/recipe.ts';
import { inert } from '../report/characters.ts';
import { paragraph, terminal } from '../report/terminal.ts';
import { bench } from './bench.ts';
import { assess, run, type Outcome, type Surroundings } from './commands.ts';
import { version } from './composing.ts';
import { demo } from './demo.ts';
import { init } from './init.ts';
import { liveView } from './live.ts';
import { optionTable, takes, unknownVariables, type OptionEntry, type RawOptions } from './options.ts';
import { redactCommand, redactError, redactText } from './redact.ts';
import { settingsFor, type Settings } from './settings.ts';
import { terminalOf } from './terminalOf.ts';

const args = process.argv.slice(2);

interface CommandEntry {
  readonly name: string;
  readonly help: string;
  readonly takesTarget: boolean;
}

const commandTable: readonly CommandEntry[] = [
  {
    name: 'assess',
    help: 'every experiment that fits the target and the budget (what `plimsoll URL` does)',
    takesTarget: true,
  },
  { name: 'capacity', help: 'scaling and capacity search only', takesTarget: true },
  { name: 'run', help: 'one load, held for a fixed time', takesTarget: true },
  {
    name: 'bench',
    help: 'operations per second of the functions in a file, at 1, 10, 100 and 1000 under way at a time',
    takesTarget: true,
  },
  { name: 'init', help: 'write a first scenario from a URL, --har or --openapi', takesTarget: true },
  { name: 'demo', help: 'start the embedded service and assess it', takesTarget: false },
];

let stopRun: ((reason: 'interrupt') => void) | null = null;
let interrupts = 0;

function onInterrupt(): void {
  interrupts++;
  if (interrupts > 1 || stopRun === null) process.exit(exitCodes.interrupted);
  process.stderr.write('\nStopping: what was measured will be written. Ctrl-C again ends at once.\n');
  stopRun('interrupt');
}

function program(): Command {
  const main = new Command('plimsoll')
    .description('Finds how much load a service can safely carry, and says why.')
    .version(version, '-v, --version')
    .usage('<url> [options]   |   plimsoll <command> [target] [options]')
    .helpCommand(false)
    .showHelpAfterError(false)
    .addHelpText(
      'after',
      `
Examples:
  plimsoll http://localhost:3000/api/items
  plimsoll assess http://localhost:3000/chat --method POST --body @turn.json --slo "p95<800ms,errors<1%"
  plimsoll run http://localhost:3000/ --rate 200/s --duration 30s
  plimsoll capacity grpc://localhost:50051/shop.Shop/Find --data '{"id": 7}'
  plimsoll capacity --har shop.har
  plimsoll init http://localhost:3000/ session.ts
  plimsoll demo --defect lock

Exit codes: 0 objectives met, 1 an objective failed, 2 wrong usage, 3 target unreachable or not answering,
4 inconclusive, 5 stopped by a safety limit, 130 interrupted. Options also come from PLIMSOLL_* variables
and plimsoll.config.ts.`,
    );
  for (const entry of commandTable) {
    const command = main
      .command(
        entry.takesTarget ? `${entry.name} [target]${entry.name === 'init' ? ' [file]' : ''}` : entry.name,
      )
      .description(entry.help);
    addOptions(command, entry.name);
    if (entry.name === 'demo') {
      command.option('--defect <name>', 'plant one: lock, pool, cliff, stall, rate-limit or leak');
    }
    if (entry.name === 'init') command.option('--force', 'write over a file that is there');
    command.action(async (...given: unknown[]) => {
      if (entry.name === 'init') return write(given, command.opts<RawOptions>());
      const target = entry.takesTarget && typeof given[0] === 'string' ? given[0] : null;
      await obey(entry.name, target, command.opts<RawOptions>());
    });
  }
  for (const each of [main, ...main.commands]) {
    each.exitOverride().configureOutput({ writeErr: () => undefined, outputError: () => undefined });
  }
  return main;
}

function addOptions(command: Command, name: string): void {
  for (const entry of Object.values(optionTable) as OptionEntry[]) {
    if (!takes(name, entry)) continue;
    if (entry.repeats === true) {
      command.option(
        entry.flags,
        entry.help,
        (value: string, list: string[]) => [...list, value],
        [] as string[],
      );
    } else command.option(entry.flags, entry.help);
  }
}

async function obey(name: string, target: string | null, flags: RawOptions): Promise<void> {
  for (const variable of unknownVariables())
    process.stderr.write(`plimsoll: ${variable} sets no option, and was not used\n`);
  if (name === 'demo') {
    await demo(flags, (settings, ending) => measureAndTell(settings, assess, ending));
    return;
  }
  if (name === 'bench') {
    if (target === null) throw new PlimsollError('PLM_NO_TARGET', 'The command');
    const outcome = await bench(target, flags, args, (stop) => (stopRun = stop));
    stopRun = null;
    process.stdout.write(outcome.output);
    process.exitCode = outcome.exitCode;
    return;
  }
  const settings = await settingsFor(target, flags);
  const note = noteOf(settings.target.recipe);
  if (note !== '') process.stderr.write(`plimsoll: ${inert(note)}\n`);
  await measureAndTell(settings, name === 'run' ? run : assess, null);
}

async function write(given: readonly unknown[], flags: RawOptions): Promise<void> {
  const { file, note } = await init(
    given.filter((each) => typeof each === 'string'),
    flags,
  );
  if (note !== '') process.stderr.write(`plimsoll: ${inert(note)}\n`);
  process.stdout.write(`Written: ${file}\nTry it:  npx plimsoll run ${file} --users 1\n`);
}

async function measureAndTell(
  settings: Settings,
  measureWith: (settings: Settings, around: Surroundings) => Promise<Outcome>,
  ending: ((outcome: Outcome) => string) | null,
): Promise<void> {
  const screen = terminalOf(process.stderr);
  const live = liveView({ stream: process.stderr, ...screen, quiet: settings.quiet || settings.json });
  const outcome = await measureWith(settings, { args, live, onStop: (stop) => (stopRun = stop) });
  stopRun = null;
  if (settings.json) process.stdout.write(`${JSON.stringify(outcome.report, null, 2)}\n`);
  else {
    const page = terminalOf(process.stdout);
    process.stdout.write(`\n${terminal(outcome.report, page)}\n`);
    if (ending !== null) process.stdout.write(paragraph(ending(outcome), page));
    const readable = outcome.paths.find((path) => path.endsWith('.html')) ?? outcome.paths[0];
    if (readable !== undefined) process.stdout.write(`\nReport: ${readable}\n`);
  }
  if (outcome.error !== null) tellError(outcome.error, settings.debug);
  process.exitCode = outcome.exitCode;
}

function tellError(error: PlimsollError, debug: boolean): void {
  process.stderr.write(`plimsoll: ${redactError(error)}\n  ${error.remedy}  [${error.code}]\n`);
  if (debug && error.cause instanceof Error) process.stderr.write(`${error.cause.stack ?? ''}\n`);
}

function asPlimsollError(error: unknown): PlimsollError {
  if (error instanceof PlimsollError) return error;
  if (error instanceof CommanderError) {
    const words = error.message.replace(/^error: /, '');
    const named = /'(--?[^\s'=]+)/.exec(words)?.[1];
    const elsewhere = named === undefined ? null : commandsWith(named);
    return new PlimsollError(
      'PLM_OPTION',
      named ?? `"${redactCommand(args)}"`,
      elsewhere === null ? redactText(words) : `it goes with ${elsewhere}`,
    );
  }
  return new PlimsollError(
    'PLM_INTERNAL',
    'Something',
    error instanceof Error ? error.message : String(error),
    error,
  );
}

/** "plimsoll run", for an option of another command; null for one of no command. */
function commandsWith(flag: string): string | null {
  const entry = (Object.values(optionTable) as OptionEntry[]).find(
    ({ flags }) => flags.split(' ')[0] === flag,
  );
  return entry?.commands?.map((name) => `plimsoll ${name}`).join(', ') ?? null;
}

/** `plimsoll URL` means `plimsoll assess URL`. */
function withCommand(given: readonly string[]): string[] {
  const [first = ''] = given;
  const known = commandTable.some((entry) => entry.name === first);
  const help = ['-h', '--help', '-v', '--version'].includes(first);
  if (known || help || given.length === 0) return [...given];
  // A word is a command, well or badly written: commander names the nearest.
  if (/^[a-z][a-z-]*$/.test(first) && first !== 'localhost') return [...given];
  return ['assess', ...given];
}

process.on('SIGINT', onInterrupt);
process.on('SIGTERM', onInterrupt);
process.on('SIGHUP', onInterrupt);
// A terminal that was closed takes no more words; the report is written all the same.
process.stderr.on('error', () => undefined);
// A reader that went away (| head) is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  const told = new PlimsollError('PLM_DISK', 'Standard output', error.message, error);
  tellError(told, false);
  process.exitCode = told.exitCode;
});

try {
  if (args.length === 0) {
    process.stdout.write(program().helpInformation());
    process.exitCode = exitCodes.usage;
  } else await program().parseAsync(withCommand(args), { from: 'user' });
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exitCode = exitCodes.ok;
  else {
    const told = asPlimsollError(error);
    const nothingYet =
      interrupts > 0 && (told.exitCode === exitCodes.unreachable || told.code === 'PLM_SETUP');
    if (nothingYet) process.stderr.write('Interrupted before the first request: nothing was measured.\n');
    else tellError(told, args.includes('--debug'));
    process.exitCode = (nothingYet ? exitCodes.interrupted : told.exitCode) satisfies ExitCode;
  }
}
// Sockets of a target that never answers must not keep the process alive.
setTimeout(() => process.exit(), 500).unref();
