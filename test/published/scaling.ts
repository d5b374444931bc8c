/** Throughput against users, published measurements. Source and answers: usl.test.ts. */

interface Point {
  readonly users: number;
  readonly throughput: number;
}

function points(users: readonly number[], throughput: readonly number[]): Point[] {
  return users.map((n, i) => ({ users: n, throughput: throughput[i] ?? 0 }));
}

/** SPEC SDM91 on a Sun SPARCcenter 2000: virtual users, throughput as published. N. J. Gunther, Guerrilla Capacity Planning (2007). */
export const specsdm91 = points(
  [1, 18, 36, 72, 108, 144, 216],
  [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2],
);

/** BRL-CAD ray tracer on an SGI Origin 2000: processors, throughput as published. Gunther (2007). */
export const raytracer = points(
  [1, 4, 8, 12, 16, 20, 24, 28, 32, 48, 64],
  [20, 78, 130, 170, 190, 200, 210, 230, 260, 280, 310],
);

/** Exact values of α = β = .02, γ = 1, printed to 5 digits. R package usl, tests/coef. */
export const exact6 = points([1, 2, 4, 6, 8, 10], [1, 1.8868, 3.0769, 3.5294, 3.5398, 3.3557]);

/** Cisco benchmark, 1 to 32 threads. B. Schwartz, Practical Scalability Analysis with the Universal Scalability Law. */
export const cisco = points(
  Array.from({ length: 32 }, (_, i) => i + 1),
  [
    955.16, 1878.91, 2688.01, 3548.68, 4315.54, 5130.43, 5931.37, 6531.08, 7219.8, 7867.61, 8278.71, 8646.7,
    9047.84, 9426.55, 9645.37, 9897.24, 10097.6, 10240.5, 10532.39, 10798.52, 11151.43, 11518.63, 11806,
    12089.37, 12075.41, 12177.29, 12211.41, 12158.93, 12155.27, 12118.04, 12140.4, 12074.39,
  ],
);
