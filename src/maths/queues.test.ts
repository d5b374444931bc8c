import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../random.ts';
import { exponential } from '../random.ts';
import {
  blockedShare,
  closedNetwork,
  closedStation,
  erlangB,
  erlangC,
  highestRateForMean,
  highestRateForQuantile,
  meanResponse,
  meanResponseFixedService,
  meanWait,
  meanWaitApproximate,
  meanWaitOneServer,
  responseQuantile,
  shareSlowerThan,
} from './queues.ts';

/**
 * M/M/c, S = 10 ms: servers, utilisation, share that waits, mean wait, mean response and its 50, 95, 99 % quantiles in
 * ms. Computed independently from Erlang's C formula (research/analysis.md §7), printed to 6 decimals.
 */
// prettier-ignore
const manyServers = [
  [1, 0.5, 0.5, 10.0, 20.0, 13.862944, 59.914645, 92.103404],
  [1, 0.7, 0.7, 23.333333, 33.333333, 23.104906, 99.857742, 153.505673],
  [1, 0.8, 0.8, 40.0, 50.0, 34.657359, 149.786614, 230.258509],
  [1, 0.9, 0.9, 90.0, 100.0, 69.314718, 299.573227, 460.517019],
  [1, 0.95, 0.95, 190.0, 200.0, 138.629436, 599.146455, 921.034037],
  [2, 0.5, 0.333333, 3.333333, 13.333333, 9.744116, 38.164603, 56.659607],
  [2, 0.7, 0.576471, 9.607843, 19.607843, 14.51145, 55.455292, 82.655765],
  [2, 0.8, 0.711111, 17.777778, 27.777778, 20.400314, 79.106843, 119.373702],
  [2, 0.9, 0.852632, 42.631579, 52.631579, 37.691594, 152.972389, 233.4443],
  [2, 0.95, 0.925641, 92.564103, 102.564103, 72.119688, 302.382401, 463.326192],
  [4, 0.5, 0.173913, 0.869565, 10.869565, 7.834098, 31.497043, 47.642484],
  [4, 0.7, 0.428654, 3.572119, 13.572119, 10.285469, 37.524958, 54.925575],
  [4, 0.8, 0.596432, 7.455406, 17.455406, 13.461991, 47.380195, 68.932037],
  [4, 0.9, 0.787753, 19.693832, 29.693832, 22.545037, 81.655248, 121.931674],
  [4, 0.95, 0.891419, 44.57095, 54.57095, 39.855607, 155.196735, 235.668651],
  [8, 0.5, 0.059044, 0.14761, 10.14761, 7.103433, 30.152202, 46.246603],
  [8, 0.7, 0.270603, 1.127512, 11.127512, 8.168622, 31.705297, 47.81682],
  [8, 0.8, 0.457645, 2.860281, 12.860281, 9.863344, 35.084426, 51.521816],
  [8, 0.9, 0.701533, 8.769162, 18.769162, 14.893553, 49.251468, 70.873474],
  [8, 0.95, 0.844169, 21.104216, 31.104216, 24.100539, 83.38024, 123.660486],
  [16, 0.5, 0.009019, 0.011274, 10.011274, 6.944248, 29.970198, 46.064578],
  [16, 0.7, 0.129676, 0.270158, 10.270158, 7.245986, 30.292878, 46.38726],
  [16, 0.8, 0.304884, 0.952762, 10.952762, 8.018564, 31.253916, 47.349516],
  [16, 0.9, 0.591343, 3.695896, 13.695896, 10.780098, 36.235435, 52.698346],
  [16, 0.95, 0.780192, 9.752406, 19.752406, 15.961689, 50.51483, 72.166056],
  [32, 0.5, 0.000291, 0.000182, 10.000182, 6.931666, 29.957517, 46.051896],
  [32, 0.7, 0.038019, 0.039604, 10.039604, 6.975474, 30.001434, 46.095813],
  [32, 0.8, 0.160623, 0.250974, 10.250974, 7.218724, 30.250435, 46.344814],
  [32, 0.9, 0.458197, 1.431864, 11.431864, 8.557553, 31.847667, 47.943562],
  [32, 0.95, 0.69571, 4.348188, 14.348188, 11.490519, 37.057445, 53.5319],
  [64, 0.5, 0.0, 0.0, 10.0, 6.931472, 29.957323, 46.051702],
  [64, 0.7, 0.004413, 0.002298, 10.002298, 6.933896, 29.959747, 46.054126],
  [64, 0.8, 0.056056, 0.043794, 10.043794, 6.978852, 30.004716, 46.099095],
  [64, 0.9, 0.310663, 0.485411, 10.485411, 7.481255, 30.516685, 46.611064],
  [64, 0.95, 0.588011, 1.837534, 11.837534, 9.00499, 32.324313, 48.420363],
] as const;

