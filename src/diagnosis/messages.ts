/**
 * Findings about the messages of WebSockets. TCP brings every byte once and in order, so that what is lost, comes twice or out of
 * order on one channel is the service's own doing, or that of what stands before it.
 */
import { isMessageMetric } from '../model/objectives.ts';
import type { Finding, Level } from '../model/report.ts';
import type { Evidence } from './evidence.ts';
import { counted, loadWords, number } from './wording.ts';

/** Close codes with which a target takes its leave: nothing is wrong with them by themselves. 1005: none was given. */
const farewells: ReadonlySet<string> = new Set(['1000', '1001', '1005']);

const faultsOf = ({ messages }: Level): number =>
  (messages?.lost ?? 0) + (messages?.duplicated ?? 0) + (messages?.reordered ?? 0);

/** Numbered messages that did not come once and in order. */
export function disordered({ levels }: Evidence): Finding[] {
  const first = levels.find((level) => faultsOf(level) > 0);
  if (first === undefined) return [];
  const sum = (of: (messages: NonNullable<Level['messages']>) => number | null): number =>
    levels.reduce((so, { messages }) => so + (messages === null ? 0 : (of(messages) ?? 0)), 0);
  const came = sum((messages) => messages.numbered);
  const lost = sum((messages) => messages.lost);
  const duplicated = sum((messages) => messages.duplicated);
  const reordered = sum((messages) => messages.reordered);
  return [
    {
      code: 'messages.disordered',
      gravity: 'warning',
      confidence: 1,
      statement: `${counted(came, 'numbered message')} came and ${lost} were lost; ${duplicated} of those that came were copies, ${reordered} came after a later one. First seen at ${loadWords(first)}.`,
      evidence: [
        { series: 'messages.lost', value: lost, unit: 'messages' },
        { series: 'messages.duplicated', value: duplicated, unit: 'messages' },
        { series: 'messages.reordered', value: reordered, unit: 'messages' },
      ],
      remedy:
        'The network does not do this to one WebSocket: look for full buffers that drop, for retries without a number, and for senders side by side. To fail a load over it, give an objective: --slo "p95<500ms,errors<1%,lost<0.1%".',
    },
  ];
}

/** An objective on numbered messages where none came. */
export function unnumbered({ levels, objectives }: Evidence): Finding[] {
  const asked = objectives.filter(({ metric }) => isMessageMetric(metric));
  const some = levels.some(({ messages }) => (messages?.lost ?? null) !== null);
  if (asked.length === 0 || some || levels.length === 0) return [];
  const names = asked.map(({ metric }) => metric).join(' and ');
  return [
    {
      code: 'messages.unnumbered',
      gravity: 'failure',
      confidence: 1,
      statement: `There is an objective on messages (${names}), and no numbered message came: it could not be judged.`,
      evidence: [{ series: 'messages.numbered', value: 0, unit: 'messages' }],
      remedy: 'Tell each channel where the number of a message is: channel.expectSequence((message) => ...).',
    },
  ];
}

/** Users whose channels the target closed, and who came back. */
export function reconnections({ levels }: Evidence): Finding[] {
  return levels.flatMap((level) => {
    const { messages, steps, connections } = level;
    const closed = Object.values(messages?.closedByTarget ?? {}).reduce((sum, count) => sum + count, 0);
    const back = steps.filter(({ name }) => name === 'ws.back' || name.endsWith(' / ws.back'));
    const came = back.reduce((sum, { done }) => sum + done, 0);
    if (!level.valid || closed < fewestDropped || came === 0) return [];
    // Of several scenarios the slowest.
    const p99 = Math.max(...back.map(({ response }) => response.p99 ?? 0)) / 1000;
    const most = connections.mostPerSecond;
    const all = came >= 0.99 * closed;
    const until = all
      ? `99 % were back within ${number(p99)} s of being dropped`
      : `only ${came} came back, 99 % of those within ${number(p99)} s; when 99 % of all would have been back is undetermined`;
    return [
      {
        code: 'messages.reconnected',
        gravity: all ? 'note' : 'warning',
        confidence: null,
        statement: `At ${loadWords(level)} the target closed ${counted(closed, 'WebSocket')}: ${until}. At most ${number(most ?? 0)} connections were opened in a second.`,
        evidence: [
          { series: 'ws.back p99', value: 1000 * p99, unit: 'ms' },
          { series: 'connections opened at most', value: most, unit: '1/s' },
          { series: 'ws.back', value: came, unit: 'channels' },
        ],
        remedy:
          'Clients that all come back at once are a load of their own: let them wait for a random time, longer with each try.',
      },
    ];
  });
}

