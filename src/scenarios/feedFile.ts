/** Opens the feeds of scenarios: their rows come from files beside the scenario file, or stand in it. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { PlimsollError } from '../errors.ts';
import { Cursor, isFeed, mostFeeds, type Feed, type Turn } from './feed.ts';
import type { Scenario } from './scenario.ts';

/** What a thread gives of each feed: one cursor, however many scenarios draw on it. */
export type OpenFeeds = ReadonlyMap<Feed<unknown>, Cursor>;

/** @throws PLM_DATA for what cannot be read, or has no row */
export function openFeeds(scenarios: readonly Scenario[], scenarioFile: string, turn: Turn): OpenFeeds {
  const open = new Map<Feed<unknown>, Cursor>();
  for (const { options } of scenarios) {
    for (const [name, feed] of Object.entries(options.data ?? {})) {
      if (!isFeed(feed)) throw new PlimsollError('PLM_DATA', `data.${name}`, 'it is not made by feed(...)');
      if (open.has(feed)) continue;
      const rows = readFeed(name, feed, scenarioFile);
      if (rows.length === 0) throw new PlimsollError('PLM_DATA', whatOf(name, feed), 'it has no row');
      if (open.size === mostFeeds)
        throw new PlimsollError('PLM_DATA', `data.${name}`, `it is one feed more than ${mostFeeds}`);
      open.set(feed, new Cursor(name, rows, feed.order, turn, open.size));
    }
  }
  return open;
}

const whatOf = (name: string, { source }: Feed<unknown>): string =>
  typeof source === 'string' ? `"${source}" of data.${name}` : `data.${name}`;

function readFeed(name: string, feed: Feed<unknown>, scenarioFile: string): readonly unknown[] {
  const { source } = feed;
  if (typeof source !== 'string') return source;
  const path = resolve(dirname(scenarioFile), source);
  try {
    const text = readFileSync(path, 'utf8');
    if (/\.csv$/i.test(path))
      return parse(text, { columns: distinct, bom: true, skip_empty_lines: true, trim: true });
    if (/\.(jsonl|ndjson)$/i.test(path)) return jsonLines(text);
  } catch (error) {
    throw new PlimsollError('PLM_DATA', whatOf(name, feed), (error as Error).message, error);
  }
  throw new PlimsollError('PLM_DATA', whatOf(name, feed), 'its name ends neither in .csv nor in .jsonl');
}

function distinct(names: string[]): string[] {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`two columns are called "${twice}"`);
  return names;
}

function jsonLines(text: string): unknown[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line) as unknown];
    } catch (error) {
      throw new Error(`line ${index + 1}: ${(error as Error).message}`, { cause: error });
    }
  });
}
