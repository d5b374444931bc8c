/**
 * The live view: what a run is doing, while it does it.
 *
 * 1. On a terminal one block, redrawn in place at most four times a second, gone at the end.
 * 2. Elsewhere one plain line for each finished trial and each new phase; no escape codes.
 * 3. Everything goes to the stream that is given (stderr): stdout stays for results.
 * 4. What the block says is decided in report/liveFrame.ts; here is only when it is written.
 */
import { createLogUpdate } from 'log-update';
import { systemClock, type Clock } from '../clock.ts';
import type { Load } from '../model/load.ts';
import type { Objective } from '../model/report.ts';
import { asciiTwin, inert, spaced } from '../report/characters.ts';
import { formatDuration, formatMs } from '../report/format.ts';
import { padLeft } from '../report/layout.ts';
import {
  frame,
  phaseText,
  type FrameOptions,
  type LiveLevel,
  type LiveSecond,
  type LiveState,
} from '../report/liveFrame.ts';
import { loadText, rateText, rulesText } from '../report/words.ts';

export { frame, type FrameOptions, type LiveLevel, type LiveSecond, type LiveState };

export interface LiveTrial {
  readonly experiment: string;
  readonly purpose: string;
  readonly load: Load;
  /** Counted from 0. */
  readonly index: number;
}

export interface Live {
  begin(run: {
    readonly target: string;
    /** About how long the run will take. */
    readonly budgetMs: number;
    readonly objectives: readonly Objective[];
  }): void;
  trial(trial: LiveTrial): void;
  second(second: LiveSecond): void;
  level(level: LiveLevel): void;
  /** Something worth a line that is neither trial nor level. */
  note(text: string): void;
  /** Takes the block away. To be called however the run ends; later calls do nothing. */
  end(): void;
}

export interface LiveOptions {
  readonly stream: NodeJS.WritableStream;
  readonly isTty: boolean;
  /** Width where the stream does not know its own. */
  readonly columns?: number | undefined;
  readonly colour: boolean;
  readonly ascii: boolean;
  readonly quiet: boolean;
  readonly clock?: Clock | undefined;
}

export function liveView(options: LiveOptions): Live {
  if (options.quiet) return silent;
  return options.isTty ? block(options) : lines(options);
}

const nothing = (): void => {};
const silent: Live = {
  begin: nothing,
  trial: nothing,
  second: nothing,
  level: nothing,
  note: nothing,
  end: nothing,
};

const atFirst: LiveState = {
  target: '',
  objectives: [],
  budgetMs: 0,
  elapsedMs: 0,
  experiment: '',
  purpose: '',
  load: null,
  trials: 0,
  second: null,
  levels: [],
  note: '',
};

const redrawEveryMs = 250;

/** One block, redrawn in place. */
function block({ stream, columns = 80, colour, ascii, clock = systemClock }: LiveOptions): Live {
  const write = createLogUpdate(stream, { defaultWidth: columns });
  let state = atFirst;
  let drawnMs = Number.NEGATIVE_INFINITY;
  let waiting: NodeJS.Timeout | null = null;
  let ended = false;

  const draw = (): void => {
    waiting = null;
    drawnMs = clock.nowMs();
    const width = (stream as Partial<NodeJS.WriteStream>).columns ?? columns;
    write(frame(state, { columns: width, colour, ascii }).join('\n'));
  };
  const change = (next: Partial<LiveState>): void => {
    if (ended) return;
    state = { ...state, ...next };
    if (waiting !== null) return;
    const restMs = drawnMs + redrawEveryMs - clock.nowMs();
    if (restMs <= 0) draw();
    else waiting = setTimeout(draw, restMs).unref();
  };

  return {
    begin: change,
    trial: ({ experiment, purpose, load, index }) => change({ experiment, purpose, load, trials: index + 1 }),
    second: (second) => change({ second, elapsedMs: second.elapsedMs }),
    level: (level) => change({ levels: [...state.levels, { ...level, experiment: state.experiment }] }),
    note: (note) => change({ note }),
    end: () => {
      if (ended) return;
      ended = true;
      if (waiting !== null) clearTimeout(waiting);
      write.clear();
      write.done();
    },
  };
}

/** Plain lines, for a log. */
function lines({ stream, ascii }: LiveOptions): Live {
  let experiment = '';
  let elapsedMs = 0;
  let ended = false;
  const print = (text: string): void => {
    if (!ended) stream.write(`${spaced(ascii ? asciiTwin(inert(text)) : inert(text))}\n`);
  };
  const stamped = (text: string): void => print(`${padLeft(clockText(elapsedMs), 6)}  ${text}`);
  return {
    begin: ({ target, objectives, budgetMs }) =>
      print(`${target} with ${rulesText(objectives)}, about ${formatDuration(budgetMs)}`),
    trial: (trial) => {
      if (trial.experiment === experiment) return;
      experiment = trial.experiment;
      stamped(phaseText(experiment));
    },
    second: (second) => {
      elapsedMs = second.elapsedMs;
    },
    level: (level) => stamped(levelText(level)),
    note: (text) => {
      if (text !== '') stamped(text);
    },
    end: () => {
      ended = true;
    },
  };
}

/** "    16 users     211 req/s   p95   148 ms   held" */
function levelText({ load, throughput, p95Ms, met, broken, valid }: LiveLevel): string {
  const outcome = !valid
    ? `invalid: ${broken === '' ? 'the generator was not healthy' : broken}`
    : met === null
      ? ''
      : met
        ? 'held'
        : `not held${broken === '' ? '' : `: ${broken}`}`;
  return `${padLeft(loadText(load), 12)}  ${padLeft(rateText(throughput, load), 13)}  p95 ${padLeft(formatMs(p95Ms), 8)}  ${outcome}`.trimEnd();
}

/** Minutes and seconds of the run: 1:05. */
function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
