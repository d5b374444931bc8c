/**
 * TLS to databases. The URL says whether: `?sslmode=...` of PostgreSQL and MySQL, `rediss://`. The command line says whom to
 * trust, and who asks, as for HTTP: --ca, --insecure, --cert and --key.
 *
 * 1. A certificate is checked against authority and name, unless `sslmode` says `verify-ca` (no name) or `no-verify`.
 * 2. A URL that names files of its own (`sslrootcert`, a profile of mysql2) goes to the client as it is, where the command line
 *    says nothing.
 */
import type { DatabaseAddress } from './databaseUrl.ts';

/** Whom to trust, and who asks. */
export interface DatabaseTrust {
  /** PEM; the system's authorities when null. */
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly insecure: boolean;
}

export const usualTrust: DatabaseTrust = { ca: null, cert: null, key: null, insecure: false };

/** As node:tls has them. */
export interface TlsOptions {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly checkServerIdentity?: () => undefined;
}

export interface Dialled {
  /** For the client: without what is said beside it. */
  readonly url: string;
  /** Null where the URL asks for no TLS, or says all of it itself. */
  readonly tls: TlsOptions | null;
}

const off = ['disable', 'disabled', 'false', '0'];
const modes = ['sslmode', 'ssl-mode', 'ssl'];
const files = ['sslrootcert', 'sslcert', 'sslkey'];

/** Whether connections are encrypted. */
export function wantsTls({ kind, url }: DatabaseAddress): boolean {
  if (kind === 'sqlite') return false;
  if (kind === 'redis') return /^rediss:/i.test(url);
  const { searchParams } = new URL(url);
  const said = modes.map((name) => searchParams.get(name)).find((mode) => mode !== null);
  return said === undefined || said === null ? false : !off.includes(said.toLowerCase());
}

export function dialled(address: DatabaseAddress, trust: DatabaseTrust): Dialled {
  if (!wantsTls(address)) return { url: address.url, tls: null };
  const url = new URL(address.url);
  const { searchParams } = url;
  const mode = (searchParams.get('sslmode') ?? searchParams.get('ssl-mode') ?? '').toLowerCase();
  const { ca, cert, key, insecure } = trust;
  const saysNothing = ca === null && cert === null && !insecure;
  const ownWords = !['', 'true', '1'].includes(searchParams.get('ssl') ?? '');
  if (saysNothing && (ownWords || files.some((name) => searchParams.has(name)))) {
    return { url: address.url, tls: null };
  }
  for (const name of [...modes, ...files]) searchParams.delete(name);
  const tls = {
    rejectUnauthorized: !insecure && mode !== 'no-verify',
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
    ...(['verify-ca', 'verify_ca'].includes(mode) ? { checkServerIdentity: () => undefined } : {}),
  };
  return { url: url.href, tls };
}
