/**
 * The house as data: which room may import which (DESIGN.md section 4), and what pure rooms never touch.
 * The rule is read here; code that breaks it fails here.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const lobby = ['clock.ts', 'errors.ts', 'random.ts', 'units.ts'];

/** A room and the rooms that it may import from, beside itself. The lobby is open to all. */
const house = {
  lobby: [],
  maths: [],
  model: ['maths'],
  experiments: ['maths', 'model'],
  diagnosis: ['maths', 'model'],
  report: ['maths', 'model'],
  protocols: ['model'],
  scenarios: ['model', 'protocols'],
  recipes: ['model', 'protocols', 'scenarios'],
  engine: ['maths', 'model', 'protocols', 'scenarios', 'recipes'],
  monitors: ['model'],
  demo: [],
  /** Joins the rooms; only its own entries exit. */
  cli: [
    'maths',
    'model',
    'experiments',
    'diagnosis',
    'report',
    'protocols',
    'scenarios',
    'recipes',
    'engine',
    'monitors',
    'demo',
  ],
  /** src/index.ts: what other programs may import. */
  library: ['maths', 'model', 'experiments', 'report', 'scenarios'],
} as const satisfies Record<string, readonly string[]>;
type Room = keyof typeof house;

/** Same input, same output: no file, no socket, no clock, no chance. */
const pure: readonly Room[] = ['maths', 'model', 'experiments', 'diagnosis', 'report'];

/** The page is built by Vite and run by a browser: its build file and its own globals are not the room's. */
const buildFiles = ['report/page/vite.config.ts'];

/** Who may read the machine's clocks: where the instants themselves are the work. */
const clockReaders: readonly Room[] = ['engine', 'protocols', 'scenarios', 'monitors', 'cli', 'demo'];

/** Programs of their own, which end themselves; everything else returns or throws. */
const entries = ['engine/worker.ts', 'demo/service.ts'];

const src = fileURLToPath(new URL('../src', import.meta.url));

interface SourceFile {
  /** From src, with forward slashes. */
  readonly path: string;
  readonly room: Room;
  readonly text: string;
  /** What it imports, as written. */
  readonly imports: readonly string[];
}

function roomOf(path: string): Room {
  const [first = ''] = path.split('/');
  if (path === 'index.ts') return 'library';
  if (lobby.includes(path)) return 'lobby';
  return first as Room;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}

function read(path: string): SourceFile {
  const text = withoutComments(readFileSync(join(src, path), 'utf8'));
  const imports = [
    ...[...text.matchAll(/^\s*(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm)].map(
      (match) => match[1],
    ),
    ...[...text.matchAll(/\bimport\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1]),
  ].filter((each) => each !== undefined);
  return { path, room: roomOf(path), text, imports };
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /\.tsx?$/.test(path) && !/\.(test|d)\.tsx?$/.test(path))
  .map(read);

/** The file inside src that an import names; null for a package. */
function target(file: SourceFile, imported: string): string | null {
  if (!imported.startsWith('.')) return null;
  return relative(src, resolve(src, dirname(file.path), imported)).replaceAll('\\', '/');
}

describe('rooms', () => {
  it('are those of the table', () => {
    const found = new Set<string>(files.map((file) => file.room));
    expect([...found].sort()).toEqual(Object.keys(house).sort());
    expect(files.flatMap((file) => file.imports).length).toBeGreaterThan(400);
  });

  it('import only from where the table allows', () => {
    const forbidden = files.flatMap((file) =>
      file.imports.flatMap((imported) => {
        const path = target(file, imported);
        if (path === null) return [];
        if (path.startsWith('..')) return [`${file.path} leaves src: ${imported}`];
        const room = roomOf(path);
        const allowed: readonly string[] = ['lobby', file.room, ...(house[file.room] ?? [])];
        return allowed.includes(room) ? [] : [`${file.path} (${file.room}) imports ${path} (${room})`];
      }),
    );
    expect(forbidden).toEqual([]);
  });

  it('import files that exist, by their full name', () => {
    const known = new Set(readdirSync(src, { recursive: true, encoding: 'utf8' }));
    const missing = files.flatMap((file) =>
      file.imports
        .map((imported) => target(file, imported))
        .filter((path) => path !== null && !path.startsWith('..') && !known.has(path.replace(/\?.*$/, '')))
        .map((path) => `${file.path} imports ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it('have no cycles between files', () => {
    const edges = new Map(
      files.map((file) => [
        file.path,
        file.imports.map((each) => target(file, each)).filter((each) => each !== null),
      ]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
        return;
      }
      if (done.has(path)) return;
      for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const file of files) visit(file.path, []);
    expect(cycles).toEqual([]);
  });
});

describe('pure rooms', () => {
  const inside = files.filter((file) => pure.includes(file.room) && !buildFiles.includes(file.path));

  it('import nothing of Node', () => {
    const found = inside.flatMap((file) =>
      file.imports.filter((each) => each.startsWith('node:')).map((each) => `${file.path} imports ${each}`),
    );
    expect(found).toEqual([]);
  });

  it('use no timer, no process and no network', () => {
    const touched = /\b(setTimeout|setInterval|setImmediate|process\.(env|cwd|argv|stdout|pid)|fetch\()/;
    const found = inside
      .filter((file) => !file.path.startsWith('report/page/'))
      .filter((file) => touched.test(file.text))
      .map((file) => file.path);
    expect(found).toEqual([]);
  });
});

describe('time and chance are arguments', () => {
  it.each([
    [/\b(Date\.now|performance\.(now|timeOrigin)|new Date\(\))/, 'clock.ts'],
    [/\bprocess\.hrtime/, 'clock.ts'],
  ])('%s only where instants are the work', (reading, home) => {
    const found = files
      .filter((file) => file.path !== home && !clockReaders.includes(file.room) && reading.test(file.text))
      .map((file) => file.path);
    expect(found).toEqual([]);
  });

  it('Math.random nowhere: all chance is seeded', () => {
    const found = files.filter((file) => /\bMath\.random\b/.test(file.text)).map((file) => file.path);
    expect(found).toEqual([]);
  });
});

describe('ends', () => {
  it('process.exit only in the command line and in programs of their own', () => {
    const found = files
      .filter((file) => /\bprocess\.(exit|abort|kill\(process\.pid)/.test(file.text))
      .filter(
        (file) => file.room !== 'cli' && !entries.includes(file.path) && !file.path.includes('/testing/'),
      )
      .map((file) => file.path);
    expect(found).toEqual([]);
  });
});

describe('names', () => {
  it('of files are ideas, not kinds', () => {
    const kinds = /^(utils?|helpers?|common|types?|constants?|misc|shared|index)\.tsx?$/;
    const found = files.filter((file) => kinds.test(basename(file.path)) && file.path !== 'index.ts');
    expect(found.map((file) => file.path)).toEqual([]);
  });

  it('of a file that is longer than a thousand lines would be a second idea', () => {
    const found = files.filter((file) => file.text.split('\n').length > 1000).map((file) => file.path);
    expect(found).toEqual([]);
  });
});