/** Within 1e-5, or within the last printed decimal. */
function expectPrinted(got: number, printed: number): void {
  expect(Math.abs(got - printed)).toBeLessThanOrEqual(Math.max(1e-5 * Math.abs(printed), 5.1e-7));
}

describe('M/M/c', () => {
  it.each(manyServers)('with %i servers at utilisation %f agrees with the table', (...row) => {
    const [servers, busy, waits, waitMs, responseMs, p50, p95, p99] = row;
    const queue = { servers, serviceSeconds: 0.01, ratePerSecond: busy * servers * 100 };
    expectPrinted(erlangC(servers, busy * servers), waits);
    expectPrinted(1000 * meanWait(queue), waitMs);
    expectPrinted(1000 * meanResponse(queue), responseMs);
    expectPrinted(1000 * responseQuantile(queue, 0.5), p50);
    expectPrinted(1000 * responseQuantile(queue, 0.95), p95);
    expectPrinted(1000 * responseQuantile(queue, 0.99), p99);
  });

  it('agrees with a simulated queue of 3 servers', () => {
    const draw = random(20, 5);
    const queue = { servers: 3, serviceSeconds: 0.02, ratePerSecond: 110 };
    const freeAt = [0, 0, 0];
    let now = 0;
    let slow = 0;
    let sum = 0;
    const count = 200_000;
    for (let i = 0; i < count; i++) {
      now += exponential(draw, 1 / queue.ratePerSecond);
      const server = freeAt.indexOf(Math.min(...freeAt));
      const end = Math.max(now, freeAt[server] ?? 0) + exponential(draw, queue.serviceSeconds);
      freeAt[server] = end;
      sum += end - now;
      if (end - now > 0.07) slow++;
    }
    expect(sum / count / meanResponse(queue)).toBeCloseTo(1, 1.3);
    expect(slow / count / shareSlowerThan(queue, 0.07)).toBeCloseTo(1, 1.3);
  });

  it('is M/M/1 with one server: response is exponential', () => {
    const queue = { servers: 1, serviceSeconds: 0.013, ratePerSecond: 61 };
    for (const quantile of [0.25, 0.9, 0.999]) {
      expect(responseQuantile(queue, quantile)).toBeCloseTo(
        (-Math.log(1 - quantile) * 0.013) / (1 - 61 * 0.013),
        12,
      );
    }
  });

  it('is continuous where draining and service are equally fast', () => {
    const around = [-1e-7, 0, 1e-7].map((nudge) =>
      shareSlowerThan({ servers: 3, serviceSeconds: 0.5, ratePerSecond: 4 + nudge }, 1.7),
    );
    expect(around[0]).toBeCloseTo(around[1] ?? 0, 7);
    expect(around[2]).toBeCloseTo(around[1] ?? 0, 7);
  });

  it('waits without end from saturation on, and never gives NaN', () => {
    for (const ratePerSecond of [50, 73]) {
      const queue = { servers: 4, serviceSeconds: 0.08, ratePerSecond };
      expect(meanWait(queue)).toBe(Number.POSITIVE_INFINITY);
      expect(responseQuantile(queue, 0.5)).toBe(Number.POSITIVE_INFINITY);
      expect(shareSlowerThan(queue, 9)).toBe(1);
    }
    expect(responseQuantile({ servers: 2, serviceSeconds: 0.3, ratePerSecond: 0 }, 0)).toBe(0);
  });

  it.each([
    // GT4 to GT6 of the ground truth: servers, service seconds, quantile, limit seconds, highest rate
    [1, 0.01, 0.95, 0.1, 70.0427],
    [1, 0.01, 0.99, 0.1, 53.9483],
    [4, 0.02, 0.95, 0.1, 163.0362],
    [4, 0.02, 0.99, 0.15, 164.4636],
    [16, 0.01, 0.99, 0.06, 1488.4028],
  ])(
    '%i servers of %f s hold the %f quantile below %f s up to %f/s',
    (servers, serviceSeconds, quantile, limit, rate) => {
      expect(highestRateForQuantile({ servers, serviceSeconds }, quantile, limit)).toBeCloseTo(rate, 3);
    },
  );

  it('finds the highest rate for a mean response', () => {
    expect(highestRateForMean({ servers: 1, serviceSeconds: 0.01 }, 0.05)).toBeCloseTo(80, 9); // GT4
    expect(highestRateForMean({ servers: 4, serviceSeconds: 0.02 }, 0.03)).toBeCloseTo(149.4867, 4); // GT5
  });

  it('has no highest rate where an idle server is too slow already', () => {
    expect(highestRateForQuantile({ servers: 5, serviceSeconds: 0.02 }, 0.99, 0.09)).toBeNull(); // 92 ms when idle
    expect(highestRateForMean({ servers: 5, serviceSeconds: 0.02 }, 0.019)).toBeNull();
  });

  it('slows down with load and speeds up with servers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0.05, max: 0.9, noNaN: true }),
        fc.double({ min: 0.001, max: 3, noNaN: true }),
        (servers, busy, serviceSeconds) => {
          const ratePerSecond = (busy * servers) / serviceSeconds;
          const queue = { servers, serviceSeconds, ratePerSecond };
          const p95 = responseQuantile(queue, 0.95);
          expect(shareSlowerThan(queue, p95)).toBeCloseTo(0.05, 9);
          expect(responseQuantile({ ...queue, ratePerSecond: 1.05 * ratePerSecond }, 0.95)).toBeGreaterThan(
            p95 * (1 - 1e-9),
          );
          expect(responseQuantile({ ...queue, servers: servers + 1 }, 0.95)).toBeLessThan(p95 * (1 + 1e-9));
        },
      ),
    );
  });
});

