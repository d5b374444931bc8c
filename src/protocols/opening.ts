/**
 * How connections to one origin are opened: by its route, over TCP or TLS, with the last TLS ticket kept, which spares
 * the next connection the full handshake.
 */
import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  type ConnectionOptions,
  type SecureContext,
} from 'node:tls';
import { Addresses, type Lookup } from './addresses.ts';
import { hostOf, portOf } from './httpRequest.ts';
import { straight, type Route } from './route.ts';

export interface OpeningOptions {
  /** Takes any certificate. */
  readonly insecure: boolean;
  /** How to get there; straight when left out. */
  readonly route?: Route;
}

export class Opening {
  readonly addresses: Addresses;
  readonly isTls: boolean;
  private readonly route: Route;
  private readonly port: number;
  private readonly tlsOptions: ConnectionOptions;
  private ticket: Buffer | undefined = undefined;
  private opened = 0;

  /** @param protocols what TLS offers (ALPN) */
  constructor(url: URL, options: OpeningOptions, protocols: readonly string[], lookup?: Lookup) {
    const { route = straight } = options;
    const { connectTo, unixSocket } = route;
    const host = hostOf(url);
    this.route = route;
    this.port = connectTo?.port ?? portOf(url);
    this.addresses =
      unixSocket === null
        ? new Addresses(connectTo?.host ?? host, lookup, route.spread)
        : new Addresses(unixSocket, () => Promise.resolve([unixSocket]));
    this.isTls = url.protocol === 'https:';
    this.tlsOptions = this.isTls ? tlsOptions(host, options, protocols) : {};
  }

  /** Begins a connection. @param onread where answers are read to; a stream as any other when left out */
  open(address: string, onread?: OnReadOpts): Socket {
    const { unixSocket, localAddresses } = this.route;
    const from = localAddresses[this.opened++ % localAddresses.length];
    const where = {
      ...(unixSocket === null ? { host: address, port: this.port, noDelay: true } : { path: unixSocket }),
      ...(unixSocket !== null || from === undefined ? {} : { localAddress: from }),
      ...(onread === undefined ? {} : { onread }),
    } as { host: string; port: number };
    if (!this.isTls) return connectTcp(where);
    const session = this.ticket === undefined ? {} : { session: this.ticket };
    const socket = connectTls({ ...this.tlsOptions, ...where, ...session });
    socket.on('session', (ticket: Buffer) => {
      this.ticket = ticket;
    });
    // tls.connect leaves the option out
    socket.once('secureConnect', () => socket.setNoDelay(true));
    return socket;
  }
}

function tlsOptions(host: string, options: OpeningOptions, protocols: readonly string[]): ConnectionOptions {
  // One context for all: reading the authorities anew for each connection would cost more than the handshake.
  const { ca, cert, key } = options.route ?? straight;
  const secureContext: SecureContext = createSecureContext({
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
  });
  return {
    secureContext,
    ALPNProtocols: [...protocols],
    rejectUnauthorized: !options.insecure,
    ...(isIP(host) === 0 ? { servername: host } : {}),
  };
}
