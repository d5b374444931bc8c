/** Findings from answers that are no success: redirects that were not followed, and failures by kind. */
import { failureWords } from '../model/failures.ts';
import { sessionFaults } from '../model/slice.ts';
import type { Finding, Level } from '../model/report.ts';
import type { Evidence } from './evidence.ts';
import { loadCurve } from './loadCurve.ts';
import { counted, loadWords } from './wording.ts';

export function redirects({ lastRedirect }: Evidence): Finding[] {
  if (lastRedirect === '') return [];
  return [
    {
      code: 'target.redirects',
      gravity: 'warning',
      confidence: 1,
      statement: `The target answers with a redirect to ${lastRedirect}, which was not followed: what was measured is the redirect.`,
      evidence: [],
      remedy: 'Give the address that the redirect names.',
    },
  ];
}

export function failures({ levels, lastError }: Evidence): Finding[] {
  const byKind = new Map<string, { count: number; least: Level }>();
  for (const level of levels) {
    for (const [kind, count] of Object.entries(level.errors.byKind)) {
      const known = byKind.get(kind);
      byKind.set(kind, { count: (known?.count ?? 0) + count, least: known?.least ?? level });
    }
  }
  const ofSessions = [...byKind.keys()].filter((kind) => sessionFaults.has(kind));
  // The last that was said is of it, where there is but one kind.
  const said = (kind: string): string =>
    lastError !== '' && ofSessions.length === 1 && ofSessions[0] === kind ? `: ${lastError}` : '';
  const done = levels.reduce((sum, level) => sum + level.requests.done, 0);
  return [...byKind].map(([kind, { count, least }]) => ({
    code: `failure.${kind}`,
    gravity: count / Math.max(1, done) > 0.001 ? 'warning' : 'note',
    confidence: 1,
    statement: `${counted(count, sessionFaults.has(kind) ? 'session' : 'request')} ended with ${kind} (${failureWords(kind)}), first at ${loadWords(least)}${said(kind)}.`,
    evidence: [
      { series: `errors.${kind}`, value: count, unit: 'requests' },
      { series: 'requests.done', value: done, unit: 'requests' },
      {
        series: `share of ${kind} at its worst`,
        value: Math.max(...levels.map((level) => shareOf(level, kind))),
        unit: 'ratio',
        ...loadCurve(levels, least.load.kind, (level) => shareOf(level, kind)),
      },
    ],
    remedy: failureRemedy(kind),
  }));
}

/** The share of a level's requests that ended with this kind of failure. */
function shareOf({ errors, requests }: Level, kind: string): number {
  return (errors.byKind[kind] ?? 0) / Math.max(1, requests.done);
}

function failureRemedy(kind: string): string {
  if (kind === 'http.429' || kind === 'grpc.RESOURCE_EXHAUSTED')
    return 'This is a rate limit at work; raise it if the target can carry more, or take it as the limit.';
  if (kind.startsWith('http.5')) return 'Look into the log of the target for these answers.';
  if (kind.startsWith('http.')) return 'Check the path, the method, the headers and the body that were sent.';
  if (kind.startsWith('grpc.'))
    return 'Check the method, its messages and the metadata that were sent, and look into the log of the target.';
  if (kind === 'connect.refused')
    return 'Refused all at one time, nothing listened: look whether the process ended or was restarted. Else look at the limits for connections of the target: backlog, descriptors, workers.';
  if (kind.startsWith('connect.'))
    return 'Look at the limits for connections of the target: backlog, descriptors, workers.';
  if (kind === 'timeout')
    return 'Requests waited longer than --timeout: the queue in front of the target has no bound below it.';
  if (kind === 'bad-response')
    return 'What answers does not speak its protocol as it should: check that the port is the right one, and what stands before it.';
  if (kind === 'limit')
    return 'Set the limit of the target right, or the one that the scenario expects; play it with one user, or each with an account of its own.';
  if (kind === 'check' || kind === 'script')
    return 'Look at what the scenario expects, at the place that is named.';
  return 'Look into the log of the target for broken connections at this load.';
}
