/**
 * The options of the command line: one table, from which flags, PLIMSOLL_* variables and keys of the configuration
 * file all come. Precedence: flag, variable, file, default.
 */
import { readFileSync } from 'node:fs';
import { PlimsollError } from '../errors.ts';
import { parseDurationMs, parseRatePerSecond } from '../units.ts';

/** Raw values by long name: text, true for a switch, or a list for an option that may be repeated. */
export type RawOptions = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export interface OptionEntry {
  /** As commander writes it: `--max-users <count>`. */
  readonly flags: string;
  readonly help: string;
  /** Commands that take it; all when left out. */
  readonly commands?: readonly string[];
  /** `bench` takes it too, which loads no target and takes no other. */
  readonly bench?: true;
  readonly repeats?: boolean;
}

const assessing = ['assess', 'capacity', 'demo'];
/** Commands that send, or write down what would be sent. */
const asking = [...assessing, 'run', 'init'];
const played = ['assess', 'capacity', 'run'];

export const optionTable = {
  slo: {
    flags: '--slo <objectives>',
    help: 'what must hold, for example "p95<500ms,errors<1%" (the default)',
  },
  budget: {
    flags: '--budget <name>',
    help: 'quick (90 s, the default), standard (8 min) or thorough (45 min)',
    commands: assessing,
  },
  experiments: {
    flags: '--experiments <names>',
    help: 'of baseline,scaling,capacity: only these',
    commands: ['assess'],
  },
  users: {
    flags: '--users <count>',
    help: 'closed load: so many users, each sending again at once',
    commands: ['run'],
  },
  rate: {
    flags: '--rate <rate>',
    help: 'open load: so many requests per second, for example 200/s',
    commands: ['run'],
  },
  arrivals: { flags: '--arrivals <kind>', help: 'of open load: poisson (the default) or even' },
  duration: {
    flags: '--duration <time>',
    help: 'how long to hold the load (10s; bench 3s); with --profile each stage',
    commands: ['run'],
    bench: true,
  },
  profile: {
    flags: '--profile <names>',
    help: 'loads in a known shape: linear, burst, spike, soak, volume ... (see README); spike,soak for both',
    commands: ['run'],
  },
  sizes: {
    flags: '--sizes <list>',
    help: 'of --profile volume: how large what is sent is (1KiB,10KiB,100KiB,1MiB,10MiB)',
    commands: ['run'],
  },
  replay: {
    flags: '--replay <file>',
    help: 'open load: arrivals as an access log, a .csv or .jsonl has them',
    commands: ['run'],
  },
  replaySpeed: {
    flags: '--replay-speed <factor>',
    help: 'of --replay: so many times as fast (1)',
    commands: ['run'],
  },
  replayRate: {
    flags: '--replay-rate <factor>',
    help: 'of --replay: so many times as many, at the same times (1)',
    commands: ['run'],
  },
  baseUrl: {
    flags: '--base-url <url>',
    help: 'of a scenario file: what its paths are joined to',
    commands: played,
  },
  har: {
    flags: '--har <file>',
    help: 'replay the requests of a browser recording; a target then takes the place of its origin',
    commands: [...played, 'init'],
  },
  longestPause: {
    flags: '--longest-pause <time>',
    help: 'with --har: no recorded pause is longer than this (5s)',
    commands: [...played, 'init'],
  },
  openapi: {
    flags: '--openapi <file>',
    help: 'call the operations of an OpenAPI file that only read; a target then takes the place of its server',
    commands: [...played, 'init'],
  },
  allowWrites: {
    flags: '--allow-writes',
    help: 'with --openapi: also POST, PUT, PATCH and DELETE',
    commands: [...played, 'init'],
  },
  data: {
    flags: '--data <json>',
    help: 'of a target grpc://: the message, or a list of them where the method takes a stream; or @FILE',
    commands: played,
  },
  proto: {
    flags: '--proto <file>',
    help: 'of a target grpc://: the .proto file that describes it; the target is asked when left out',
    commands: played,
  },
  protoPath: {
    flags: '--proto-path <dir>',
    help: 'with --proto: where its imports are, beside its own folder',
    commands: played,
  },
  model: { flags: '--model <name>', help: 'of a target llm://: the model that is asked' },
  inputTokens: {
    flags: '--input-tokens <count>',
    help: 'of a target llm://: about so many to each prompt (500)',
  },
  outputTokens: {
    flags: '--output-tokens <count>',
    help: 'of a target llm://: at most so many to each answer (150)',
  },
  sharedTokens: {
    flags: '--shared-tokens <count>',
    help: 'of a target llm://: about so many that all conversations begin with (0)',
  },
  turns: {
    flags: '--turns <count>',
    help: 'of a target llm://: turns of a conversation, each sent with all before (1)',
  },
  cancelShare: {
    flags: '--cancel-share <share>',
    help: 'of a target llm://: so many of the answers are hung up on before they end, for example 10% (0)',
  },
  cancelAfter: {
    flags: '--cancel-after <amount>',
    help: 'with --cancel-share: after so many tokens, or a time such as 2s (20)',
  },
  tokenizer: {
    flags: '--tokenizer <encoding>',
    help: 'counts tokens of chats where no server does: o200k_base, cl100k_base ... (gpt-tokenizer)',
    commands: played,
  },
  prices: {
    flags: '--prices <source>',
    help: 'what tokens cost: a .json file of prices, or a provider of genai-prices, for example openai',
    commands: played,
  },
  method: { flags: '--method <name>', help: 'HTTP method (GET, or POST with a body)', commands: asking },
  header: {
    flags: '--header <line>',
    help: "a header, 'Name: value'; may be repeated",
    repeats: true,
    commands: asking,
  },
  body: { flags: '--body <text>', help: 'request body, or @FILE', commands: asking },
  timeout: {
    flags: '--timeout <time>',
    help: 'how long a request may take before it counts as failed (10s)',
  },
  http2: {
    flags: '--http2',
    help: 'speak HTTP/2, which the target must choose (over TLS) or expect (without)',
  },
  streams: { flags: '--streams <count>', help: 'with --http2 or gRPC: users that share a connection (1)' },
  insecure: { flags: '--insecure', help: 'take any TLS certificate' },
  ca: { flags: '--ca <file>', help: "PEM of the authority to trust instead of the system's" },
  cert: { flags: '--cert <file>', help: 'PEM of the client certificate; with --key' },
  key: { flags: '--key <file>', help: 'PEM of its key' },
  connectTo: {
    flags: '--connect-to <host:port>',
    help: 'connect there; Host header and TLS name stay those of the URL',
  },
  unixSocket: { flags: '--unix-socket <path>', help: 'connect to this Unix socket instead' },
  dns: {
    flags: '--dns <way>',
    help: 'of a name with several addresses: pinned to one that works, or spread over all (pinned)',
  },
  localAddress: {
    flags: '--local-address <list>',
    help: 'source addresses, in turn: 127.0.0.2-127.0.0.9,10.0.0.5',
  },
  maxUsers: {
    flags: '--max-users <count>',
    help: 'never more users or requests in flight than this (10000)',
  },
  maxRate: {
    flags: '--max-rate <rate>',
    help: 'never more requests per second than this (Poisson arrivals scatter around it)',
    commands: assessing,
  },
  margin: {
    flags: '--margin <share>',
    help: 'kept in reserve below the capacity (20%)',
    commands: assessing,
  },
  timeLimit: { flags: '--time-limit <time>', help: 'end the run after this, with what was learnt' },
  pid: { flags: '--pid <number>', help: 'the process to watch; found by its port when left out' },
  watchPort: {
    flags: '--watch-port <port>',
    help: 'watch the process that listens on this port of this machine',
  },
  start: { flags: '--start <command>', help: 'start the target with this command, and stop it afterwards' },
  startTimeout: { flags: '--start-timeout <time>', help: 'how long it may take to listen (30s)' },
  workers: { flags: '--workers <count>', help: 'worker threads that send the load' },
  seed: { flags: '--seed <number>', help: 'of all chance in the run (1)' },
  out: { flags: '--out <dir>', help: 'folder of the report (plimsoll-report)', bench: true },
  format: { flags: '--format <list>', help: 'of html,json,md,csv,junit,txt (html,json,md,csv)' },
  json: {
    flags: '--json',
    help: 'the report as JSON on standard output, and nothing else there',
    bench: true,
  },
  quiet: { flags: '--quiet', help: 'no live view', bench: true },
  debug: {
    flags: '--debug',
    help: 'print the trace of an error of Plimsoll itself',
    commands: asking,
    bench: true,
  },
} as const satisfies Record<string, OptionEntry>;

