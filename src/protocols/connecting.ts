/** Connects to a target, address by address, until one stream is ready: for wires that are built on kept libraries. */
import type { Socket } from 'node:net';
import { connectFailure } from './failures.ts';
import type { Opening } from './opening.ts';

export interface Ready {
  readonly socket: Socket;
  /** Until TCP was ready. */
  readonly connectMs: number;
  /** The TLS handshake that followed; 0 without TLS. */
  readonly handshakeMs: number;
}

/**
 * @param refuse what is wrong with a stream that is ready; null where nothing is
 * @throws the error of the last address that was tried
 */
export async function connecting(
  opening: Opening,
  timeoutMs: number,
  refuse: (socket: Socket) => Error | null = () => null,
): Promise<Ready> {
  const { addresses } = opening;
  const list = addresses.list ?? (await addresses.resolve());
  const first = addresses.begin();
  for (let tried = 1; ; tried++) {
    const place = (first + tried - 1) % list.length;
    try {
      const ready = await connectTo(opening, list[place] ?? '', timeoutMs, refuse);
      addresses.worked(place);
      return ready;
    } catch (error) {
      const kind = connectFailure(error, opening.isTls);
      if (tried >= list.length || !addresses.worthAnother(kind)) throw error;
    }
  }
}

function connectTo(
  opening: Opening,
  address: string,
  timeoutMs: number,
  refuse: (socket: Socket) => Error | null,
): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const fromMs = performance.now();
    let connectMs = 0;
    const socket = opening.open(address);
    const late = setTimeout(
      () => socket.destroy(Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' })),
      timeoutMs,
    );
    const failed = (error: Error): void => {
      clearTimeout(late);
      socket.destroy();
      reject(error);
    };
    const ready = (handshakeMs: number): void => {
      const wrong = refuse(socket);
      if (wrong !== null) return failed(wrong);
      clearTimeout(late);
      socket.off('error', failed);
      resolve({ socket, connectMs, handshakeMs });
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      connectMs = performance.now() - fromMs;
      if (!opening.isTls) ready(0);
    });
    socket.once('secureConnect', () => ready(performance.now() - fromMs - connectMs));
  });
}
