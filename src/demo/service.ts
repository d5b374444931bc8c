/**
 * The embedded service as a process of its own: an AI conversation service as its users have it, whose capacity
 * is known by formula. Beside the command line this is the only place that reads argv and exits.
 *
 * 1. Listens on 127.0.0.1 only, and then prints one line on standard output: {"listening": PORT}.
 * 2. Ends by itself on SIGTERM, SIGINT and, with --exit-with-parent, when its standard input closes: exit 0.
 * 3. Leaves no file behind unless --data names a folder. (Only SIGKILL can prevent that.)
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { systemClock } from '../clock.ts';
import { PlimsollError } from '../errors.ts';
import { random } from '../random.ts';
import { conversationApp } from './app.ts';
import { serveChannels } from './channels.ts';
import { Jobs } from './jobs.ts';
import { parseServiceOptions, type ServiceOptions } from './options.ts';
import { Rooms } from './rooms.ts';
import { Store } from './store.ts';
import { Turns } from './turns.ts';
import { WallTime } from './wallTime.ts';

function start({ port, dataFolder, exitWithParent, turns: options }: ServiceOptions): void {
  const folder = dataFolder ?? mkdtempSync(join(tmpdir(), 'plimsoll-demo-'));
  if (dataFolder === undefined) {
    process.on('exit', () => rmSync(folder, { recursive: true, force: true })); // runs after a crash, too
  }
  const time = new WallTime(systemClock);
  const arrivalMs = (): number => time.arrivalMs();
  const store = openStore(folder, dataFolder);
  const turns = new Turns(time, options, arrivalMs(), (durationMs) => time.halt(durationMs));
  const rooms = new Rooms();
  const app = conversationApp({ arrivalMs, turns, jobs: new Jobs(time), rooms, store, options });
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, (address: AddressInfo) => {
    process.stdout.write(`${JSON.stringify({ listening: address.port })}\n`);
  }) as Server;
  server.keepAliveTimeout = 75_000; // longer than any generator lets a connection rest
  const voice = { agenda: time, arrivalMs, turns, words: random(options.seed, 4) };
  const endChannels = serveChannels(server, { voice, rooms });
  server.on('error', (cause) =>
    fail(new PlimsollError('PLM_OPTION', `--port ${port}`, cause.message, cause)),
  );

  const end = (): void => {
    time.stop();
    server.close();
    endChannels();
    server.closeAllConnections();
    store.close();
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.stdout.on('error', () => {}); // nobody listens any more
  if (exitWithParent) process.stdin.on('end', end).on('close', end).on('error', end).resume();
}

function openStore(folder: string, dataFolder: string | undefined): Store {
  try {
    mkdirSync(folder, { recursive: true });
    return new Store(folder);
  } catch (cause) {
    if (dataFolder === undefined) throw cause;
    throw new PlimsollError('PLM_OPTION', `--data ${dataFolder}`, (cause as Error).message, cause);
  }
}

function fail(error: unknown): never {
  if (!(error instanceof PlimsollError)) throw error;
  process.stderr.write(`${error.message}. ${error.remedy}\n`);
  process.exit(error.exitCode);
}

try {
  start(parseServiceOptions(process.argv.slice(2)));
} catch (error) {
  fail(error);
}
