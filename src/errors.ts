/**
 * The one error table: everything that can stop Plimsoll itself, with the remedy.
 *
 * 1. A failing target is data (a failure kind in a slice), never one of these.
 * 2. Every entry tells what is wrong, is shown with the value that was given, and says what to do next.
 * 3. docs/errors.md lists exactly these codes; a test holds the two together in both directions.
 * 4. A code, once released, is never given another meaning.
 */

/** Exit codes of the command line, the whole list (docs/errors.md). */
export const exitCodes = {
  ok: 0,
  objectiveFailed: 1,
  usage: 2,
  unreachable: 3,
  inconclusive: 4,
  safetyStop: 5,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

interface ErrorEntry {
  readonly exit: ExitCode;
  /** What is wrong, as a clause that follows the given value. */
  readonly means: string;
  /** What the person should do, as a sentence. */
  readonly remedy: string;
}

export const errorTable = {
  PLM_TARGET: {
    exit: 2,
    means: 'is not a target Plimsoll can load',
    remedy:
      'Give a whole URL with http://, https://, ws://, wss://, grpc://, grpcs:// or llm://, a host, and a port up to 65535 where one is needed: http://localhost:3000/health.',
  },
  PLM_NO_TARGET: {
    exit: 2,
    means: 'names no target',
    remedy: 'Give the URL or the scenario file to load: plimsoll http://localhost:3000/health.',
  },
  PLM_OPTION: {
    exit: 2,
    means: 'is not an option or value this command takes',
    remedy: 'See plimsoll --help, or plimsoll COMMAND --help for the options of one command.',
  },
  PLM_OBJECTIVE: {
    exit: 2,
    means: 'is not an objective',
    remedy:
      'Write a metric, < or >, and a limit with its unit, separated by commas: --slo "p95<500ms,errors<1%".',
  },
  PLM_OBJECTIVE_UNIT: {
    exit: 2,
    means: 'has a limit without a unit',
    remedy: 'Add the unit: p95<500ms, p99<2s, errors<1%, throughput>100/s.',
  },
  PLM_DURATION: {
    exit: 2,
    means: 'is not a duration',
    remedy: 'Write a number above 0 with ms, s, m or h: 500ms, 30s, 10m, 1h.',
  },
  PLM_NUMBER: {
    exit: 2,
    means: 'is not a number this option takes',
    remedy: 'Give a number in the range that is named here.',
  },
  PLM_CONFIG: {
    exit: 2,
    means: 'is not a usable configuration file',
    remedy:
      'Export one plain object whose keys are the long option names in camelCase: { slo, budget, maxUsers }.',
  },
  PLM_BODY: {
    exit: 2,
    means: 'cannot be read as the request body',
    remedy: 'Give the body itself, or @FILE with the path of a file that can be read.',
  },
  PLM_FILE: {
    exit: 2,
    means: 'cannot be read',
    remedy: 'Give the path of a file that exists and that you may read.',
  },
  PLM_HEADER: {
    exit: 2,
    means: 'is not a header',
    remedy: "Write name and value with a colon between: --header 'Accept: application/json'.",
  },
  PLM_PID: {
    exit: 2,
    means: 'is not a process that can be watched',
    remedy: 'Give the process id of a running process of this machine and user, or leave --pid out.',
  },
  PLM_OUT: {
    exit: 2,
    means: 'cannot be written as the report folder',
    remedy: 'Give a folder you may write to with --out DIR.',
  },
  PLM_DISK: {
    exit: 2,
    means: 'could not take the report',
    remedy:
      'Free some space or give another folder with --out DIR; with --json the result also goes to the screen.',
  },
  PLM_SCENARIO: {
    exit: 2,
    means: 'cannot be loaded as a scenario',
    remedy:
      "Give a file that is there, and mend it at the place named here; it needs: export default scenario('name', async ({ http }) => { ... }).",
  },
  PLM_RECORDING: {
    exit: 2,
    means: 'cannot be replayed as a recording',
    remedy:
      'Give a HAR file with the requests of a page: in the network panel of a browser, save all as HAR with content.',
  },
  PLM_OPENAPI: {
    exit: 2,
    means: 'cannot be played as an OpenAPI description',
    remedy: 'Give a file of OpenAPI 3.0 or 3.1, in YAML or JSON, and mend it at the place named here.',
  },
  PLM_PROTO: {
    exit: 2,
    means: 'cannot be used as a description of gRPC',
    remedy:
      'Give a .proto file with a service, and mend it at the place named here; --proto-path DIR (protoPath in a scenario) says where its imports are.',
  },
  PLM_REFLECTION: {
    exit: 2,
    means: 'does not say which methods it has',
    remedy:
      "Give the .proto file that describes it, with --proto FILE, or in a scenario: scenario('name', { grpc: { url, proto } }, ...); or switch the reflection of the service on.",
  },
  PLM_METHOD: {
    exit: 2,
    means: 'is not a method that can be called',
    remedy: 'Give one of those named here: plimsoll run grpc://localhost:50051/package.Service/Method.',
  },
  PLM_MESSAGE: {
    exit: 2,
    means: 'is not a message that the method takes',
    remedy:
      'Give JSON with the fields named as in the .proto file, or @FILE: --data \'{"name": "ada"}\'; a list of such to a method that takes a stream.',
  },
  PLM_EXISTS: {
    exit: 2,
    means: 'is there already, and was left as it is',
    remedy: 'Give another name, or --force to write over it.',
  },
  PLM_BENCHMARK: {
    exit: 2,
    means: 'cannot be loaded as benchmarks',
    remedy:
      "Give a file that is there, and mend it at the place named here; it needs: export default benchmark('name', { acceptable: 1000 }, () => { ... }), or a list of such.",
  },
  PLM_DATA: {
    exit: 2,
    means: 'cannot be used as the data of a scenario',
    remedy:
      "Give a .csv with a line of names, a .jsonl, or an array, with at least one row: data: { users: feed('users.csv') }.",
  },
  PLM_REPLAY: {
    exit: 2,
    means: 'cannot be replayed',
    remedy:
      'Give an access log of Apache or nginx, a .csv with a column named timestamp, or a .jsonl with such a field.',
  },
  PLM_SETUP: {
    exit: 2,
    means: 'could not be set up',
    remedy: 'Mend its setup function at the place named here; nothing was loaded.',
  },
  PLM_BASE_URL: {
    exit: 2,
    means: 'is a scenario without a base URL',
    remedy:
      "Give one with --base-url http://localhost:3000, or in the file: scenario('name', { baseUrl }, ...).",
  },
  PLM_PRICES: {
    exit: 2,
    means: 'is no list of prices',
    remedy:
      'Give a file such as {"currency": "USD", "dated": "2026-11-01", "models": {"m": {"inputPerMillion": 2.5, "outputPerMillion": 10}}}, or a provider of genai-prices: --prices openai.',
  },
  PLM_CLIENT: {
    exit: 2,
    means: 'needs a client that is not installed',
    remedy: 'Install it beside Plimsoll with the command named here.',
  },
  PLM_POOL: {
    exit: 2,
    means: 'cannot be divided over the run',
    remedy:
      'Give the database at least as many connections as there are threads, the same in all scenarios: database: { url, pool: 10 }; or fewer threads with --workers.',
  },
  PLM_SCRIPT: {
    exit: 2,
    means: 'fails in every session',
    remedy:
      'Mend the script at the place named here; one session is enough to try it: plimsoll run FILE --users 1.',
  },
  PLM_BLOCKED: {
    exit: 2,
    means: 'blocks its thread, so that no request of it can be sent or answered',
    remedy: 'Look for a loop without an await, or for long work in the script; move work out of the session.',
  },
  PLM_ENDED: {
    exit: 2,
    means: 'ended the thread that it runs on',
    remedy:
      'Await every call, so that what fails in it fails the session; and let the script end no process.',
  },
  PLM_UNKNOWN_HOST: {
    exit: 3,
    means: 'is a host name that no address is known for',
    remedy: 'Check the spelling of the host, and that this machine can resolve it.',
  },
  PLM_REFUSED: {
    exit: 3,
    means: 'refuses connections: nothing listens there',
    remedy: 'Start the service first, let Plimsoll start it with --start "COMMAND", or correct the port.',
  },
  PLM_UNREACHABLE: {
    exit: 3,
    means: 'cannot be reached',
    remedy: 'Check the address, the network and any firewall between this machine and the target.',
  },
  PLM_TLS: {
    exit: 3,
    means: 'does not complete a TLS handshake that can be trusted',
    remedy:
      'If the port does not speak TLS, give its URL without (http://, ws://, grpc://); name a private authority with --ca FILE; --insecure skips the check.',
  },
  PLM_LOGIN: {
    exit: 3,
    means: 'lets nobody in',
    remedy:
      "Correct user, password and name in the URL of the scenario's database, or let the database take more connections.",
  },
  PLM_SILENT: {
    exit: 3,
    means: 'accepts connections and gives no whole answer',
    remedy: 'Check that the service is healthy; if it is only slow, give it longer with --timeout.',
  },
  PLM_FAILING: {
    exit: 3,
    means: 'answers no request with success, so there is no load to find',
    remedy:
      'Send one such request by hand, then correct the URL or what is sent (--method, --header, --body; with gRPC --data), or mend the service.',
  },
  PLM_START: {
    exit: 3,
    means: 'could not be started as the target',
    remedy:
      'Run the command by hand and see that it, and nothing else, listens on the port of the target; --start-timeout gives it longer.',
  },
  PLM_DIED: {
    exit: 3,
    means: 'stopped answering during the run',
    remedy:
      'Look into the log of the service for the moment named here; the load that it died under is in the report.',
  },
  PLM_WORKER: {
    exit: 4,
    means: 'ended a worker thread of Plimsoll itself',
    remedy: 'This is a fault of Plimsoll: please report it with the command line and this message.',
  },
  PLM_INTERNAL: {
    exit: 4,
    means: 'went wrong inside Plimsoll',
    remedy: 'This is a fault of Plimsoll: please report it with the command line; --debug prints the trace.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;

/** Our own failure: a code of the table, the value that was given, and the remedy. */
export class PlimsollError extends Error {
  readonly code: ErrorCode;
  readonly given: string;
  /** What was seen, where something was. */
  readonly detail: string | undefined;
  readonly remedy: string;
  readonly exitCode: ExitCode;

  /**
   * @param given the value that was given, shown to the person in quotes where it is text of theirs
   * @param detail one more clause with what was seen, for example the system's own message
   */
  constructor(code: ErrorCode, given: string, detail?: string, cause?: unknown) {
    const entry = errorTable[code];
    super(`${given} ${entry.means}${detail === undefined ? '' : `: ${detail}`}`, { cause });
    this.name = 'PlimsollError';
    this.code = code;
    this.given = given;
    this.detail = detail;
    this.remedy = entry.remedy;
    this.exitCode = entry.exit;
  }
}
