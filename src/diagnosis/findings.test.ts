import { describe, expect, it } from 'vitest';
import { aCapacity } from '../../test/kit/capacities.ts';
import { aLevel, closed, estimate, judged, open, times } from '../../test/kit/levels.ts';
import { parseObjectives } from '../model/objectives.ts';
import type { Finding, Level, Scaling } from '../model/report.ts';
import type { Evidence } from './evidence.ts';
import { findings } from './findings.ts';

const levels: readonly Level[] = [
  aLevel(closed(1), 19, 52),
  aLevel(closed(8), 148, 54),
  aLevel(closed(16), 211, 75),
  aLevel(open(188), 187, 90),
];

function found(change: Partial<Evidence> = {}): Finding[] {
  return findings({
    levels,
    objectives: parseObjectives('p95<500ms,errors<1%'),
    scaling: null,
    capacity: aCapacity(),
    plateau: true,
    baselineMs: 52.4,
    hostCpus: 6,
    lastRedirect: '',
    lastError: '',
    scenarioNames: [],
    note: '',
    scriptCost: null,
    targetSeen: true,
    connectionMemory: null,
    oneWriter: false,
    ...change,
  });
}

const codes = (list: readonly Finding[]): string[] => list.map((each) => each.code);
const one = (list: readonly Finding[], code: string): Finding | undefined =>
  list.find((each) => each.code === code);

const failing = (kind: string, count: number, done: number): Level[] => [
  ...levels,
  aLevel(open(240), 200, 90, {
    requests: { due: done, sent: done, done, failed: count, dropped: 0, unfinished: 0, retried: 0 },
    errors: { ratio: count / done, byKind: { [kind]: count } },
  }),
];

describe('a healthy target', () => {
  it('has one finding: what limits it cannot be told from outside', () => {
    expect(codes(found())).toEqual(['bottleneck.undetermined']);
  });

  it('is told how many requests it works on at a time, and how much processor that took', () => {
    const { statement, evidence, confidence } = one(found(), 'bottleneck.undetermined') ?? {};
    // 213/s times 52.4 ms
    expect(statement).toContain('11.2 requests at a time');
    expect(statement).toContain('1.7 of 6 cores');
    expect(evidence?.[0]?.value).toBeCloseTo(213 * 0.0524, 9);
    expect(evidence?.slice(1).map((each) => each.value)).toEqual([1.7, 52.4]);
    expect(confidence).toBeNull();
  });

  it('that cannot be watched is told so, without a number', () => {
    const unseen = levels.map((level) => ({ ...level, target: { ...level.target, cpuCores: null } }));
    expect(found({ levels: unseen, targetSeen: false })[0]?.statement).toContain('could not be seen');
    expect(found({ levels: unseen })[0]?.statement).toContain('could not be read');
  });
});

describe('failures', () => {
  it('are told by kind, with where they began', () => {
    const finding = one(found({ levels: failing('http.503', 31, 800) }), 'failure.http.503');
    expect(finding?.gravity).toBe('warning');
    expect(finding?.statement).toContain('31 requests');
    expect(finding?.statement).toContain('240 req/s');
    expect(finding?.evidence[0]).toEqual({ series: 'errors.http.503', value: 31, unit: 'requests' });
  });

  it('that are few in a thousand are a note', () => {
    expect(one(found({ levels: failing('timeout', 2, 9_000) }), 'failure.timeout')?.gravity).toBe('note');
  });

  it.each(['http.429', 'http.404', 'http.500', 'connect.refused', 'timeout', 'reset'])(
    'of kind %s have a remedy of their own kind',
    (kind) =>
      expect(one(found({ levels: failing(kind, 70, 800) }), `failure.${kind}`)?.remedy).toMatch(/\.$/),
  );
});

describe('a silence of the target', () => {
  const stalled = (kind: string): Finding[] =>
    found({
      levels: failing(kind, 51, 400)
        .map((level) => ({ ...level, longestSilenceMs: 1100 }))
        .slice(-1),
    });

  it('in a level that had refusals is told with them, as an outage that may have been', () => {
    const finding = one(stalled('connect.refused'), 'target.stalled');
    expect(finding?.statement).toContain('no answer for 1.1 s');
    expect(finding?.statement).toContain('refused 51 connections: it may have been away');
    expect(finding?.remedy).toContain('restarted');
    expect(one(stalled('connect.refused'), 'failure.connect.refused')?.remedy).toContain('restarted');
  });

  it('in which hardly anything was due is none', () => {
    const at = (ratePerSecond: number): string[] =>
      codes(found({ levels: [{ ...aLevel(open(ratePerSecond), 1, 5), longestSilenceMs: 1300 }] }));
    expect(at(3)).not.toContain('target.stalled');
    expect(at(9)).toContain('target.stalled');
  });

  it('without any is told as a pause', () => {
    const finding = one(stalled('timeout'), 'target.stalled');
    expect(finding?.statement).not.toContain('away');
    expect(finding?.remedy).toContain('garbage collection');
  });
});

