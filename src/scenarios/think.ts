/** How long a person thinks. Pure: the draw is given. */
import { normal, type Random } from '../random.ts';
import type { Think } from './scenario.ts';

const usualSigma = 0.6;

/** @returns milliseconds */
export function thinkMs(think: Think, random: Random): number {
  if (typeof think === 'number') return think * 1000;
  if ('median' in think) {
    const { median, sigma = usualSigma } = think;
    return 1000 * median * Math.exp(sigma * normal(random));
  }
  const [from, to] = think;
  return (from + (to - from) * random()) * 1000;
}
