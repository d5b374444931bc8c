/**
 * Rows that sessions draw on: users, questions, orders. `feed('users.csv')` in the options of a scenario, `data.users.next()`
 * in its function.
 *
 * 1. Over all threads of a run each row is given in its turn, to whichever asks next: they share one count.
 * 2. `sequential` begins again when all rows were given, `once` does not: a session that asks for more ends there, and with
 *    it the run. `random` draws from the seed of the run, with rows coming back.
 */
import { random, type Random } from '../random.ts';

export type FeedOrder = 'sequential' | 'random' | 'once';

const brand = Symbol.for('plimsoll.feed');

/** Where rows come from, as a scenario file says it. */
export interface Feed<Row> {
  readonly [brand]: true;
  /** A file beside the scenario file (.csv with a line of names, .jsonl), or the rows themselves. */
  readonly source: string | readonly Row[];
  readonly order: FeedOrder;
}

/** What a session draws on. */
export interface Rows<Row> {
  /** The next row. Ends the session, and the run, where there is none: of `once`. */
  next(): Row;
}

export interface FeedOptions {
  readonly order?: FeedOrder;
}

/** Rows of a file: of CSV each is its fields by name; of JSON lines say what they are: `feed<User>('users.jsonl')`. */
export function feed(source: string, options?: FeedOptions): Feed<Readonly<Record<string, string>>>;
export function feed<Row>(source: string | readonly Row[], options?: FeedOptions): Feed<Row>;
export function feed(
  source: string | readonly unknown[],
  { order = 'sequential' }: FeedOptions = {},
): Feed<unknown> {
  if (!['sequential', 'random', 'once'].includes(order)) {
    throw new TypeError(`feed: the order "${order}" is none of sequential, random and once`);
  }
  return Object.freeze({ [brand]: true as const, source, order });
}

/** Whatever module the file took `feed` from. */
export function isFeed(value: unknown): value is Feed<unknown> {
  return typeof value === 'object' && value !== null && brand in value;
}

/** The rows of a feed were all given. */
export class FeedEnded extends Error {
  constructor(name: string, rows: number) {
    super(`data.${name}: all ${rows} rows were given`);
    this.name = 'FeedEnded';
  }
}

/** How many feeds the scenarios of a run can draw on. */
export const mostFeeds = 256;

/** How many rows of each feed have been given: one count for all threads of a run. */
export type RowCounts = Int32Array<SharedArrayBuffer>;

export const noRowsGiven = (): RowCounts =>
  new Int32Array(new SharedArrayBuffer(mostFeeds * Int32Array.BYTES_PER_ELEMENT));

export interface Turn {
  /** Which of the threads this is, from 0. */
  readonly share: number;
  readonly seed: number;
  readonly given: RowCounts;
}

/** A feed as one thread gives it. */
export class Cursor implements Rows<unknown> {
  readonly #name: string;
  readonly #rows: readonly unknown[];
  readonly #order: FeedOrder;
  readonly #draw: Random;
  readonly #given: RowCounts;
  readonly #place: number;

  /**
   * @param rows at least one
   * @param place which of the feeds of the run this is, from 0: the same in every thread
   */
  constructor(
    name: string,
    rows: readonly unknown[],
    order: FeedOrder,
    { share, seed, given }: Turn,
    place: number,
  ) {
    this.#name = name;
    this.#rows = rows;
    this.#order = order;
    this.#given = given;
    this.#place = place;
    this.#draw = random(seed, 7001 + share);
  }

  next(): unknown {
    const { length } = this.#rows;
    if (this.#order === 'random') return this.#rows[Math.floor(this.#draw() * length)];
    // Unsigned: a count that runs over begins again.
    const nth = Atomics.add(this.#given, this.#place, 1) >>> 0;
    if (this.#order === 'once' && nth >= length) throw new FeedEnded(this.#name, length);
    return this.#rows[nth % length];
  }
}