describe('M/G/1 and its kin', () => {
  it('M/D/1 of 10 ms at 80/s answers in 30 ms', () => {
    expect(meanResponseFixedService(0.01, 80)).toBeCloseTo(0.03, 12); // GT7
  });

  it('M/G/1 with 90 % of 5 ms and 10 % of 55 ms at 80/s answers in 75 ms', () => {
    const serviceVariation = Math.sqrt(325e-6 - 1e-4) / 0.01; // GT8: E[S²] = 325e-6 s²
    expect(
      0.01 + meanWaitOneServer({ serviceSeconds: 0.01, serviceVariation, ratePerSecond: 80 }),
    ).toBeCloseTo(0.075, 12);
  });

  it('M/G/1 with exponential service is M/M/1, and so is the approximation of M/G/c', () => {
    const wait = meanWait({ servers: 1, serviceSeconds: 0.03, ratePerSecond: 21 });
    expect(meanWaitOneServer({ serviceSeconds: 0.03, serviceVariation: 1, ratePerSecond: 21 })).toBeCloseTo(
      wait,
      12,
    );
    expect(
      meanWaitApproximate({ servers: 1, serviceSeconds: 0.03, ratePerSecond: 21 }, { service: 0.4 }),
    ).toBeCloseTo(meanWaitOneServer({ serviceSeconds: 0.03, serviceVariation: 0.4, ratePerSecond: 21 }), 12);
  });

  it('M/M/c/K without room to wait is Erlang B, and 1/(K+1) for one server at its limit', () => {
    expect(blockedShare({ servers: 7, serviceSeconds: 0.5, ratePerSecond: 11 }, 7)).toBeCloseTo(
      erlangB(7, 5.5),
      12,
    );
    expect(blockedShare({ servers: 1, serviceSeconds: 0.25, ratePerSecond: 4 }, 9)).toBeCloseTo(0.1, 12);
    // one server twice overloaded turns away half of it, whatever the room
    expect(blockedShare({ servers: 1, serviceSeconds: 0.5, ratePerSecond: 4 }, 3000)).toBeCloseTo(0.5, 12);
  });
});

