/**
 * Findings about queues that sessions put work into: what was left when the load ended, how it drained, and what was lost. Only of levels that
 * count: a generator that is late sees late what is done.
 */
import type { Finding, Level } from '../model/report.ts';
import type { Evidence } from './evidence.ts';
import { counted, loadWords, number } from './wording.ts';

type Queue = Level['queues'][number];

/** A few jobs are always under way. */
const fewest = 10;

/** Of each queue the level with the greatest backlog; a queue that was not seen to empty before the others. */
export function backlogs({ levels }: Evidence): Finding[] {
  const valid = levels.filter((level) => level.valid);
  const all = valid.flatMap((level) => level.queues.map((queue) => ({ level, queue })));
  const names = [...new Set(all.map(({ queue }) => queue.name))];
  return names.flatMap((name) => {
    const own = all.filter(({ queue }) => queue.name === name);
    const unknown = own.filter(({ queue }) => queue.drain.left > 0);
    const most = (unknown.length > 0 ? unknown : own).reduce((so, each) =>
      each.queue.backlog > so.queue.backlog ? each : so,
    );
    return most.queue.backlog < fewest && most.queue.drain.left === 0 ? [] : [told(most.level, most.queue)];
  });
}

function told(level: Level, queue: Queue): Finding {
  const { name, backlog, drain } = queue;
  const { perSecond, seconds, left, undetermined } = drain;
  if (left > 0 && level.sessions?.unfinished === 0) return lost(level, queue);
  const rate =
    perSecond === null
      ? 'too few were done afterwards to tell how fast'
      : `afterwards ${number(perSecond.value)}/s were done (${interval(perSecond)})`;
  const empty =
    undetermined !== null
      ? `when it would have been empty is undetermined: ${undetermined}`
      : `it was empty ${number(seconds?.value ?? 0)} s after the load (${interval(seconds)})`;
  return {
    code: undetermined === null ? 'queue.drained' : 'queue.undetermined',
    gravity: undetermined === null ? 'note' : 'warning',
    confidence: null,
    statement: `Queue "${name}": when ${loadWords(level)} ended, ${counted(backlog, 'job')} had been taken and ${backlog === 1 ? 'was' : 'were'} not done; ${rate}, and ${empty}.`,
    evidence: [
      { series: 'queue backlog', value: backlog, unit: 'jobs' },
      { series: 'queue drain', value: perSecond?.value ?? null, unit: '1/s' },
      { series: 'queue left', value: left, unit: 'jobs' },
    ],
    remedy:
      undetermined === null
        ? 'The rate at which it drains is what its workers can do: more work than that must not come in for long.'
        : 'Hold the load for a shorter time, or a smaller one: what is waited for at the end is ten seconds.',
  };
}

/** Nobody waited for them any more: a longer wait at the end would have told nothing. */
function lost(level: Level, { name, enqueued, drain: { left } }: Queue): Finding {
  return {
    code: 'queue.lost',
    gravity: 'warning',
    confidence: null,
    statement: `Queue "${name}": with ${loadWords(level)}, ${number(left)} of ${counted(enqueued, 'job')} ${left === 1 ? 'was' : 'were'} never told to be done by sessions that had ended.`,
    evidence: [
      { series: 'queue enqueued', value: enqueued, unit: 'jobs' },
      { series: 'queue left', value: left, unit: 'jobs' },
    ],
    remedy:
      'Look for them at the target: they were lost, or take longer than the sessions wait. A session that ends without completed() leaves its job as well.',
  };
}

function interval(estimate: { readonly low: number | null; readonly high: number | null } | null): string {
  const [low, high] = [estimate?.low ?? null, estimate?.high ?? null];
  return low === null || high === null ? 'no interval' : `${number(low)} to ${number(high)}`;
}
