/**
 * What is loaded: a URL, the scenarios of a file, what a recipe makes of other things, a database, or the code of a file
 * itself.
 */
import { resolve } from 'node:path';
import { PlimsollError } from '../errors.ts';
import type { HttpTarget } from '../engine/messages.ts';
import { wantsTls } from '../protocols/databases/databaseTls.ts';
import { databaseAddress, databaseKind, type DatabaseAddress } from '../protocols/databases/databaseUrl.ts';
import { grpcAddress, isGrpcUrl } from '../protocols/grpc/grpcUrl.ts';
import { isWebSocketUrl } from '../protocols/webSocketUrl.ts';
import { scenariosOf } from '../recipes/recipe.ts';
import { databaseTarget, sharedBy } from '../scenarios/databases/databases.ts';
import { noRowsGiven } from '../scenarios/feed.ts';
import { openFeeds } from '../scenarios/feedFile.ts';
import { grpcTargetOf } from '../scenarios/grpc/grpcTargets.ts';
import { loadScenarios, tryLoading } from '../scenarios/loading.ts';
import { databasesOf, type Scenario } from '../scenarios/scenario.ts';
import { flagOf, type OptionReader } from './options.ts';
import { recipeFor } from './recipes.ts';
import { redactText } from './redact.ts';

type WhatToLoad = Pick<HttpTarget, 'kind' | 'url' | 'scenario' | 'recipe' | 'names'>;

/** The URL itself, or the scenario in a file with the base URL of its requests; without one the code in it is the target. */
export async function whatToLoad(
  given: string | null,
  read: OptionReader,
  workers: number,
): Promise<WhatToLoad> {
  const made = await recipeFor(given, read);
  if (made !== null) {
    refuseOneMix([], read);
    const { recipe, from } = made;
    refuseRequestOptions(read);
    const names = (await scenariosOf({ scenario: from, recipe })).map(({ name }) => name);
    const url =
      recipe.kind === 'call' ? recipe.baseUrl : targetUrl(recipe.baseUrl, `"${given ?? recipe.baseUrl}"`);
    const kind = recipe.kind === 'chat' ? 'llm' : recipe.kind === 'call' ? 'grpc' : 'scenario';
    return { kind, url, scenario: from, recipe, names };
  }
  if (given === null) throw new PlimsollError('PLM_NO_TARGET', 'The command');
  if (!isScenarioFile(given)) {
    refuseOneMix([], read);
    const url = targetUrl(given);
    const method = read.text('method')?.from;
    if (isWebSocketUrl(url) && method?.startsWith('--') === true) {
      throw new PlimsollError('PLM_OPTION', `${method} with a WebSocket`, 'its handshake is a GET');
    }
    return { kind: isWebSocketUrl(url) ? 'websocket' : 'http', url, scenario: null, recipe: null, names: [] };
  }
  refuseRequestOptions(read);
  const file = resolve(given);
  await tryLoading(file);
  const scenarios = await loadScenarios(file);
  // Read once here, so that what is missing is told before anything begins.
  openFeeds(scenarios, file, { share: 0, seed: 0, given: noRowsGiven() });
  sharedBy(scenarios, workers);
  refuseOneMix(scenarios, read);
  const bases = new Set(
    scenarios.map((each) => each.options.baseUrl ?? databaseTarget(each)?.name ?? grpcTargetOf(each)),
  );
  const base = read.text('baseUrl')?.text;
  if (base === undefined && bases.size > 1) {
    const seen = [...bases].map((each) => each ?? 'none').join(', ');
    throw new PlimsollError('PLM_BASE_URL', `"${given}"`, `its scenarios name several: ${seen}`);
  }
  const names = scenarios.map(({ name }) => name);
  const [only] = bases;
  const url = base ?? only;
  if (url === undefined || url === null)
    return { kind: 'function', url: null, scenario: file, recipe: null, names };
  if (isGrpcUrl(url)) {
    const address = base === undefined ? url : baseOf(url, given, scenarios);
    return { kind: 'grpc', url: address, scenario: file, recipe: null, names };
  }
  // The name of a database is its URL without what is secret.
  const database = base === undefined ? databaseKind(url) : null;
  if (database !== null) {
    const named = scenarios.flatMap(databasesOf).map((each) => databaseAddress(each.url));
    refuseOfDatabase(url, named, read);
    return { kind: database, url, scenario: file, recipe: null, names };
  }
  return {
    kind: 'scenario',
    url: targetUrl(url, base === undefined ? `baseUrl "${url}" in "${given}"` : undefined),
    scenario: file,
    recipe: null,
    names,
  };
}

