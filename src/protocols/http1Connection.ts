/**
 * The connection under a session of http1: opened address by address, given up, left to the server to close.
 *
 * 1. A socket that was given up speaks to nobody: each listener knows the generation it belongs to.
 * 2. Whatever the target does is told by one of the five calls at the end of the class. Nothing here throws for it.
 *
 *     connect (lookup, address by address) -> connectionReady -> received ... -> connectionEnded, connectionLost
 *              '-> notConnected -> the next address, or connectionFailed
 */
// The global of the same name is a getter, which costs as much as the clock.
import { performance } from 'node:perf_hooks';
import type { Socket } from 'node:net';
import { connectFailure, exchangeFailure, messageOf, type FailureKind } from './failures.ts';
import type { Opening } from './opening.ts';
import { Seated, type Roster } from './roster.ts';

/** What the connections of one protocol share. */
export interface Line {
  readonly opening: Opening;
  readonly roster: Roster;
  readonly counts: { connections: number; retries: number };
  lastError: string;
}

/** How long the server may take to close a connection it said it would close. */
const farewellMs = 1000;
/**
 * A kept connection is replaced rather than risked after this time, unless the server promises another. Requests that may
 * be sent twice risk nothing: they use it until the server closes it, for connecting anew costs more than they do.
 */
const idleLimitMs = 4000;
/** No server gives a connection up that has rested for less; one that breaks sooner is a failure of the target. */
export const restedMs = 200;
/** All sessions of the thread read into it, one after the other. */
export const sharedBuffer = Buffer.allocUnsafeSlow(64 * 1024);
/** The same, four bytes at a time. */
export const sharedWords = new Int32Array(sharedBuffer.buffer, 0, sharedBuffer.length / 4);

export abstract class Http1Connection extends Seated {
  protected socket: Socket | null = null;
  protected connected = false;
  /** Whether the connection has carried an answer before. */
  protected kept = false;
  /** For how long the server promises to keep it; below 0 where it promises nothing. */
  protected promisedMs = -1;
  /** Whether the exchange had to open a connection. */
  protected opened = false;
  /** Grows whenever a connection is begun or given up. */
  private generation = 0;
  private place = 0;
  private placesLeft = 0;
  private worst: FailureKind | null = null;
  connectMs = 0;
  handshakeMs = 0;
  private readonly line: Line;

  constructor(line: Line) {
    super(line.roster);
    this.line = line;
  }

  protected connect(): void {
    this.drop();
    this.opened = true;
    this.worst = null;
    const { addresses } = this.line.opening;
    const known = addresses.list;
    if (known !== null) return this.connectFirst(known);
    const generation = this.generation;
    addresses.resolve().then(
      (found) => {
        if (generation === this.generation) this.connectFirst(found);
      },
      (error: unknown) => {
        if (generation === this.generation) this.notConnected(error);
      },
    );
  }

  private connectFirst(addresses: readonly string[]): void {
    this.placesLeft = addresses.length;
    this.place = this.line.opening.addresses.begin();
    this.connectTo(addresses[this.place]!);
  }

  private connectTo(address: string): void {
    const { line } = this;
    const { isTls } = line.opening;
    const generation = ++this.generation;
    const fromMs = performance.now();
    try {
      const socket = line.opening.open(address, {
        buffer: sharedBuffer,
        callback: (length) => {
          if (generation === this.generation) this.received(length);
          else socket.destroy();
          return true;
        },
      });
      this.socket = socket;
      socket.on('error', (error) => {
        if (generation === this.generation) this.broken(error);
      });
      socket.on('connect', () => {
        line.counts.connections++;
        if (generation !== this.generation) return;
        this.connectMs = performance.now() - fromMs;
        if (!isTls) this.ready(socket);
      });
      socket.on('end', () => {
        if (generation === this.generation) this.ended();
      });
      socket.on('close', () => {
        if (generation === this.generation) this.ended();
      });
      if (!isTls) return;
      socket.on('secureConnect', () => {
        if (generation !== this.generation) return;
        this.handshakeMs = performance.now() - fromMs - this.connectMs;
        this.ready(socket);
      });
    } catch (error) {
      queueMicrotask(() => {
        if (generation === this.generation) this.notConnected(error);
      });
    }
  }

  private ready(socket: Socket): void {
    this.line.opening.addresses.worked(this.place);
    this.connected = true;
    this.connectionReady(socket);
  }

  private notConnected(error: unknown): void {
    const { line } = this;
    const { addresses, isTls } = line.opening;
    const kind = connectFailure(error, isTls);
    line.lastError = messageOf(error);
    this.worst = addresses.worse(this.worst, kind);
    const list = addresses.list;
    if (list === null || --this.placesLeft <= 0 || !addresses.worthAnother(kind)) {
      return this.connectionFailed(this.worst);
    }
    this.drop();
    this.place = (this.place + 1) % list.length;
    this.connectTo(list[this.place]!);
  }

  private broken(error: Error): void {
    if (!this.connected) return this.notConnected(error);
    this.line.lastError = messageOf(error);
    this.connectionLost(exchangeFailure(error));
  }

  /** The target has ended its side of the stream. */
  private ended(): void {
    if (this.connected) this.connectionEnded();
    else this.notConnected(closedWhileConnecting);
  }

  /** The kept connection, where it may be used once more; null where it may not, or there is none. */
  protected usable(idleMs: number, idempotent: boolean): Socket | null {
    const { socket } = this;
    if (socket === null || idleMs >= this.idleLimit(idempotent)) return null;
    // One that answered this very millisecond is not asked whether it is still open.
    return idleMs < 1 || socket.writable ? socket : null;
  }

  /** A second short of what the server promises, so that it does not close while the request is on its way. */
  private idleLimit(idempotent: boolean): number {
    const { promisedMs } = this;
    if (promisedMs >= 0) return Math.max(promisedMs - 1000, promisedMs / 2);
    return idempotent ? Number.POSITIVE_INFINITY : idleLimitMs;
  }

  protected forgetOpening(): void {
    this.opened = false;
    this.connectMs = 0;
    this.handshakeMs = 0;
  }

  /** Gives the connection up. */
  protected drop(): void {
    this.generation++;
    this.connected = false;
    this.kept = false;
    this.socket?.destroy();
    this.socket = null;
  }

  /**
   * Lets the server close first, as it said it would: the side that closes first keeps the port busy for a
   * minute (TIME_WAIT), and our ports are the scarce ones.
   */
  protected leave(): void {
    const socket = this.socket!;
    this.socket = null;
    this.drop();
    socket.unref();
    socket.setTimeout(farewellMs, () => socket.destroy());
  }

  /** So many bytes lie in the shared buffer. */
  protected abstract received(length: number): void;
  protected abstract connectionReady(socket: Socket): void;
  /** No address could be connected to. */
  protected abstract connectionFailed(kind: FailureKind): void;
  /** The target has ended its side, in good order. */
  protected abstract connectionEnded(): void;
  protected abstract connectionLost(kind: FailureKind): void;
}

const closedWhileConnecting = Object.assign(new Error('connection closed while connecting'), {
  code: 'ECONNRESET',
});
