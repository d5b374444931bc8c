/**
 * Seeded chance. The only place that makes random numbers; every draw is repeatable from its seed.
 * Generator: sfc32 (C. Doty-Humphrey, PractRand), seeded through splitmix32.
 */

/** Draws a number in [0, 1), 32 bits of resolution. */
export type Random = () => number;

/** @param seed any integer; @param stream a second integer, so that one seed serves many independent streams */
export function random(seed: number, stream = 0): Random {
  let state = (seed ^ Math.imul(stream + 1, 0x9e3779b9)) | 0;
  const mix = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return (z ^ (z >>> 15)) | 0;
  };
  let a = mix();
  let b = mix();
  let c = mix();
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** An exponential draw. @param mean above 0, in the unit of the result */
export function exponential(draw: Random, mean: number): number {
  return -mean * Math.log(1 - draw());
}

/** A standard normal draw (Box and Muller, 1958). */
export function normal(draw: Random): number {
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}

/** A log-normal draw with the given mean and coefficient of variation (0 gives the mean itself). */
export function logNormal(draw: Random, mean: number, coefficientOfVariation: number): number {
  if (coefficientOfVariation === 0) return mean;
  const variance = Math.log(1 + coefficientOfVariation ** 2);
  return mean * Math.exp(Math.sqrt(variance) * normal(draw) - variance / 2);
}
