/**
 * The defects that can be planted, one at a time, and the capacity that each leaves by formula.
 *
 * 1. A defect works through the service's own machinery: what it costs is waited for, halted for or refused.
 * 2. Its times are real milliseconds; the time scale of the model does not touch them.
 * 3. Each has one known capacity, a long-run rate of answered turns, with the reason in words.
 */
import { capacityPerSecond, throughputPerSecond } from './formula.ts';
import type { ModelOptions } from './model.ts';

export type Defect =
  | { readonly kind: 'none' }
  /** A critical section that each turn passes alone, after the model has answered. */
  | { readonly kind: 'lock'; readonly sectionMs: number }
  /** Too few workers, each held for the whole turn. */
  | { readonly kind: 'pool'; readonly workers: number }
  /** Steps take `slowdown` times as long while more than `inFlight` turns are open. */
  | { readonly kind: 'cliff'; readonly inFlight: number; readonly slowdown: number }
  /** The process stops for `stopMs`, once every `everyMs`. */
  | { readonly kind: 'stall'; readonly stopMs: number; readonly everyMs: number }
  /** Turns above a token bucket are refused with 429. */
  | { readonly kind: 'rate-limit'; readonly perSecond: number; readonly burst: number }
  /** Each turn keeps memory, until `mostBytes` in all, so that a demo cannot fill the machine. */
  | { readonly kind: 'leak'; readonly bytesPerTurn: number; readonly mostBytes: number };

export type DefectKind = Defect['kind'];

export const plantable: { readonly [Kind in DefectKind]: Extract<Defect, { kind: Kind }> } = {
  none: { kind: 'none' },
  lock: { kind: 'lock', sectionMs: 11 },
  pool: { kind: 'pool', workers: 4 },
  cliff: { kind: 'cliff', inFlight: 40, slowdown: 2.5 },
  stall: { kind: 'stall', stopMs: 1000, everyMs: 20_000 },
  'rate-limit': { kind: 'rate-limit', perSecond: 60, burst: 8 },
  leak: { kind: 'leak', bytesPerTurn: 20 * 1024, mostBytes: 2 * 1024 ** 3 },
};

/** The known answer. */
export interface Ceiling {
  /** The most turns the service answers, per second, in the long run. */
  readonly perSecond: number;
  readonly why: string;
  /** What is left once the load has passed the edge, where the defect has one. */
  readonly beyond?: { readonly inFlight: number; readonly perSecond: number };
}

/** The capacity of the service by formula. @param workers of the service without the defect `pool` */
export function ceilingOf(model: ModelOptions, workers: number, defect: Defect): Ceiling {
  const perSecond = throughputPerSecond(model, defect.kind === 'pool' ? defect.workers : workers);
  const modelWhy =
    perSecond < capacityPerSecond(model)
      ? `${workers} workers do not fill the batch of the model`
      : 'the model with its batch full: 1 / (P·tp + O·(t0/B + ts)), over the time scale';
  switch (defect.kind) {
    case 'none':
      return { perSecond, why: modelWhy };
    case 'leak':
      return { perSecond, why: `${modelWhy}; every turn keeps ${defect.bytesPerTurn} bytes for ever` };
    case 'pool':
      return {
        perSecond,
        why: `${defect.workers} workers, each held for the whole turn; the batch of the model is never full`,
      };
    case 'lock': {
      const sectionPerSecond = 1000 / defect.sectionMs;
      if (sectionPerSecond >= perSecond) return { perSecond, why: modelWhy };
      return {
        perSecond: sectionPerSecond,
        why: `a critical section of ${defect.sectionMs} ms that every turn passes alone`,
      };
    }
    case 'rate-limit':
      if (defect.perSecond >= perSecond) return { perSecond, why: modelWhy };
      return {
        perSecond: defect.perSecond,
        why: `a token bucket of ${defect.perSecond} turns per second, burst ${defect.burst}; the rest gets 429`,
      };
    case 'stall':
      return {
        perSecond: perSecond * (1 - defect.stopMs / defect.everyMs),
        why: `${modelWhy}; the process stops for ${defect.stopMs} ms of every ${defect.everyMs} ms`,
      };
    case 'cliff':
      return {
        perSecond,
        why: `${modelWhy}; with more than ${defect.inFlight} turns in flight a step takes ${defect.slowdown} times as long`,
        beyond: { inFlight: defect.inFlight, perSecond: perSecond / defect.slowdown },
      };
  }
}
