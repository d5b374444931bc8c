import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlimsollError } from '../errors.ts';
import {
  stepOf,
  describeObjective,
  describeObjectives,
  limitsOf,
  parseObjectives,
  quantileOf,
  responseLimitMs,
} from './objectives.ts';

function codeOf(text: string): string {
  try {
    parseObjectives(text);
  } catch (error) {
    if (error instanceof PlimsollError) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('an objective is written as people write it', () => {
  it.each([
    ['p95<500ms', 'response.p95', '<', 500, 'ms'],
    ['response.p95<500ms', 'response.p95', '<', 500, 'ms'],
    ['service.p99<2s', 'service.p99', '<', 2000, 'ms'],
    ['p99.9<1.5s', 'response.p99.9', '<', 1500, 'ms'],
    ['p999<80ms', 'response.p999', '<', 80, 'ms'],
    ['mean<70ms', 'response.mean', '<', 70, 'ms'],
    ['service.max<3s', 'service.max', '<', 3000, 'ms'],
    ['errors<1%', 'errors', '<', 0.01, 'ratio'],
    ['errors<0.25%', 'errors', '<', 0.0025, 'ratio'],
    ['lost<0.1%', 'lost', '<', 0.001, 'ratio'],
    ['duplicated < 2 %', 'duplicated', '<', 0.02, 'ratio'],
    ['reordered<=5%', 'reordered', '<', 0.05, 'ratio'],
    ['throughput>100/s', 'throughput', '>', 100, '1/s'],
    ['throughput>90/m', 'throughput', '>', 1.5, '1/s'],
    ['p95<=500ms', 'response.p95', '<', 500, 'ms'],
    ['  p95  <  500ms  ', 'response.p95', '<', 500, 'ms'],
    ['p95 < 500 ms', 'response.p95', '<', 500, 'ms'],
    ['errors < 1 %', 'errors', '<', 0.01, 'ratio'],
    ['throughput > 100 / s', 'throughput', '>', 100, '1/s'],
  ])('%s', (text, metric, op, limit, unit) => {
    expect(parseObjectives(text)).toEqual([{ metric, op, limit, unit }]);
  });

  it('several, separated by commas', () => {
    expect(parseObjectives('p95<500ms, errors<2%,').map((each) => each.metric)).toEqual([
      'response.p95',
      'errors',
    ]);
  });
});

describe('what is no objective is told as such', () => {
  it.each([
    ['p95<500', 'PLM_OBJECTIVE_UNIT'],
    ['errors<1', 'PLM_OBJECTIVE_UNIT'],
    ['throughput>100', 'PLM_OBJECTIVE_UNIT'],
    ['p101<5ms', 'PLM_OBJECTIVE'],
    ['p100<5ms', 'PLM_OBJECTIVE'],
    ['p0<5ms', 'PLM_OBJECTIVE'],
    ['p500<5ms', 'PLM_OBJECTIVE'],
    ['p95>500ms', 'PLM_OBJECTIVE'],
    ['errors>1%', 'PLM_OBJECTIVE'],
    ['throughput<100/s', 'PLM_OBJECTIVE'],
    ['errors<0%', 'PLM_OBJECTIVE'],
    ['lost<3', 'PLM_OBJECTIVE_UNIT'],
    ['lost>1%', 'PLM_OBJECTIVE'],
    ['duplicated<5ms', 'PLM_OBJECTIVE'],
    ['lost.p95<1%', 'PLM_DURATION'],
    ['errors<101%', 'PLM_OBJECTIVE'],
    ['errors<5ms', 'PLM_OBJECTIVE'],
    ['p95<1%', 'PLM_DURATION'],
    ['p95<0ms', 'PLM_DURATION'],
    ['p95<-5ms', 'PLM_DURATION'],
    ['throughput>0/s', 'PLM_NUMBER'],
    ['latency<5ms', 'PLM_OBJECTIVE'],
    ['service.errors<1%', 'PLM_OBJECTIVE'],
    ['P95<500ms', 'PLM_OBJECTIVE'],
    ['p95=500ms', 'PLM_OBJECTIVE'],
    ['p95<', 'PLM_OBJECTIVE'],
    ['<500ms', 'PLM_OBJECTIVE'],
    ['p95<500ms<700ms', 'PLM_DURATION'],
    ['', 'PLM_OBJECTIVE'],
    [' , ', 'PLM_OBJECTIVE'],
  ])('%s', (text, code) => expect(codeOf(text)).toBe(code));

  it('whatever is typed ends in objectives or in an error of usage', () => {
    const text = fc.stringMatching(
      /^(service\.)?(p\d{1,4}|mean|errors|lost|throughput) ?[<>]=? ?[0-9.a-z%/ ]{0,8}$/,
    );
    fc.assert(fc.property(fc.oneof(text, fc.string()), (given) => void codeOf(given)));
  });
});

describe('a quantile', () => {
  it.each([
    ['response.p50', 0.5],
    ['response.p9', 0.09],
    ['service.p99.9', 0.999],
    ['response.p999', 0.999],
    ['response.p9999', 0.9999],
    ['response.p975', 0.975],
  ])('%s is %d', (metric, quantile) => expect(quantileOf(metric)).toBeCloseTo(quantile, 12));

  it.each(['errors', 'throughput', 'response.mean', 'service.max'])('%s is none', (metric) => {
    expect(quantileOf(metric)).toBeNull();
  });
});

describe('in words', () => {
  it('objectives read as a sentence', () => {
    expect(describeObjectives(parseObjectives('p95<500ms,errors<0.5%,throughput>40/s'))).toBe(
      'p95 < 500 ms and errors < 0.5 % and throughput > 40/s',
    );
    expect(describeObjectives(parseObjectives('service.p99<2500ms'))).toBe('service p99 < 2.5 s');
  });

  it('an objective read aloud and written again is the same', () => {
    const objective = fc.oneof(
      fc
        .tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 90_000 }))
        .map(([percent, limit]) => `p${percent}<${limit}ms`),
      fc.integer({ min: 1, max: 1000 }).map((tenths) => `errors<${tenths / 10}%`),
      fc.integer({ min: 1, max: 90_000 }).map((rate) => `throughput>${rate}/s`),
    );
    fc.assert(
      fc.property(objective, (text) => {
        const [first] = parseObjectives(text);
        const [again] = parseObjectives(first === undefined ? '' : describeObjective(first));
        expect(again?.metric).toBe(first?.metric);
        expect(again?.limit).toBeCloseTo(first?.limit ?? Number.NaN, 6);
      }),
    );
  });
});

