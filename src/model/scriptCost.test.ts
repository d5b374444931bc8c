import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scriptCostOf, type ProfileNode } from './scriptCost.ts';

const own = (url: string): boolean => url.startsWith('file:///app/plimsoll/');

/** A tree, written as one: [function, file, samples, children]. */
type Tree = readonly [name: string, url: string, hits: number, ...children: Tree[]];

function nodesOf(tree: Tree, nodes: ProfileNode[] = []): ProfileNode[] {
  const [functionName, url, hitCount, ...children] = tree;
  const place = nodes.length;
  const callFrame = { functionName, url, lineNumber: 6 };
  nodes.push({ id: place + 1, callFrame, hitCount });
  const ids = children.map((child) => {
    const id = nodes.length + 1;
    nodesOf(child, nodes);
    return id;
  });
  nodes[place] = { ...nodes[place]!, children: ids };
  return nodes;
}

describe('what a script costs its thread', () => {
  it('is what it, and what it calls of packages and Node.js, takes of the work', () => {
    const nodes = nodesOf([
      '(root)',
      '',
      0,
      ['(idle)', '', 900],
      ['(garbage collector)', '', 10],
      [
        'turn',
        '/home/ada/session.ts',
        30,
        ['draw', 'file:///home/ada/node_modules/dice/index.js', 20, ['hash', 'node:crypto', 10]],
        ['get', 'file:///app/plimsoll/userHttp.js', 25, ['write', 'node:net', 5]],
      ],
      [
        'flush',
        'file:///app/plimsoll/driver.js',
        40,
        ['', 'file:///home/ada/session.ts', 3, ['helper', 'file:///home/ada/lib.ts', 57]],
      ],
    ]);
    expect(scriptCostOf(nodes, own)).toEqual({
      share: (30 + 20 + 10 + 3 + 57) / 200,
      samples: 200,
      busiest: 'turn (session.ts:7)',
    });
  });

  it('is unknown where the thread did little, and nothing where no script stands in any stack', () => {
    expect(scriptCostOf([], own)).toBeNull();
    expect(scriptCostOf(nodesOf(['(root)', '', 99, ['(idle)', '', 5000]]), own)).toBeNull();
    const ours: Tree = ['(root)', '', 0, ['look', 'file:///app/plimsoll/roster.js', 150]];
    expect(scriptCostOf(nodesOf(ours), own)).toEqual({ share: 0, samples: 150, busiest: '' });
  });

  it('lies between nothing and all of the work', () => {
    const url = fc.constantFrom(
      '',
      'node:fs',
      '/x/a.ts',
      'file:///app/plimsoll/b.js',
      '/x/node_modules/c.js',
    );
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc
        .tuple(
          fc.constantFrom('', 'f', '(idle)'),
          url,
          fc.nat(400),
          fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 4 })),
        )
        .map(([name, from, hits, children]) => [name, from, hits, ...children] as const),
    }));
    fc.assert(
      fc.property(tree, (any) => {
        const cost = scriptCostOf(nodesOf(any), own);
        if (cost === null) return;
        expect(cost.share).toBeGreaterThanOrEqual(0);
        expect(cost.share).toBeLessThanOrEqual(1);
        expect(cost.busiest === '').toBe(cost.share === 0);
      }),
    );
  });
});
