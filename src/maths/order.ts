/** Order statistics of plain lists of numbers. */

/**
 * The value that a share of the list lies at or below: the ⌈share·n⌉-th smallest, never one in between.
 * @param values in any order, infinities allowed @param share 0 to 1 @returns null for an empty list
 */
export function percentileOf(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return (
    sorted[Math.min(Math.max(Math.ceil(share * sorted.length - 1e-9) - 1, 0), sorted.length - 1)] ?? null
  );
}
