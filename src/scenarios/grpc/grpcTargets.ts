/**
 * What the scenarios of a thread call by gRPC: a target for each.
 *
 * What describes it is had before the load: from files by each thread, or by reflection once in a run.
 */
import { dirname, resolve } from 'node:path';
import { PlimsollError, type ErrorCode } from '../../errors.ts';
import { messageOf } from '../../protocols/failures.ts';
import { grpcClient } from '../../protocols/grpc/grpcClient.ts';
import type { GrpcMethods } from '../../protocols/grpc/grpcMethod.ts';
import type { GrpcDescription } from '../../protocols/grpc/grpcMethods.ts';
import { grpcAddress } from '../../protocols/grpc/grpcUrl.ts';
import type { Account } from '../account.ts';
import type { Scenario } from '../scenario.ts';
import type { GrpcOptions } from './grpc.ts';
import type { GrpcRecorder } from './grpcRecorder.ts';
import { GrpcTarget, type GrpcWays } from './grpcTarget.ts';
import { UserGrpc } from './userGrpc.ts';

/** What targets said of their methods, by their URL: bytes of a FileDescriptorSet. */
export type Told = Readonly<Record<string, Uint8Array>>;

export interface GrpcTargetsOptions extends GrpcWays {
  /** Of the scenarios. */
  readonly file: string;
  /** In the place of what the scenarios name; null to leave it. */
  readonly url: string | null;
  readonly told: Told;
  /** Of the command line; they count more than those of the scenarios. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export class GrpcTargets {
  readonly #targets: ReadonlyMap<Scenario, GrpcTarget>;

  /** Of scenarios that name none. */
  static readonly none = new GrpcTargets(new Map());

  private constructor(targets: ReadonlyMap<Scenario, GrpcTarget>) {
    this.#targets = targets;
  }

  /** Connects nowhere yet. @throws PLM_CLIENT, PLM_PROTO */
  static async open(scenarios: readonly Scenario[], options: GrpcTargetsOptions): Promise<GrpcTargets> {
    const targets = new Map<Scenario, GrpcTarget>();
    for (const scenario of scenarios) {
      const { grpc } = scenario.options;
      if (grpc === undefined) continue;
      const address = grpcAddress(options.url ?? grpc.url);
      const client = await grpcClient(address.url);
      const description = descriptionOf(grpc, options.file) ?? {
        kind: 'told' as const,
        bytes: options.told[address.url] ?? new Uint8Array(),
      };
      const methods = client.descriptions.grpcMethods(description);
      const headers = headersOf(scenario, options);
      targets.set(scenario, new GrpcTarget(client, address, methods, headers, options));
    }
    return targets.size === 0 ? GrpcTargets.none : new GrpcTargets(targets);
  }

  get lastError(): string {
    return [...this.#targets.values()].map(({ lastError }) => lastError).find((error) => error !== '') ?? '';
  }

  /** The methods of what a scenario calls; null where it names nothing. */
  methodsOf(scenario: Scenario): GrpcMethods | null {
    return this.#targets.get(scenario)?.methods ?? null;
  }

  /** What one user has of it, for one account. */
  equip(scenario: Scenario, account: Account, recorder: GrpcRecorder): UserGrpc {
    return new UserGrpc(this.#targets.get(scenario) ?? null, account, recorder);
  }
}

/** Asks each target that no file describes what its methods are. @throws what is in the way, as our own error */
export async function askedByReflection(
  scenarios: readonly Scenario[],
  options: Omit<GrpcTargetsOptions, 'told'>,
): Promise<Told> {
  const told: Record<string, Uint8Array> = {};
  for (const scenario of scenarios) {
    const { grpc } = scenario.options;
    if (grpc === undefined || descriptionOf(grpc, options.file) !== null) continue;
    const address = grpcAddress(options.url ?? grpc.url);
    if (told[address.url] !== undefined) continue;
    const { channels, descriptions, reflection } = await grpcClient(address.url);
    const channel = new channels.GrpcChannel(new channels.GrpcOpening(address, options));
    const metadata = Object.fromEntries(headersOf(scenario, options));
    try {
      const bytes = await reflection.reflected(channel, metadata, options.timeoutMs);
      // Tried at once: what a target says may be anything.
      descriptions.grpcMethods({ kind: 'told', bytes });
      told[address.url] = bytes;
    } catch (error) {
      if (error instanceof reflection.ReflectionFailed) throw notDescribed(address.url, error);
      const seen = `what it says of its methods cannot be read: ${messageOf(error)}`;
      throw new PlimsollError('PLM_REFLECTION', address.url, seen, error);
    } finally {
      channel.close();
    }
  }
  return told;
}

function notDescribed(url: string, error: Error & { readonly failure: string }): PlimsollError {
  const { failure, message } = error;
  if (failure === 'bad-response' || failure.startsWith('http.')) {
    const seen = `what answers there does not speak gRPC (${message})`;
    return new PlimsollError('PLM_FAILING', url, seen, error);
  }
  const seen = failure === 'grpc.UNIMPLEMENTED' ? 'it serves no reflection (UNIMPLEMENTED)' : message;
  const isLate = failure === 'timeout' || failure === 'connect.timeout';
  const code = failure.startsWith('connect.') ? 'PLM_UNREACHABLE' : 'PLM_REFLECTION';
  if (isLate) return new PlimsollError('PLM_SILENT', url, 'it was asked which methods it has', error);
  return new PlimsollError(reachCodes[failure] ?? code, url, seen, error);
}

const reachCodes: Readonly<Record<string, ErrorCode>> = {
  'connect.refused': 'PLM_REFUSED',
  dns: 'PLM_UNKNOWN_HOST',
  tls: 'PLM_TLS',
};

/** The files that describe what a scenario calls; null where it names none. */
function descriptionOf({ proto, protoPath = [] }: GrpcOptions, file: string): GrpcDescription | null {
  if (proto === undefined) return null;
  const beside = (paths: string | readonly string[]): string[] =>
    [paths].flat().map((path) => resolve(dirname(file), path));
  return { kind: 'files', files: beside(proto), folders: beside(protoPath) };
}

function headersOf(
  { options }: Scenario,
  { headers }: Pick<GrpcTargetsOptions, 'headers'>,
): ReadonlyMap<string, string> {
  const all = [...Object.entries(options.headers ?? {}), ...headers];
  return new Map(all.map(([name, value]) => [name.toLowerCase(), value]));
}

/** What a scenario calls by gRPC, as an address without a method; null where it names nothing. */
export function grpcTargetOf({ options }: Scenario): string | null {
  return options.grpc === undefined ? null : grpcAddress(options.grpc.url).url;
}
