/** The WebSockets of one user, as its script sees them (ws.ts): opened by its account, and closed with it. */
import { openChannel, type Opened } from '../../protocols/channel.ts';
import type { Account } from '../account.ts';
import { RequestFailed } from '../http/reply.ts';
import type { Wires } from '../http/wires.ts';
import type { ChannelRecorder } from './channelRecorder.ts';
import { UserChannel } from './userChannel.ts';
import type { Channel, ConnectOptions, Ws } from './ws.ts';

export class UserWs implements Ws {
  readonly #wires: Wires;
  readonly #account: Account;
  readonly #recorder: ChannelRecorder;
  readonly #channels = new Set<UserChannel>();
  /** When the target closed a channel of this user, which has opened none since; NaN where it has not. */
  #droppedMs = Number.NaN;

  constructor(wires: Wires, account: Account, recorder: ChannelRecorder) {
    this.#wires = wires;
    this.#account = account;
    this.#recorder = recorder;
  }

  connect(url: string, options: ConnectOptions = {}): Promise<Channel> {
    const account = this.#account;
    if (account.isClosed) return new Promise(() => undefined);
    const where = this.#wires.channelTo(url, options.headers ?? {});
    const sentMs = performance.now();
    const dueMs = account.sent(sentMs);
    account.underWay++;
    return new Promise((resolve, reject) => {
      const end = (failure: string, opened: Opened | null): void => {
        account.underWay--;
        if (account.isClosed) return opened?.channel.terminate();
        const doneMs = performance.now();
        const { connectMs = 0, handshakeMs = 0, socket = null } = opened ?? {};
        const bytes = { bytesSent: socket?.bytesWritten ?? 0, bytesReceived: socket?.bytesRead ?? 0 };
        account.done(
          dueMs,
          { sentMs, firstMs: failure === '' ? doneMs : 0, doneMs, ...bytes, connectMs, handshakeMs },
          failure,
        );
        if (opened !== null) {
          const wires = this.#wires;
          wires.channels++;
          wires.openChannels++;
          opened.channel.on('close', () => wires.openChannels--);
          const channel = new UserChannel(opened, account, this.#recorder, where.timeoutMs);
          this.#channels.add(channel);
          opened.channel.on('close', () => {
            this.#channels.delete(channel);
            if (channel.wasDropped) this.#droppedMs = performance.now();
          });
          if (!Number.isNaN(this.#droppedMs)) this.#recorder.time('ws.back', doneMs - this.#droppedMs);
          this.#droppedMs = Number.NaN;
          resolve(channel);
        }
        account.ended(failure);
      };
      openChannel(
        { ...where, protocols: options.protocols ?? [] },
        (opened) => end('', opened),
        (failure, message) => {
          this.#wires.channelError = message;
          end(failure, null);
          reject(new RequestFailed(failure, `the WebSocket could not be opened: ${message}`));
        },
      );
    });
  }

  /** Ends what is open: what waits on it waits for ever. */
  retire(): void {
    for (const channel of this.#channels) channel.leave();
    this.#channels.clear();
  }
}
