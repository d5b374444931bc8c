/** What tools say of a target that knows its own times: a fixed service time, and a stall (analysis of coordinated omission). */
import { launch } from '../conformance/launch.ts';
import { answering } from './answering.ts';
import { stalledQuantileMs } from '../conformance/stall.ts';
import { fixed, median, pinning, plimsoll, say, table } from './sitting.ts';
import type { Peer, Said } from './tools.ts';

const nothing: Said = { perSecond: Number.NaN, p50Ms: Number.NaN, p99Ms: Number.NaN };

/** A server that takes exactly so long, however many ask. */
export async function serviceTimes(peers: readonly Peer[], runs: number, seconds: number): Promise<string> {
  const sections: string[] = [];
  for (const serviceMs of [5, 0.2]) {
    const target = await answering(serviceMs);
    try {
      const connections = 10;
      const said = new Map<string, Said[]>();
      for (let run = 0; run < runs; run++) {
        const { level } = await plimsoll(target.url, ['--users', String(connections)], seconds);
        const own = {
          perSecond: level.throughput?.value ?? Number.NaN,
          p50Ms: level.service.p50 ?? Number.NaN,
          p99Ms: level.service.p99 ?? Number.NaN,
        };
        said.set('plimsoll', [...(said.get('plimsoll') ?? []), own]);
        for (const { name, closed } of peers) {
          said.set(name, [...(said.get(name) ?? []), await closed(target.url, connections, seconds)]);
        }
      }
      const rows = [...said].map(([name, each]) => [
        name,
        fixed(median(each.map(({ p50Ms }) => p50Ms)), 2),
        fixed(median(each.map(({ p99Ms }) => p99Ms)), 2),
      ]);
      for (const row of rows) say(`${serviceMs} ms: ${row.join('  ')}`);
      sections.push(
        `A server that takes ${serviceMs} ms, asked over ${connections} connections (ms):\n\n${table(['tool', 'p50', 'p99'], rows)}`,
      );
    } finally {
      await target.stop();
    }
  }
  return `## What the client adds\n\n${sections.join('\n\n')}`;
}

const stall = { baseMs: 5, stallMs: 1000, everyMs: 10_000 } as const;
const perSecond = 200;

/** 200 requests a second on a server that stands still for a second in every ten. */
export async function stalls(peers: readonly Peer[]): Promise<string> {
  const rows: string[][] = [
    ['the truth', fixed(stalledQuantileMs(0.5, 0.1), 1), fixed(stalledQuantileMs(0.99, 0.1), 1)],
  ];
  const target = await launch({ kind: 'stall', ...stall }, 1, pinning);
  try {
    // A tenth is not judged: 33 s leave 30, with three stalls.
    const { level } = await plimsoll(target.url, ['--rate', `${perSecond}/s`, '--arrivals', 'even'], 33);
    rows.push([
      'plimsoll',
      fixed(level.response.p50 ?? Number.NaN, 1),
      fixed(level.response.p99 ?? Number.NaN, 1),
    ]);
    for (const { name, open, closed } of peers) {
      const said =
        open === null
          ? await closed(target.url, 10, 30)
          : await open(target.url, perSecond, 10, 30).catch(() => nothing);
      rows.push([
        open === null ? `${name} (closed load, all it has)` : name,
        fixed(said.p50Ms, 1),
        fixed(said.p99Ms, 1),
      ]);
    }
  } finally {
    await target.stop();
  }
  for (const row of rows) say(`stall: ${row.join('  ')}`);
  return `## A target that stalls\n\n${perSecond} requests a second on a server that takes ${stall.baseMs} ms and stands still for ${stall.stallMs / 1000} s in every ${stall.everyMs / 1000} s (ms):\n\n${table(['tool', 'p50', 'p99'], rows)}`;
}
