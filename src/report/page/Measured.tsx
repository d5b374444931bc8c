/** How this was measured: enough to repeat it, and to doubt it in the right place. */
import type { ComponentChildren } from 'preact';
import type { Report } from '../../model/report.ts';
import { formatBytes, formatCount, formatDuration } from '../format.ts';
import { CopyButton } from './CopyButton.tsx';
import { dateText } from './Masthead.tsx';
import { validityChecks } from './validityChecks.ts';
import { rulesText, targetText } from '../words.ts';

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Facts({ report }: { report: Report }) {
  const { run, target, tool } = report;
  const { host } = run;
  return (
    <dl class="facts">
      <Fact name="Target">{targetText(target)}</Fact>
      <Fact name="Watched">
        {target.pid === null ? 'no process' : `process ${target.pid}`}
        {target.command !== null && (
          <>
            {': '}
            <code>{target.command}</code>
          </>
        )}
      </Fact>
      <Fact name="Objective">{rulesText(report.objectives)}</Fact>
      <Fact name="When">
        {dateText(run.startedAt)}, for {formatDuration(run.durationMs)}
      </Fact>
      <Fact name="Budget">{run.budget ?? 'none'}</Fact>
      <Fact name="Machine">
        {host.cpuModel}, {host.cpus} CPUs, {formatBytes(host.memoryBytes)}, {host.os}
      </Fact>
      <Fact name="Generator">
        Plimsoll {tool.version}, Node {host.node.replace(/^v/, '')}, {host.workers}{' '}
        {host.workers === 1 ? 'worker thread' : 'worker threads'}
      </Fact>
      <Fact name="Seed">{String(run.seed)}</Fact>
      <Fact name="Run">
        <code>{run.id}</code>
      </Fact>
    </dl>
  );
}

function Checks({ report }: { report: Report }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Validity checks">
      <table>
        <thead>
          <tr>
            <th scope="col">check</th>
            <th scope="col">worst value</th>
            <th scope="col">allowed</th>
            <th scope="col">result</th>
          </tr>
        </thead>
        <tbody>
          {validityChecks(report).map(({ name, value, allowed, ok }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
              <td>{allowed}</td>
              <td class={ok === false ? 'tone-bad' : ok === true ? 'tone-good' : ''}>
                {ok === null ? '–' : ok ? '✓ ok' : '✕ exceeded'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Sum({ whole, parts }: { whole: [string, number]; parts: [string, number][] }) {
  const balanced = parts.reduce((sum, [, count]) => sum + count, 0) === whole[1];
  return (
    <li>
      <span>
        {formatCount(whole[1])} {whole[0]} ={' '}
        {parts.map(([name, count]) => `${formatCount(count)} ${name}`).join(' + ')}
      </span>{' '}
      <span class={balanced ? 'tone-good' : 'tone-bad'}>
        {balanced ? '✓ balances' : '✕ does not balance'}
      </span>
    </li>
  );
}

function Counts({ requests }: Pick<Report, 'requests'>) {
  const { due, sent, done, failed, dropped, unfinished } = requests;
  return (
    <ul class="counts">
      <Sum
        whole={['due', due]}
        parts={[
          ['sent', sent],
          ['dropped', dropped],
        ]}
      />
      <Sum
        whole={['sent', sent]}
        parts={[
          ['done', done],
          ['unfinished', unfinished],
        ]}
      />
      <li>
        {formatCount(failed)} of {formatCount(done)} answers failed
      </li>
    </ul>
  );
}

export function Measured({ report }: { report: Report }) {
  return (
    <section aria-labelledby="measured">
      <h2 id="measured">How this was measured</h2>
      <Facts report={report} />
      <h3>Repeat it</h3>
      <div class="command">
        <code tabIndex={0}>{report.run.command}</code>
        <CopyButton name="Copy" text={() => report.run.command} />
      </div>
      <h3>Is the generator healthy</h3>
      <Checks report={report} />
      <h3>Do the counts balance</h3>
      <Counts requests={report.requests} />
      <h3>Method</h3>
      <p class="method">
        Response time runs from the moment a request was due to the end of its answer, so a queue that the
        target causes is counted and never hidden. Each load is held until it is steady; the warm-up is cut
        off, and every interval is a 95 % interval from batch means, or from order statistics for percentiles.
        Scaling doubles the number of users and fits the simplest of the linear, Amdahl’s and the universal
        scalability law that the data demand. Capacity is the highest rate of random arrivals below every rate
        that broke an objective, and the safe load is its lower bound less a margin. A level that the
        generator itself falsified is marked invalid and enters no fit and no verdict. The full text is in{' '}
        <code>docs/method.md</code>.
      </p>
    </section>
  );
}
