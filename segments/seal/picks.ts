import type { SealInput } from './input.js';
import { countingUp } from './time-order.js';

/** Rows that are taken from one input, and where they go. */
export interface Picks {
  readonly input: number;
  readonly rows: Uint32Array;
  /** Places among all that are taken, parallel to `rows`. */
  readonly targets: Uint32Array;
}

/** Parts rows, which are counted through all inputs, by input: their order is that of the targets. 8 bytes a row. */
export function picksOf(entries: Uint32Array, inputs: readonly SealInput[]): Picks[] {
  if (inputs.length === 1) {
    return [{ input: 0, rows: entries, targets: countingUp(entries.length) }];
  }
  const owners = ownersOf(entries, inputs);
  const counts = new Uint32Array(inputs.length);
  for (let i = 0; i < owners.length; i++) counts[owners[i]!]!++;
  const picks = inputs.map((_, input) => ({
    input,
    rows: new Uint32Array(counts[input]!),
    targets: new Uint32Array(counts[input]!),
  }));
  counts.fill(0);
  for (let i = 0; i < entries.length; i++) {
    const input = owners[i]!;
    const { rows, targets } = picks[input]!;
    const at = counts[input]!++;
    rows[at] = entries[i]! - inputs[input]!.base;
    targets[at] = i;
  }
  return picks.filter(({ rows }) => rows.length > 0);
}

/** The input of each row. */
function ownersOf(entries: Uint32Array, inputs: readonly SealInput[]): Uint32Array {
  const owners = new Uint32Array(entries.length);
  let owner = 0;
  let start = 0;
  let end = 0;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!;
    // Neighbours are often of one input.
    if (entry < start || entry >= end) {
      owner = ownerOf(entry, inputs);
      start = inputs[owner]!.base;
      end = start + inputs[owner]!.segment.rowCount;
    }
    owners[i] = owner;
  }
  return owners;
}

/** The last input that begins at or before the row. */
function ownerOf(entry: number, inputs: readonly SealInput[]): number {
  let low = 0;
  let high = inputs.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (inputs[middle]!.base <= entry) low = middle;
    else high = middle;
  }
  return low;
}