/** A mix is of several scenarios, and its heavy part of some of them. */
function refuseOneMix(scenarios: readonly Scenario[], read: OptionReader): void {
  const wanted = read.text('profile')?.text.split(',') ?? [];
  const heavy = scenarios.filter(({ options }) => options.heavy === true).length;
  if (!wanted.includes('resource-intensive') || (heavy > 0 && heavy < scenarios.length)) return;
  const how =
    'it compares mixes: give a scenario file with several scenarios, of which some, and not all, are marked heavy: true';
  throw new PlimsollError('PLM_OPTION', '--profile resource-intensive with this target', how);
}

/** A base URL of gRPC, in the place of those of the scenarios. */
function baseOf(url: string, given: string, scenarios: readonly Scenario[]): string {
  const other = scenarios.find(({ options }) => options.grpc === undefined);
  if (other !== undefined) {
    const seen = `scenario "${other.name}" in "${given}" calls nothing by gRPC`;
    throw new PlimsollError('PLM_OPTION', `--base-url ${redactText(url)}`, seen);
  }
  try {
    const address = grpcAddress(url);
    if (address.method === '') return address.url;
  } catch (error) {
    throw new PlimsollError('PLM_TARGET', `"${redactText(url)}"`, (error as Error).message, error);
  }
  throw new PlimsollError('PLM_TARGET', `"${url}"`, 'a base URL names no method');
}

/** What means nothing where the target is a database. */
function refuseOfDatabase(url: string, databases: readonly DatabaseAddress[], read: OptionReader): void {
  const ofHttp = (['connectTo', 'unixSocket', 'http2'] as const).find((name) =>
    name === 'http2' ? read.on(name) : read.text(name) !== null,
  );
  if (ofHttp !== undefined) {
    throw new PlimsollError(
      'PLM_OPTION',
      `${flagOf(ofHttp)} with a database`,
      'its URL in the scenario says where it is',
    );
  }
  const ofTls = (['ca', 'cert', 'insecure'] as const).find((name) => read.isFlag(name));
  if (ofTls !== undefined && !databases.some(wantsTls)) {
    throw new PlimsollError(
      'PLM_OPTION',
      `--${ofTls} with a database`,
      'its URL asks for no TLS: write ?sslmode=verify-full behind it, or rediss://',
    );
  }
  if (databaseKind(url) === 'sqlite' && read.text('start') !== null) {
    throw new PlimsollError('PLM_OPTION', '--start with SQLite', 'it has no server to be started');
  }
}

function refuseRequestOptions(read: OptionReader): void {
  for (const name of ['method', 'body'] as const) {
    const from = read.text(name)?.from;
    if (from?.startsWith('--') === true) {
      throw new PlimsollError('PLM_OPTION', `${from} with a scenario`, 'its requests say that themselves');
    }
  }
}

export const isScenarioFile = (given: string): boolean =>
  /\.[cm]?[jt]sx?$/.test(given) && !given.includes('://');

/** @param shown what was given, for a person; the address itself when left out */
function targetUrl(given: string, shown = `"${given}"`): string {
  if (databaseKind(given) !== null) {
    const how = `a database is loaded by a scenario file that says its statements: scenario('name', { database: { url } }, async ({ db }) => { ... })`;
    throw new PlimsollError('PLM_TARGET', redactText(shown), how);
  }
  let url: URL;
  try {
    url = new URL(given);
  } catch (error) {
    throw new PlimsollError('PLM_TARGET', shown, undefined, error);
  }
  if (!/^(https?|wss?):$/.test(url.protocol)) throw new PlimsollError('PLM_TARGET', shown);
  return url.href;
}