describe('limits', () => {
  it('of the generator are no bottleneck of the target', () => {
    const list = found({ capacity: aCapacity({ limitedBy: 'generator', atLeast: true }) });
    expect(codes(list)).toEqual(['generator.limit']);
    expect(list[0]?.statement).toContain('at least 213');
  });

  it('of rate are named as such', () => {
    expect(codes(found({ capacity: aCapacity({ limitedBy: 'rate-limit' }) }))).toEqual([
      'bottleneck.rate-limit',
    ]);
  });

  it('are not guessed at where no throughput is known', () => {
    expect(found({ capacity: aCapacity({ maxThroughput: null }) })).toEqual([]);
    expect(found({ capacity: null })).toEqual([]);
  });
});

describe('a promise', () => {
  it('that did not hold once more is a failure', () => {
    const confirmed = { ratePerSecond: 147.2, durationMs: 6000, held: false };
    const finding = one(found({ capacity: aCapacity({ confirmed }) }), 'capacity.unconfirmed');
    expect(finding?.gravity).toBe('failure');
    expect(finding?.statement).toContain('147 req/s');
  });

  it('that nothing can keep names what one user alone sees', () => {
    const sustainable = estimate(0, 0);
    const finding = one(found({ capacity: aCapacity({ sustainable }) }), 'objective.unreachable');
    expect(finding?.gravity).toBe('failure');
    expect(finding?.statement).toContain('p95 < 500 ms and errors < 1 %');
    expect(finding?.statement).toContain('104 ms');
  });

  it.each([
    ['p99<204ms', 612, 'one user alone has a p99 of 612 ms', 'response.p99 at 1 user'],
    ['errors<2%', 0.06, 'of what one user alone does, 6 % fails', 'errors.ratio at 1 user'],
  ])('and of several objectives the one that one user breaks: %s', (broken, value, words, series) => {
    const objectives = [
      ...judged(true, parseObjectives('p95<500ms')),
      ...judged(false, parseObjectives(broken)),
    ];
    const alone = aLevel(closed(1), 19, 52, { objectives });
    const given = {
      capacity: aCapacity({ sustainable: estimate(0, 0) }),
      levels: [alone, ...levels.slice(1)],
    };
    const finding = one(found(given), 'objective.unreachable');
    expect(finding?.statement).toContain(words);
    expect(finding?.evidence.map((seen) => [seen.series, seen.value])).toEqual([[series, value]]);
  });
});

describe('other findings', () => {
  it('what a session did not find as it should is told with what was said last, where it is of that kind', () => {
    const lastError = 'rate limit of 10 in 5s: 13 were accepted';
    const limited = { levels: failing('limit', 9, 400), lastError };
    const finding = one(found(limited), 'failure.limit');
    expect(finding?.statement).toContain(`9 sessions ended with limit`);
    expect(finding?.statement).toContain(lastError);
    const two = { lastError, levels: [...limited.levels, ...failing('check', 5, 400)] };
    expect(one(found(two), 'failure.limit')?.statement).not.toContain(lastError);
    expect(
      one(found({ lastError, levels: failing('reset', 9, 400) }), 'failure.reset')?.statement,
    ).not.toContain(lastError);
  });

  it('a redirect is not followed, and told', () => {
    const finding = one(found({ lastRedirect: 'https://example.test/login' }), 'target.redirects');
    expect(finding?.statement).toContain('https://example.test/login');
  });

  it('levels that never became steady are told when they are many', () => {
    const shaky = (count: number): Level[] =>
      levels.map((level, i) => (i < count ? { ...level, steady: false } : level));
    expect(one(found({ levels: shaky(2) }), 'levels.unsteady')?.statement).toContain('2 of 4');
    expect(codes(found({ levels: [...shaky(1), ...levels] }))).not.toContain('levels.unsteady');
  });

  it('throughput that grows faster than users is doubted', () => {
    const scaling = { shape: 'superlinear', efficiency: 1.3, misfit: 0.02 } as Scaling;
    expect(codes(found({ scaling }))).toContain('scaling.superlinear');
  });

  it('a law that its own levels do not follow is said to fit poorly', () => {
    const scaling = (misfit: number): Scaling => ({ shape: 'sublinear', efficiency: 0.9, misfit }) as Scaling;
    expect(codes(found({ scaling: scaling(0.09) }))).not.toContain('scaling.poor-fit');
    expect(one(found({ scaling: scaling(0.194) }), 'scaling.poor-fit')?.statement).toContain('lie 19.4 %');
  });

  it('shows the shape behind its number', () => {
    const evidence = one(found(), 'bottleneck.undetermined')?.evidence ?? [];
    expect(evidence.map(({ curve }) => curve?.points.map(({ load }) => load))).toEqual([
      [1, 8, 16],
      [1, 8, 16],
      [1, 8, 16],
    ]);
    // 148/s at 8 users times 52.4 ms
    expect(evidence[0]?.curve?.points[1]?.value).toBeCloseTo(7.755, 3);
  });
});

