/** Open load on time: how late requests leave, and what waiting costs. */
import { answering } from './answering.ts';
import { fixed, median, plimsoll, say, table, whole } from './sitting.ts';

/** Of an open trial the first tenth is left out, by whole seconds: in it connections are opened. */
const longEnough = (seconds: number): number => Math.max(10, seconds);

export async function lateness(runs: number, seconds: number): Promise<string> {
  const server = await answering();
  try {
    const rows: string[][] = [];
    for (const perSecond of [100, 1000, 5000, 20_000]) {
      const found: Awaited<ReturnType<typeof plimsoll>>[] = [];
      for (let run = 0; run < runs; run++) {
        found.push(await plimsoll(server.url, ['--rate', `${perSecond}/s`], longEnough(seconds)));
      }
      const middle = (read: (each: (typeof found)[number]) => number | null): number =>
        median(found.map((each) => read(each) ?? Number.NaN));
      const row = [
        whole(perSecond),
        fixed(
          middle(({ level }) => level.lag.p50),
          2,
        ),
        fixed(
          middle(({ level }) => level.lag.p99),
          2,
        ),
        `${whole(100 * middle(({ level }) => level.generator.cpu))} %`,
        `${fixed(
          middle(({ level }) => (100 * level.requests.dropped) / level.requests.due),
          2,
        )} %`,
        `${fixed(
          middle(({ level }) => level.requests.sent / (level.durationMs / 1000) / perSecond),
          3,
        )}`,
      ];
      say(`sending on time: ${row.join('  ')}`);
      rows.push(row);
    }
    return `## Sending on time\n\nPoisson arrivals; late is the instant of sending less the instant that was due, in milliseconds; busy is the worker thread's share of a core.\n\n${table(
      ['requests/s', 'late p50', 'late p99', 'busy', 'dropped', 'sent over asked'],
      rows,
    )}`;
  } finally {
    await server.stop();
  }
}
