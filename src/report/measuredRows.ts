/** How a run was measured: what someone needs to repeat it, and to weigh it. */
import type { Report } from '../model/report.ts';
import type { Row } from './closing.ts';
import { formatBytes, formatCount, formatDuration, formatMs } from './format.ts';
import { placedLevels, rulesText, targetText } from './words.ts';

export function measuredRows(report: Report): Row[] {
  const { run, target, requests, tool } = report;
  const row = (label: string, value: string): Row => ({ label, value, because: '', meaning: 'plain' });
  const watched =
    target.pid === null
      ? 'nothing: its process was not seen'
      : `process ${target.pid}${target.command === null ? '' : `, ${target.command}`}`;
  const levels = placedLevels(report);
  const fate = `${formatCount(requests.sent)} sent, ${formatCount(requests.done)} answered or timed out, ${formatCount(requests.failed)} of them failed`;
  const rest = [
    ...(requests.dropped > 0 ? [`${formatCount(requests.dropped)} due were not sent`] : []),
    ...(requests.unfinished > 0 ? [`${formatCount(requests.unfinished)} left unfinished`] : []),
  ];
  const opened = levels.reduce((sum, { level }) => sum + level.connections.opened, 0);
  return [
    row('Target', targetText(target)),
    row('Protocol', protocolText(target)),
    row('Watched', watched),
    row('Objectives', rulesText(report.objectives)),
    row('Requests', [fate, ...rest].join('; ')),
    ...(opened === 0 ? [] : [row('Connections', connectionsText(levels, opened))]),
    row(
      'Levels',
      `${formatCount(levels.length)} in ${formatDuration(run.durationMs)}, from ${run.startedAt}`,
    ),
    row(
      'Machine',
      `${formatCount(run.host.cpus)} × ${run.host.cpuModel}, ${formatBytes(run.host.memoryBytes)}, ${run.host.os}; ${formatCount(run.host.workers)} worker threads`,
    ),
    row('Versions', `${tool.name} ${tool.version}, Node ${run.host.node.replace(/^v/, '')}`),
    row('Seed', String(run.seed)),
    { ...row('Repeat', run.command), whole: true },
  ];
}

function protocolText({ protocol, streamsPerConnection: streams }: Report['target']): string {
  if (streams === null) return `${protocol}, connections kept`;
  return `${protocol}, ${formatCount(streams)} ${streams === 1 ? 'stream' : 'streams'} on a connection`;
}

/** Of connecting the level tells in which it took longest: over all levels there is no quantile. */
function connectionsText(levels: ReturnType<typeof placedLevels>, opened: number): string {
  const slowest = (time: 'connect' | 'handshake'): number =>
    Math.max(0, ...levels.map(({ level }) => level.connections[time].p95 ?? 0));
  const [connect, handshake] = [slowest('connect'), slowest('handshake')];
  const parts = [
    `${formatCount(opened)} opened`,
    `TCP ready within ${formatMs(connect)} at the p95 of the slowest level`,
    ...(handshake === 0 ? [] : [`the TLS handshake within ${formatMs(handshake)}`]),
  ];
  return parts.join('; ');
}
