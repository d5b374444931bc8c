/**
 * Statements per second that the generator itself can do on one core, beside the tool that comes with each database. The server has
 * the other core; SQLite has none, and a bare loop over its client stands beside it.
 *
 * Where the server is the limit, both wait for it: what a core-second of the generator does says more than the rate.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres, startRedis } from '../test/kit/databases.ts';
import {
  fixed,
  folder,
  found,
  median,
  numberIn,
  onCore,
  pinning,
  plimsoll,
  say,
  table,
  whole,
} from './sitting.ts';

const connections = 10;
const statements = 10;

interface Once {
  readonly perSecond: number;
  /** Share of a core that the generator was busy. */
  readonly busy: number;
}

interface Tool {
  readonly of: string;
  readonly name: string;
  readonly once: (seconds: number) => Promise<Once>;
}

/** A session of ten statements, as a user writes it. */
function own(url: string, statement: string): Tool['once'] {
  return async (seconds) => {
    const file = join(folder, 'statements.ts');
    writeFileSync(
      file,
      `import { scenario } from 'plimsoll';
export default scenario('ten', { database: { url: ${JSON.stringify(url)}, pool: ${connections} } }, async ({ db, redis }) => {
  for (let n = 0; n < ${statements}; n++) await ${statement};
});
`,
    );
    const { level } = await plimsoll(file, ['--users', String(connections)], seconds);
    const busy = level.generator.cpu ?? Number.NaN;
    return { perSecond: statements * (level.throughput?.value ?? Number.NaN), busy };
  };
}

async function pgbench(url: string, seconds: number): Promise<Once> {
  const script = join(folder, 'select.sql');
  writeFileSync(script, 'select 1;\n');
  const load = ['-n', '-f', script, '-c', String(connections), '-j', '1', '-T', String(seconds)];
  const ended = await onCore('pgbench', [...load, url]);
  return { perSecond: numberIn(ended.text, /tps = ([\d.]+)/), busy: ended.cpuSeconds / seconds };
}

async function redisBenchmark(url: string, seconds: number, perSecond: number): Promise<Once> {
  const { port, password } = new URL(url);
  const count = Math.round(perSecond * seconds);
  const load = [
    '-p',
    port,
    '-a',
    password,
    '-c',
    String(connections),
    '-n',
    String(count),
    '--csv',
    'get',
    'key',
  ];
  const ended = await onCore('redis-benchmark', load);
  const rate = numberIn(ended.text, /"get key","([\d.]+)"/);
  return { perSecond: rate, busy: (ended.cpuSeconds * rate) / count };
}

/** The client of SQLite in a loop, and nothing else. */
async function bareLoop(file: string, seconds: number): Promise<Once> {
  const script = join(folder, 'loop.mjs');
  const client = new URL('../node_modules/libsql/index.js', import.meta.url).href;
  writeFileSync(
    script,
    `import Database from ${JSON.stringify(client)};
const statement = new Database(${JSON.stringify(file)}).prepare('select 1');
const from = performance.now();
let count = 0;
while (performance.now() - from < ${1000 * seconds}) { for (let n = 0; n < 100; n++) statement.all([]); count += 100; }
console.log('perSecond', (1000 * count) / (performance.now() - from));
`,
  );
  const { text } = await onCore(process.execPath, [script]);
  return { perSecond: numberIn(text, /perSecond ([\d.]+)/), busy: 1 };
}

export async function statementsPerSecond(runs: number, seconds: number): Promise<string> {
  const cpu = pinning.targetCpu;
  const postgres = found('pgbench') ? await startPostgres({ cpu }) : null;
  const redis = found('redis-benchmark') ? await startRedis({ cpu }) : null;
  const file = join(folder, 'bench.db');
  const get = `redis.send('GET', 'key')`;
  let expected = 20_000;
  try {
    const tools: Tool[] = [
      ...(postgres === null
        ? []
        : [
            { of: 'PostgreSQL', name: 'plimsoll run', once: own(postgres.url, `db.query('select 1')`) },
            { of: 'PostgreSQL', name: 'pgbench -j 1', once: (time: number) => pgbench(postgres.url, time) },
          ]),
      ...(redis === null
        ? []
        : [
            { of: 'Redis', name: 'plimsoll run', once: own(redis.url, get) },
            {
              of: 'Redis',
              name: 'redis-benchmark',
              once: async (time: number) => {
                const said = await redisBenchmark(redis.url, time, expected);
                expected = said.perSecond;
                return said;
              },
            },
          ]),
      { of: 'SQLite', name: 'plimsoll run', once: own(`sqlite:${file}`, `db.query('select 1')`) },
      { of: 'SQLite', name: 'a bare loop over libsql', once: (time) => bareLoop(file, time) },
    ];
    const said = new Map<Tool, Once[]>(tools.map((tool) => [tool, []]));
    for (let run = 0; run < runs; run++) {
      for (const tool of tools) {
        const once = await tool.once(seconds);
        said.get(tool)?.push(once);
        say(
          `${tool.of.padEnd(10)} ${tool.name.padEnd(24)} ${whole(once.perSecond).padStart(9)}/s  busy ${fixed(100 * once.busy, 0)} %`,
        );
      }
    }
    const middle = (tool: Tool, of: (once: Once) => number): number => median((said.get(tool) ?? []).map(of));
    const perCore = ({ perSecond, busy }: Once): number => perSecond / busy;
    const rows = tools.map((tool) => {
      const beside = tools.find(
        (other) => other.of === tool.of && other !== tool && other.name !== 'plimsoll run',
      );
      const ratio = (of: (once: Once) => number): string =>
        beside === undefined || tool.name !== 'plimsoll run'
          ? ''
          : fixed(middle(tool, of) / middle(beside, of), 2);
      return [
        `${tool.of}, ${tool.name}`,
        whole(middle(tool, ({ perSecond }) => perSecond)),
        ratio(({ perSecond }) => perSecond),
        `${fixed(100 * middle(tool, ({ busy }) => busy), 0)} %`,
        whole(middle(tool, perCore)),
        ratio(perCore),
      ];
    });
    return [
      '## Statements',
      `\`select 1\` and \`GET\` over ${connections} connections, one statement at a time on each; medians of ${runs} interleaved runs of ${seconds} s. Plimsoll plays sessions of ${statements} statements with all times ` +
        'told apart. Busy is the share of a core that the generator had; what a core-second does is the rate over it. SQLite works on the thread of the generator itself.',
      table(['', 'statements/s', 'over the tool', 'busy', 'per core-second', 'over the tool'], rows),
    ].join('\n\n');
  } finally {
    await postgres?.stop();
    await redis?.stop();
  }
}
