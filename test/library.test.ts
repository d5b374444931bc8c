import { describe, expect, it } from 'vitest';
import * as library from '../src/index.ts';

describe('the library', () => {
  it('exports these names and no others', () => {
    expect(Object.keys(library).sort()).toMatchInlineSnapshot(`
      [
        "Histogram",
        "PlimsollError",
        "Tally",
        "amdahlLimit",
        "assessment",
        "baseline",
        "benchmark",
        "blockedShare",
        "budgets",
        "capacity",
        "capacityOf",
        "classifyLoad",
        "clopperPearsonInterval",
        "closedNetwork",
        "closedStation",
        "conditionalThroughput",
        "conduct",
        "conductNow",
        "csv",
        "defaultObjectives",
        "describeObjectives",
        "erlangB",
        "erlangC",
        "errorTable",
        "exitCodes",
        "expect",
        "exponentialServers",
        "feed",
        "fitAmdahl",
        "fitLinear",
        "fitScaling",
        "fitUsl",
        "fixedServers",
        "goodNeeded",
        "heldLoad",
        "highestRateForMean",
        "highestRateForQuantile",
        "html",
        "junit",
        "kneeOf",
        "kneedle",
        "lock",
        "markdown",
        "meanResponse",
        "meanResponseFixedService",
        "meanWait",
        "meanWaitApproximate",
        "meanWaitOneServer",
        "measure",
        "parseObjectives",
        "peakUsers",
        "pool",
        "powerKnee",
        "powerKneeUsers",
        "quantileInterval",
        "random",
        "rateInterval",
        "relevantBounds",
        "reportSchema",
        "requestsForMargin",
        "responseAt",
        "responseQuantile",
        "saturationUsers",
        "scaling",
        "scalingOf",
        "scenario",
        "simulated",
        "steadiness",
        "steadyStart",
        "terminal",
        "throughputAt",
        "throughputAtResponse",
        "universal",
        "usersAtResponse",
        "wilsonInterval",
        "withBoundedQueue",
        "withCliff",
        "withConnectionCap",
        "withRateLimit",
        "withWarmUp",
      ]
    `);
  });

  it('assesses a simulated target and finds what it carries', () => {
    const objectives = library.parseObjectives('p95<100ms,errors<1%');
    const perform = library.simulated(library.exponentialServers(6, 25), 3, { objectives });
    const { capacity } = library.conductNow(
      library.assessment({
        budget: library.budgets.standard,
        objectives,
        maxUsers: 500,
        maxRatePerSecond: 10_000,
        margin: 0.2,
        arrivals: 'poisson',
        seed: 3,
        until: 'capacity',
      }),
      perform,
    );
    const truth = library.highestRateForQuantile({ servers: 6, serviceSeconds: 0.025 }, 0.95, 0.1) ?? 0;
    expect(capacity?.sustainable?.value).toBeGreaterThan(0.95 * truth);
    expect(capacity?.sustainable?.value).toBeLessThan(1.05 * truth);
  });
});
