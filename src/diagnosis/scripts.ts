/** Findings about scenarios that were not played as they were meant. */
import type { Finding } from '../model/report.ts';
import type { Evidence } from './evidence.ts';
import { counted, loadWords } from './wording.ts';

/** Of several scenarios one that no user was of: few users cannot have all the shares. */
export function unplayed({ levels, scenarioNames }: Evidence): Finding[] {
  const played = new Set(levels.flatMap(({ scenarios }) => scenarios.map(({ name }) => name)));
  const missing = scenarioNames.filter((name) => !played.has(name));
  if (scenarioNames.length < 2 || missing.length === 0 || levels.every(({ requests }) => requests.done === 0))
    return [];
  return [
    {
      code: 'scenario.not-played',
      gravity: 'warning',
      confidence: 1,
      statement: `${missing.map((name) => `"${name}"`).join(' and ')} ended no session: with so few users or sessions its share is none. What was measured is the others.`,
      evidence: [{ series: 'scenarios not played', value: missing.length, unit: 'scenarios' }],
      remedy: 'Give more users, or a rate: then the scenarios take turns.',
    },
  ];
}

/** Sessions that begin and never end. */
export function endless({ levels }: Evidence): Finding[] {
  const level = levels.find(
    ({ sessions }) => sessions !== null && sessions.started > 0 && sessions.done === 0,
  );
  const started = level?.sessions?.started ?? 0;
  if (level === undefined) return [];
  return [
    {
      code: 'scenario.endless',
      gravity: 'failure',
      confidence: 0.9,
      statement: `At ${loadWords(level)} none of ${counted(started, 'session')} ended: the script waits for something that does not come, or its sessions are longer than the level.`,
      evidence: [{ series: 'sessions.started', value: started, unit: 'sessions' }],
      remedy:
        'Try one session by itself (run FILE --users 1), and hold the load for several times as long as it takes.',
    },
  ];
}

/** Sessions that ask for nothing. */
export function idle({ levels }: Evidence): Finding[] {
  const some = levels.filter(({ sessions, requests }) => (sessions?.done ?? 0) > 0 && requests.sent === 0);
  if (some.length === 0 || some.length < levels.length) return [];
  return [
    {
      code: 'scenario.no-request',
      gravity: 'warning',
      confidence: 1,
      statement: 'The sessions ended without a single request: nothing was asked of the target.',
      evidence: [{ series: 'requests.sent', value: 0, unit: 'requests' }],
      remedy:
        'Make the requests with the http, ws or llm that the scenario is given, not with a client of your own.',
    },
  ];
}

/** A thread of the generator that was too busy for a level to count, and not with what is Plimsoll's. */
export function costly({ scriptCost, levels }: Evidence): Finding[] {
  const wasLimit = levels.some(({ invalidReasons }) =>
    invalidReasons.some(({ code }) => code === 'generator.cpu'),
  );
  if (scriptCost === null || scriptCost.share < 0.5 || !wasLimit) return [];
  const { share, samples, busiest } = scriptCost;
  return [
    {
      code: 'scenario.cost',
      gravity: 'warning',
      confidence: 0.95,
      statement: `The scenario's own code was the limit of the generator: of a busy thread it took ${Math.round(100 * share)} %, most of it in ${busiest}.`,
      evidence: [
        { series: "the script's share of the thread", value: share, unit: '' },
        { series: 'samples of the thread at work', value: samples, unit: 'samples' },
      ],
      remedy:
        'Do that work once, in setup or before the scenario begins, or give more --workers where there are cores for them.',
    },
  ];
}

/** What a recording or description holds and the sessions do not. */
export function leftOut({ note }: Evidence): Finding[] {
  if (note === '') return [];
  return [
    {
      code: 'scenario.played',
      gravity: 'note',
      confidence: 1,
      statement: `${note}.`,
      evidence: [],
      remedy:
        'To play something else, write it as a scenario: plimsoll init makes a first one from the same file.',
    },
  ];
}
