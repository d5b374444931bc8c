/** Findings about scenarios that were not played as they were meant. */
import type { Finding } from '../model/report.ts';
import { stepOf } from '../model/objectives.ts';
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

/** An objective on a step, or a time, of which nothing was ever seen: a name that is misspelt, or that no session came to. */
export function unnamed({ levels, objectives }: Evidence): Finding[] {
  const known = [...new Set(levels.flatMap(({ steps }) => steps.map(({ name }) => name)))];
  const asked = new Set(objectives.flatMap(({ metric }) => stepOf(metric) ?? []));
  const missing = [...asked].filter((name) => !known.includes(name));
  if (missing.length === 0 || levels.every(({ requests, sessions }) => (sessions ?? requests).done === 0))
    return [];
  const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
  const there =
    known.length === 0
      ? 'Nothing that was measured has a name'
      : `Measured were ${quoted(known.slice(0, mostListed))}${known.length > mostListed ? ` and ${known.length - mostListed} more` : ''}`;
  return [
    {
      code: 'objective.unknown-step',
      gravity: 'failure',
      confidence: 1,
      statement: `There is an objective on ${quoted(missing)}, and no step or time of that name was measured: it could not be judged. ${there}.`,
      evidence: [{ series: 'names not measured', value: missing.length, unit: 'names' }],
      remedy:
        known.length === 0
          ? 'A URL has response and service times only (p95, service.p95); a scenario names its steps with step().'
          : 'Write the name as the scenario does; where it does, no session came to that step.',
    },
  ];
}

/** Names that a statement lists. */
const mostListed = 12;

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
