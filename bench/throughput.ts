/** Requests per second on one core, closed load, beside the peers; what the server counted stands beside what each says. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answering } from './answering.ts';
import {
  folder,
  median,
  newerNode,
  numberIn,
  onCore,
  plimsoll,
  say,
  table,
  fixed,
  whole,
} from './sitting.ts';
import type { Peer } from './tools.ts';

const jiti = fileURLToPath(new URL('../node_modules/jiti/lib/jiti-cli.mjs', import.meta.url));
const wire = fileURLToPath(new URL('wire.ts', import.meta.url));

export async function throughput(peers: readonly Peer[], runs: number, seconds: number): Promise<string> {
  const server = await answering();
  try {
    const session = join(folder, 'session.ts');
    writeFileSync(
      session,
      `import { expect, scenario } from 'plimsoll';
export default scenario('ten requests', { baseUrl: '${server.url}' }, async ({ http, step, check }) => {
  for (let turn = 0; turn < 10; turn++) {
    const reply = await step('look', () => http.get('/'));
    expect(reply.status, 200);
    check('has a body', reply.ok);
  }
});
`,
    );
    const newer = newerNode();
    const own = (target: string, requests: number, node?: string) => async (connections: number) => {
      const { level } = await plimsoll(
        target,
        ['--users', String(connections)],
        seconds,
        node === undefined ? {} : { node },
      );
      return requests * (level.throughput?.value ?? Number.NaN);
    };
    const tools = [
      { name: 'plimsoll', shown: 'plimsoll run URL', once: own(server.url, 1) },
      {
        name: 'plimsoll, scripted',
        shown: 'plimsoll run session.ts (each request in a step, with an expectation and a check)',
        once: own(session, 10),
      },
      {
        name: 'plimsoll, the wire alone',
        shown: 'bench/wire.ts: no counting, no report',
        once: async (connections: number) => {
          const { text } = await onCore(process.execPath, [
            jiti,
            wire,
            server.url,
            String(connections),
            String(seconds),
          ]);
          return numberIn(text, /"perSecond":([\d.]+)/);
        },
      },
      ...(newer === null
        ? []
        : [
            { name: 'plimsoll on Node 26', shown: 'plimsoll run URL', once: own(server.url, 1, newer) },
            {
              name: 'plimsoll, scripted, on Node 26',
              shown: 'plimsoll run session.ts',
              once: own(session, 10, newer),
            },
          ]),
      ...peers.map(({ name, shown, closed }) => ({
        name,
        shown,
        once: async (connections: number) => (await closed(server.url, connections, seconds)).perSecond,
      })),
    ];
    const sections: string[] = [];
    for (const connections of [50, 500]) {
      const said = new Map<string, number[]>(tools.map(({ name }) => [name, []]));
      const counted = new Map<string, number[]>(tools.map(({ name }) => [name, []]));
      for (let run = 0; run < runs; run++) {
        for (const { name, once } of tools) {
          const before = await server.count();
          const perSecond = await once(connections);
          const seen = (await server.count()) - before;
          said.get(name)?.push(perSecond);
          counted.get(name)?.push(seen);
          say(
            `${connections} connections  ${name.padEnd(30)} ${whole(perSecond).padStart(9)}/s   the server counted ${whole(seen)}`,
          );
        }
      }
      const wrk = median(said.get('wrk') ?? []);
      const rows = tools.map(({ name, shown }) => {
        const all = said.get(name) ?? [];
        const range = `${whole(Math.min(...all))} to ${whole(Math.max(...all))}`;
        return [name, `\`${shown}\``, whole(median(all)), range, fixed(median(all) / wrk, 2)];
      });
      sections.push(
        `## ${connections} connections\n\n${table(['tool', 'command', 'requests/s', 'range', 'over wrk'], rows)}`,
      );
    }
    return sections.join('\n\n');
  } finally {
    await server.stop();
  }
}
