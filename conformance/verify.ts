/**
 * Do the servers keep their promise on this machine, now? Asked by a client of its own, before Plimsoll is graded.
 *
 * A closed client of a few lines: each connection asks again as soon as it was answered. One user shows what an answer
 * takes beyond its service time (timers, sockets, the client itself); many users show the ceiling c/S.
 */
import { connect } from 'node:net';
import { median } from './grade.ts';
import { launch, type Pinning } from './launch.ts';
import type { ServiceOptions } from './service.ts';

export interface Verified {
  readonly what: string;
  readonly expected: number;
  readonly found: number;
  readonly unit: string;
  readonly met: boolean;
}

const heldMs = 4000;
const overheadMs = 0.7;
/** Half a percent, and as much for the batch of answers in which the count begins. */
const ceilingTolerance = 0.01;

interface Heard {
  readonly perSecond: number;
  readonly medianMs: number;
}

/** Keeps so many users asking. The first quarter of the time is left out. */
function closed(url: string, users: number): Promise<Heard> {
  const port = Number(new URL(url).port);
  const request = Buffer.from('GET / HTTP/1.1\r\nHost: conformance\r\n\r\n', 'latin1');
  const fromMs = performance.now();
  const responsesMs: number[] = [];
  let firstMs = Number.NaN;
  let lastMs = Number.NaN;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      let sentMs = 0;
      const ask = (): void => {
        sentMs = performance.now();
        socket.write(request);
      };
      socket.on('connect', ask);
      socket.on('error', reject);
      socket.on('data', () => {
        const nowMs = performance.now();
        if (nowMs - fromMs > heldMs / 4) {
          if (Number.isNaN(firstMs)) firstMs = nowMs;
          else responsesMs.push(nowMs - sentMs);
          lastMs = nowMs;
        }
        if (nowMs - fromMs < heldMs) ask();
        else {
          socket.destroy();
          resolve();
        }
      });
    });
  return Promise.all(Array.from({ length: users }, one)).then(() => ({
    perSecond: (1000 * responsesMs.length) / (lastMs - firstMs),
    medianMs: median(responsesMs),
  }));
}

async function heard(target: ServiceOptions, users: number, pinning: Pinning | null): Promise<Heard> {
  const launched = await launch(target, 1, pinning);
  try {
    return await closed(launched.url, users);
  } finally {
    await launched.stop();
  }
}

export async function verify(pinning: Pinning | null): Promise<Verified[]> {
  const workers = (servers: number, serviceMs: number): ServiceOptions => ({
    kind: 'workers',
    servers,
    serviceMs,
    distribution: 'fixed',
  });
  const idle = async (serviceMs: number): Promise<Verified> => {
    const { medianMs } = await heard(workers(4, serviceMs), 1, pinning);
    const what = `response of one user, service ${serviceMs} ms, median`;
    return {
      what,
      expected: serviceMs,
      found: medianMs,
      unit: 'ms',
      met: medianMs >= serviceMs && medianMs < serviceMs + overheadMs,
    };
  };
  const ceiling = async (servers: number, serviceMs: number, users: number): Promise<Verified> => {
    const expected = (1000 * servers) / serviceMs;
    const { perSecond } = await heard(workers(servers, serviceMs), users, pinning);
    return {
      what: `ceiling of ${servers} x ${serviceMs} ms, ${users} users`,
      expected,
      found: perSecond,
      unit: '/s',
      met: Math.abs(perSecond / expected - 1) < ceilingTolerance,
    };
  };
  return [
    await idle(10),
    await idle(1),
    await ceiling(1, 10, 5),
    await ceiling(4, 20, 12),
    await ceiling(1, 1, 8),
    await ceiling(8, 2, 64),
  ];
}
