/** What is going to be done, before it is: a line for each profile, with its shape as a sparkline. */
import type { Load, Variant } from '../model/load.ts';
import { formatDuration } from './format.ts';
import { offered, sparkline } from './liveFrame.ts';
import { loadText, variantText } from './words.ts';

interface Stage {
  readonly of: string;
  readonly load: Load;
  readonly durationMs: number;
  readonly variant: Variant | null;
}

/** "burst  ▁▃▆█▁  2, 8, 15, 20, 2 users, 10 s each" */
export function profileLines(stages: readonly Stage[]): string[] {
  const parts: Stage[][] = [];
  for (const stage of stages) {
    const last = parts.at(-1);
    if (last?.[0]?.of === stage.of) last.push(stage);
    else parts.push([stage]);
  }
  return parts.map(profileLine);
}

function profileLine(stages: readonly Stage[]): string {
  const [first] = stages;
  if (first === undefined) return '';
  const each = `${formatDuration(first.durationMs)}${stages.length === 1 ? '' : ' each'}`;
  const heights = stages.map(({ load, variant }) =>
    // Sizes are ten times each other: their order is what can be seen.
    variant === null
      ? offered(load)
      : variant.kind === 'bytes'
        ? Math.log2(variant.bytes)
        : heavyHeight[variant.mix],
  );
  const shape = sparkline(heights, stages.length, false);
  const variants = stages.map(({ variant }) => (variant === null ? '' : variantText(variant)));
  if (variants[0] === '') return `${first.of}  ${shape}  ${loadsText(stages)}, ${each}`;
  return `${first.of}  ${shape}  ${variants.join(', ')} from ${loadText(first.load)}, ${each}`;
}

const heavyHeight = { usual: 1, heavy: 4 } as const;

/** "2, 8, 15, 20, 2 users" */
function loadsText(stages: readonly Stage[]): string {
  const loads = stages.map(({ load }) => loadText(load));
  const isNumber = /^[0-9.,\s\u00a0]+/;
  const amounts = loads.map((text) => isNumber.exec(text)?.[0].trim() ?? text).join(', ');
  // Of the longest, for it is in the plural.
  const unit = loads
    .map((text) => text.replace(isNumber, ''))
    .reduce((one, other) => (other.length > one.length ? other : one), '');
  return `${amounts} ${unit}`;
}
