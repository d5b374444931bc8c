/**
 * WebSocket (RFC 6455) through ws: an exchange is one message sent and the next one that comes back.
 *
 * 1. A session has a connection of its own, opened by its first exchange and kept; connecting and the handshake of TLS
 *    and of HTTP that follow are told apart, and belong to that exchange.
 * 2. What comes while nobody waits answers nothing. A service that pushes by itself needs a scenario, which can tell its
 *    messages apart.
 * 3. A connection that the target closes fails the exchange under way with its close code (`ws.1011`), or else makes the
 *    next one connect anew.
 * 4. An exchange ends exactly once; what ws still says of one that was given up finds nobody.
 *
 * Deliberately absent: reconnecting by itself.
 */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Lookup } from './addresses.ts';
import { closeFailure, leaveChannel, openChannel, type ChannelOptions } from './channel.ts';
import { httpRequest, type HttpRequest, type HttpRequestOptions } from './httpRequest.ts';
import { Opening, type OpeningOptions } from './opening.ts';
import type { Protocol, Session } from './protocol.ts';
import { Roster, Seated } from './roster.ts';
import { asHttp } from './webSocketUrl.ts';

export interface WebSocketOptions extends Omit<HttpRequestOptions, 'method'>, OpeningOptions {
  /** ws: or wss:. */
  readonly url: string;
  /** From sentMs to the answer, connecting included. */
  readonly timeoutMs: number;
}

export interface WebSocketWire extends Protocol {
  readonly lastError: string;
  readonly lastRedirect: string;
}

/** What is sent where nothing is given. */
const usualMessage = 'ping';

/** @throws PlimsollError PLM_TARGET, PLM_HEADER for what can never be sent */
export function webSocket(options: WebSocketOptions, lookup?: Lookup): WebSocketWire {
  return new Wire(options, lookup);
}

class Wire implements WebSocketWire {
  readonly name = 'websocket';
  readonly counts = { connections: 0, retries: 0 };
  readonly lastRedirect = '';
  openChannels = 0;
  lastError = '';
  readonly opening: Opening;
  readonly roster: Roster;
  readonly timeoutMs: number;
  readonly request: HttpRequest;
  readonly protocols: readonly string[] = [];
  readonly message: Buffer | string;

  constructor(options: WebSocketOptions, lookup?: Lookup) {
    this.request = httpRequest({ ...options, url: asHttp(options.url), method: 'GET', body: null });
    this.timeoutMs = options.timeoutMs;
    this.opening = new Opening(this.request.url, options, ['http/1.1'], lookup);
    this.roster = new Roster(options.timeoutMs);
    this.message = options.body === null ? usualMessage : textOrBytes(options.body);
  }

  session(): Session {
    return new MessageSession(this);
  }
}

const channelOf = ({ opening, request, protocols, timeoutMs }: Wire): ChannelOptions => ({
  opening,
  request,
  protocols,
  timeoutMs,
});

/** A body that is text is sent as text, as a browser would. */
function textOrBytes(body: Buffer): Buffer | string {
  const text = body.toString('utf8');
  return Buffer.from(text).equals(body) ? text : body;
}

class MessageSession extends Seated implements Session {
  holder: unknown = null;
  failure = '';
  connectMs = 0;
  handshakeMs = 0;
  bytesSent = 0;
  bytesReceived = 0;
  private readonly wire: Wire;
  private finish: ((session: Session) => void) | null = null;
  /** Whether TCP, and TLS, stand. */
  private stands = false;
  private channel: WebSocket | null = null;
  private socket: Socket | null = null;
  private written = 0;
  private read = 0;
  /** Grows whenever a connection is begun or given up: what an earlier one says finds nobody. */
  private generation = 0;

  constructor(wire: Wire) {
    super(wire.roster);
    this.wire = wire;
  }

  exchange(finish: (session: Session) => void): void {
    if (this.finish !== null) throw new Error('a session has at most one exchange under way');
    this.finish = finish;
    const { roster } = this;
    if (this.seat < 0) this.seat = roster.join(this);
    roster.begin(this.seat, performance.now());
    this.failure = '';
    this.connectMs = this.handshakeMs = this.bytesSent = this.bytesReceived = 0;
    if (this.channel?.readyState === WebSocket.OPEN) this.channel.send(this.wire.message);
    else this.connect();
  }

  abort(failure: string): void {
    if (this.finish === null) this.drop();
    else this.fail(failure);
  }

  close(): void {
    if (this.finish !== null) throw new Error('close() with an exchange under way; abort() ends it first');
    if (this.channel !== null) leaveChannel(this.channel);
    this.forget();
    if (this.seat >= 0) this.roster.leave(this.seat);
    this.seat = -1;
  }

  /** Called by the roster. */
  expire(): void {
    this.fail(this.stands ? 'timeout' : 'connect.timeout');
  }

  private connect(): void {
    this.drop();
    const { wire } = this;
    const generation = this.generation;
    openChannel(
      {
        ...channelOf(wire),
        connected: () => {
          if (generation === this.generation) this.stands = true;
        },
      },
      ({ channel, socket, connectMs, handshakeMs }) => {
        wire.counts.connections++;
        wire.openChannels++;
        channel.on('close', () => wire.openChannels--);
        if (generation !== this.generation) return channel.terminate();
        this.channel = channel;
        this.socket = socket;
        this.written = this.read = 0;
        this.connectMs = connectMs;
        this.handshakeMs = handshakeMs;
        socket.on('data', () => {
          if (generation === this.generation) this.begun();
        });
        channel.on('message', () => {
          if (generation === this.generation) this.received();
        });
        channel.on('close', (code) => {
          if (generation === this.generation) this.closed(code);
        });
        channel.send(wire.message);
      },
      (failure, message) => {
        if (generation !== this.generation) return;
        wire.lastError = message;
        this.fail(failure);
      },
    );
  }

  /** The first byte of an answer, whole or not. */
  private begun(): void {
    const { times } = this.roster;
    if (this.finish !== null && times[this.seat + 1] === 0) times[this.seat + 1] = performance.now();
  }

  private received(): void {
    this.begun();
    if (this.finish !== null) this.complete(performance.now());
  }

  private closed(code: number): void {
    if (this.finish === null) return this.drop();
    this.fail(closeFailure(code));
  }

  private fail(failure: string): void {
    this.failure = failure;
    const nowMs = performance.now();
    this.countBytes();
    this.drop();
    this.complete(nowMs);
  }

  private complete(nowMs: number): void {
    const { finish } = this;
    this.finish = null;
    this.countBytes();
    this.roster.times[this.seat + 2] = nowMs;
    finish?.(this);
  }

  private countBytes(): void {
    const { bytesWritten = 0, bytesRead = 0 } = this.socket ?? {};
    this.bytesSent += bytesWritten - this.written;
    this.bytesReceived += bytesRead - this.read;
    this.written = bytesWritten;
    this.read = bytesRead;
  }

  private drop(): void {
    const { channel, socket } = this;
    this.forget();
    channel?.terminate();
    socket?.destroy();
  }

  private forget(): void {
    this.generation++;
    this.channel = null;
    this.socket = null;
    this.stands = false;
    this.written = this.read = 0;
  }
}
