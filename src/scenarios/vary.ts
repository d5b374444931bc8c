/** Variety from a user's own seeded chance, so that no two users say the same and every run says it again. */
import type { Random } from '../random.ts';

export interface Vary {
  /** A whole number, both ends included. */
  whole(from: number, to: number): number;
  /** One of these. */
  pick<Item>(items: readonly [Item, ...Item[]] | readonly Item[]): Item;
  /** A line of plain words, 6 to 14 when left out. */
  line(words?: number): string;
}

export function varyBy(random: Random): Vary {
  const whole = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const pick = <Item>(items: readonly Item[]): Item => {
    if (items.length === 0) throw new TypeError('vary.pick: there is nothing to pick from');
    return items[Math.floor(random() * items.length)] as Item;
  };
  return {
    whole,
    pick,
    line: (count = whole(6, 14)) => {
      const text = Array.from({ length: count }, () => pick(words)).join(' ');
      return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
    },
  };
}

const words = (
  'a again all and anchor any at away back before below boat book bring bridge calm carry chart clear coast cold come ' +
  'could count day deck deep down early evening every far find first five follow for from gave give good harbour have ' +
  'heavy help here high hold hour how hull if in into island it keep land last late lay leave left light line little ' +
  'load long look low mark may mean more morning much near need never new night north not now of old on once one open ' +
  'or our out over own paint part people place plain port question quiet rain read rest right river rope round sail ' +
  'same sea see send shall ship shore should side sky small so some south stay still stone storm such take talk tell ' +
  'ten that the their then there they think this three tide time to today together turn two under until up us very ' +
  'wait warm was watch water way we week well were west what when where which while who why wind with word work would ' +
  'write year yes you young'
).split(' ');