/** Whether a command takes an option. */
export function takes(command: string, { commands, bench }: OptionEntry): boolean {
  if (command === 'bench') return bench === true;
  if (command === 'init') return commands?.includes(command) ?? false;
  return commands?.includes(command) ?? true;
}

export type OptionName = keyof typeof optionTable;

/** A value together with where it came from, for messages. */
interface Given {
  readonly text: string;
  readonly from: string;
}

/** Looks options up by precedence, and converts them; every failure names the option and where its value came from. */
export class OptionReader {
  readonly #flags: RawOptions;
  readonly #file: Readonly<Record<string, unknown>>;
  readonly #fileName: string;

  constructor(flags: RawOptions, file: Readonly<Record<string, unknown>>, fileName: string) {
    this.#flags = flags;
    this.#file = file;
    this.#fileName = fileName;
  }

  text(name: OptionName): Given | null {
    const flag = this.#flags[name];
    const option = flagOf(name);
    if (typeof flag === 'string') return { text: flag, from: option };
    const variable = variableOf(name);
    const fromVariable = process.env[variable];
    if (fromVariable !== undefined && fromVariable !== '') return { text: fromVariable, from: variable };
    const kept = this.#file[name];
    if (typeof kept === 'string' || typeof kept === 'number')
      return { text: String(kept), from: `${name} in ${this.#fileName}` };
    return null;
  }

