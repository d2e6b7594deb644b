/**
 * From one slot to the next of a hash table that another one takes in; the number of slots is a power of two, and the steps visit all
 * of them. Slot by slot, hashes would come in the order of the other table's slots, too: they would crowd into its first
 * part, where looking for a free slot takes ever longer. Steps of the golden section fill it evenly.
 */
export function scatteredStep(slotCount: number): number {
  return Math.floor(slotCount * GOLDEN_SECTION) | 1;
}

const GOLDEN_SECTION = 0.618;
