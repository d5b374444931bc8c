/** What to tell a person when a run could not say anything of the target: it died, never answered, or the script is at fault. */
import { PlimsollError } from '../errors.ts';
import { isAnswer, isOfCommand } from '../model/failures.ts';
import type { Level } from '../model/report.ts';
import type { Assessment } from '../experiments/assessment.ts';
import type { Followed } from '../experiments/profile.ts';
import { loadText } from '../report/words.ts';
import type { Run } from './measuring.ts';
import { needsBaseUrl } from '../scenarios/http/wires.ts';
import type { Settings } from './settings.ts';
import { targetName } from './targetName.ts';

/** Null where what was measured speaks for itself. */
export function failureOf(
  settings: Settings,
  { result, stopped, lastError, lastGood }: Run<Assessment | Level | readonly Followed[]>,
): PlimsollError | null {
  if (stopped === 'target-died') {
    const seen =
      lastGood === null
        ? undefined
        : `the last good answer came at ${lastGood.at.toISOString().slice(0, 19)}Z, at ${loadText(lastGood.load)}`;
    return new PlimsollError('PLM_DIED', targetName(settings.target), seen);
  }
  if (stopped !== null) return null;
  const level =
    'baseline' in result ? result.baseline.level : 'load' in result ? result : result[0]?.levels[0];
  if (level === undefined) return null;
  const script = scriptFailure(settings, level, lastError);
  if (script !== null) return script;
  // Times leave the warm-up out, in which all handshakes of idle connections may lie.
  if (level.requests.done === 0 || level.requests.failed < level.requests.done) return null;
  const answered = Object.keys(level.errors.byKind).some(isAnswer);
  return unanswered(settings, level, answered ? 'failing' : 'silent', lastError);
}

/** No session came through, and it was the script: then no load says anything of the target. */
function scriptFailure({ target }: Settings, level: Level, lastError: string): PlimsollError | null {
  const { sessions, errors } = level;
  if (sessions === null || sessions.done === 0 || sessions.failed < sessions.done) return null;
  const faults = (errors.byKind['check'] ?? 0) + (errors.byKind['script'] ?? 0);
  // A function, and the commands of any scenario, are the person's own.
  const isOwn = target.kind === 'function' || Object.keys(errors.byKind).every(isOfCommand);
  if (faults < sessions.done && !isOwn) return null;
  const given = `"${target.scenario ?? ''}"`;
  if (target.kind === 'function' && lastError.includes(needsBaseUrl))
    return new PlimsollError('PLM_BASE_URL', given, lastError);
  const kinds = Object.keys(errors.byKind).join(', ');
  return new PlimsollError('PLM_SCRIPT', given, lastError === '' ? kinds : lastError);
}

/** Nothing was ever answered well. */
function unanswered(
  settings: Settings,
  level: Level,
  health: 'failing' | 'silent',
  lastError: string,
): PlimsollError {
  const kinds = Object.entries(level.errors.byKind)
    .sort((a, b) => b[1] - a[1])
    .map(([kind]) => kind);
  const url = targetName(settings.target);
  const told = lastError === '' ? '' : ` (${lastError})`;
  const { done } = level.requests;
  const all = done === 1 ? 'the one request did not succeed' : `none of ${done} requests succeeded`;
  const seen = `${all}: ${kinds.join(', ')}${told}`;
  // A server of TLS often tells plain HTTP so.
  const asTls = '; if this port speaks TLS, give the address as https://';
  const isPlain = url.startsWith('http:') && !lastError.includes('WebSocket');
  if (health === 'failing')
    return new PlimsollError('PLM_FAILING', url, seen + (isPlain && kinds[0] === 'http.400' ? asTls : ''));
  if (kinds.includes('tls')) return new PlimsollError('PLM_TLS', url, seen);
  if (kinds.includes('bad-response')) return new PlimsollError('PLM_FAILING', url, seen);
  if (kinds[0] === 'connect.refused') return new PlimsollError('PLM_REFUSED', url, seen);
  if (kinds[0]?.startsWith('connect.') === true) return new PlimsollError('PLM_UNREACHABLE', url, seen);
  const broken = kinds[0] === 'closed' || kinds[0] === 'reset';
  const came = (level.target.networkOutBytesPerSecond ?? 0) > 0;
  const endless = kinds[0] === 'timeout' && came ? '; answers began, and did not end in time' : '';
  return new PlimsollError('PLM_SILENT', url, seen + endless + (broken && isPlain ? asTls : ''));
}