  /** Whether it stands on the command line itself: of two that do not go together only such are refused. */
  isFlag(name: OptionName): boolean {
    return this.#flags[name] !== undefined && this.#flags[name] !== false;
  }

  list(name: OptionName): readonly string[] {
    const flag = this.#flags[name];
    if (Array.isArray(flag) && flag.length > 0) return flag as readonly string[];
    const fromVariable = process.env[variableOf(name)];
    if (fromVariable !== undefined && fromVariable !== '') return fromVariable.split('\n');
    const kept = this.#file[name];
    if (typeof kept === 'string') return [kept];
    return Array.isArray(kept) ? kept.map(String) : [];
  }

  on(name: OptionName): boolean {
    const fromVariable = process.env[variableOf(name)];
    if (this.#flags[name] === true) return true;
    if (fromVariable !== undefined)
      return fromVariable !== '' && fromVariable !== '0' && fromVariable !== 'false';
    return this.#file[name] === true;
  }

  durationMs(name: OptionName): number | null {
    const given = this.text(name);
    return given === null ? null : naming(given, parseDurationMs);
  }

  ratePerSecond(name: OptionName): number | null {
    const given = this.text(name);
    return given === null ? null : naming(given, parseRatePerSecond);
  }

  /** A share: `0.2` or `20%`. */
  share(name: OptionName, least: number, most: number): number | null {
    const given = this.text(name);
    const percent = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(given?.text ?? '')?.[1];
    if (percent === undefined) return this.number(name, least, most, false);
    const value = Number(percent) / 100;
    if (value >= least && value <= most) return value;
    throw new PlimsollError(
      'PLM_NUMBER',
      `"${given?.text}" for ${given?.from}`,
      `${least} to ${most}, or as a percentage`,
    );
  }

  number(name: OptionName, least: number, most: number, whole = true): number | null {
    const given = this.text(name);
    if (given === null) return null;
    const value = given.text.trim() === '' ? Number.NaN : Number(given.text);
    if (!(value >= least && value <= most) || (whole && !Number.isInteger(value))) {
      const range = most >= Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
      throw new PlimsollError(
        'PLM_NUMBER',
        `"${given.text}" for ${given.from}`,
        `${whole ? 'a whole number' : 'a number'}, ${range}`,
      );
    }
    return value;
  }

  choice<Choice extends string>(name: OptionName, choices: readonly Choice[]): Choice | null {
    const given = this.text(name);
    if (given === null) return null;
    const found = choices.find((choice) => choice === given.text);
    if (found === undefined) {
      throw new PlimsollError(
        'PLM_OPTION',
        `"${given.text}" for ${given.from}`,
        `it is one of ${choices.join(', ')}`,
      );
    }
    return found;
  }

  choices<Choice extends string>(name: OptionName, choices: readonly Choice[]): Choice[] | null {
    const given = this.text(name);
    if (given === null) return null;
    return given.text.split(',').map((part) => {
      const found = choices.find((choice) => choice === part.trim());
      if (found === undefined) {
        throw new PlimsollError(
          'PLM_OPTION',
          `"${part.trim()}" for ${given.from}`,
          `it is one of ${choices.join(', ')}`,
        );
      }
      return found;
    });
  }
}

/** Converts, and names the option where that fails. */
function naming<Value>(given: Given, convert: (text: string) => Value): Value {
  try {
    return convert(given.text);
  } catch (error) {
    if (!(error instanceof PlimsollError)) throw error;
    throw new PlimsollError(error.code, `"${given.text}" for ${given.from}`, error.detail, error);
  }
}

export function flagOf(name: OptionName): string {
  return optionTable[name].flags.split(' ')[0] ?? '';
}

/** Variables that look like ours and set nothing: a typing error, as a rule. */
export function unknownVariables(): string[] {
  const known = new Set((Object.keys(optionTable) as OptionName[]).map(variableOf));
  return Object.keys(process.env).filter((name) => name.startsWith('PLIMSOLL_') && !known.has(name));
}

function variableOf(name: OptionName): string {
  return `PLIMSOLL_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** `Name: value`. @throws PLM_HEADER */
export function parseHeader(line: string): readonly [string, string] {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(.*)$/.exec(line);
  if (match === null || /[\r\n\0]/.test(line))
    throw new PlimsollError(
      'PLM_HEADER',
      `"${line.slice(0, Math.min(8, Math.max(1, line.search(/[:\s]|$/))))}…"`,
    );
  return [match[1] ?? '', match[2] ?? ''];
}

/** The body itself, or what stands in the file after @. @throws PLM_BODY */
export function readBody(text: string): Uint8Array {
  if (!text.startsWith('@')) return Buffer.from(text);
  try {
    return readFileSync(text.slice(1));
  } catch (error) {
    throw new PlimsollError('PLM_BODY', `"${text}"`, (error as Error).message, error);
  }
}