describe('closed loads', () => {
  const eight = { servers: 8, serviceSeconds: 0.04 };
  // GT3, exact; mean value analysis in double precision gives −572 per second at 200 users
  it.each([
    [1, 1, 40],
    [50, 49.9998, 40.0045],
    [100, 99.9522, 40.4785],
    [150, 149.1509, 45.6931],
    [180, 176.4696, 60.0057],
    [200, 190.9434, 87.431],
    [220, 198.513, 148.2395],
    [260, 199.9996, 340.0028],
  ])(
    '%i thinking users make %f requests per second at 8 servers, and wait %f ms',
    (users, throughput, responseMs) => {
      const found = closedStation(eight, users, 0.96);
      expect(found.throughput).toBeCloseTo(throughput, 3.9);
      expect(1000 * found.responseSeconds).toBeCloseTo(responseMs, 2);
      expect(found.utilisation[0]).toBeCloseTo(throughput / 200, 6);
    },
  );

  it('thousands of users do not overflow', () => {
    const found = closedStation(eight, 20_000, 30);
    expect(found.throughput).toBeCloseTo(200, 6);
    expect(closedNetwork([{ demandSeconds: 0.04, servers: 8 }], 900, 30).throughput).toBeCloseTo(
      closedStation(eight, 900, 30).throughput,
      6,
    );
  });

  it('users that do not think fill the servers and then wait', () => {
    expect(closedStation(eight, 5, 0).throughput).toBeCloseTo(125, 9);
    expect(closedStation(eight, 19, 0).throughput).toBeCloseTo(200, 9);
  });

  it.each([
    [
      'a pool of 10 connections (GT9)',
      [0.005, 8],
      [0.05, 10],
      [
        [1, 18.1818],
        [5, 90.9091],
        [10, 181.8182],
        [11, 193.2275],
        [16, 199.9982],
        [32, 200],
      ],
    ],
    [
      'a lock (GT10)',
      [0.002, 1],
      [0.008, 8],
      [
        [1, 100],
        [2, 192.3077],
        [4, 344.6602],
        [5, 400.4666],
        [8, 484.79],
        [16, 499.9423],
        [32, 500],
      ],
    ],
    [
      'a disk (GT11)',
      [0.012, 4],
      [0.004, 1],
      [
        [1, 62.5],
        [2, 117.6471],
        [4, 198.4733],
        [8, 238.5404],
        [16, 248.9791],
        [32, 249.9899],
      ],
    ],
  ] as const)('behind %s throughput is as Buzen has it', (_name, first, second, expected) => {
    for (const [users, throughput] of expected) {
      const found = closedNetwork(
        [first, second].map(([demandSeconds, servers]) => ({ demandSeconds, servers })),
        users,
      );
      expect(found.throughput).toBeCloseTo(throughput, 3.9);
      expect(found.responseSeconds * found.throughput).toBeCloseTo(users, 9);
      expect(found.utilisation[0]).toBeCloseTo((throughput * first[0]) / first[1], 5);
    }
  });

  it('three single servers with thinking users agree with exact mean value analysis', () => {
    // demands .605, 2.1, 1.35 s, Z = 15 s; R, X by the arrival theorem (exact for single servers), computed separately
    const stations = [0.605, 2.1, 1.35].map((demandSeconds) => ({ demandSeconds, servers: 1 }));
    for (const [users, throughput, response] of [
      [1, 0.0525, 4.055],
      [3, 0.1515, 4.7998],
      [5, 0.2405, 5.793],
      [10, 0.4002, 9.9872],
      [20, 0.4745, 27.1482],
    ] as const) {
      const found = closedNetwork(stations, users, 15);
      expect(found.throughput).toBeCloseTo(throughput, 4);
      expect(found.responseSeconds).toBeCloseTo(response, 3);
    }
  });

  it('one station is the same by birth-death and by convolution', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0.001, max: 2, noNaN: true }),
        fc.double({ min: 0, max: 5, noNaN: true }),
        (servers, users, serviceSeconds, thinkSeconds) => {
          const death = closedStation({ servers, serviceSeconds }, users, thinkSeconds);
          const convolved = closedNetwork([{ demandSeconds: serviceSeconds, servers }], users, thinkSeconds);
          expect(death.throughput / convolved.throughput).toBeCloseTo(1, 9);
        },
      ),
    );
  });
});
