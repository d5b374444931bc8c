/**
 * How much of a busy thread of the generator is the person's own code. Pure.
 *
 * A sample belongs to whoever is nearest up its stack: to Plimsoll or to the script. What packages and Node.js do belongs to
 * their caller; garbage collection and what no stack explains belong to nobody, and count in the whole.
 */

/** As V8's profiler gives it: a tree by ids. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  /** Samples that were taken while it was the innermost. */
  readonly hitCount?: number | undefined;
  readonly children?: readonly number[] | undefined;
}

export interface ScriptCost {
  /** Of the time in which the thread was at work, 0 to 1. */
  readonly share: number;
  /** How many samples of work that is drawn from. */
  readonly samples: number;
  /** The function of the script that took the most, as `name (file.ts:12)`; empty where none took anything. */
  readonly busiest: string;
}

/** Fewer samples say nothing: a share of 0.5 of so many is known to a tenth, at 95 %. */
const samplesNeeded = 100;

/**
 * @param isOwn whether a file is Plimsoll's, by its address
 * @returns null where too little work was seen
 */
export function scriptCostOf(
  nodes: readonly ProfileNode[],
  isOwn: (url: string) => boolean,
): ScriptCost | null {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const ofFunctions = new Map<string, number>();
  let samples = 0;
  // From the root downwards, each with the function of the script that it works for; empty for Plimsoll and nobody.
  const waiting = nodes.slice(0, 1).map((node) => ({ node, worksFor: '' }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { callFrame, hitCount = 0, children = [] } = next.node;
    const worksFor = worker(callFrame, isOwn) ?? next.worksFor;
    if (callFrame.functionName !== '(idle)') {
      samples += hitCount;
      ofFunctions.set(worksFor, (ofFunctions.get(worksFor) ?? 0) + hitCount);
    }
    for (const id of children) {
      const node = byId.get(id);
      if (node !== undefined) waiting.push({ node, worksFor });
    }
  }
  if (samples < samplesNeeded) return null;
  ofFunctions.delete('');
  const all = [...ofFunctions].filter(([, taken]) => taken > 0).sort(([, a], [, b]) => b - a);
  const taken = all.reduce((sum, [, each]) => sum + each, 0);
  return { share: taken / samples, samples, busiest: all[0]?.[0] ?? '' };
}

/** Whom a frame shows at work: a function of the script, '' for Plimsoll; null where its caller is. */
function worker(
  { functionName, url, lineNumber }: ProfileNode['callFrame'],
  isOwn: (url: string) => boolean,
): string | null {
  if (url === '' || url.startsWith('node:')) return null;
  if (isOwn(url)) return '';
  if (url.includes('/node_modules/')) return null;
  const file = url.slice(url.lastIndexOf('/') + 1);
  return `${functionName === '' ? 'a function' : functionName} (${file}:${lineNumber + 1})`;
}