describe('every finding', () => {
  it('has a statement and a remedy, as sentences, and no number that is none', () => {
    const all = found({
      levels: failing('reset', 90, 700).map((level) => ({ ...level, steady: false })),
      capacity: aCapacity({
        sustainable: estimate(0, 0),
        confirmed: { ratePerSecond: 3, durationMs: 6000, held: false },
      }),
      scaling: { shape: 'superlinear', efficiency: null, misfit: 0 } as Scaling,
      lastRedirect: '/elsewhere',
      baselineMs: null,
    });
    expect(all.length).toBeGreaterThan(5);
    for (const { statement, remedy, code } of all) {
      expect(statement, code).toMatch(/^[A-Z0-9].*\.$/);
      expect(remedy, code).toMatch(/^[A-Z].*\.$/);
      expect(`${statement}${remedy}`, code).not.toMatch(/NaN|undefined|Infinity|null/);
    }
  });
});

describe('a load that was held for a moment', () => {
  const held = (of: number, met = true): Finding[] =>
    found({
      capacity: null,
      levels: [
        aLevel(closed(3), 20, 52, {
          objectives: [{ metric: 'errors', op: '<', limit: 0.01, value: 0, met, bad: 0, of, effective: of }],
        }),
      ],
    });

  it('shows little of its errors, and how many requests would', () => {
    const { statement } = one(held(70), 'objective.few-requests') ?? {};
    expect(statement).toContain('None of 70 requests failed');
    // 0.99^299 = 0.0495
    expect(statement).toContain('takes 299');
    expect(codes(held(100))).not.toContain('objective.few-requests');
    expect(codes(held(70, false))).not.toContain('objective.few-requests');
  });
});

it('of a scenario the requests in its sessions are what is worked on at a time', () => {
  const sessions = {
    due: 40,
    started: 40,
    done: 40,
    failed: 0,
    good: 40,
    goodPerSecond: 8,
    dropped: 0,
    unfinished: 0,
    duration: levels[0]!.response,
  };
  const requests = { due: 1200, sent: 1200, done: 1200, failed: 0, dropped: 0, unfinished: 0, retried: 0 };
  const played = aLevel(closed(9), 8, 52, { sessions, requests, durationMs: 5000 });
  // 240 requests a second of 52.4 ms each
  const { statement } = one(found({ levels: [played] }), 'bottleneck.undetermined') ?? {};
  expect(statement).toContain('12.6 requests at a time');
});

it('SQLite that writes one at a time is told for what it is, where sessions wait for their turn', () => {
  const writing = (users: number, beginMs: number): Level =>
    aLevel(closed(users), 160, 6, {
      steps: [{ name: 'db.begin', done: 480, failed: 0, response: times(beginMs) }],
      sessions: {
        ...{ due: 480, started: 480, done: 480, failed: 0, good: 480, goodPerSecond: 160, dropped: 0 },
        ...{ unfinished: 0, duration: times(beginMs + 6) },
      },
    });
  const levels = [writing(1, 0.1), writing(4, 18), writing(16, 90)];
  const [lock] = found({ levels, oneWriter: true });
  expect(lock?.code).toBe('bottleneck.lock');
  expect(lock?.statement).toContain('at 16 users p95 of the wait for it to begin was 180 ms');
  expect(codes(found({ levels, oneWriter: true, plateau: false }))).toContain('bottleneck.undetermined');
  expect(codes(found({ levels: levels.slice(0, 1), oneWriter: true }))).toContain('bottleneck.undetermined');
});