it('the shortest limit on time is what the generator is measured against', () => {
  expect(responseLimitMs(parseObjectives('p95<500ms,p99<2s,errors<1%'))).toBe(500);
  expect(responseLimitMs(parseObjectives('errors<1%'))).toBeNull();
});

describe('an objective on a step of a scenario', () => {
  it.each([
    ['ttft.p95<300ms', 'step.ttft.p95', 'ttft', 'ttft p95 < 300 ms'],
    [
      'talker / first turn.p99.9<2s',
      'step.talker / first turn.p99.9',
      'talker / first turn',
      'talker / first turn p99.9 < 2 s',
    ],
    ['v1.2 login.mean<80ms', 'step.v1.2 login.mean', 'v1.2 login', 'v1.2 login mean < 80 ms'],
  ])('%s names it', (text, metric, step, words) => {
    const [objective] = parseObjectives(text);
    expect([objective?.metric, stepOf(metric), describeObjective(objective!)]).toEqual([metric, step, words]);
  });

  it('needs a unit and an upper limit as others do', () => {
    expect(() => parseObjectives('ttft.p95<300')).toThrow('limit without a unit');
    expect(() => parseObjectives('ttft.p95>300ms')).toThrow('upper limit');
    expect(() => parseObjectives('ttft.p101<3ms')).toThrow('percentile');
    expect(stepOf('response.p95')).toBeNull();
  });
});

describe('how long one may take', () => {
  it('is the least limit of each quantile or maximum, of requests and by name', () => {
    const limits = limitsOf(
      parseObjectives(
        'p95<500ms,max<400ms,service.p99<2s,ttft.p95<300ms,ttft.max<1s,mean<9ms,tpot.mean<5ms,errors<1%',
      ),
    );
    expect(limits).toEqual({ responseMs: 400, serviceMs: 2000, steps: { ttft: 300 } });
  });

  it('is without end where nothing is said', () => {
    expect(limitsOf(parseObjectives('errors<1%'))).toEqual({
      responseMs: Infinity,
      serviceMs: Infinity,
      steps: {},
    });
  });
});
