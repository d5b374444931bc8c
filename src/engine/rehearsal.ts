/**
 * Before its first load the generator carries one that counts for nothing, against a server of its own thread.
 *
 * Code that has never run is slow: in its first second a cold generator is late by tens of milliseconds and adds its own
 * time to that of the target. A fifth of a second of exchanges lets the engine compile what the hot path is made of.
 *
 * 1. Nothing leaves the thread: the server listens on loopback, on a port of the system's choice, for that time only.
 * 2. Nothing of it is told: its slices go nowhere.
 * 3. Where it cannot be held (no loopback, no port), the load begins cold; that is no failure.
 */
import { createServer, type AddressInfo, type Server } from 'node:net';
import { http1 } from '../protocols/http1.ts';
import { Driver, type DriverClock } from './driver.ts';

const users = 8;
const ratePerSecond = 4000;
const eachMs = 100;

const answers = [200, 201].map((status) =>
  Buffer.from(`HTTP/1.1 ${status} Rehearsed\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok`),
);

/** @param clock the one that the loads will have, whose waking is rehearsed too */
export async function rehearse(clock: DriverClock): Promise<void> {
  const server = createServer({ noDelay: true }, (socket) => {
    let turn = 0;
    // Heads that change, so that reading them is rehearsed as well as knowing them again.
    socket.on('data', () => void socket.write(answers[(++turn >> 4) & 1] ?? ''));
    socket.on('error', () => socket.destroy());
  });
  const port = await listening(server);
  if (port === null) return;
  const url = `http://127.0.0.1:${port}/`;
  const wire = http1({ url, method: 'GET', headers: [], body: null, timeoutMs: 1000, insecure: false });
  const driver = new Driver(wire, clock, () => undefined);
  const seat = { maxInFlight: 64, seed: 1, share: 0, shares: 1 };
  driver.hold({ load: { kind: 'closed', users }, ...seat });
  await after(eachMs);
  driver.hold({ load: { kind: 'open', ratePerSecond, arrivals: 'poisson' }, ...seat });
  await after(eachMs);
  await new Promise<void>((rested) => {
    driver.rest(rested);
    setTimeout(() => driver.abandon(), eachMs).unref();
  });
  driver.close();
  server.close();
}

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function listening(server: Server): Promise<number | null> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(null));
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
