/** What a scripted user with an open connection and think time costs, and one who holds a WebSocket. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchStreams } from '../conformance/launch.ts';
import { answering } from './answering.ts';
import { folder, pinning, plimsoll, say, whole } from './sitting.ts';

const [few, many] = [10, 10_000];

interface Cost {
  readonly fewBytes: number;
  readonly manyBytes: number;
  readonly kib: string;
}

async function costOf(scenario: string, seconds: number): Promise<Cost> {
  const file = join(folder, 'memory.ts');
  writeFileSync(file, scenario);
  const of = async (users: number) => plimsoll(file, ['--users', String(users)], seconds);
  const [least, most] = [await of(few), await of(many)];
  const kib = ((most.mostBytes - least.mostBytes) / (many - few) / 1024).toFixed(1);
  return { fewBytes: least.mostBytes, manyBytes: most.mostBytes, kib };
}

/** Each user keeps a connection of HTTP. */
async function resting(): Promise<Cost> {
  const server = await answering();
  try {
    return await costOf(
      `import { scenario } from 'plimsoll';
export default scenario('resting', { baseUrl: '${server.url}', think: [4, 6] }, async ({ http }) => { await http.get('/'); });
`,
      12,
    );
  } finally {
    await server.stop();
  }
}

/** Each user opens a WebSocket within five seconds and holds it to the end. */
async function holding(): Promise<Cost & { atOnce: number }> {
  const server = await launchStreams(pinning, 2 * many);
  try {
    const cost = await costOf(
      `import { scenario } from 'plimsoll';
export default scenario('holding', { baseUrl: '${server.url}' }, async ({ ws, pause }) => {
  await pause([0, 5]);
  const channel = await ws.connect('/cap');
  await pause(15);
  await channel.close();
});
`,
      12,
    );
    return { ...cost, atOnce: (await server.count()).mostOpen };
  } finally {
    await server.stop();
  }
}

export async function memory(): Promise<string> {
  const rest = await resting();
  say(`memory: ${rest.kib} KiB for each of ${many} scripted users`);
  const hold = await holding();
  say(`memory: ${hold.kib} KiB for each of ${hold.atOnce} WebSockets`);
  const mib = (bytes: number): string => `${whole(bytes / 2 ** 20)} MiB`;
  return (
    `## Memory\n\n${whole(many)} scripted users, each with an open connection and 4 to 6 s of think time: ${mib(rest.manyBytes)} of ` +
    `resident memory, ${mib(rest.fewBytes)} with ${few}; that is ${rest.kib} KiB for each user.\n\n` +
    `${whole(hold.atOnce)} WebSockets at once from one process, a user each: ${mib(hold.manyBytes)}, ${mib(hold.fewBytes)} with ${few}; ` +
    `that is ${hold.kib} KiB for each.`
  );
}
