/**
 * Where a host name leads: resolved once. Pinned, the address that worked is the first to be tried again; spread, each
 * connection begins with the next one, as clients behind DNS load balancing do.
 *
 * 1. One lookup serves all sessions of a protocol. A failed lookup is not remembered; the next one asks again.
 * 2. A literal address is never looked up.
 * 3. `localhost` may be ::1 or 127.0.0.1: every address is tried in order before one calls it refused.
 */
import { lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';
import type { FailureKind } from './failures.ts';

/** All addresses of a name, best first. */
export type Lookup = (host: string) => Promise<string[]>;

export const lookupAddresses: Lookup = (host) =>
  new Promise((resolve, reject) => {
    systemLookup(host, { all: true }, (error, found) => {
      if (error !== null) reject(error);
      else resolve(found.map((one) => one.address));
    });
  });

export class Addresses {
  private known: readonly string[] | null;
  private asking: Promise<readonly string[]> | null = null;
  /** Place of the address that worked last; -1 when none did yet. */
  private workingPlace = -1;
  private readonly host: string;
  private readonly lookup: Lookup;

  private readonly spread: boolean;
  private turn = 0;

  constructor(host: string, lookup: Lookup = lookupAddresses, spread = false) {
    this.host = host;
    this.lookup = lookup;
    this.spread = spread;
    this.known = isIP(host) === 0 ? null : [host];
  }

  /** The addresses, or null when `resolve` has to be awaited first. */
  get list(): readonly string[] | null {
    return this.known;
  }

  /** Rejects with the system's error. */
  resolve(): Promise<readonly string[]> {
    this.asking ??= this.ask();
    return this.asking;
  }

  private async ask(): Promise<readonly string[]> {
    try {
      const found = await this.lookup(this.host);
      if (found.length === 0)
        throw Object.assign(new Error(`${this.host} has no address`), { code: 'ENOTFOUND' });
      return (this.known = found);
    } finally {
      this.asking = null;
    }
  }

  /** Where a new connection begins: the next address in turn, or the one that worked, or the first. */
  begin(): number {
    if (this.spread) return this.turn++ % Math.max(1, this.known?.length ?? 1);
    return Math.max(0, this.workingPlace);
  }

  /** Whether another address may do better after a failure of this kind. */
  worthAnother(kind: FailureKind): boolean {
    if (kind === 'connect.refused' || kind === 'connect.unreachable') return true;
    // A machine without IPv6 says "address not available" of ::1; once an address works, ports have run out.
    return kind === 'connect.ports' && this.workingPlace < 0;
  }

  /** The kind to report when one address failed after another: refused is what a person can act on. */
  worse(first: FailureKind | null, next: FailureKind): FailureKind {
    if (first === null) return next;
    return next === 'connect.refused' && this.workingPlace < 0 ? next : first;
  }

  worked(place: number): void {
    this.workingPlace = place;
  }
}
