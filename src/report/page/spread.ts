/**
 * Moves labels apart along one line, each as little as possible: those that would touch become a block
 * centred on where its members want to be.
 * @param wanted ascending @param gap least distance of two labels
 */
export function spread(wanted: readonly number[], gap: number, from: number, to: number): number[] {
  interface Block {
    centre: number;
    size: number;
  }
  const blocks: Block[] = [];
  const within = (block: Block): void => {
    const half = ((block.size - 1) * gap) / 2;
    block.centre = Math.max(from + half, Math.min(to - half, block.centre));
  };
  for (const centre of wanted) {
    let block: Block = { centre, size: 1 };
    within(block);
    for (let last = blocks.at(-1); last !== undefined; last = blocks.at(-1)) {
      const free = block.centre - last.centre - ((block.size + last.size) * gap) / 2;
      if (free >= 0) break;
      const size = block.size + last.size;
      block = { centre: (block.centre * block.size + last.centre * last.size) / size, size };
      within(block);
      blocks.pop();
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ centre, size }) =>
    Array.from({ length: size }, (_, at) => centre + (at - (size - 1) / 2) * gap),
  );
}