/** With fewer dropped nothing is told of their return. */
const fewestDropped = 10;

/** What the target did with channels that were not read. */
export function unread({ levels }: Evidence): Finding[] {
  const slow = levels.flatMap(({ messages }) => messages?.slow ?? []);
  const channels = slow.reduce((sum, each) => sum + each.channels, 0);
  if (channels === 0) return [];
  const pausedMs = slow.reduce((sum, each) => sum + each.pausedMs, 0);
  const numbered = slow.flatMap(({ lost }) => lost ?? []);
  const lost = numbered.length === 0 ? null : numbered.reduce((sum, each) => sum + each, 0);
  const closed = slow.reduce(
    (sum, each) => sum + Object.values(each.closedByTarget).reduce((so, count) => so + count, 0),
    0,
  );
  const growth = levels
    .filter(({ messages }) => (messages?.slow ?? null) !== null)
    .flatMap(({ target }) => target.rssGrowthBytes ?? []);
  const grew = growth.length === 0 ? null : Math.max(...growth);
  const did = [
    lost === null
      ? 'whether messages were lost is not known, for none had a number'
      : `${counted(lost, 'numbered message')} of them ${lost === 1 ? 'was' : 'were'} lost`,
    closed === 0 ? 'the target closed none' : `the target closed ${closed}`,
    grew === null
      ? 'its memory could not be seen'
      : grew < 0
        ? 'its memory did not grow'
        : `its memory grew by ${number(grew / 2 ** 20)} MiB under that load`,
  ];
  return [
    {
      code: 'messages.slow-consumers',
      gravity: 'note',
      confidence: null,
      statement: `${counted(channels, 'WebSocket')} did not read, for at least ${number(pausedMs / channels / 1000)} s in the mean: ${did.join(', ')}.`,
      evidence: [
        { series: 'messages.slow.lost', value: lost, unit: 'messages' },
        { series: 'messages.slow.closed', value: closed, unit: 'channels' },
        { series: 'target rss growth', value: grew, unit: 'bytes' },
      ],
      remedy:
        'A service that neither drops nor closes keeps everything in memory for whoever does not read: give what waits for one connection a limit.',
    },
  ];
}

/** What a WebSocket costs the target. */
export function memoryOfChannels({ connectionMemory }: Evidence): Finding[] {
  const bytes = connectionMemory?.bytes ?? null;
  if (connectionMemory === null || bytes === null) return [];
  const kibibytes = (value: number | null): string => number((value ?? 0) / 1024);
  return [
    {
      code: 'memory.per-connection',
      gravity: 'note',
      confidence: null,
      statement: `Each WebSocket costs the target ${kibibytes(bytes.value)} KiB of memory (${kibibytes(bytes.low)} to ${kibibytes(bytes.high)}), by ${connectionMemory.plateaus} levels of ever more of them.`,
      evidence: [{ series: 'target memory per connection', value: bytes.value, unit: 'bytes' }],
      remedy:
        'Multiply by the connections that one instance is to hold, and leave room above what it uses idle.',
    },
  ];
}

/** Channels that the target closed otherwise than by taking its leave. */
export function dropped({ levels }: Evidence): Finding[] {
  const byCode = new Map<string, number>();
  for (const { messages } of levels) {
    for (const [code, count] of Object.entries(messages?.closedByTarget ?? {})) {
      if (!farewells.has(code)) byCode.set(code, (byCode.get(code) ?? 0) + count);
    }
  }
  const all = [...byCode.values()].reduce((sum, count) => sum + count, 0);
  if (all === 0) return [];
  const codes = [...byCode].map(([code, count]) => `${count} with code ${code}`).join(', ');
  return [
    {
      code: 'messages.channels-closed',
      gravity: 'warning',
      confidence: 1,
      statement: `The target closed ${counted(all, 'WebSocket')}: ${codes}.`,
      evidence: [{ series: 'messages.closedByTarget', value: all, unit: 'channels' }],
      remedy:
        'Code 1006 is a connection that ended without a word: a crash, a restart, or a proxy that lets no connection idle. Other codes are the service’s own: its log says why.',
    },
  ];
}
